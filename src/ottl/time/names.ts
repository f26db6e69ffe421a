import { monthNames, weekdayNames } from './layout.ts';

/** How months, days of the week and halves of the day are called: each name, in lower case, with its number. */
export interface Names {
  readonly months: ReadonlyMap<string, number>;
  readonly shortMonths: ReadonlyMap<string, number>;
  readonly weekdays: ReadonlyMap<string, number>;
  readonly shortWeekdays: ReadonlyMap<string, number>;
  /** 0 before noon, 1 after; undefined where only AM and PM are known. */
  readonly dayPeriods?: ReadonlyMap<string, number>;
}

function numbered(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [name.toLowerCase(), index]));
}

const short = (name: string): string => name.slice(0, 3);

export const english: Names = {
  months: numbered(monthNames),
  shortMonths: numbered(monthNames.map(short)),
  weekdays: numbered(weekdayNames),
  shortWeekdays: numbered(weekdayNames.map(short)),
};

/** The names of a locale, by way of `Intl`; undefined if there is none of that name. */
export function namesOf(locale: string): Names | undefined {
  try {
    if (Intl.DateTimeFormat.supportedLocalesOf(locale.replaceAll('_', '-')).length === 0) return undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  const tag = locale.replaceAll('_', '-');
  return {
    months: collected(tag, 12, { month: 'long' }),
    shortMonths: collected(tag, 12, { month: 'short' }),
    weekdays: collected(tag, 7, { weekday: 'long' }),
    shortWeekdays: collected(tag, 7, { weekday: 'short' }),
    dayPeriods: periods(tag),
  };
}

/** Names in a date can differ from those that stand alone (`Dez.`, `Dez`); both are taken, with and without the dot. */
function collected(
  locale: string,
  count: number,
  wanted: { readonly month?: 'long' | 'short'; readonly weekday?: 'long' | 'short' },
): ReadonlyMap<string, number> {
  const type = wanted.month === undefined ? 'weekday' : 'month';
  const formats = [wanted, { ...wanted, day: 'numeric', year: 'numeric' } as const].map(
    (options) => new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }),
  );
  const names = new Map<string, number>();
  for (let index = 0; index < count; index++) {
    // 2 January 2000 was a Sunday.
    const date = type === 'month' ? Date.UTC(2000, index, 2) : Date.UTC(2000, 0, 2 + index);
    for (const format of formats) {
      const name = format
        .formatToParts(date)
        .find((part) => part.type === type)
        ?.value.toLowerCase();
      if (name === undefined || /^[0-9]+$/.test(name)) continue;
      names.set(name, index);
      if (name.endsWith('.')) names.set(name.slice(0, -1), index);
    }
  }
  return names;
}

function periods(locale: string): ReadonlyMap<string, number> {
  const format = new Intl.DateTimeFormat(locale, { hour: 'numeric', hourCycle: 'h12', timeZone: 'UTC' });
  const names = new Map([
    ['am', 0],
    ['pm', 1],
  ]);
  for (const [index, hour] of [9, 21].entries()) {
    const parts = format.formatToParts(Date.UTC(2000, 0, 2, hour));
    const name = parts.find(({ type }) => type === 'dayPeriod')?.value;
    if (name !== undefined) names.set(name.toLowerCase(), index);
  }
  return names;
}
