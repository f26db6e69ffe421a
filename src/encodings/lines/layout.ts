/** Times by a layout of the user's: strptime's directives or Go's reference time, as in the Collector's `time_parser`. */
import { nanosFromText } from '../../model/time.ts';
import { fractionNanos, monthNumber, offsetFromText, type Moment } from './moment.ts';

export type LayoutType = 'strptime' | 'gotime' | 'epoch';

/** A layout that cannot be. The message is for the user. */
export class LayoutError extends Error {
  override readonly name = 'LayoutError';
}

/** Reads a text by the layout; undefined when it does not fit. */
export interface TimeReader {
  whole(text: string): Moment | bigint | undefined;
  /** Of a text that goes on behind the time. */
  atStart(text: string): Moment | bigint | undefined;
}

/** Throws a LayoutError. */
export function timeReader(layout: string, type: LayoutType): TimeReader {
  if (type === 'epoch') return epochReader(layout);
  return piecesReader(type === 'strptime' ? strptimePieces(layout) : goPieces(layout));
}

const epochs: Readonly<Record<string, 's' | 'ms' | 'us' | 'ns'>> = {
  s: 's',
  ms: 'ms',
  us: 'us',
  ns: 'ns',
  's.ms': 's',
  's.us': 's',
  's.ns': 's',
};

function epochReader(layout: string): TimeReader {
  const unit = Object.hasOwn(epochs, layout) ? epochs[layout] : undefined;
  if (unit === undefined) {
    throw new LayoutError(
      `must be one of ${Object.keys(epochs).join(', ')} for layout_type epoch, found ${layout}`,
    );
  }
  const whole = (text: string): bigint | undefined => {
    const nanos = nanosFromText(text.trim(), unit);
    return nanos !== undefined && nanos >= 0n ? nanos : undefined;
  };
  return { whole, atStart: (text) => whole(/^\s*[\d.]{1,40}/.exec(text)?.[0] ?? '') };
}

/** Text that stands for itself, or a part of a time. */
type Piece = { readonly text: string } | { readonly part: Part };

type Part =
  | 'year'
  | 'year-2'
  | 'month'
  | 'month-name'
  | 'day'
  | 'weekday'
  | 'hour'
  | 'hour-12'
  | 'half'
  | 'minute'
  | 'second'
  | 'fraction'
  | 'point-fraction'
  | 'offset'
  | 'zone'
  | 'blank';

const sources: Readonly<Record<Part, string>> = {
  year: String.raw`(\d{4})`,
  'year-2': String.raw`(\d\d)`,
  month: String.raw`( ?\d{1,2})`,
  'month-name': String.raw`([A-Za-z]{3,9})\.?`,
  day: String.raw`( ?\d{1,2})`,
  weekday: '([A-Za-z]{3,9})',
  hour: String.raw`( ?\d{1,2})`,
  'hour-12': String.raw`( ?\d{1,2})`,
  half: '([AaPp][Mm])',
  minute: String.raw`(\d{1,2})`,
  second: String.raw`(\d{1,2})`,
  fraction: String.raw`(\d{1,9})\d{0,20}`,
  'point-fraction': String.raw`(?:[.,](\d{1,9})\d{0,20})?`,
  offset: String.raw`(Z|[+-]\d\d(?::?\d\d){0,2})`,
  zone: '([A-Z]{1,5})',
  blank: String.raw`\s+`,
};

const directives: Readonly<Record<string, readonly string[]>> = {
  Y: ['year'],
  y: ['year-2'],
  m: ['month'],
  o: ['month'],
  q: ['month'],
  b: ['month-name'],
  h: ['month-name'],
  B: ['month-name'],
  d: ['day'],
  e: ['day'],
  g: ['day'],
  a: ['weekday'],
  A: ['weekday'],
  H: ['hour'],
  I: ['hour-12'],
  l: ['hour-12'],
  p: ['half'],
  P: ['half'],
  M: ['minute'],
  S: ['second'],
  L: ['fraction'],
  f: ['fraction'],
  s: ['fraction'],
  N: ['fraction'],
  z: ['offset'],
  w: ['offset'],
  i: ['offset'],
  j: ['offset'],
  k: ['offset'],
  Z: ['zone'],
  n: ['blank'],
  t: ['blank'],
  D: ['month', '/', 'day', '/', 'year'],
  x: ['month', '/', 'day', '/', 'year'],
  F: ['year', '-', 'month', '-', 'day'],
  T: ['hour', ':', 'minute', ':', 'second'],
  X: ['hour', ':', 'minute', ':', 'second'],
  R: ['hour', ':', 'minute'],
  r: ['hour-12', ':', 'minute', ':', 'second', ' ', 'half'],
  c: ['weekday', ' ', 'month-name', ' ', 'day', ' ', 'hour', ':', 'minute', ':', 'second', ' ', 'year'],
  '%': ['%'],
};

