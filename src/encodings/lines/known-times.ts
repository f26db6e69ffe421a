/** The times that people's logs begin with, told without being told how. */
import { fractionNanos, monthNumber, offsetFromText, type Moment } from './moment.ts';

/** A time in a line. */
export interface FoundTime {
  readonly moment: Moment | bigint;
  /** Where it ends in the text. */
  readonly end: number;
}

/** No more of a line is looked at. */
const searched = 256;

const zone = String.raw`(?: ?(Z|UTC|GMT|[+-]\d\d:?\d\d)(?![\w:.]))?`;
const clock = String.raw`(\d\d):(\d\d):(\d\d)(?:[.,:](\d{1,9})\d*)?`;
const monthName = '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const weekday = '(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?';

interface Form {
  readonly pattern: RegExp;
  readonly read: (groups: RegExpExecArray) => Moment | bigint;
}

type Groups = readonly (string | undefined)[];

function clockOf([hour, minute, second, fraction, offset]: Groups) {
  return {
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    nanosecond: fractionNanos(fraction),
    offset: offset === undefined ? undefined : offsetFromText(offset),
  };
}

/** Tried in this order: the ones with a date first. */
const forms: readonly Form[] = [
  // 2026-03-14T09:26:53.590255949Z, 2026-03-14 09:26:53,590 +0100, 2026/03/14 09:26:53
  {
    pattern: new RegExp(String.raw`(\d{4})[-/](\d\d)[-/](\d\d)[T ]+${clock}${zone}`, 'y'),
    read: ([, year, month, day, ...rest]) => ({
      year: Number(year),
      month: Number(month),
      day: Number(day),
      ...clockOf(rest),
    }),
  },
  // 14/Mar/2026:09:26:53 +0000, 14 Mar 2026 09:26:53 GMT, 14-Mar-2026 09:26:53
  {
    pattern: new RegExp(String.raw`${weekday}(\d{1,2})[/ -]${monthName}[/ -](\d{4})[: ]${clock}${zone}`, 'y'),
    read: ([, day, month = '', year, ...rest]) => ({
      year: Number(year),
      month: monthNumber(month),
      day: Number(day),
      ...clockOf(rest),
    }),
  },
  // Mar 14 09:26:53, Sat Mar 14 09:26:53 2026, Sat Mar 14 09:26:53.590255 2026
  {
    pattern: new RegExp(
      String.raw`${weekday}${monthName} ([ \d]?\d) ${clock}(?: (?:UTC |GMT )?(\d{4})(?!\d))?`,
      'y',
    ),
    read: ([, month = '', day, hour, minute, second, fraction, year]) => ({
      year: year === undefined ? undefined : Number(year),
      month: monthNumber(month),
      day: Number(day),
      ...clockOf([hour, minute, second, fraction]),
    }),
  },
  // Mar 14, 2026 9:26:53 AM, as java.util.logging has it
  {
    pattern: new RegExp(String.raw`${monthName} (\d{1,2}), (\d{4}),? (\d{1,2}):(\d\d):(\d\d)\s(AM|PM)`, 'y'),
    read: ([, month = '', day, year, hour, minute, second, half]) => ({
      year: Number(year),
      month: monthNumber(month),
      day: Number(day),
      ...clockOf([String((Number(hour) % 12) + (half === 'PM' ? 12 : 0)), minute, second]),
    }),
  },
  // I0314 09:26:53.590255, as klog has it
  {
    pattern: new RegExp(String.raw`[IWEFD](\d\d)(\d\d) ${clock}`, 'y'),
    read: ([, month, day, ...rest]) => ({ month: Number(month), day: Number(day), ...clockOf(rest) }),
  },
  // 20260314T092653.590Z, 20260314 09:26:53
  {
    pattern: new RegExp(
      String.raw`(\d{4})(\d\d)(\d\d)[T ](\d\d):?(\d\d):?(\d\d)(?:[.,](\d{1,9})\d*)?${zone}`,
      'y',
    ),
    read: ([, year, month, day, ...rest]) => ({
      year: Number(year),
      month: Number(month),
      day: Number(day),
      ...clockOf(rest),
    }),
  },
  // 09:26:53.590
  { pattern: new RegExp(`${clock}${zone}`, 'y'), read: ([, ...rest]) => clockOf(rest) },
  // 1773480413, 1773480413590, 1773480413.590255 and so on, of this century's first half
  {
    pattern: /(1\d{9}|2[0-4]\d{8})(?:\.(\d{1,9})|(\d{3}|\d{6}|\d{9}))?(?!\d)/y,
    read: ([, seconds = '', fraction, rest]) =>
      BigInt(seconds) * 1_000_000_000n + BigInt(fractionNanos(fraction ?? rest)),
  },
];

const levels =
  'TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|CRIT|ALERT|EMERG|SEVERE|FINE|CONFIG';
/** What may stand before the time: brackets, a syslog priority, a level, the client of an access log. */
const before = new RegExp(
  String.raw`\S{1,100} \S{1,100} \S{1,100} \[|(?:<\d{1,3}>\d{0,2} ?)?[[({"' ]*(?:(?:${levels})(?![A-Za-z])[\])]?[\s|:-]*)?[[({"']*`,
  'iy',
);
/** What may stand behind it: no comma, which tables have there, and no letter. */
const behind = /[\s\])}:|"'>-]|$/y;

/** The form that fitted last is tried first: lines of one file are alike. */
let latest = forms[0];

/** The time that stands at or near the beginning of a line without colours. */
export function knownTime(line: string): FoundTime | undefined {
  const text = line.length > searched ? line.slice(0, searched) : line;
  const first = latest === undefined ? undefined : timeAt(text, 0, latest);
  if (first !== undefined) return first;
  if (!/\d\d/.test(text)) return undefined;
  return timeFrom(text, 0) ?? timeFrom(text, endOf(before, text));
}

function endOf(pattern: RegExp, text: string): number {
  pattern.lastIndex = 0;
  return pattern.test(text) ? pattern.lastIndex : 0;
}

function timeFrom(text: string, from: number): FoundTime | undefined {
  for (const form of forms) {
    const found = timeAt(text, from, form);
    if (found === undefined) continue;
    latest = form;
    return found;
  }
  return undefined;
}

function timeAt(text: string, from: number, { pattern, read }: Form): FoundTime | undefined {
  pattern.lastIndex = from;
  const groups = pattern.exec(text);
  if (groups === null) return undefined;
  const end = pattern.lastIndex;
  behind.lastIndex = end;
  return behind.test(text) ? { moment: read(groups), end } : undefined;
}

/** The time that a text is, from its first to its last letter. */
export function wholeTime(text: string): Moment | bigint | undefined {
  const trimmed = text.trim();
  for (const form of forms) {
    const found = timeAt(trimmed, 0, form);
    if (found !== undefined && found.end === trimmed.length) return found.moment;
  }
  return undefined;
}
