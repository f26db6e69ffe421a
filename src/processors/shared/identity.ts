import type { ExactValue } from '../../model/value.ts';

/** A text that is the same for equal attributes in whatever order, and for no others: 1 and 1.0 differ. */
export function identityOf(attributes: Iterable<readonly [string, ExactValue]>): string {
  const parts = [...attributes].map(([key, value]) => `${JSON.stringify(key)}:${valueIdentity(value)}`);
  return `{${parts.toSorted().join(',')}}`;
}

function valueIdentity(value: ExactValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `i${value}`;
  if (typeof value === 'number') return Object.is(value, -0) ? 'd-0' : `d${value}`;
  if (value === null || typeof value === 'boolean') return String(value);
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('base64')}`;
  return Array.isArray(value) ? `[${value.map(valueIdentity).join(',')}]` : identityOf(value);
}
