import type { OttlTime } from '../values.ts';
import { partsOf, weekdayOf } from './calendar.ts';
import type { Parts } from './calendar.ts';

/** A piece of a Go layout: text that stands for itself, or an element such as `2006` or `Jan`. */
export type Piece = { readonly text: string } | { readonly element: Element };

export interface Element {
  readonly kind: ElementKind;
  /** As written in the layout. */
  readonly text: string;
}

export type ElementKind =
  | 'month-name'
  | 'month-short'
  | 'month'
  | 'month-2'
  | 'weekday-name'
  | 'weekday-short'
  | 'day'
  | 'day-2'
  | 'day-space'
  | 'yearday-3'
  | 'yearday-space'
  | 'hour-24'
  | 'hour-12'
  | 'hour-12-2'
  | 'minute'
  | 'minute-2'
  | 'second'
  | 'second-2'
  | 'year'
  | 'year-2'
  | 'PM'
  | 'pm'
  | 'zone-name'
  | 'offset'
  | 'offset-or-Z'
  | 'fraction-0'
  | 'fraction-9';

/** In the order in which Go looks for them at one place: longer ones first. */
const elements: readonly (readonly [text: string, kind: ElementKind])[] = [
  ['January', 'month-name'],
  ['Jan', 'month-short'],
  ['Monday', 'weekday-name'],
  ['Mon', 'weekday-short'],
  ['MST', 'zone-name'],
  ['002', 'yearday-3'],
  ['01', 'month-2'],
  ['02', 'day-2'],
  ['03', 'hour-12-2'],
  ['04', 'minute-2'],
  ['05', 'second-2'],
  ['06', 'year-2'],
  ['15', 'hour-24'],
  ['1', 'month'],
  ['2006', 'year'],
  ['2', 'day'],
  ['__2', 'yearday-space'],
  ['_2', 'day-space'],
  ['3', 'hour-12'],
  ['4', 'minute'],
  ['5', 'second'],
  ['PM', 'PM'],
  ['pm', 'pm'],
  ['-070000', 'offset'],
  ['-07:00:00', 'offset'],
  ['-0700', 'offset'],
  ['-07:00', 'offset'],
  ['-07', 'offset'],
  ['Z070000', 'offset-or-Z'],
  ['Z07:00:00', 'offset-or-Z'],
  ['Z0700', 'offset-or-Z'],
  ['Z07:00', 'offset-or-Z'],
  ['Z07', 'offset-or-Z'],
];

const fraction = /[.,](?:0+|9+)(?![0-9])/y;

/** Takes a Go layout apart. */
export function parseLayout(layout: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let literal = 0;
  let at = 0;
  while (at < layout.length) {
    const element = elementAt(layout, at);
    if (element === undefined) {
      at++;
      continue;
    }
    if (at > literal) pieces.push({ text: layout.slice(literal, at) });
    pieces.push({ element });
    at += element.text.length;
    literal = at;
  }
  if (at > literal) pieces.push({ text: layout.slice(literal) });
  return pieces;
}

function elementAt(layout: string, at: number): Element | undefined {
  fraction.lastIndex = at;
  const [text] = fraction.exec(layout) ?? [];
  if (text !== undefined) return { kind: text.charAt(1) === '0' ? 'fraction-0' : 'fraction-9', text };
  // `_2006` is an underscore and a year.
  if (layout.startsWith('_2006', at)) return undefined;
  for (const [name, kind] of elements) {
    if (!layout.startsWith(name, at)) continue;
    const isShortName = kind === 'month-short' || kind === 'weekday-short';
    if (isShortName && /[a-z]/.test(layout.charAt(at + 3))) continue;
    return { kind, text: name };
  }
  return undefined;
}

export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const weekdayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** A time by a Go layout. */
export function formatLayout(time: OttlTime, layout: string | readonly Piece[]): string {
  const pieces = typeof layout === 'string' ? parseLayout(layout) : layout;
  const parts = partsOf(time.nanos, time.offsetSeconds);
  let text = '';
  for (const piece of pieces)
    text += 'text' in piece ? piece.text : formatElement(piece.element, parts, time);
  return text;
}

function formatElement({ kind, text }: Element, parts: Parts, time: OttlTime): string {
  switch (kind) {
    case 'zone-name':
      return time.zoneName === '' ? offsetText(time.offsetSeconds, '-0700') : time.zoneName;
    case 'offset':
      return offsetText(time.offsetSeconds, text);
    case 'offset-or-Z':
      return time.offsetSeconds === 0 ? 'Z' : offsetText(time.offsetSeconds, `-${text.slice(1)}`);
    case 'fraction-0':
    case 'fraction-9':
      return fractionText(kind, text, parts.nanosecond);
    default:
      return formatters[kind](parts);
  }
}

type Simple = Exclude<ElementKind, 'zone-name' | 'offset' | 'offset-or-Z' | 'fraction-0' | 'fraction-9'>;

const two = (value: number): string => String(value).padStart(2, '0');
const twelve = (hour: number): number => (hour % 12 === 0 ? 12 : hour % 12);

const formatters: Readonly<Record<Simple, (parts: Parts) => string>> = {
  'month-name': ({ month }) => monthNames[month - 1] ?? '',
  'month-short': ({ month }) => (monthNames[month - 1] ?? '').slice(0, 3),
  month: ({ month }) => String(month),
  'month-2': ({ month }) => two(month),
  'weekday-name': (parts) => weekdayNames[weekdayOf(parts)] ?? '',
  'weekday-short': (parts) => (weekdayNames[weekdayOf(parts)] ?? '').slice(0, 3),
  day: ({ day }) => String(day),
  'day-2': ({ day }) => two(day),
  'day-space': ({ day }) => String(day).padStart(2, ' '),
  'yearday-3': (parts) => String(yearday(parts)).padStart(3, '0'),
  'yearday-space': (parts) => String(yearday(parts)).padStart(3, ' '),
  'hour-24': ({ hour }) => two(hour),
  'hour-12': ({ hour }) => String(twelve(hour)),
  'hour-12-2': ({ hour }) => two(twelve(hour)),
  minute: ({ minute }) => String(minute),
  'minute-2': ({ minute }) => two(minute),
  second: ({ second }) => String(second),
  'second-2': ({ second }) => two(second),
  year: ({ year }) => (year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0')),
  'year-2': ({ year }) => two(Math.abs(year) % 100),
  PM: ({ hour }) => (hour >= 12 ? 'PM' : 'AM'),
  pm: ({ hour }) => (hour >= 12 ? 'pm' : 'am'),
};

function yearday({ year, month, day }: Parts): number {
  return (
    Math.round(
      (Date.UTC(2000 + (year % 400), month - 1, day) - Date.UTC(2000 + (year % 400), 0, 1)) / 86_400_000,
    ) + 1
  );
}

/** By the shape of `-07`, `-0700`, `-07:00`, `-070000` or `-07:00:00`. */
function offsetText(offset: number, shape: string): string {
  const seconds = Math.abs(offset);
  const fields = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two);
  const count = shape.replaceAll(/[^0-9]/g, '').length / 2;
  return (offset < 0 ? '-' : '+') + fields.slice(0, count).join(shape.includes(':') ? ':' : '');
}

/** With nines zeros at the end go, and the point with them. */
function fractionText(kind: 'fraction-0' | 'fraction-9', text: string, nanosecond: number): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, text.length - 1)
    .padEnd(text.length - 1, '0');
  if (kind === 'fraction-0') return text.charAt(0) + digits;
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '' : text.charAt(0) + kept;
}
