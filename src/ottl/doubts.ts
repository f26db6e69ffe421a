import type { Site } from './errors.ts';
import { OttlList, describeValue } from './values.ts';
import type { OttlValue } from './values.ts';

/** The type that every value of a field has, where it has only one. */
export type FieldType = 'string' | 'int64' | 'time' | 'map';

interface Literal {
  readonly constant: { readonly value: OttlValue } | undefined;
  readonly site: Site;
}

/** Something that the reference takes and that can never do what it says: a warning, at the literal. */
export interface Doubt {
  readonly message: string;
  readonly literal: Literal;
}

const typeNames: Readonly<Record<FieldType, string>> = {
  string: 'a string',
  int64: 'an int64',
  time: 'a time',
  map: 'a map',
};

/** A literal that fails wherever it is set to a field of the type. Nil is never set, which may be meant. */
export function unfitValue(type: FieldType | undefined, literal: Literal): Doubt | undefined {
  const value = literal.constant?.value;
  if (type === undefined || isNil(value) || typeOf(value) === type) return undefined;
  return {
    message: `fails whenever it runs: the field is ${typeNames[type]}, found ${found(value)}`,
    literal,
  };
}

/** What a comparison of a field with a literal of another type says of each record; undefined if it may hold or not. */
export function comparisonDoubt(
  type: FieldType | undefined,
  operator: string,
  value: OttlValue,
): string | undefined {
  if (type === undefined || isNil(value) || typeOf(value) === type) return undefined;
  if (type === 'int64' && typeof value === 'number') return undefined;
  const why = `the field is ${typeNames[type]}, and never equal to ${found(value)}`;
  return `is ${operator === '!='} for every record: ${why}`;
}

function found(value: OttlValue): string {
  return value instanceof OttlList ? 'a list' : describeValue(value);
}

function isNil(value: OttlValue): value is null | undefined {
  return value === null || value === undefined;
}

function typeOf(value: OttlValue): FieldType | undefined {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'bigint') return 'int64';
  return value instanceof Map ? 'map' : undefined;
}
