/** Times as lines of text spell them: often without a zone, sometimes without a year, or without a date. */

/** What a text says about a time. Months are 1 to 12; what is missing is not there. */
export interface Moment {
  readonly year?: number | undefined;
  readonly month?: number | undefined;
  readonly day?: number | undefined;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** Seconds ahead of UTC. */
  readonly offset?: number | undefined;
}

/** Seconds ahead of UTC of a zone, at an instant in seconds since 1970. */
export type Zone = (seconds: number) => number;

export const utc: Zone = () => 0;

const day = 86_400n * 1_000_000_000n;
/** Lines of a log may be a little out of order; what seems to be earlier by more is of the next day. */
const hour = day / 24n;

/** Makes instants of moments: with a zone for those that say none, and a base for those without year or date. */
export class Calendar {
  private readonly zone: Zone;
  private readonly base: bigint | undefined;
  /** The latest instant that was made of a time without a date: the next one is within a day of it. */
  latest: bigint | undefined;

  constructor(zone: Zone, base: bigint | undefined, latest = base) {
    this.zone = zone;
    this.base = base;
    this.latest = latest;
  }

  /** Nanoseconds since 1970; undefined for days that do not exist, and for what needs a base when there is none. */
  nanosOf(moment: Moment): bigint | undefined {
    const { year, month, day: dayOfMonth } = moment;
    if (month === undefined || dayOfMonth === undefined) return this.ofDay(moment);
    if (year !== undefined) return this.instant(moment, year, month, dayOfMonth);
    return this.ofYear(moment, month, dayOfMonth);
  }

  /** In the year that brings it nearest to the base. */
  private ofYear(moment: Moment, month: number, dayOfMonth: number): bigint | undefined {
    const { base } = this;
    if (base === undefined) return undefined;
    const year = dateOf(base).getUTCFullYear();
    let nearest: bigint | undefined;
    for (const candidate of [year - 1, year, year + 1]) {
      const nanos = this.instant(moment, candidate, month, dayOfMonth);
      if (nanos === undefined) continue;
      if (nearest === undefined || distance(nanos, base) < distance(nearest, base)) nearest = nanos;
    }
    return nearest;
  }

  /** Within the day that begins shortly before the time before. */
  private ofDay(moment: Moment): bigint | undefined {
    const { latest } = this;
    if (latest === undefined) return undefined;
    const date = dateOf(latest);
    const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    const nanos = this.instant(moment, year, month, dayOfMonth);
    if (nanos === undefined) return undefined;
    const near = nanos < latest - hour ? nanos + day : nanos >= latest - hour + day ? nanos - day : nanos;
    this.latest = near;
    return near;
  }

  private instant(moment: Moment, year: number, month: number, dayOfMonth: number): bigint | undefined {
    const { hour, minute, second, nanosecond } = moment;
    if (hour > 23 || minute > 59 || second > 60) return undefined;
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, dayOfMonth);
    if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== dayOfMonth) return undefined;
    const wall = date.getTime() / 1000 + hour * 3600 + minute * 60 + second;
    const seconds = wall - (moment.offset ?? offsetIn(this.zone, wall));
    if (seconds < 0) return undefined;
    return BigInt(seconds) * 1_000_000_000n + BigInt(nanosecond);
  }
}

function distance(one: bigint, other: bigint): bigint {
  return one < other ? other - one : one - other;
}

function dateOf(nanos: bigint): Date {
  return new Date(Number(nanos / 1_000_000n));
}

/** The offset at a time of the clock on the wall; of two the one before the change. */
function offsetIn(zone: Zone, wall: number): number {
  const offset = zone(wall - zone(wall));
  return zone(wall - offset) === offset ? offset : zone(wall);
}

/** A zone of the IANA database; undefined when there is none of that name. */
export function zoneNamed(name: string): Zone | undefined {
  if (name === 'UTC') return utc;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch {
    return undefined;
  }
  // Asking takes long, and no zone changes but at quarters of an hour.
  let asked = Number.NaN;
  let answer = 0;
  return (seconds) => {
    const quarter = Math.floor(seconds / 900);
    if (quarter !== asked) {
      asked = quarter;
      answer = offsetOf(format.formatToParts(quarter * 900_000));
    }
    return answer;
  };
}

function offsetOf(parts: readonly Intl.DateTimeFormatPart[]): number {
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return offsetFromText(name.replace('GMT', ''));
}

/** Seconds of `+01:00`, `-0530`, `+01`, `Z` and the like; 0 for what names UTC. */
export function offsetFromText(text: string): number {
  const match = /^([+-])(\d\d):?(\d\d)?(?::?(\d\d))?$/.exec(text);
  if (match === null) return 0;
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return match[1] === '-' ? -seconds : seconds;
}

/** Nanoseconds of the digits behind a decimal point; what is below is cut off. */
export function fractionNanos(digits: string | undefined): number {
  return digits === undefined || digits === '' ? 0 : Number(digits.slice(0, 9).padEnd(9, '0'));
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** 1 to 12 of an English name, short or long; 0 for none. */
export function monthNumber(name: string): number {
  return months.indexOf(name.slice(0, 3).toLowerCase()) + 1;
}
