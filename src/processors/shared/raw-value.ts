/** Values as YAML has them: bigint is an integer, number is a float, maps are plain objects. */
import type { ExactValue } from '../../model/value.ts';

/** As an attribute value. Integers beyond int64 wrap around, as the Collector's do. */
export function exactFromYaml(raw: unknown): ExactValue {
  if (typeof raw === 'bigint') return BigInt.asIntN(64, raw);
  if (typeof raw === 'string' || typeof raw === 'boolean' || typeof raw === 'number') return raw;
  if (Array.isArray(raw)) return raw.map(exactFromYaml);
  if (typeof raw !== 'object' || raw === null) return null;
  return new Map(Object.entries(raw).map(([key, value]) => [key, exactFromYaml(value)]));
}

/** YAML's `key:` without anything behind it counts as a key that is not there. */
export function isSet(raw: unknown): boolean {
  return raw !== undefined && raw !== null;
}
