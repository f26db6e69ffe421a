import type { ExactValue } from '../model/value.ts';
import { deepestValue } from '../model/value.ts';
import type { KeyNode } from './ast.ts';
import { checkSize } from './budget.ts';
import { OttlFailure } from './errors.ts';
import type { Site } from './errors.ts';
import { attributeOf, compileField, compileKeys, textKey } from './keys.ts';
import type { Key } from './keys.ts';
import type { Binder } from './parameters.ts';
import type { Entry, Field } from './paths/fields.ts';
import { DecodedMap } from './slot.ts';
import type { EditableMap, MapSlot, Slot } from './slot.ts';
import type { Target, Write } from './target.ts';
import { copyTelemetry, isTelemetry, stored } from './telemetry.ts';
import type { Stored } from './telemetry.ts';
import { describeValue } from './values.ts';
import type { OttlMap, OttlValue } from './values.ts';

/** The longest list that setting one of its elements creates. */
const longestCreated = 10_000;

/** A field with its keys as a place to write to; undefined after a problem was reported. */
export function compileSlot(
  field: Field,
  nodes: readonly KeyNode[],
  binder: Binder,
  site: Site,
): Slot | undefined {
  const expression = compileField(field, nodes, binder);
  const keys = compileKeys(nodes, binder);
  if (expression === undefined || keys === undefined) return undefined;
  const [first] = keys;
  const entry = first && keys.length === 1 ? attributeOf(field, first) : undefined;
  if (entry !== undefined) return entrySlot(entry, site);
  const write = writeOf(field, keys);
  if (write === undefined) {
    binder.problem(site.place, 'this path can be read only');
    return undefined;
  }
  const { read, type } = expression;
  const wanted = field.takesAll === true ? undefined : type;
  const data = keys.length === 0 ? field.data : undefined;
  return { read: located(read, site), write: located(bounding(write), site), site, type: wanted, data };
}

/** An attribute with a literal key: what most statements write to. */
function entrySlot({ read, put, prepare, putText, data }: Entry, site: Site): Slot {
  return {
    read,
    write(target, value) {
      try {
        if (typeof value !== 'string') checkSize(value);
        if (isTelemetry(value)) {
          put(target, value ?? null);
          return;
        }
        const result = placed(read(target) ?? null, [], target, value);
        put(target, result.value);
        throwFailure(result);
      } catch (error) {
        throw site.located(error);
      }
    },
    prepare,
    putText,
    site,
    data,
  };
}

/** The same for a path that must hold a map. */
export function compileMapSlot(
  field: Field,
  nodes: readonly KeyNode[],
  binder: Binder,
  site: Site,
): MapSlot | undefined {
  const slot = compileSlot(field, nodes, binder, site);
  if (slot === undefined) return undefined;
  if (nodes.length === 0 && field.index?.kind === 'attributes') {
    return { open: field.index.all, close: () => {}, of: field.index.of };
  }
  return {
    open(target) {
      const value = slot.read(target);
      if (value instanceof Map) return new DecodedMap(value);
      throw site.error(`expected pcommon.Map but got ${describeValue(value)}`, [value]);
    },
    close(target: Target, edited: EditableMap) {
      if (edited instanceof DecodedMap) slot.write(target, edited.map);
    },
  };
}

/** Gives failures their place; what the model cannot hold is a failure of the statement. */
function located<Rest extends readonly unknown[], Out>(
  run: (target: Target, ...rest: Rest) => Out,
  site: Site,
): (target: Target, ...rest: Rest) => Out {
  return (target, ...rest) => {
    try {
      return run(target, ...rest);
    } catch (error) {
      throw site.located(error);
    }
  };
}

/** Before a list or map is written: statements that each write what they read twice would grow it without end. */
function bounding(write: Write): Write {
  return (target, value) => {
    checkSize(value);
    write(target, value);
  };
}

