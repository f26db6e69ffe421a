import type { Attributes } from '../../model/attributes.ts';
import type { ExactValue } from '../../model/value.ts';
import type { Expression } from '../parameters.ts';
import type { Read, Target } from '../target.ts';
import { OttlId, OttlTime } from '../values.ts';
import type { OttlMap, OttlValue } from '../values.ts';

/** What a path leads to. */
export interface Field extends Expression {
  /** How the field is indexed, if it can be; the keys behind the first index any list or map. */
  readonly index?: Indexing;
  /** Fields of this one: `status.code`, `trace_id.string`. */
  readonly fields?: Fields;
}

export type Fields = Readonly<Record<string, Field>>;

export type Indexing =
  /** Attributes: the first key is looked up without decoding the others. */
  | { readonly kind: 'attributes'; readonly key: (key: string) => Read<ExactValue | undefined> }
  /** A map such as the cache. */
  | { readonly kind: 'map' }
  /** A body: it must be a map or a list. */
  | { readonly kind: 'body' }
  /** A text with named parts: exactly one key. */
  | { readonly kind: 'entry'; readonly key: (target: Target, key: string) => OttlValue };

export function text(read: Read<string>): Field {
  return { read };
}

/** An int64 that fits a JavaScript number. */
export function small(read: Read<number>): Field {
  return { read: (target) => BigInt(read(target)), small: read };
}

/** Nanoseconds as int64: OTLP's are unsigned, and beyond 2262 they come out negative, as in the reference. */
export function nanos(read: Read<bigint>): Field {
  return { read: (target) => BigInt.asIntN(64, read(target)) };
}

export function time(read: Read<bigint>): Field {
  return { read: (target) => new OttlTime(BigInt.asIntN(64, read(target))) };
}

/** An id with its `.string`; the model's '' is the id of zeros. */
export function id(of: 'trace' | 'span', read: Read<string>): Field {
  const none = '0'.repeat(of === 'trace' ? 32 : 16);
  const hex: Read<string> = (target) => read(target) || none;
  return { read: (target) => new OttlId(of, hex(target)), fields: { string: text(hex) } };
}

/**
 * `key` must be a function of its own for each context, so that the engine sees one shape per place: it is the
 * hot path of nearly every condition.
 */
export function attributes(
  read: Read<Attributes>,
  key: (key: string) => Read<ExactValue | undefined>,
): Field {
  return {
    read: (target) => mapOf(read(target)),
    index: { kind: 'attributes', key },
  };
}

/** Of duplicates the first counts. */
function mapOf(attributes: Attributes): OttlMap {
  const map: OttlMap = new Map();
  for (const [key, value] of attributes.exactEntries()) if (!map.has(key)) map.set(key, value);
  return map;
}
