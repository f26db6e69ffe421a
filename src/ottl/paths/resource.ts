import type { Resource, Scope } from '../../model/resource.ts';
import type { Target } from '../target.ts';
import { attributes, small, text } from './fields.ts';
import type { Fields } from './fields.ts';

const resourceOf = (target: Target): Resource => target.resource as Resource;
const scopeOf = (target: Target): Scope => target.scope as Scope;

export const resourceFields: Fields = {
  attributes: attributes(resourceOf, (resource) => resource.attributes, 'resource'),
  dropped_attributes_count: small(
    (target) => resourceOf(target).droppedAttributesCount,
    (target, count) => (resourceOf(target).droppedAttributesCount = count),
  ),
  schema_url: text(
    (target) => resourceOf(target).schemaUrl,
    (target, url) => (resourceOf(target).schemaUrl = url),
  ),
};

export const scopeFields: Fields = {
  name: text(
    (target) => scopeOf(target).name,
    (target, name) => (scopeOf(target).name = name),
  ),
  version: text(
    (target) => scopeOf(target).version,
    (target, version) => (scopeOf(target).version = version),
  ),
  schema_url: text(
    (target) => scopeOf(target).schemaUrl,
    (target, url) => (scopeOf(target).schemaUrl = url),
  ),
  attributes: attributes(scopeOf, (scope) => scope.attributes),
  dropped_attributes_count: small(
    (target) => scopeOf(target).droppedAttributesCount,
    (target, count) => (scopeOf(target).droppedAttributesCount = count),
  ),
};
