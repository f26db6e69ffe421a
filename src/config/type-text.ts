/**
 * The type of a schema in words, for messages and for the tables of options.
 */
import type { z } from 'zod';
import { unwrap } from './schema.ts';
import type { Schema, Unwrapped } from './schema.ts';

/** `text`, `duration`, `list of text`, `basic | normal | detailed`. */
export function typeText(schema: Schema | Unwrapped): string {
  const { schema: bare, meta } = '_zod' in schema ? unwrap(schema) : schema;
  if (meta.type === 'secret') return 'secret text';
  if (meta.type === 'url') return 'URL';
  if (meta.type === 'regex') return 'regular expression';
  if (meta.type !== undefined) return meta.type;
  const { def } = bare._zod;
  switch (def.type) {
    case 'array':
      return `list of ${typeText(def.element)}`;
    case 'record':
    case 'map':
      return `map of ${typeText(def.valueType)}`;
    case 'union':
      return [...new Set(def.options.map(typeText))].join(' or ');
    case 'enum':
      return Object.values(def.entries).map(String).join(' | ');
    case 'literal':
      return def.values.map(String).join(' | ');
    default:
      return simpleText(bare);
  }
}

const simpleTypes: Record<string, string> = {
  string: 'text',
  template_literal: 'text',
  bigint: 'whole number',
  boolean: 'true or false',
  nan: 'number',
  object: 'map',
  intersection: 'map',
  tuple: 'list',
  null: 'nothing',
};

function simpleText(schema: z.core.$ZodTypes): string {
  const { def } = schema._zod;
  if (def.type === 'number') return isWhole(schema) ? 'whole number' : 'number';
  return simpleTypes[def.type] ?? 'any value';
}

/** `z.int()` and `z.number().int()`. */
function isWhole(schema: z.core.$ZodTypes): boolean {
  const { bag, def } = schema._zod as { bag: { format?: unknown }; def: { format?: unknown } };
  const format = def.format ?? bag.format;
  return format === 'safeint' || format === 'int32' || format === 'uint32';
}

const plurals = new Set([
  'text',
  'number',
  'whole number',
  'map',
  'duration',
  'size',
  'URL',
  'regular expression',
]);

/** The same with its article, to stand after "must be". */
export function mustBe(schema: Schema | Unwrapped): string {
  const unwrapped = '_zod' in schema ? unwrap(schema) : schema;
  const text = typeText(unwrapped);
  const { def } = unwrapped.schema._zod;
  switch (def.type) {
    case 'array': {
      const element = typeText(def.element);
      return plurals.has(element) ? `a list of ${element}s` : 'a list';
    }
    case 'enum':
    case 'literal':
      return text.includes(' | ') ? `one of ${text.replaceAll(' | ', ', ')}` : text;
    case 'record':
    case 'map':
      return 'a map';
    default:
      return fixedWords[text] ?? `a ${text}`;
  }
}

const fixedWords: Record<string, string> = {
  'true or false': 'true or false',
  nothing: 'nothing',
  'any value': 'any value',
  'secret text': 'a text',
  'attribute value': 'a text, a number, true or false',
};
