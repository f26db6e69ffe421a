import type { AsciiText } from '../../model/ascii-text.ts';
import type { Attributes } from '../../model/attributes.ts';
import type { AttributesOf, ItemPlace } from '../../model/item-program.ts';
import { keyOf, type Key } from '../../model/keys.ts';
import { PreparedAttribute, type Scalar } from '../../model/prepared-attribute.ts';
import type { ExactValue } from '../../model/value.ts';
import { OttlFailure } from '../errors.ts';
import type { Expression } from '../parameters.ts';
import type { CopyText, Read, Target, Write } from '../target.ts';
import { OttlId, OttlTime, describeValue } from '../values.ts';
import type { OttlMap, OttlValue } from '../values.ts';

/** What a path leads to. */
export interface Field extends Expression {
  /** Sets the whole field; absent if the reference cannot set it either. Throws `OttlFailure` for a wrong type. */
  readonly write?: Write;
  /** Writing a value of another type than `type` does not fail. */
  readonly takesAll?: true;
  /** How the field is indexed, if it can be; the keys behind the first index any list or map. */
  readonly index?: Indexing;
  /** Fields of this one: `status.code`, `trace_id.string`. */
  readonly fields?: Fields;
}

export type Fields = Readonly<Record<string, Field>>;

export type Indexing =
  /** Attributes: the first key is looked up without decoding the others. */
  | {
      readonly kind: 'attributes';
      readonly all: Read<Attributes>;
      readonly key: (key: string) => Entry;
      /** Whose they are, if an item has them or its resource. */
      readonly of?: AttributesOf | undefined;
    }
  /** A map such as the cache, edited where it is. */
  | { readonly kind: 'map'; readonly all: Read<OttlMap> }
  /** A body: it must be a map or a list. */
  | { readonly kind: 'body' }
  /** A text with named parts: exactly one key. */
  | {
      readonly kind: 'entry';
      readonly key: (target: Target, key: string) => OttlValue;
      readonly set: (target: Target, key: string, value: OttlValue) => void;
    };

/** One attribute by its key: to read cannot fail; `put` throws what the model throws. */
export interface Entry {
  readonly read: Read<ExactValue | undefined>;
  readonly isNil: Read<boolean>;
  readonly put: (target: Target, value: ExactValue) => void;
  readonly prepare: (value: Scalar) => (target: Target) => void;
  readonly copyText: CopyText;
  readonly putText: (target: Target, text: AsciiText) => void;
  readonly data?: ItemPlace | undefined;
}

type Set<T> = (target: Target, value: T) => void;

export function text(read: Read<string>, set: Set<string>): Field {
  return { read, write: (target, value) => set(target, asText(value)), type: 'string' };
}

/** An int64 that fits a JavaScript number; `set` gets the lower 32 bits of what is assigned, without a sign. */
export function small(read: Read<number>, set: Set<number>): Field {
  const write: Write = (target, value) => set(target, Number(BigInt.asUintN(32, asInt(value))));
  return { read: (target) => BigInt(read(target)), small: read, write, type: 'int64' };
}

/** Nanoseconds as int64: OTLP's are unsigned, and beyond 2262 they come out negative, as in the reference. */
export function nanos(read: Read<bigint>, set: Set<bigint>): Field {
  return {
    read: (target) => BigInt.asIntN(64, read(target)),
    write: (target, value) => set(target, BigInt.asUintN(64, asInt(value))),
    type: 'int64',
  };
}

export function time(read: Read<bigint>, set: Set<bigint>): Field {
  return {
    read: (target) => new OttlTime(BigInt.asIntN(64, read(target))),
    write(target, value) {
      if (!(value instanceof OttlTime)) throw wrongType('time.Time', value);
      set(target, BigInt.asUintN(64, value.nanos));
    },
    type: 'time',
  };
}

/** An id with its `.string`; the model's '' is the id of zeros. */
export function id(of: 'trace' | 'span', read: Read<string>, set: Set<string>): Field {
  const none = '0'.repeat(of === 'trace' ? 32 : 16);
  const hex: Read<string> = (target) => read(target) || none;
  const put: Set<string> = (target, digits) => set(target, digits === none ? '' : digits);
  return {
    read: (target) => new OttlId(of, hex(target)),
    write(target, value) {
      if (!(value instanceof OttlId) || value.of !== of) throw wrongType(`a ${of} id`, value);
      put(target, value.hex);
    },
    fields: { string: text(hex, (target, digits) => put(target, checkedHex(digits, none.length))) },
  };
}

function checkedHex(text: string, digits: number): string {
  if (text.length === digits && /^[0-9a-fA-F]+$/.test(text)) return text.toLowerCase();
  throw new OttlFailure(`an id must be ${digits} hex digits, found ${JSON.stringify(text)}`, [text]);
}

export function attributes<Of extends object>(
  record: Read<Of>,
  attributesOf: (record: Of) => Attributes,
  of?: AttributesOf,
): Field {
  const all = remembering(record, attributesOf);
  return {
    read: (target) => mapOf(all(target)),
    write: (target, value) => setAll(all(target), value),
    index: {
      kind: 'attributes',
      all,
      key: (text) => ({ ...entryOf(all, keyOf(text)), data: of && { at: 'attribute', of, key: text } }),
      of,
    },
    type: 'map',
  };
}

/** One view for all that is done with a record, instead of one for each use. */
function remembering<Of extends object>(record: Read<Of>, of: (record: Of) => Attributes): Read<Attributes> {
  let last: Of | undefined;
  let view: Attributes | undefined;
  return (target) => {
    const current = record(target);
    if (view !== undefined && current === last) return view;
    last = current;
    view = of(current);
    return view;
  };
}

function entryOf(all: Read<Attributes>, key: Key): Entry {
  return {
    read: (target) => all(target).exactOf(key),
    isNil: (target) => all(target).isNil(key),
    put: (target, value) => all(target).setOf(key, value),
    prepare(value) {
      const attribute = new PreparedAttribute(key, value);
      return (target) => all(target).setPrepared(attribute);
    },
    copyText: (target, to) => all(target).copyText(key, to),
    putText: (target, text) => all(target).setText(key, text),
  };
}

/** Of duplicates the first counts. */
function mapOf(attributes: Attributes): OttlMap {
  const map: OttlMap = new Map();
  for (const [key, value] of attributes.exactEntries()) if (!map.has(key)) map.set(key, value);
  return map;
}

function setAll(attributes: Attributes, value: OttlValue): void {
  attributes.replaceAll(asMap(value));
}

const nothing: OttlMap = new Map();

/** Nil, which only a feature gate lets through, is the empty map. */
export function asMap(value: OttlValue): OttlMap {
  if (value instanceof Map) return value;
  if (value === undefined || value === null) return nothing;
  throw wrongType('pcommon.Map', value);
}

export function asText(value: OttlValue): string {
  if (typeof value === 'string') return value;
  throw wrongType('string', value);
}

export function asInt(value: OttlValue): bigint {
  if (typeof value === 'bigint') return value;
  throw wrongType('int64', value);
}

export function asFloat(value: OttlValue): number {
  if (typeof value === 'number') return value;
  throw wrongType('float64', value);
}

/** For a field that not every record has. */
export function intOrNil(value: bigint | number | undefined): bigint | null {
  return value === undefined ? null : BigInt(value);
}

export function wrongType(wanted: string, value: OttlValue): OttlFailure {
  if (value === undefined || value === null) return new OttlFailure('this field cannot be set to nil');
  return new OttlFailure(`expects ${wanted} but got ${describeValue(value)}`, [value]);
}
