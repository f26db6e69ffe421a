import { JsonNumber, type JsonObject } from '../shared/json.ts';
import { fail } from '../shared/members.ts';
import type { Pairs } from './entry.ts';

/** Labels or metadata as an object. Throws a ShapeError for values that are no text. */
export function pairsOf(object: JsonObject): Pairs {
  return object.names.map((name, index) => {
    const value = object.values[index];
    if (typeof value === 'string') return [name, value];
    return [name, value instanceof JsonNumber ? value.text : fail(name, 'text', value)];
  });
}
