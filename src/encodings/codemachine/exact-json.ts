/** JSON values whose numbers keep their source text: a time in milliseconds with four decimals is no double. */
import type { ExactValue } from '../../model/value.ts';

export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type ExactJson = null | string | boolean | NumberText | ExactJson[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: ExactJson | undefined;
}

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
/** As the standard has it; the types lag behind. */
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => ExactJson;

/** Throws a SyntaxError as JSON.parse does. Recurses as deep as the text nests: bound that first. */
export function parseExact(text: string): ExactJson {
  return parseWithSource(text, (_key, value, { source }) =>
    typeof value === 'number' ? new NumberText(source ?? String(value)) : value,
  );
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function isObject(value: ExactJson | undefined): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)
  );
}

/** What a value is, for a sentence that complains about it. */
export function describe(value: ExactJson | undefined): string {
  if (value === undefined) return 'nothing';
  if (value instanceof NumberText) return value.text;
  if (Array.isArray(value)) return 'an array';
  if (isObject(value)) return 'an object';
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

const int64Max = 9_223_372_036_854_775_807n;
const int64Min = -int64Max - 1n;

/** An attribute's value: an integer literal is int64, any other number a double, an object a map. */
export function exactValue(value: ExactJson | undefined): ExactValue {
  if (value === undefined || value === null) return null;
  if (value instanceof NumberText) return exactNumber(value.text);
  if (Array.isArray(value)) return value.map(exactValue);
  if (isObject(value))
    return new Map(Object.entries(value).map(([key, member]) => [key, exactValue(member)]));
  return value;
}

/** Beyond int64 and for -0 a double is nearest. */
function exactNumber(text: string): bigint | number {
  if (!/^-?\d+$/.test(text) || text === '-0') return Number(text);
  if (text.length <= 16) return BigInt(text);
  const whole = BigInt(text);
  return whole >= int64Min && whole <= int64Max ? whole : Number(text);
}
