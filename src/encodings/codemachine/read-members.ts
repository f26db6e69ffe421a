/** Typed members of an element; what does not fit throws a ShapeError that names the member. */
import { describe, exactValue, isObject, NumberText, type ExactJson, type JsonObject } from './exact-json.ts';
import { nanosFromText } from '../../model/time.ts';
import type { Attributes } from '../../model/attributes.ts';

/** An element that cannot be what it should be. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

export function fail(member: string, must: string, found: ExactJson | undefined): never {
  throw new ShapeError(`${member} must be ${must}, found ${describe(found)}`);
}

export function textMember(object: JsonObject, member: string): string {
  const value = object[member] ?? '';
  return typeof value === 'string' ? value : fail(member, 'text', value);
}

/** Lower-case hex. An absent id is ''. */
export function idMember(object: JsonObject, member: string, digits: number): string {
  const id = textMember(object, member);
  if (id === '') return '';
  if (id.length !== digits || !/^[\da-f]+$/i.test(id)) fail(member, `${digits} hex digits`, id);
  return id.toLowerCase();
}

export function objectMember(object: JsonObject, member: string): JsonObject {
  const value = object[member] ?? {};
  return isObject(value) ? value : fail(member, 'an object', value);
}

export function listMember(object: JsonObject, member: string): readonly ExactJson[] {
  const value = object[member] ?? [];
  return Array.isArray(value) ? value : fail(member, 'an array', value);
}

const uint64End = 1n << 64n;

/** Nanoseconds of a number of milliseconds, to the last digit; undefined for an absent one. */
export function millisecondsMember(object: JsonObject, member: string): bigint | undefined {
  const value = object[member];
  if (value === undefined || value === null) return undefined;
  const nanos = value instanceof NumberText ? nanosFromText(value.text, 'ms') : undefined;
  if (nanos === undefined || nanos < 0n || nanos >= uint64End) fail(member, 'milliseconds since 1970', value);
  return nanos;
}

/** A small whole number; `otherwise` for an absent one. */
export function intMember(object: JsonObject, member: string, otherwise: number): number {
  const value = object[member];
  if (value === undefined || value === null) return otherwise;
  if (!(value instanceof NumberText) || !/^\d{1,9}$/.test(value.text)) fail(member, 'a whole number', value);
  return Number(value.text);
}

export function setAll(attributes: Attributes, values: JsonObject): void {
  for (const [key, value] of Object.entries(values)) attributes.setExact(key, exactValue(value));
}

/** Calls back for each member that is not in `known`. */
export function eachUnknown(
  object: JsonObject,
  known: ReadonlySet<string>,
  tell: (member: string) => void,
): void {
  for (const key of Object.keys(object)) if (!known.has(key)) tell(key);
}
