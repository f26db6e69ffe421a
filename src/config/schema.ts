/**
 * Looking into zod schemas: what is under the wrappers, which keys there are, what a key means.
 */
import { z } from 'zod';
import type { FieldMeta } from './fields.ts';
import type { Path } from './place.ts';

export type Schema = z.core.$ZodType;

/** A schema without optional, default, nullable, pipe and the like, and what they said. */
export interface Unwrapped {
  schema: z.core.$ZodTypes;
  optional: boolean;
  nullable: boolean;
  meta: FieldMeta;
  description: string | undefined;
  /** The default in the schema's output form; a function of zod's `prefault` gives the input form. */
  fallback?: { value: unknown; form: 'input' | 'output' };
}

/** Unwraps to the schema that meets the written value. */
export function unwrap(schema: Schema): Unwrapped {
  const found: Unwrapped = {
    schema: schema as z.core.$ZodTypes,
    optional: false,
    nullable: false,
    meta: {},
    description: undefined,
  };
  let current: z.core.$ZodTypes | undefined = found.schema;
  while (current !== undefined) {
    found.schema = current;
    remember(found, current);
    current = inner(found, current);
  }
  const { type } = found.schema._zod.def;
  if (type === 'null' || type === 'unknown' || type === 'any') found.nullable = true;
  return found;
}

function remember(found: Unwrapped, schema: Schema): void {
  const meta = z.globalRegistry.get(schema);
  const ours = (meta as { respool?: FieldMeta } | undefined)?.respool ?? {};
  found.meta = { ...ours, ...found.meta };
  found.description ??= meta?.description;
}

/** The schema inside a wrapper; undefined when there is none. */
function inner(found: Unwrapped, schema: z.core.$ZodTypes): z.core.$ZodTypes | undefined {
  const { def } = schema._zod;
  switch (def.type) {
    case 'default':
    case 'prefault':
      found.fallback ??= { value: def.defaultValue, form: def.type === 'default' ? 'output' : 'input' };
      found.optional = true;
      break;
    case 'optional':
      found.optional = true;
      break;
    case 'nullable':
      found.nullable = true;
      break;
    case 'lazy':
      return def.getter() as z.core.$ZodTypes;
    case 'pipe':
      return writtenSide(def);
    default:
      break;
  }
  return 'innerType' in def ? (def.innerType as z.core.$ZodTypes) : undefined;
}

/** Of `z.preprocess(f, schema)` the schema, of `schema.transform(f)` too. */
function writtenSide(def: z.core.$ZodPipeDef): z.core.$ZodTypes {
  return (def.in._zod.def.type === 'transform' ? def.out : def.in) as z.core.$ZodTypes;
}

/** The keys of an object schema; undefined for every other schema. */
export function shapeOf(schema: z.core.$ZodTypes): Readonly<Record<string, Schema>> | undefined {
  return schema._zod.def.type === 'object' ? schema._zod.def.shape : undefined;
}

/** The schemas that may apply at a path: several below a union, unless `value` tells which. */
export function schemasAt(schema: Schema, path: Path, value?: unknown): Unwrapped[] {
  let current = value;
  let found = alternatives(unwrap(schema), current);
  for (const part of path) {
    const isMap = typeof current === 'object' && current !== null;
    current = isMap ? (current as Record<string | number, unknown>)[part] : undefined;
    found = found.flatMap((candidate) => {
      const below = schemaBelow(candidate.schema, part);
      return below === undefined ? [] : alternatives(unwrap(below), current);
    });
  }
  return found;
}

/** The schema of one key, list position or record entry: a number goes into lists only, a text into maps. */
export function schemaBelow(schema: z.core.$ZodTypes, part: string | number): Schema | undefined {
  const { def } = schema._zod;
  switch (def.type) {
    case 'object':
      return Object.hasOwn(def.shape, part) ? def.shape[String(part)] : def.catchall;
    case 'record':
    case 'map':
      return typeof part === 'string' ? def.valueType : undefined;
    case 'array':
      return typeof part === 'number' ? def.element : undefined;
    case 'tuple':
      return typeof part === 'number' ? (def.items[part] ?? def.rest ?? undefined) : undefined;
    default:
      return undefined;
  }
}

function alternatives(unwrapped: Unwrapped, value: unknown): Unwrapped[] {
  const { def } = unwrapped.schema._zod;
  if (def.type === 'intersection') {
    return [def.left, def.right].flatMap((side) => alternatives(unwrap(side), value));
  }
  if (def.type !== 'union') return [unwrapped];
  const { meta, description } = unwrapped;
  return optionsFor(def, value).flatMap((option) =>
    alternatives(unwrap(option), value).map((one) => ({
      ...one,
      meta: { ...one.meta, ...meta },
      description: one.description ?? description,
    })),
  );
}

/** Of a union with a key that tells the options apart, the one that the value names. */
function optionsFor(def: z.core.$ZodUnionDef, value: unknown): readonly Schema[] {
  const key = 'discriminator' in def ? String(def.discriminator) : undefined;
  if (key === undefined || typeof value !== 'object' || value === null) return def.options;
  const name = (value as Record<string, unknown>)[key];
  const named = def.options.filter((option) => option._zod.propValues?.[key]?.has(name as never) === true);
  return named.length === 0 ? def.options : named;
}

/** The keys that a person may write at a path, without those that are refused, renamed or moot. */
export function usableKeys(schemas: readonly Unwrapped[]): string[] {
  const keys = new Set<string>();
  for (const { schema } of schemas) {
    for (const [key, child] of Object.entries(shapeOf(schema) ?? {})) {
      if (unwrap(child).meta.marker === undefined) keys.add(key);
    }
  }
  return [...keys];
}
