import { OttlFailure } from '../errors.ts';
import { OttlTime } from '../values.ts';
import { daysIn, secondsOf } from './calendar.ts';
import type { Element, Piece } from './layout.ts';
import { english } from './names.ts';
import type { Names } from './names.ts';
import { secondsInZone, timeIn, utc, zoneNamed } from './zones.ts';
import type { Zone } from './zones.ts';

/** What a text says about a time. */
interface Found {
  year?: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  half?: 'am' | 'pm';
  offset?: number;
  zoneName?: string;
}

export interface ParseOptions {
  /** Where the time is taken to be if the text does not say it. */
  readonly zone: Zone;
  readonly names?: Names;
  /** Nanoseconds since 1970, for a text without a year. */
  readonly now: () => bigint;
}

const nanosPerSecond = 1_000_000_000n;
const week = 7n * 86_400n * nanosPerSecond;

/**
 * A time by the first of some Go layouts that fits, as Go's `time.ParseInLocation` reads it; and white space before a number
 * does not matter. Throws `OttlFailure`, with what the first layout misses.
 */
export function parseTime(
  text: string,
  layouts: readonly (readonly Piece[])[],
  options: ParseOptions,
): OttlTime {
  let failure: OttlFailure | undefined;
  for (const layout of layouts) {
    try {
      return parsed(text, layout, options);
    } catch (error) {
      if (!(error instanceof OttlFailure)) throw error;
      failure ??= error;
    }
  }
  throw failure ?? new OttlFailure('there is no layout');
}

function parsed(text: string, layout: readonly Piece[], options: ParseOptions): OttlTime {
  const reader = new TimeReader(text, options.names ?? english);
  for (const [index, piece] of layout.entries()) {
    if ('text' in piece) reader.literal(piece.text);
    else reader.element(piece.element, layout[index + 1]);
  }
  const found = reader.finish();
  if (found.year !== undefined) return located(found, found.year, options.zone);
  return inThisYear(found, options);
}

/** A text without a year is of this year, or of the last if that would be more than a week ahead. */
function inThisYear(found: Found, { zone, now }: ParseOptions): OttlTime {
  const instant = now();
  const year = new Date(Number(instant / 1_000_000n)).getUTCFullYear();
  const time = located(found, year, zone);
  return time.nanos > instant + week ? located(found, year - 1, zone) : time;
}

function located(found: Found, year: number, zone: Zone): OttlTime {
  const wall = secondsOf({ ...found, year });
  const nanos = (seconds: number): bigint => BigInt(seconds) * nanosPerSecond + BigInt(found.nanosecond);
  if (found.offset !== undefined) {
    const at = wall - found.offset;
    const isLocal = zone.offsetAt(at) === found.offset;
    return isLocal ? timeIn(nanos(at), zone) : new OttlTime(nanos(at), found.offset, '');
  }
  if (found.zoneName === undefined) return timeIn(nanos(secondsInZone(wall, zone)), zone);
  const named = zoneOf(found.zoneName, wall, zone);
  return timeIn(nanos(secondsInZone(wall, named)), named);
}

/** An abbreviation means the zone around if that uses it then; otherwise it must be the name of a zone. */
function zoneOf(name: string, wall: number, zone: Zone): Zone {
  if (name === 'UTC') return utc;
  if (name !== 'GMT' && zone.abbreviationAt(secondsInZone(wall, zone)) === name) return zone;
  const hours = /^GMT([+-][0-9]{1,2})$/.exec(name)?.[1];
  if (hours !== undefined && Number(hours) !== 0) return fixedZone(name, Number(hours) * 3600);
  const found = zoneNamed(name);
  if (found === undefined) throw new OttlFailure(`${name} is no time zone`, [name]);
  return found;
}

function fixedZone(name: string, offset: number): Zone {
  return { name, offsetAt: () => offset, abbreviationAt: () => name };
}

