/**
 * Fits written values to a schema before zod sees them: integers become numbers where a number is wanted, what was
 * filled in becomes a text or a number as the schema asks, a key without a value takes its default, and marked
 * keys (moot, refused, renamed) are reported and taken out.
 */
import { z } from 'zod';
import type { FieldMeta } from './fields.ts';
import { scalarsOf, type ScalarNode } from './node.ts';
import type { Path } from './place.ts';
import type { Problem } from './problem.ts';
import { schemaBelow, shapeOf, unwrap } from './schema.ts';
import type { Schema, Unwrapped } from './schema.ts';
import type { ConfigTree } from './tree.ts';

export interface Context {
  tree: ConfigTree;
  problems: Problem[];
}

/** The value for zod. `path` is absolute. */
export function prepare(context: Context, schema: Schema, value: unknown, path: Path): unknown {
  const wanted = unwrap(schema);
  if (wanted.meta.type === 'secret') context.tree.hide(path);
  if (wanted.meta.type === 'attribute value') refuseDates(context, path);
  const scalar = scalarFor(context, wanted, value, path);
  if (scalar === null && !wanted.nullable) return withoutValue(wanted);
  return prepareCollection(context, wanted, scalar, path);
}

function prepareCollection(context: Context, wanted: Unwrapped, value: unknown, path: Path): unknown {
  const { def } = wanted.schema._zod;
  switch (def.type) {
    case 'object':
      return isMap(value) ? prepareObject(context, wanted, value, path) : value;
    case 'record':
      return isMap(value) ? prepareRecord(context, wanted, value, path) : value;
    case 'array':
    case 'tuple': {
      const list = def.type === 'array' ? asList(context, def.element, value, path) : value;
      return Array.isArray(list) ? prepareList(context, wanted, list, path) : list;
    }
    case 'union':
      return prepareUnion(context, def.options, value, path);
    case 'intersection': {
      const left = prepare(context, def.left, value, path);
      return prepare({ ...context, problems: [] }, def.right, left, path);
    }
    default:
      return value;
  }
}

/** `sending_queue:` and nothing behind it means all of its defaults, as in the Collector. */
function withoutValue(wanted: Unwrapped): unknown {
  const { type } = wanted.schema._zod.def;
  if (type === 'object' || type === 'record') return {};
  if (wanted.optional) return undefined;
  return type === 'array' ? [] : null;
}

function prepareObject(
  context: Context,
  wanted: Unwrapped,
  value: Record<string, unknown>,
  path: Path,
): Record<string, unknown> {
  const shape = shapeOf(wanted.schema) ?? {};
  const prepared: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    const below = schemaBelow(wanted.schema, key);
    const marker = Object.hasOwn(shape, key) && below !== undefined ? unwrap(below).meta.marker : undefined;
    const childPath = [...path, key];
    if (marker !== undefined) context.problems.push(markerProblem(context.tree, marker, childPath));
    else prepared[key] = below === undefined ? child : prepare(context, below, child, childPath);
  }
  return prepared;
}

function markerProblem(tree: ConfigTree, marker: NonNullable<FieldMeta['marker']>, path: Path): Problem {
  const place = tree.placeOf(path, 'key');
  const at = place === undefined ? {} : { place };
  switch (marker.kind) {
    case 'moot':
      return { severity: 'notice', path, ...at, message: `has no effect here: ${marker.note}` };
    case 'refused':
      return { severity: 'error', path, ...at, message: 'is not supported', remedy: marker.note };
    case 'renamed':
      return {
        severity: 'error',
        path,
        ...at,
        message: 'has another name now',
        remedy: `write ${marker.note}`,
      };
  }
}

function prepareRecord(
  context: Context,
  wanted: Unwrapped,
  value: Record<string, unknown>,
  path: Path,
): Record<string, unknown> {
  const prepared: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    const below = schemaBelow(wanted.schema, key);
    prepared[key] = below === undefined ? child : prepare(context, below, child, [...path, key]);
  }
  return prepared;
}

function prepareList(context: Context, wanted: Unwrapped, list: readonly unknown[], path: Path): unknown[] {
  return list.map((item, index) => {
    const below = schemaBelow(wanted.schema, index);
    return below === undefined ? item : prepare(context, below, item, [...path, index]);
  });
}

/** `a,b` is a list of texts, as in the Collector: so a variable can give one. */
function asList(context: Context, element: Schema, value: unknown, path: Path): unknown {
  if (typeof value !== 'string') return value;
  const bare = unwrap(element).schema._zod.def.type;
  const node = scalarAt(context, path);
  if (bare !== 'string' || node?.holds !== undefined || node?.note !== undefined) return value;
  return value === '' ? [] : value.split(',').map((item) => item.trim());
}