function pieceOf(text: string): Piece {
  return Object.hasOwn(sources, text) ? { part: text as Part } : { text };
}

function strptimePieces(layout: string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < layout.length; at++) {
    const letter = layout.charAt(at);
    if (letter !== '%') {
      pieces.push({ text: letter });
      continue;
    }
    const directive = layout.charAt(++at);
    const meaning = Object.hasOwn(directives, directive) ? directives[directive] : undefined;
    if (meaning === undefined) throw new LayoutError(`%${directive} is no directive of strptime`);
    pieces.push(...meaning.map(pieceOf));
  }
  return pieces;
}

/** The longest first, where one begins like another. */
const goElements: readonly (readonly [text: string, part: Part])[] = [
  ['January', 'month-name'],
  ['Jan', 'month-name'],
  ['Monday', 'weekday'],
  ['Mon', 'weekday'],
  ['MST', 'zone'],
  ['2006', 'year'],
  ['Z07:00', 'offset'],
  ['Z0700', 'offset'],
  ['-07:00', 'offset'],
  ['-0700', 'offset'],
  ['-07', 'offset'],
  ['01', 'month'],
  ['02', 'day'],
  ['03', 'hour-12'],
  ['04', 'minute'],
  ['05', 'second'],
  ['06', 'year-2'],
  ['15', 'hour'],
  ['_2', 'day'],
  ['PM', 'half'],
  ['pm', 'half'],
  ['1', 'month'],
  ['2', 'day'],
  ['3', 'hour-12'],
  ['4', 'minute'],
  ['5', 'second'],
];

function goPieces(layout: string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < layout.length;) {
    const fraction = /^[.,](?:0+|9+)(?!\d)/.exec(layout.slice(at))?.[0];
    const found = goElements.find(([text]) => layout.startsWith(text, at));
    if (fraction !== undefined) pieces.push({ part: 'point-fraction' });
    else if (found === undefined) pieces.push({ text: layout.charAt(at) });
    else pieces.push({ part: found[1] });
    at += fraction?.length ?? found?.[0].length ?? 1;
  }
  return pieces;
}

function piecesReader(pieces: readonly Piece[]): TimeReader {
  const parts = pieces.flatMap((piece) => ('part' in piece && piece.part !== 'blank' ? [piece.part] : []));
  if (!parts.some((part) => part !== 'weekday' && part !== 'zone')) {
    throw new LayoutError('has no part of a time in it');
  }
  const source = pieces
    .map((piece) => ('part' in piece ? sources[piece.part] : escaped(piece.text)))
    .join('');
  const read = (pattern: RegExp) => (text: string) => {
    const groups = pattern.exec(text);
    return groups === null ? undefined : momentOf(parts, groups);
  };
  const start = String.raw`^\s*${source}`;
  return { whole: read(new RegExp(String.raw`${start}\s*$`)), atStart: read(new RegExp(start)) };
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function momentOf(parts: readonly Part[], groups: RegExpExecArray): Moment {
  const moment: Mutable<Moment> = { hour: 0, minute: 0, second: 0, nanosecond: 0 };
  let half = '';
  for (const [index, part] of parts.entries()) {
    const text = groups[index + 1];
    if (part === 'half') half = text?.toLowerCase() ?? '';
    else if (text !== undefined) setters[part]?.(moment, text);
  }
  if (half !== '') moment.hour = (moment.hour % 12) + (half === 'pm' ? 12 : 0);
  // A month without a day is its first.
  if (moment.month !== undefined) moment.day ??= 1;
  return moment;
}

const setters: Readonly<Partial<Record<Part, (moment: Mutable<Moment>, text: string) => void>>> = {
  year: (moment, text) => (moment.year = Number(text)),
  'year-2': (moment, text) => (moment.year = Number(text) + (Number(text) < 69 ? 2000 : 1900)),
  month: (moment, text) => (moment.month = Number(text)),
  'month-name': (moment, text) => (moment.month = monthNumber(text)),
  day: (moment, text) => (moment.day = Number(text)),
  hour: (moment, text) => (moment.hour = Number(text)),
  'hour-12': (moment, text) => (moment.hour = Number(text)),
  minute: (moment, text) => (moment.minute = Number(text)),
  second: (moment, text) => (moment.second = Number(text)),
  fraction: (moment, text) => (moment.nanosecond = fractionNanos(text)),
  'point-fraction': (moment, text) => (moment.nanosecond = fractionNanos(text)),
  offset: (moment, text) => (moment.offset = offsetFromText(text)),
  zone: (moment, text) => {
    if (text === 'UTC' || text === 'GMT' || text === 'Z') moment.offset = 0;
  },
};
