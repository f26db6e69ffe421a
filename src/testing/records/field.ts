/** What a field of a test record is, and how those are made that several kinds of records have. */
import type { Attributes } from '../../model/attributes.ts';
import { traceIdDigits } from '../../model/ids.ts';
import { valueText, type ExactValue } from '../../model/value.ts';
import { timeNanos, timeText } from './times.ts';

/** A record as a test has it: its fields by their names in YAML. */
export type Fields = Map<string, ExactValue>;

/** How a field is compared: `id` and times have several spellings, `status` is a map or its code alone, and `buckets` are compared
 * in what is written of them. */
export type FieldKind =
  | 'plain'
  | 'doubles'
  | 'time'
  | 'duration'
  | 'trace id'
  | 'span id'
  | 'status'
  | 'buckets'
  | 'records';

export interface Field<T> {
  readonly kind: FieldKind;
  /** For `records`: what they are. */
  readonly of?: RecordKind;
  /** What it is in a record that says nothing of it. */
  readonly empty: ExactValue;
  read(item: T, base: bigint): ExactValue;
  write(item: T, value: ExactValue, base: bigint): void;
}

/** In the order in which they are written and shown. */
export type Table<T> = ReadonlyMap<string, Field<T>>;

export type RecordKind = 'span' | 'event' | 'link' | 'log' | 'metric' | 'point' | 'quantile' | 'scope';

/** Those keys of a type whose values are of another one. */
type KeysOf<T, V> = { [K in keyof T]: T[K] extends V ? K : never }[keyof T];

export function text<T>(key: KeysOf<T, string>): Field<T> {
  return {
    kind: 'plain',
    empty: '',
    read: (item) => item[key] as string,
    write: (item, value) => void Object.assign(item as object, { [key]: valueText(value) }),
  };
}

export function id<T>(key: KeysOf<T, string>, digits: number): Field<T> {
  return {
    kind: digits === traceIdDigits ? 'trace id' : 'span id',
    empty: '',
    read: (item) => item[key] as string,
    write: (item, value) => void Object.assign(item as object, { [key]: idText(value, digits) }),
  };
}

/** A short id is filled up with zeros: `1` is a span id. */
export function idText(value: ExactValue, digits: number): string {
  const written = valueText(value).toLowerCase();
  return written === '' ? '' : written.padStart(digits, '0');
}

export function whole<T>(key: KeysOf<T, number>): Field<T> {
  return {
    kind: 'plain',
    empty: 0n,
    read: (item) => BigInt(item[key] as number),
    write: (item, value) => void Object.assign(item as object, { [key]: Number(value) }),
  };
}

export function choice<T>(key: KeysOf<T, number>, names: readonly string[]): Field<T> {
  return {
    kind: 'plain',
    empty: names[0] ?? '',
    read: (item) => names[item[key] as number] ?? BigInt(item[key] as number),
    write: (item, value) => void Object.assign(item as object, { [key]: numberOf(value, names) }),
  };
}

export function numberOf(value: ExactValue, names: readonly string[]): number {
  return typeof value === 'string' ? Math.max(0, names.indexOf(value)) : Number(value);
}

export function time<T>(key: KeysOf<T, bigint>): Field<T> {
  return {
    kind: 'time',
    empty: 'none',
    read: (item, base) => timeText(item[key] as bigint, base),
    write: (item, value, base) => void Object.assign(item as object, { [key]: timeNanos(value, base) ?? 0n }),
  };
}

export function attributes<T>(attributesOf: (item: T) => Attributes): Field<T> {
  return {
    kind: 'plain',
    empty: new Map(),
    read: (item) => new Map(attributesOf(item).exactEntries()),
    write: (item, value) => writeAttributes(attributesOf(item), value),
  };
}

export function writeAttributes(to: Attributes, value: ExactValue | undefined): void {
  if (value instanceof Map) for (const [key, each] of value) to.setExact(key, each);
}

/** A list of records in a record. */
export function records<T, R>(
  of: RecordKind,
  table: () => Table<R>,
  { list, add }: { list: (item: T) => readonly R[]; add: (item: T) => R },
): Field<T> {
  return {
    kind: 'records',
    of,
    empty: [],
    read: (item, base) => list(item).map((record) => readFields(record, table(), base)),
    write: (item, value, base) => {
      for (const fields of Array.isArray(value) ? value : [])
        if (fields instanceof Map) writeFields(add(item), table(), fields, base);
    },
  };
}

export function readFields<T>(item: T, table: Table<T>, base: bigint): Fields {
  return new Map([...table].map(([key, field]) => [key, field.read(item, base)]));
}

export function writeFields<T>(item: T, table: Table<T>, fields: Fields, base: bigint): void {
  for (const [key, field] of table) {
    const value = fields.get(key);
    if (value !== undefined) field.write(item, value, base);
  }
}