interface Candidate {
  prepared: unknown;
  problems: Problem[];
  /** 0 for an option that takes the value as it is typed; more for one that needs another type, or complains. */
  cost: number;
}

/** The first option that takes the value; if none does, the one that complains least. */
function prepareUnion(context: Context, options: readonly Schema[], value: unknown, path: Path): unknown {
  let best: Candidate | undefined;
  for (const option of options) {
    const problems: Problem[] = [];
    const prepared = prepare({ ...context, problems }, option, value, path);
    const parsed = z.core.safeParse(option, prepared, { jitless: true });
    const cost = parsed.success ? conversion(value, prepared) : 2 + complaintsOf(parsed.error.issues);
    if (best === undefined || cost < best.cost) best = { prepared, problems, cost };
    if (cost === 0) break;
  }
  context.problems.push(...(best?.problems ?? []));
  return best?.prepared;
}

function conversion(value: unknown, prepared: unknown): number {
  if (typeof value === typeof prepared) return 0;
  return typeof prepared === 'number' ? 1 : 2;
}

/** A wrong type at the very place weighs more than anything below it. */
export function complaintsOf(issues: readonly z.core.$ZodIssue[]): number {
  const mismatch = issues.some(
    ({ code, path }) => path.length === 0 && (code === 'invalid_type' || code === 'invalid_value'),
  );
  return mismatch ? 1000 : issues.length;
}

/** A scalar in the type that the schema asks for, if what was written allows it. */
function scalarFor(context: Context, wanted: Unwrapped, value: unknown, path: Path): unknown {
  const { def } = wanted.schema._zod;
  const node = scalarAt(context, path);
  const ours = Object.is(node?.value, value) ? node : undefined;
  const typed = typedOf(ours, value);
  switch (def.type) {
    case 'string':
    case 'template_literal':
      return asText(context, wanted, value, path);
    case 'enum':
      return asChoice(Object.values(def.entries), ours, value);
    case 'literal':
      return asChoice(def.values, ours, value);
    case 'number':
      return asNumber(typed);
    case 'boolean':
    case 'bigint':
      return asTyped(def.type, typed, value);
    default:
      return value;
  }
}

function asTyped(type: string, typed: unknown, value: unknown): unknown {
  return typeof typed === type || typed === null ? typed : value;
}

function asText(context: Context, wanted: Unwrapped, value: unknown, path: Path): unknown {
  const node = context.tree.nodeAt(path);
  if (node !== undefined && node.kind !== 'scalar') {
    // `${file:...}` that holds a map, where a text is wanted: the file's text.
    return typeof value === 'object' ? (node.text ?? value) : value;
  }
  const ours = Object.is(node?.value, value) ? node : undefined;
  return ours?.substituted === true ? ours.text : asWritten(wanted, ours, value);
}

function asWritten(wanted: Unwrapped, node: ScalarNode | undefined, value: unknown): unknown {
  if (wanted.meta.type === 'duration') return value === 0n || value === 0 ? '0s' : value;
  const textWanted = wanted.meta.type === 'text' && simpleTypes.has(typeof value);
  return textWanted ? (node?.text ?? String(value)) : value;
}

const simpleTypes = new Set(['number', 'bigint', 'boolean']);

function asChoice(choices: readonly unknown[], node: ScalarNode | undefined, value: unknown): unknown {
  if (node?.substituted === true && choices.includes(node.text)) return node.text;
  const typed = asNumber(typedOf(node, value));
  return choices.includes(typed) ? typed : value;
}

const date = /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]| +)\d{1,2}:\d{2}:\d{2}(?:\.\d*)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/** The YAML of the Collector reads `2024-03-10` as a date, which is no attribute value: it refuses it, and so do we. */
function refuseDates({ tree, problems }: Context, path: Path): void {
  const node = tree.nodeAt(path);
  for (const [below, { style, text }] of node === undefined ? [] : scalarsOf(node)) {
    if (style !== 'plain' || !date.test(text)) continue;
    const full = [...path, ...below];
    const place = tree.placeOf(full);
    problems.push({
      severity: 'error',
      path: full,
      ...(place === undefined ? {} : { place }),
      message: 'must be text, a number, true or false; YAML reads this as a date',
      remedy: `write it in quotes: "${text}"`,
    });
  }
}

/** A quoted `"${env:PORT}"` is a text; where no text is wanted, its type counts. */
function typedOf(node: ScalarNode | undefined, value: unknown): unknown {
  return node?.substituted === true ? node.typed : value;
}

function asNumber(value: unknown): unknown {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function scalarAt(context: Context, path: Path): ScalarNode | undefined {
  const node = context.tree.nodeAt(path);
  return node?.kind === 'scalar' ? node : undefined;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