class TimeReader {
  readonly #text: string;
  readonly #names: Names;
  readonly #found: Found = { month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0 };
  #rest: string;

  constructor(text: string, names: Names) {
    this.#text = text;
    this.#names = names;
    this.#rest = text.replace(/^ +/, '');
  }

  finish(): Found {
    if (this.#rest !== '') throw this.#wrong(`has ${JSON.stringify(this.#rest)} too much`);
    const found = this.#found;
    // Without a year, 29 February is fine.
    if (found.day < 1 || found.day > daysIn(found.year ?? 0, found.month))
      throw this.#wrong('has no such day');
    if (found.half === 'pm' && found.hour < 12) found.hour += 12;
    else if (found.half === 'am' && found.hour === 12) found.hour = 0;
    return found;
  }

  /** Runs of spaces are alike. */
  literal(text: string): void {
    for (const part of text.split(/( +)/)) {
      if (part.startsWith(' ')) {
        if (this.#rest !== '' && !this.#rest.startsWith(' ')) throw this.#wrong('lacks a space');
        this.#rest = this.#rest.replace(/^ +/, '');
      } else if (this.#rest.startsWith(part)) this.#rest = this.#rest.slice(part.length);
      else throw this.#wrong(`lacks ${JSON.stringify(part)}`);
    }
  }

  element(element: Element, next: Piece | undefined): void {
    if (/^[0-9Z]/.test(element.text)) this.#rest = this.#rest.replace(/^[ \t\n\f\r]+/, '');
    switch (element.kind) {
      case 'zone-name':
        this.#zoneName();
        break;
      case 'offset':
      case 'offset-or-Z':
        this.#offset(element);
        break;
      case 'fraction-0':
        this.#fraction(this.#take(new RegExp(`^[.,][0-9]{${element.text.length - 1}}`), 'a fraction'));
        break;
      case 'fraction-9':
        this.#fraction(this.#taken(/^[.,][0-9]+/));
        break;
      case 'PM':
      case 'pm':
        this.#half(element.kind);
        break;
      default:
        this.#field(element, next);
    }
  }

  #field({ kind }: Element, next: Piece | undefined): void {
    const names = this.#names;
    switch (kind) {
      case 'month-name':
        this.#found.month = 1 + this.#named(names.months);
        break;
      case 'month-short':
        this.#found.month = 1 + this.#named(names.shortMonths);
        break;
      case 'weekday-name':
        this.#named(names.weekdays);
        break;
      case 'weekday-short':
        this.#named(names.shortWeekdays);
        break;
      default:
        this.#date(kind, next);
    }
  }

  #date(kind: Element['kind'], next: Piece | undefined): void {
    const found = this.#found;
    switch (kind) {
      case 'year':
        found.year = Number(this.#take(/^[0-9]{4}/, 'a year'));
        break;
      case 'year-2': {
        const year = Number(this.#take(/^[0-9]{2}/, 'a year of two digits'));
        found.year = year + (year >= 69 ? 1900 : 2000);
        break;
      }
      case 'month':
      case 'month-2':
        found.month = this.#number(kind === 'month-2', 'month', 1, 12);
        break;
      case 'day-space':
        this.#rest = this.#rest.replace(/^ /, '');
        found.day = this.#number(false, 'day', 0, 99);
        break;
      case 'day':
      case 'day-2':
        found.day = this.#number(kind === 'day-2', 'day', 0, 99);
        break;
      default:
        this.#clock(kind, next);
    }
  }

  #clock(kind: Element['kind'], next: Piece | undefined): void {
    const found = this.#found;
    switch (kind) {
      case 'hour-24':
        found.hour = this.#number(false, 'hour', 0, 23);
        break;
      case 'hour-12':
      case 'hour-12-2':
        found.hour = this.#number(kind === 'hour-12-2', 'hour', 0, 12);
        break;
      case 'minute':
      case 'minute-2':
        found.minute = this.#number(kind === 'minute-2', 'minute', 0, 59);
        break;
      case 'second':
      case 'second-2':
        found.second = this.#number(kind === 'second-2', 'second', 0, 59);
        if (!isFraction(next)) this.#fraction(this.#taken(/^[.,][0-9]+/));
        break;
      default:
        throw this.#wrong('cannot be read by its day of the year');
    }
  }

  #half(kind: 'PM' | 'pm'): void {
    const { dayPeriods } = this.#names;
    if (dayPeriods !== undefined) {
      this.#found.half = this.#named(dayPeriods) === 1 ? 'pm' : 'am';
      return;
    }
    const half = this.#take(kind === 'PM' ? /^[AP]M/ : /^[ap]m/, kind === 'PM' ? 'AM or PM' : 'am or pm');
    this.#found.half = half.toLowerCase() === 'pm' ? 'pm' : 'am';
  }

  /** The longest name with which the rest begins, in any case. */
  #named(names: ReadonlyMap<string, number>): number {
    const rest = this.#rest.toLowerCase();
    let best = '';
    for (const name of names.keys()) if (name.length > best.length && rest.startsWith(name)) best = name;
    const index = names.get(best);
    if (index === undefined) throw this.#wrong('has no name that is known there');
    this.#rest = this.#rest.slice(best.length);
    return index;
  }