function writeOf(field: Field, keys: readonly Key[]): Write | undefined {
  const [first] = keys;
  const { index } = field;
  if (first === undefined) return field.write;
  switch (index?.kind) {
    case 'attributes':
      return (target, value) => writeAttribute(index.all(target), keys, target, value);
    case 'map':
      return (target, value) => throwFailure(placed(index.all(target), keys, target, value));
    case 'entry':
      return (target, value) => index.set(target, textKey(first, target), value);
    case 'body':
      return (target, value) => {
        const result = placed(indexable(field, target), keys, target, value);
        field.write?.(target, result.value);
        throwFailure(result);
      };
    default:
      return undefined;
  }
}

function indexable(field: Field, target: Target): ExactValue {
  const body = field.read(target);
  if (body instanceof Map || Array.isArray(body)) return body;
  throw new OttlFailure(`a log body of type ${describeValue(body)} cannot be indexed`, [body]);
}

interface Entries {
  has(key: string): boolean;
  getExact(key: string): ExactValue | undefined;
  setExact(key: string, value: ExactValue): void;
}

/** As in the reference, what was made on the way to the place stays when the value cannot be stored there. */
function writeAttribute(attributes: Entries, keys: readonly Key[], target: Target, value: OttlValue): void {
  const [first] = keys;
  if (first === undefined) return;
  const key = textKey(first, target);
  if (keys.length === 1 && isTelemetry(value)) {
    attributes.setExact(key, value ?? null);
    return;
  }
  const result = placed(attributes.getExact(key) ?? null, keys.slice(1), target, value);
  attributes.setExact(key, result.value);
  throwFailure(result);
}

function throwFailure({ failure }: Stored): void {
  if (failure !== undefined) throw failure;
}

/**
 * `root` with the value behind the keys; lists and maps are changed where they are. What is empty becomes a map for
 * a string key and a list for an int key.
 */
function placed(root: ExactValue, keys: readonly Key[], target: Target, value: OttlValue): Stored {
  const [key, ...rest] = keys;
  try {
    if (key === undefined) {
      const { value: next, failure } = stored(value, root);
      return { value: copyTelemetry(next), failure };
    }
    if (keys.length > deepestValue) throw new OttlFailure(`a value is nested deeper than ${deepestValue}`);
    return placedInside(root, key, target, (inner) => placed(inner, rest, target, value));
  } catch (failure) {
    if (!(failure instanceof Error)) throw failure;
    return { value: root, failure };
  }
}

function placedInside(
  root: ExactValue,
  key: Key,
  target: Target,
  place: (inner: ExactValue) => Stored,
): Stored {
  const at = key.expression.read(target);
  if (root instanceof Map || (root === null && typeof at === 'string')) {
    const map: OttlMap = root ?? new Map<string, ExactValue>();
    const text = textKey(key, target);
    const { value, failure } = place(map.get(text) ?? null);
    map.set(text, value);
    return { value: map, failure };
  }
  if (!Array.isArray(root) && root !== null)
    throw key.site.error(`${describeValue(root)} cannot be indexed`, [root]);
  const list = root ?? newList(at, key);
  const position = root === null ? list.length - 1 : positionIn(list, at, key);
  const { value, failure } = place(list[position] ?? null);
  list[position] = value;
  return { value: list, failure };
}

/** As in the reference, an index below zero makes a list of one. */
function newList(at: OttlValue, key: Key): ExactValue[] {
  if (typeof at !== 'bigint')
    throw key.site.error(`a list is indexed by int64, found ${describeValue(at)}`, [at]);
  if (at >= BigInt(longestCreated))
    throw key.site.error(`index ${at} is too large: a new list has at most ${longestCreated} elements`, [at]);
  return Array.from({ length: at < 0n ? 1 : Number(at) + 1 }, () => null);
}

function positionIn(list: readonly ExactValue[], at: OttlValue, key: Key): number {
  if (typeof at !== 'bigint')
    throw key.site.error(`a list is indexed by int64, found ${describeValue(at)}`, [at]);
  if (at < 0n || at >= BigInt(list.length))
    throw key.site.error(`index ${at} is out of bounds: the list has ${list.length} items`, [at]);
  return Number(at);
}
