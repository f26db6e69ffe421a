/** What may be written besides what a schema says: `${env:NAME}` for any value, nothing for a map, `a, b` for a list of texts. */
import type { JsonSchema } from './definitions.ts';

const reference: JsonSchema = { type: 'string', pattern: '\\$\\{' };

/** The same schema with that. */
export function lenient(schema: JsonSchema): JsonSchema {
  return inside(schema);
}

/** Of what a key or a list holds. */
function valueOf(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  const own = inside(schema as JsonSchema);
  const others = alternatives(own);
  if (others.length === 0) return own;
  const { description, default: fallback, deprecated, ...bare } = own;
  const said = { description, default: fallback, deprecated };
  return { ...withoutUndefined(said), anyOf: [bare, ...others] };
}

function alternatives({
  type,
  enum: choices,
  items,
  properties,
  const: only,
  anyOf,
}: JsonSchema): JsonSchema[] {
  if (type === 'object' && properties !== undefined) return [{ type: 'null' }, reference];
  if (type === 'array')
    return isTexts(items) ? [{ type: ['string', 'null'] }] : [{ type: 'null' }, reference];
  const isStrict = type === 'integer' || type === 'number' || type === 'boolean' || type === 'object';
  return isStrict || choices !== undefined || only !== undefined || anyOf !== undefined ? [reference] : [];
}

function isTexts(items: unknown): boolean {
  return typeof items === 'object' && items !== null && 'type' in items && items.type === 'string';
}

function inside(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([key, each]) => {
      if (key === 'properties' || key === '$defs') return [key, eachOf(each as JsonSchema)];
      if (key === 'items' || key === 'additionalProperties') return [key, valueOf(each)];
      if (key === 'anyOf' || key === 'oneOf' || key === 'allOf')
        return [key, (each as JsonSchema[]).map((option) => inside(option))];
      return [key, each];
    }),
  );
}

function eachOf(properties: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, valueOf(each)]));
}

function withoutUndefined(object: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
