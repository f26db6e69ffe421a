import { OttlTime } from '../values.ts';

/** A time zone of the IANA database, by way of `Intl`. */
export interface Zone {
  readonly name: string;
  /** Seconds ahead of UTC at an instant, given in seconds since 1970. */
  offsetAt(seconds: number): number;
  /** The abbreviation in use then: `CEST`, or `+0530` where there is none. */
  abbreviationAt(seconds: number): string;
}

export const utc: Zone = { name: 'UTC', offsetAt: () => 0, abbreviationAt: () => 'UTC' };

const known = new Map<string, Zone | undefined>([
  ['UTC', utc],
  ['', utc],
]);

/** Undefined for a name that is no zone. `Local` is the zone of the process. */
export function zoneNamed(name: string): Zone | undefined {
  if (!known.has(name)) {
    if (known.size > 1000) known.clear();
    known.set(name, name === 'Local' ? localZone() : newZone(name));
  }
  return known.get(name);
}

/** The zone that the process runs in. */
export function localZone(): Zone {
  const { timeZone } = new Intl.DateTimeFormat('en-US').resolvedOptions();
  return zoneNamed(timeZone) ?? utc;
}

/** Abbreviations of Java that are names of zones for `Intl`, but not in the database. */
const onlyIntl = new Set(
  'ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT PST SST VST'.split(
    ' ',
  ),
);

/** Offsets too are names of zones for `Intl`, but not in the database. */
function newZone(name: string): Zone | undefined {
  if (!/^[A-Z]/.test(name) || /\/[a-z]/.test(name) || onlyIntl.has(name)) return undefined;
  try {
    const zone = new IntlZone(name);
    return isOtherwiseWritten(name, zone.canonicalName) ? undefined : zone;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** `Intl` takes names in any case, the database does not. */
function isOtherwiseWritten(name: string, canonical: string): boolean {
  return name !== canonical && name.toLowerCase() === canonical.toLowerCase();
}

/** In each of these English-speaking places other zones have abbreviations of their own. */
const locales = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-NZ', 'en-ZA', 'en-CA'];

/** A quarter of an hour is the shortest time between two changes that a zone ever had. */
const cachedSpan = 900;

class IntlZone implements Zone {
  readonly name: string;
  readonly #wall: Intl.DateTimeFormat;
  #cachedAt = Number.NaN;
  #cachedOffset = 0;

  constructor(name: string) {
    this.name = name;
    this.#wall = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  get canonicalName(): string {
    return this.#wall.resolvedOptions().timeZone;
  }

  offsetAt(seconds: number): number {
    const at = Math.floor(seconds / cachedSpan) * cachedSpan;
    if (this.#cachedAt !== at) {
      this.#cachedOffset = this.#offset(at);
      this.#cachedAt = at;
    }
    return this.#cachedOffset;
  }

  abbreviationAt(seconds: number): string {
    for (const locale of locales) {
      const format = new Intl.DateTimeFormat(locale, { timeZone: this.name, timeZoneName: 'short' });
      const part = format.formatToParts(seconds * 1000).find(({ type }) => type === 'timeZoneName');
      if (part !== undefined && /^[A-Z]{2,5}$/.test(part.value)) return part.value;
    }
    return offsetText(this.offsetAt(seconds));
  }

  #offset(seconds: number): number {
    const fields = new Map(this.#wall.formatToParts(seconds * 1000).map(({ type, value }) => [type, value]));
    const part = (name: Intl.DateTimeFormatPartTypes): number => Number(fields.get(name) ?? 0);
    const year = fields.get('era') === 'BC' ? 1 - part('year') : part('year');
    const wall = new Date(0);
    wall.setUTCFullYear(year, part('month') - 1, part('day'));
    wall.setUTCHours(part('hour'), part('minute'), part('second'));
    return Math.round(wall.getTime() / 1000 - seconds);
  }
}

/** `+05`, `+0530`. */
function offsetText(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  const two = (value: number): string => String(value).padStart(2, '0');
  const rest = minutes % 60 === 0 ? '' : two(minutes % 60);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${rest}`;
}

const nanosPerSecond = 1_000_000_000n;

/** An instant as it shows in a zone. */
export function timeIn(nanos: bigint, zone: Zone): OttlTime {
  if (zone === utc) return new OttlTime(nanos);
  const seconds = Number(nanos / nanosPerSecond);
  return new OttlTime(nanos, zone.offsetAt(seconds), zone.abbreviationAt(seconds));
}

/**
 * The instant at which clocks of the zone show a time, given as the seconds since 1970 that it would be in UTC. As
 * Go has it: of a time that comes twice the second counts, and one that is left out moves on by the gap.
 */
export function secondsInZone(wall: number, zone: Zone): number {
  const first = zone.offsetAt(wall);
  return first === 0 ? wall : wall - zone.offsetAt(wall - first);
}
