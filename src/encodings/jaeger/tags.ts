/** Tags and fields of Jaeger: a key, a type, and a value that JSON may hold in another type. */
import type { ExactValue } from '../../model/value.ts';
import { JsonNumber, textOfJson, valueOfJson, valueOfNumber, type Json } from '../shared/json.ts';
import { asObject, fail, textMember } from '../shared/members.ts';

/** Throws a ShapeError. */
export function readTags(list: readonly Json[], member: string): [string, ExactValue][] {
  return list.map((each) => {
    const tag = asObject(`an element of ${member}`, each);
    const key = textMember(tag, 'key');
    return [key, valueOf(textMember(tag, 'type'), tag.get('value') ?? null)];
  });
}

const types: ReadonlySet<string> = new Set(['string', 'bool', 'int64', 'float64', 'binary']);

/** Values beyond 2^53 are written in quotes, and so are NaN and the infinities. Without a type the JSON says it. */
function valueOf(written: string, value: Json): ExactValue {
  const type = types.has(written) ? written : written.toLowerCase();
  if (type === 'int64') return intOf(value);
  if (type === 'float64') return doubleOf(value);
  if (type === 'bool') return value === true || value === 'true';
  if (type === 'binary' && typeof value === 'string') return Buffer.from(value, 'base64');
  if (type !== 'string' || typeof value === 'string') return valueOfJson(value);
  return value === null ? '' : textOfJson(value);
}

function numberText(value: Json): string | undefined {
  if (value instanceof JsonNumber) return value.text;
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function intOf(value: Json): ExactValue {
  const text = numberText(value);
  const number = text === undefined ? NaN : valueOfNumber(text);
  return Number.isNaN(number) ? fail('value', 'an integer', value) : number;
}

const specialDoubles: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['+Inf', Infinity],
  ['-Infinity', -Infinity],
  ['-Inf', -Infinity],
]);

function doubleOf(value: Json): number {
  const text = numberText(value);
  if (text === undefined) return fail('value', 'a number', value);
  const number = specialDoubles.get(text) ?? Number(text);
  return Number.isNaN(number) && text !== 'NaN' ? fail('value', 'a number', value) : number;
}
