/**
 * What a schema says about its options, for `respool components NAME`, the docs and editors.
 */
import { z } from 'zod';
import type { FieldMeta, FieldType } from './fields.ts';
import { shapeOf, unwrap } from './schema.ts';
import type { Schema, Unwrapped } from './schema.ts';
import { typeText } from './type-text.ts';
import { formatByteSize, formatDuration } from './units.ts';

export interface OptionDoc {
  /** Dotted: `sending_queue.enabled`, `actions[].key`, `pipelines.*.receivers`. */
  key: string;
  /** `duration`, `text`, `basic | normal | detailed`, `list of text`. */
  type: string;
  required: boolean;
  /** As a person would write it: `5s`, `4MiB`; undefined when there is none. */
  default?: string;
  /** The text of `.describe()`; for a marked key what happens to it. */
  meaning: string;
  /** Not a working option: accepted without effect, refused, or under another name. */
  status?: 'moot' | 'refused' | 'renamed';
}

/** One row for each key, nested keys right behind the key they belong to. */
export function optionTable(schema: Schema): OptionDoc[] {
  const rows: Rows = new Map();
  addRows(rows, unwrap(schema), '', undefined);
  return [...rows.values()];
}

/** JSON Schema (draft 2020-12) of what may be written. */
export function jsonSchema(
  schema: z.ZodType,
  { reused = 'inline' }: { reused?: 'inline' | 'ref' } = {},
): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    io: 'input',
    reused,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const meta = jsonSchema['respool'] as FieldMeta | undefined;
      delete jsonSchema['respool'];
      const { type } = zodSchema._zod.def;
      if (type === 'default') addDefault(zodSchema, jsonSchema);
      // Numbers that JSON cannot tell apart, and that YAML can.
      if (type === 'bigint') jsonSchema.type = 'integer';
      if (type === 'nan') jsonSchema.type = 'number';
      if (meta?.type !== undefined) Object.assign(jsonSchema, fieldSchemas[meta.type]);
      if (meta?.marker === undefined) return;
      jsonSchema.deprecated = true;
      jsonSchema.description = markerMeaning(meta.marker);
      if (meta.marker.kind !== 'moot') jsonSchema.not = {};
    },
  });
}

const reference = String.raw`\$\{`;

/** What JSON Schema can say of our own fields; a text with `${` in it is not known yet. */
const fieldSchemas: Readonly<Partial<Record<FieldType, z.core.JSONSchema.BaseSchema>>> = {
  duration: {
    type: ['string', 'integer'],
    pattern: String.raw`^[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$|${reference}`,
    maximum: 0,
  },
  size: {
    anyOf: [{ type: 'integer' }, { type: 'string', pattern: String.raw`^[\d.]+ *[a-zA-Z]*$|${reference}` }],
  },
  url: { pattern: `^[hH][tT][tT][pP][sS]?://|${reference}` },
  text: { type: ['string', 'number', 'boolean'] },
};

/** zod leaves out a default that it cannot bring back into the written form; with its unit we can. */
function addDefault(schema: Schema, jsonSchema: z.core.JSONSchema.BaseSchema): void {
  const option = unwrap(schema);
  if (option.meta.type !== 'duration' && option.meta.type !== 'size') return;
  const text = defaultText(option, option.fallback?.value, option.fallback?.form);
  if (text !== undefined) jsonSchema.default = text;
}

type Rows = Map<string, OptionDoc>;

function addRows(rows: Rows, at: Unwrapped, prefix: string, given: unknown): void {
  const { def } = at.schema._zod;
  if (def.type === 'union') addAlternatives(rows, def, prefix, given);
  else if (def.type === 'intersection') {
    for (const side of [def.left, def.right]) addRows(rows, unwrap(side), prefix, given);
  } else if (def.type === 'array') addRows(rows, unwrap(def.element), `${prefix}[]`, undefined);
  else if (def.type === 'record') addRows(rows, unwrap(def.valueType), joined(prefix, '*'), undefined);
  for (const [key, child] of Object.entries(shapeOf(at.schema) ?? {})) {
    addOption(rows, unwrap(child), joined(prefix, key), valueIn(given, key));
  }
}

/** The keys of all options of a union, each once; a key that only some options know says which. */
function addAlternatives(rows: Rows, def: z.core.$ZodUnionDef, prefix: string, given: unknown): void {
  const discriminator = 'discriminator' in def ? String(def.discriminator) : undefined;
  const tables = def.options.map((option) => {
    const table: Rows = new Map();
    addRows(table, unwrap(option), prefix, given);
    return table;
  });
  const objects = tables.filter((table) => table.size > 0);
  for (const key of new Set(objects.flatMap((table) => [...table.keys()]))) {
    const having = objects.filter((table) => table.has(key));
    const found = having.flatMap((table) => table.get(key) ?? []);
    const [first] = found;
    if (first === undefined) continue;
    const type = [...new Set(found.map((row) => row.type))].join(' | ');
    const names = having.map((table) => table.get(joined(prefix, discriminator ?? ''))?.type ?? '');
    const only = having.length < objects.length && discriminator !== undefined;
    const meaning = only
      ? `${first.meaning} (with ${discriminator} ${names.join(', ')})`.trim()
      : first.meaning;
    rows.set(key, { ...first, type, meaning });
  }
}

function addOption(rows: Rows, option: Unwrapped, key: string, given: unknown): void {
  const { marker } = option.meta;
  const fallback = given ?? option.fallback?.value;
  const shown = defaultText(option, fallback, given === undefined ? option.fallback?.form : 'output');
  const row: OptionDoc = {
    key,
    type: marker === undefined ? typeText(option) : '',
    required: !option.optional,
    ...(shown === undefined ? {} : { default: shown }),
    meaning: marker === undefined ? (option.description ?? '') : markerMeaning(marker),
    ...(marker === undefined ? {} : { status: marker.kind }),
  };
  if (!rows.has(key)) rows.set(key, row);
  addRows(rows, option, key, fallback);
}

function markerMeaning(marker: NonNullable<FieldMeta['marker']>): string {
  switch (marker.kind) {
    case 'moot':
      return `Accepted, has no effect here: ${marker.note}`;
    case 'refused':
      return `Not supported: ${marker.note}`;
    case 'renamed':
      return `Write ${marker.note}.`;
  }
}

/** Objects have no default of their own to show: their keys have. */
function defaultText(
  option: Unwrapped,
  value: unknown,
  form: 'input' | 'output' | undefined,
): string | undefined {
  if (value === undefined || value === null || shapeOf(option.schema) !== undefined) return undefined;
  if (typeof value === 'number' && form === 'output') {
    if (option.meta.type === 'duration') return formatDuration(value);
    if (option.meta.type === 'size') return formatByteSize(value);
  }
  if (typeof value === 'string') return value === '' ? '""' : value;
  if (typeof value === 'bigint') return String(value);
  return JSON.stringify(value);
}

function valueIn(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

function joined(prefix: string, key: string): string {
  return prefix === '' ? key : `${prefix}.${key}`;
}
