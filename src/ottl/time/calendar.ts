/** A time as a calendar shows it. */
export interface Parts {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
}

const nanosPerSecond = 1_000_000_000n;
const secondsPerDay = 86_400n;
/** Seconds from the first of March of the year -292277022400, where Go's calendar begins, to 1970. */
const calendarBegin = 62_135_596_800n + ((292_277_022_400n * 3_652_425n) / 10_000n + 306n) * secondsPerDay;

/** Seconds since 1970 of a time in UTC; months and days beyond their range run on. Good for all years. */
export function secondsOf({ year, month, day, hour, minute, second }: Omit<Parts, 'nanosecond'>): number {
  return (daysSince1970(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
}

/** By the civil calendar, extended to all years: a year that begins in March ends with the leap day. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

/** The parts of an instant in a zone that is so many seconds ahead of UTC. */
export function partsOf(nanos: bigint, offsetSeconds: number): Parts {
  const nanosecond = ((nanos % nanosPerSecond) + nanosPerSecond) % nanosPerSecond;
  const seconds = inReach((nanos - nanosecond) / nanosPerSecond + BigInt(offsetSeconds));
  const ofDay = Number(((seconds % secondsPerDay) + secondsPerDay) % secondsPerDay);
  const days = Number((seconds - BigInt(ofDay)) / secondsPerDay);
  return {
    ...dateOf(days),
    hour: Math.floor(ofDay / 3600),
    minute: Math.floor((ofDay % 3600) / 60),
    second: ofDay % 60,
    nanosecond: Number(nanosecond),
  };
}

/** Go counts in 64 bits from where its calendar begins, so later seconds begin there again. */
function inReach(seconds: bigint): bigint {
  return BigInt.asUintN(64, seconds + calendarBegin) - calendarBegin;
}

function dateOf(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * ofYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: ofYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** 0 for Sunday. */
export function weekdayOf({ year, month, day }: Pick<Parts, 'year' | 'month' | 'day'>): number {
  return (((daysSince1970(year, month, day) + 4) % 7) + 7) % 7;
}

export function daysIn(year: number, month: number): number {
  return daysSince1970(month === 12 ? year + 1 : year, (month % 12) + 1, 1) - daysSince1970(year, month, 1);
}
