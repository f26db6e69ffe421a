/** How far a recording moves, in nanoseconds. */
import type { ProcessorContext } from '../../pipeline/component.ts';

const unitNanos: Record<string, bigint> = {
  d: 86_400_000_000_000n,
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1_000n,
  µs: 1_000n,
  ns: 1n,
};
const part = /([0-9]+)(?:\.([0-9]+))?(ms|us|µs|ns|[dhms])/gy;

/** `3d`, `-1h30m`, `1.5s` as nanoseconds: Go's durations, and days of 24 hours. Undefined for anything else. */
export function parseOffset(text: string): bigint | undefined {
  const sign = /^[+-]?/.exec(text)?.[0] ?? '';
  const unsigned = text.slice(sign.length);
  let nanos = 0n;
  let end = 0;
  for (const [found, whole = '', fraction = '', unit = ''] of unsigned.matchAll(part)) {
    end += found.length;
    const scale = 10n ** BigInt(fraction.length);
    nanos += (BigInt(whole + fraction) * (unitNanos[unit] ?? 0n)) / scale;
  }
  if (end === 0 || end < unsigned.length) return undefined;
  return sign === '-' ? -nanos : nanos;
}

type TimeRange = NonNullable<ProcessorContext['timeRange']>;

export type Align = 'end_to_now' | 'start_to_now' | { readonly start_to: bigint };

/** What brings the recording where it should be. */
export function offsetFor(align: Align, range: TimeRange, nowUnixNano: bigint): bigint {
  if (align === 'end_to_now') return nowUnixNano - range.endUnixNano;
  if (align === 'start_to_now') return nowUnixNano - range.startUnixNano;
  return align.start_to - range.startUnixNano;
}
