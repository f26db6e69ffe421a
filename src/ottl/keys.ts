import type { ExactValue } from '../model/value.ts';
import type { KeyNode } from './ast.ts';
import type { Site } from './errors.ts';
import type { Binder, Expression } from './parameters.ts';
import type { Entry, Field, Indexing } from './paths/fields.ts';
import type { Read, Target } from './target.ts';
import { OttlList, describeValue, listItems } from './values.ts';
import type { OttlValue } from './values.ts';

/** One `[key]`, compiled. */
export interface Key {
  readonly expression: Expression;
  readonly site: Site;
}

/** How a missing key reads: nil on a path, an error on what a converter gave. */
type Missing = 'nil' | 'error';

/** A field with its keys; undefined after a problem was reported. */
export function compileField(
  field: Field,
  nodes: readonly KeyNode[],
  binder: Binder,
): Expression | undefined {
  const keys = compileKeys(nodes, binder);
  const [first, ...rest] = keys ?? [];
  if (keys === undefined) return undefined;
  if (first === undefined) return field;
  if (field.index?.kind === 'entry') return { read: readEntry(field.index, first) };
  const entry = rest.length === 0 ? attributeOf(field, first) : undefined;
  if (entry !== undefined) {
    const { read, isNil, copyText, data } = entry;
    return { read, isNil, copyText, data };
  }
  return { read: readRest(readFirst(field, first), rest, 'nil') };
}

/** What a converter gave, with its keys. */
export function compileResult(
  read: Read<OttlValue>,
  nodes: readonly KeyNode[],
  binder: Binder,
): Read<OttlValue> | undefined {
  const keys = compileKeys(nodes, binder);
  return keys && readRest(read, keys, 'error');
}

export function compileKeys(nodes: readonly KeyNode[], binder: Binder): readonly Key[] | undefined {
  const keys: Key[] = [];
  for (const node of nodes) {
    const expression = binder.expression(node);
    if (expression !== undefined) keys.push({ expression, site: binder.site(node) });
  }
  return keys.length === nodes.length ? keys : undefined;
}

function readFirst(field: Field, key: Key): Read<OttlValue> {
  const { read } = field;
  const entry = attributeOf(field, key);
  if (entry !== undefined) return entry.read;
  switch (field.index?.kind) {
    case 'attributes':
      return readAttribute(field.index, key);
    case 'body':
      return (target) => indexBody(read(target), key, target);
    default:
      return (target) => indexValue(read(target), key, target, 'nil');
  }
}

/** The one attribute that a literal key means. */
export function attributeOf({ index }: Field, key: Key): Entry | undefined {
  const literal = key.expression.constant?.value;
  return index?.kind === 'attributes' && typeof literal === 'string' ? index.key(literal) : undefined;
}

function readAttribute(
  index: Extract<Indexing, { kind: 'attributes' }>,
  key: Key,
): Read<ExactValue | undefined> {
  return (target) => index.all(target).getExact(textKey(key, target));
}

function readEntry(index: Extract<Indexing, { kind: 'entry' }>, key: Key): Read<OttlValue> {
  return (target) => index.key(target, textKey(key, target));
}

function readRest(read: Read<OttlValue>, keys: readonly Key[], missing: Missing): Read<OttlValue> {
  if (keys.length === 0) return read;
  return (target) => {
    let value = read(target);
    for (const key of keys) value = indexValue(value, key, target, missing);
    return value;
  };
}

function indexBody(body: OttlValue, key: Key, target: Target): OttlValue {
  if (body instanceof Map || Array.isArray(body)) return indexValue(body, key, target, 'nil');
  throw key.site.error(`a log body of type ${describeValue(body)} cannot be indexed`, [body]);
}

function indexValue(value: OttlValue, key: Key, target: Target, missing: Missing): OttlValue {
  if (value === undefined && missing === 'nil') return undefined;
  if (value instanceof Map) {
    const text = textKey(key, target);
    const found = value.get(text);
    if (found === undefined && missing === 'error')
      throw key.site.error(`there is no key ${JSON.stringify(text)} in the map`);
    return found;
  }
  const items = Array.isArray(value) || value instanceof OttlList ? listItems(value) : undefined;
  if (items === undefined) throw key.site.error(`${describeValue(value)} cannot be indexed`, [value]);
  return itemAt(items, key, target);
}

function itemAt(items: readonly OttlValue[], key: Key, target: Target): OttlValue {
  const position = key.expression.read(target);
  if (typeof position !== 'bigint') {
    throw key.site.error(`a list is indexed by int64, found ${describeValue(position)}`, [position]);
  }
  if (position < 0n || position >= BigInt(items.length)) {
    throw key.site.error(`index ${position} is out of bounds: the list has ${items.length} items`, [
      position,
    ]);
  }
  return items[Number(position)] ?? null;
}

export function textKey(key: Key, target: Target): string {
  const value = key.expression.read(target);
  if (typeof value === 'string') return value;
  throw key.site.error(`a map is indexed by a string, found ${describeValue(value)}`, [value]);
}
