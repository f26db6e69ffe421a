/** Resources and scopes as the SDK has them. Its exporters group by the identity of these objects. */
import type { Attributes as SdkAttributes } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource as SdkResource } from '@opentelemetry/resources';
import type { Resource, Scope } from '../model/resource.ts';
import type { Losses } from './losses.ts';
import { sdkAttributes } from './sdk-values.ts';

export type SdkScope = InstrumentationScope & { attributes?: SdkAttributes; droppedAttributesCount?: number };

export type MakeResource = typeof import('@opentelemetry/resources').resourceFromAttributes;

const entityRefsTag = 0x1a;

/** One object for each resource of a batch, whatever number of items stands below it. */
export function sdkResource(resource: Resource, make: MakeResource, losses: Losses): SdkResource {
  const attributes = sdkAttributes(resource.attributes, losses);
  for (const value of Object.values(attributes)) if (value === null) losses.add('empty_value');
  if (resource.droppedAttributesCount > 0) losses.add('resource_dropped_attributes');
  if (resource.fields().indexOf(entityRefsTag) >= 0) losses.add('entity_refs');
  const { schemaUrl } = resource;
  return schemaUrl === '' ? make(attributes) : make(attributes, { schemaUrl });
}

/** The scopes of one resource: one object for each. */
export class SdkScopes {
  private readonly losses: Losses;
  /** The attributes of the first scope of each name, version and schema. */
  private readonly seen = new Map<string, string>();

  constructor(losses: Losses) {
    this.losses = losses;
  }

  of(scope: Scope): SdkScope {
    const { name, version, schemaUrl, droppedAttributesCount } = scope;
    const attributes = sdkAttributes(scope.attributes, this.losses);
    const bare = Object.keys(attributes).length === 0;
    if (bare && droppedAttributesCount > 0) this.losses.add('scope_dropped_attributes');
    const key = JSON.stringify([name, version, schemaUrl]);
    const first = this.seen.get(key);
    const text = JSON.stringify(attributes);
    if (first === undefined) this.seen.set(key, text);
    else if (first !== text) this.losses.add('scope_attributes');
    return {
      name,
      ...(version === '' ? {} : { version }),
      ...(schemaUrl === '' ? {} : { schemaUrl }),
      ...(bare ? {} : { attributes }),
      ...(droppedAttributesCount === 0 ? {} : { droppedAttributesCount }),
    };
  }
}