  #number(isFixed: boolean, what: string, least: number, most: number): number {
    const value = Number(this.#take(isFixed ? /^[0-9]{2}/ : /^[0-9]{1,2}/, `the ${what}`));
    if (value < least || value > most) throw this.#wrong(`has no such ${what}`);
    return value;
  }

  #zoneName(): void {
    if (this.#rest.startsWith('UTC')) {
      this.#rest = this.#rest.slice(3);
      this.#found.zoneName = 'UTC';
      return;
    }
    this.#found.zoneName = this.#take(
      /^(?:GMT[+-][0-9]{1,2}|ChST|MeST|WITA|[A-Z]{4}T|[A-Z]{3}T|[A-Z]{3}(?![A-Z])|[+-][0-9]{2})/,
      'a time zone',
    );
  }

  #offset({ kind, text }: Element): void {
    if (kind === 'offset-or-Z' && this.#rest.startsWith('Z')) {
      this.#rest = this.#rest.slice(1);
      this.#found.zoneName = 'UTC';
      return;
    }
    const separator = text.includes(':') ? ':' : '';
    const fields = text.replaceAll(/[^0-9]/g, '').length / 2;
    const shape = Array.from({ length: fields }, () => '([0-9]{2})').join(separator);
    const matched = new RegExp(`^([+-])${shape}`).exec(this.#rest);
    if (matched === null) throw this.#wrong('lacks the distance from UTC');
    this.#rest = this.#rest.slice(matched[0].length);
    const [, sign, hour = '0', minute = '0', second = '0'] = matched;
    if (Number(hour) > 24 || Number(minute) > 60 || Number(second) > 60)
      throw this.#wrong('is too far from UTC');
    const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
    this.#found.offset = sign === '-' ? -seconds : seconds;
  }

  #fraction(text: string | undefined): void {
    if (text !== undefined) this.#found.nanosecond = Number(text.slice(1, 10).padEnd(9, '0'));
  }

  #taken(shape: RegExp): string | undefined {
    const found = shape.exec(this.#rest)?.[0];
    this.#rest = this.#rest.slice(found?.length ?? 0);
    return found;
  }

  #take(shape: RegExp, what: string): string {
    const found = this.#taken(shape);
    if (found === undefined) throw this.#wrong(`lacks ${what}`);
    return found;
  }

  #wrong(reason: string): OttlFailure {
    return new OttlFailure(`the time ${JSON.stringify(this.#text.slice(0, 100))} ${reason}`, [this.#text]);
  }
}

function isFraction(piece: Piece | undefined): boolean {
  return piece !== undefined && 'element' in piece && piece.element.kind.startsWith('fraction');
}
