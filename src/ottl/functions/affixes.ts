import type { ItemTest } from '../../model/item-program.ts';
import { testTable } from '../../model/regex-table.ts';
import { converter } from '../function.ts';
import { quoted } from '../glob.ts';
import { isNumberField, placeData } from '../item-data.ts';
import { literalString, optional, string } from '../parameters.ts';
import type { Argument } from '../parameters.ts';

export const hasPrefix = converter(
  'HasPrefix',
  { target: string(), prefix: string() },
  ({ target, prefix }) => {
    return (record) => target.read(record).startsWith(prefix.read(record));
  },
  {
    data: ({ target, prefix }) =>
      affixData(target, prefix, {
        has: (text, affix) => text.startsWith(affix),
        pattern: (affix) => `^${affix}`,
      }),
  },
);

export const hasSuffix = converter(
  'HasSuffix',
  { target: string(), suffix: string() },
  ({ target, suffix }) => {
    return (record) => target.read(record).endsWith(suffix.read(record));
  },
  {
    data: ({ target, suffix }) =>
      affixData(target, suffix, {
        has: (text, affix) => text.endsWith(affix),
        pattern: (affix) => `${affix}$`,
      }),
  },
);

interface Affix {
  readonly has: (text: string, affix: string) => boolean;
  /** The same in RE2 syntax, of which the affix is a part. */
  readonly pattern: (affix: string) => string;
}

function affixData(
  target: Argument<string>,
  { constant: affix }: Argument<string>,
  { has, pattern }: Affix,
): ItemTest | undefined {
  const value = placeData(target);
  if (value === undefined || isNumberField(value) || affix === undefined) return undefined;
  const table = testTable(pattern(Array.from(affix.value, quoted).join('')));
  return { is: 'matched', value, by: (text) => has(text, affix.value), table, nil: 'views' };
}

/** Removes the prefix once, if it is there. */
export const trimPrefix = converter(
  'TrimPrefix',
  { target: string(), prefix: string() },
  ({ target, prefix }) => {
    return (record) => {
      const text = target.read(record);
      const start = prefix.read(record);
      return text.startsWith(start) ? text.slice(start.length) : text;
    };
  },
  { isOfText: true },
);

/** Removes the suffix once, if it is there. */
export const trimSuffix = converter(
  'TrimSuffix',
  { target: string(), suffix: string() },
  ({ target, suffix }) => {
    return (record) => {
      const text = target.read(record);
      const end = suffix.read(record);
      return text.endsWith(end) ? text.slice(0, text.length - end.length) : text;
    };
  },
  { isOfText: true },
);

/** Removes all characters of the second argument (a space without it) from both ends. */
export const trim = converter(
  'Trim',
  { target: string(), replacement: optional(literalString()) },
  ({ target, replacement }) => {
    return (record) => {
      const text = target.read(record);
      const unwanted = new Set(replacement ?? ' ');
      const points = Array.from(text);
      const start = points.findIndex((point) => !unwanted.has(point));
      const end = points.findLastIndex((point) => !unwanted.has(point));
      return start < 0 ? '' : points.slice(start, end + 1).join('');
    };
  },
  { isOfText: true },
);
