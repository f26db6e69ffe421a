/** Data as a person may safely look at it on a terminal. */
import type { Attributes } from '../../model/attributes.ts';
import { isoTime } from '../../model/time.ts';
import { valueText, type ExactValue } from '../../model/value.ts';

const longest = 4096;
const usual: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** One line: control and invisible characters, colours and cursor movements among them, become visible escapes. */
export function printable(text: string, limit = longest): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => usual.get(character) ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

const units: readonly (readonly [nanos: number, unit: string])[] = [
  [3_600_000_000_000, 'h'],
  [60_000_000_000, 'min'],
  [1_000_000_000, 's'],
  [1_000_000, 'ms'],
  [1_000, 'µs'],
];

/** `152 ms`, `1.25 s`: three digits that count. */
export function durationText(nanos: bigint): string {
  const number = Number(nanos);
  for (const [size, unit] of units) {
    if (Math.abs(number) >= size) return `${significant(number / size)} ${unit}`;
  }
  return `${number} ns`;
}

function significant(number: number): string {
  return Math.abs(number) >= 100 ? String(Math.round(number)) : String(Number(number.toPrecision(3)));
}

/** `12:30:01.123456`, for lines under a heading that names the day. */
export function clockText(nanos: bigint): string {
  return nanos === 0n ? '--:--:--' : isoTime(nanos).slice(11, 26);
}

export function dateText(nanos: bigint): string {
  return nanos === 0n ? 'no time' : isoTime(nanos);
}

/** A value with its type, as the Collector's debug exporter has it: `Str(checkout)`. */
export function typedText(value: ExactValue): string {
  return `${typeName(value)}(${printable(valueText(value))})`;
}

function typeName(value: ExactValue): string {
  if (typeof value === 'string') return 'Str';
  if (typeof value === 'boolean') return 'Bool';
  if (typeof value === 'bigint') return 'Int';
  if (typeof value === 'number') return 'Double';
  if (value === null) return 'Empty';
  if (value instanceof Uint8Array) return 'Bytes';
  return Array.isArray(value) ? 'Slice' : 'Map';
}

export function attributeLines(attributes: Attributes, indent: string): string[] {
  return attributes
    .exactEntries()
    .map(([key, value]) => `${indent}-> ${printable(key)}: ${typedText(value)}`);
}

const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;

/** The severity's text, else the level of its number, else nothing. */
export function severityText(record: { severityNumber: number; severityText: string }): string {
  if (record.severityText !== '') return printable(record.severityText, 20);
  const level = levels[Math.ceil(record.severityNumber / 4) - 1];
  return level ?? (record.severityNumber === 0 ? '' : String(record.severityNumber));
}

export const kindNames = ['', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

export function serviceOf(resource: { attributes: Attributes }): string {
  const value = resource.attributes.getExact('service.name');
  return value === undefined ? '' : valueText(value);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
