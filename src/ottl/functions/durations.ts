import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import type { FunctionSpec } from '../function.ts';
import { duration as durationArgument, int, optional, string, time } from '../parameters.ts';
import { localZone, timeIn } from '../time/zones.ts';
import { OttlDuration } from '../values.ts';

/** A duration from Go's text: `1h30m`, `1.5s`, `-3us`. Bad text fails when it is used, also a literal. */
export const duration = converter('Duration', { duration: string() }, ({ duration: text }) => {
  let last: { text: string; value: OttlDuration } | undefined;
  return (record) => {
    const found = text.read(record);
    if (last?.text !== found) last = { text: found, value: new OttlDuration(parseDuration(found)) };
    return last.value;
  };
});

const nanosPer: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  '\u00b5s': 1000n,
  '\u03bcs': 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const piece = /([0-9]*)(?:\.([0-9]*))?([^0-9.]*)/y;
const limit = 2n ** 63n;

/** Nanoseconds of a duration in Go's syntax. Throws `OttlFailure`. */
function parseDuration(text: string): bigint {
  const negative = text.startsWith('-');
  const body = /^[+-]/.test(text) ? text.slice(1) : text;
  if (body === '0') return 0n;
  let nanos = 0n;
  piece.lastIndex = 0;
  do {
    nanos += nextPiece(body, text);
  } while (piece.lastIndex < body.length);
  if (nanos > (negative ? limit : limit - 1n)) throw bad(text);
  return negative ? -nanos : nanos;
}

function nextPiece(body: string, text: string): bigint {
  const [, whole = '', fraction = '', unit = ''] = piece.exec(body) ?? [];
  if (whole === '' && fraction === '') throw bad(text);
  if (unit === '')
    throw new OttlFailure(`the duration ${JSON.stringify(text)} lacks a unit (ns, us, ms, s, m, h)`, [text]);
  const per = nanosPer[unit];
  if (per === undefined)
    throw new OttlFailure(`${JSON.stringify(unit)} is no unit of a duration (ns, us, ms, s, m, h)`, [text]);
  if (whole.length > 20) throw bad(text);
  // Beyond 18 digits a fraction of an hour is far below a nanosecond.
  const digits = fraction.slice(0, 18);
  return BigInt(whole || '0') * per + (BigInt(digits || '0') * per) / 10n ** BigInt(digits.length);
}

function bad(text: string): OttlFailure {
  return new OttlFailure(`${JSON.stringify(text)} is no duration`, [text]);
}

export const hours = inUnits('Hours', 3_600_000_000_000n);
export const minutes = inUnits('Minutes', 60_000_000_000n);
export const seconds = inUnits('Seconds', 1_000_000_000n);
export const milliseconds = wholeUnits('Milliseconds', 1_000_000n);
export const microseconds = wholeUnits('Microseconds', 1000n);
export const nanoseconds = wholeUnits('Nanoseconds', 1n);

/** As a float, whole units and the rest apart, as Go computes it. */
function inUnits(name: string, unit: bigint): FunctionSpec {
  return converter(name, { duration: durationArgument() }, ({ duration: length }) => (record) => {
    const { nanos } = length.read(record);
    return Number(nanos / unit) + Number(nanos % unit) / Number(unit);
  });
}

/** As an int, cut toward zero. */
function wholeUnits(name: string, unit: bigint): FunctionSpec {
  return converter(name, { duration: durationArgument() }, ({ duration: length }) => {
    return (record) => length.read(record).nanos / unit;
  });
}

/** The instant so many seconds and nanoseconds after 1970. */
export const unix = converter(
  'Unix',
  { seconds: int(), nanoseconds: optional(int()) },
  ({ seconds, nanoseconds }) => {
    return (record) => {
      const nanos = seconds.read(record) * 1_000_000_000n + (nanoseconds?.read(record) ?? 0n);
      return timeIn(inReach(nanos), localZone());
    };
  },
);

/** Seconds from year 1 to 1970. */
const yearOne = 62_135_596_800n;

/** As in Go, whose times count seconds from year 1 in 64 bits, too many of them go round. */
function inReach(nanos: bigint): bigint {
  const rest = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = (nanos - rest) / 1_000_000_000n;
  return (BigInt.asIntN(64, seconds + yearOne) - yearOne) * 1_000_000_000n + rest;
}

export const unixNano = sinceEpoch('UnixNano', 1n);
export const unixMicro = sinceEpoch('UnixMicro', 1000n);
export const unixMilli = sinceEpoch('UnixMilli', 1_000_000n);
export const unixSeconds = sinceEpoch('UnixSeconds', 1_000_000_000n);

/** Units since 1970, rounded down. */
function sinceEpoch(name: string, unit: bigint): FunctionSpec {
  return converter(name, { time: time() }, ({ time: instant }) => (record) => {
    const { nanos } = instant.read(record);
    const rest = ((nanos % unit) + unit) % unit;
    return BigInt.asIntN(64, (nanos - rest) / unit);
  });
}
