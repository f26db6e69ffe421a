/** The attributes that say what was done to a record. */
import type { Attributes } from '../../model/attributes.ts';

export type Summary = 'debug' | 'info' | 'silent';

/** The keys that something was done to, in the order in which it was. */
export interface Actions {
  readonly redacted: string[];
  readonly masked: string[];
  readonly allowed: string[];
  readonly ignored: string[];
}

export function noActions(): Actions {
  return { redacted: [], masked: [], allowed: [], ignored: [] };
}

/** These are never removed as not allowed. */
export const summaryKeys = [
  'redaction.redacted.keys',
  'redaction.redacted.count',
  'redaction.masked.keys',
  'redaction.masked.count',
  'redaction.ignored.count',
] as const;

const kinds = ['redacted', 'masked', 'allowed', 'ignored'] as const;

/** Adds to what an earlier redaction wrote. `where` is in front of the kind: `redaction.body.masked.keys`. */
export function writeSummary(
  actions: Actions,
  summary: Summary,
  attributes: Attributes,
  where: 'redaction' | 'redaction.body' = 'redaction',
): void {
  if (summary === 'silent') return;
  for (const kind of kinds) {
    const keys = actions[kind];
    if (keys.length === 0) continue;
    const keysAt = `${where}.${kind}.keys`;
    if (summary === 'debug' && kind !== 'ignored')
      attributes.setExact(keysAt, joined(keys, attributes, keysAt));
    const countAt = `${where}.${kind}.count`;
    const before = attributes.getExact(countAt);
    attributes.setExact(countAt, BigInt(keys.length) + (typeof before === 'bigint' ? before : 0n));
  }
}

function joined(keys: readonly string[], attributes: Attributes, at: string): string {
  const before = attributes.getExact(at);
  const all = typeof before === 'string' && before !== '' ? [...keys, ...before.split(',')] : keys;
  return all.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).join(',');
}
