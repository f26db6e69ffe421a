import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import type { FunctionSpec } from '../function.ts';
import {
  RefusedArgument,
  duration as durationArgument,
  literalString,
  optional,
  string,
  time as timeArgument,
} from '../parameters.ts';
import type { Target } from '../target.ts';
import { partsOf, secondsOf, weekdayOf } from '../time/calendar.ts';
import type { Parts } from '../time/calendar.ts';
import { formatLayout, parseLayout } from '../time/layout.ts';
import { namesOf } from '../time/names.ts';
import { parseTime } from '../time/parse.ts';
import { goLayout, readingLayouts } from '../time/strptime.ts';
import { localZone, timeIn, zoneNamed } from '../time/zones.ts';
import type { Zone } from '../time/zones.ts';
import { OttlTime } from '../values.ts';

/** The time at which it is asked, in the zone of the process. */
export const now = converter('Now', {}, () => (record) => timeIn(nowOf(record), localZone()));

function nowOf({ clock }: Target): bigint {
  if (clock === undefined) throw new OttlFailure('there is no clock here');
  return clock.nowUnixNano();
}

const parsing = {
  time: string(),
  format: literalString(),
  location: optional(literalString()),
  locale: optional(literalString()),
};

/**
 * A time from text, by strptime directives. What the text does not say about the zone is `location`, or else the
 * zone of the process (UTC if the format ends with Z). `locale` names the language of months and days.
 */
export const time = converter('Time', parsing, ({ time: text, format, location, locale }) => {
  const layouts = checked(format, () => readingLayouts(format).map(parseLayout));
  const zone = zoneFor(format, location);
  const names = locale === undefined ? undefined : namesOf(locale);
  if (locale !== undefined && names === undefined)
    throw new RefusedArgument(`${JSON.stringify(locale)} is no locale that is known`, 'locale');
  const shared = names === undefined ? { zone } : { zone, names };
  const isAscii = /^[\u0000-\u007f]*$/.test(format);
  return (record) => {
    const found = text.read(record);
    if (found === '') throw new OttlFailure('there is no time in an empty text');
    // The reference gets lost in such formats; where it fails, so do we.
    if (names !== undefined && !isAscii)
      throw new OttlFailure('with a locale the format must be ASCII but for its directives');
    return parseTime(found, layouts, { ...shared, now: () => nowOf(record) });
  };
});

/** The layout, or layouts, of a format that is fine. */
function checked<T>(format: string, layoutsOf: () => T): T {
  if (/[^.,]%[Lfs]/u.test(format))
    throw new RefusedArgument('fractions of seconds follow a point or a comma: .%L', 'format');
  try {
    return layoutsOf();
  } catch (error) {
    if (error instanceof OttlFailure) throw new RefusedArgument(error.message, 'format');
    throw error;
  }
}

function zoneFor(format: string, location: string | undefined): Zone {
  const name = location ?? (format.endsWith('Z') ? 'UTC' : 'Local');
  const zone = zoneNamed(name);
  if (zone === undefined) throw new RefusedArgument(`${JSON.stringify(name)} is no time zone`, 'location');
  return zone;
}

/** Text from a time, by strptime directives, in the zone of the time. */
export const formatTime = converter(
  'FormatTime',
  { time: timeArgument(), format: literalString() },
  ({ time: instant, format }) => {
    const layout = checked(format, () => parseLayout(goLayout(format)));
    return (record) => formatLayout(instant.read(record), layout);
  },
);

export const year = partOf('Year', (parts) => parts.year);
export const month = partOf('Month', (parts) => parts.month);
export const day = partOf('Day', (parts) => parts.day);
export const hour = partOf('Hour', (parts) => parts.hour);
export const minute = partOf('Minute', (parts) => parts.minute);
export const second = partOf('Second', (parts) => parts.second);
export const nanosecond = partOf('Nanosecond', (parts) => parts.nanosecond);
/** 0 for Sunday. */
export const weekday = partOf('Weekday', weekdayOf);

/** In the zone of the time. */
function partOf(name: string, part: (parts: Parts) => number): FunctionSpec {
  return converter(name, { time: timeArgument() }, ({ time: instant }) => (record) => {
    const { nanos, offsetSeconds } = instant.read(record);
    return BigInt(part(partsOf(nanos, offsetSeconds)));
  });
}

const yearOne =
  BigInt(secondsOf({ year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0 })) * 1_000_000_000n;

/** The last multiple of a duration, counted from 1 January of year 1 (UTC). Zero and less change nothing. */
export const truncateTime = converter(
  'TruncateTime',
  { time: timeArgument(), duration: durationArgument() },
  ({ time: instant, duration }) => {
    return (record) => {
      const value = instant.read(record);
      const { nanos } = duration.read(record);
      if (nanos <= 0n) return value;
      const past = (((value.nanos - yearOne) % nanos) + nanos) % nanos;
      return new OttlTime(value.nanos - past, value.offsetSeconds, value.zoneName);
    };
  },
);
