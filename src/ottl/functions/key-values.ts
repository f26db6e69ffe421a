import { valueText } from '../../model/value.ts';
import type { ExactValue } from '../../model/value.ts';
import { checkSize, checkUnits } from '../budget.ts';
import { compareText } from '../compare.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { RefusedArgument, literalBool, literalString, map, optional, string } from '../parameters.ts';
import { trimSpace } from '../space.ts';

const delimiters = { delimiter: optional(literalString()), pairDelimiter: optional(literalString()) };

interface Delimiters {
  readonly delimiter: string | undefined;
  readonly pairDelimiter: string | undefined;
}

function checked({ delimiter = '=', pairDelimiter = ' ' }: Delimiters) {
  for (const [name, one] of Object.entries({ delimiter, pairDelimiter }))
    if (one === '') throw new RefusedArgument('a delimiter must not be empty', name);
  if (delimiter === pairDelimiter)
    throw new RefusedArgument(`both delimiters are ${JSON.stringify(delimiter)}`);
  return { delimiter, pairDelimiter };
}

/** `a=1 b="x y"` as a map of texts. Quotes (both kinds) protect the delimiter of pairs. */
export const parseKeyValue = converter(
  'ParseKeyValue',
  { target: string(), ...delimiters },
  ({ target, ...given }) => {
    const { delimiter, pairDelimiter } = checked(given);
    return (record) => {
      const text = target.read(record);
      if (text === '') throw new OttlFailure('there is nothing to parse in an empty text');
      const parsed = new Map<string, ExactValue>();
      for (const pair of splitQuoted(text, pairDelimiter)) {
        const at = pair.indexOf(delimiter);
        if (at < 0)
          throw new OttlFailure(`${JSON.stringify(pair)} lacks ${JSON.stringify(delimiter)}`, [pair]);
        parsed.set(trimSpace(pair.slice(0, at)), trimSpace(pair.slice(at + delimiter.length)));
      }
      return parsed;
    };
  },
);

/**
 * The parts between the delimiters that stand outside of quotes, without empty parts and without the quotes. A
 * backslash stays, and takes the meaning from a quote behind it.
 */
function splitQuoted(text: string, delimiter: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quote = '';
  let escaped = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i);
    if (quote === '' && text.startsWith(delimiter, i)) {
      parts.push(part);
      part = '';
      i += delimiter.length - 1;
      continue;
    }
    if (!escaped && isQuote(letter, quote)) {
      quote = quote === '' ? letter : '';
      continue;
    }
    escaped = !escaped && letter === '\\';
    part += letter;
  }
  if (quote !== '') throw new OttlFailure(`a quote (${quote}) is never closed`, [text]);
  return [...parts, part].filter((one) => one !== '');
}

/** Whether the letter opens a quotation, or closes the one that is open. */
function isQuote(letter: string, open: string): boolean {
  return open === '' ? letter === '"' || letter === "'" : letter === open;
}

/** The reverse: a map as text, in the order of the map or of its keys. */
export const toKeyValueString = converter(
  'ToKeyValueString',
  { target: map(), ...delimiters, sortOutput: optional(literalBool()) },
  ({ target, sortOutput, ...given }) => {
    const { delimiter, pairDelimiter } = checked(given);
    const written = (value: ExactValue): string => quotedIfNeeded(textOf(value), delimiter, pairDelimiter);
    return (record) => {
      const map = target.read(record);
      checkSize(map);
      const entries = [...map];
      if (sortOutput === true) entries.sort(([a], [b]) => compareText(a, b));
      let text = '';
      for (const [index, [key, value]] of entries.entries()) {
        text += `${index === 0 ? '' : pairDelimiter}${written(key)}${delimiter}${written(value)}`;
        checkUnits(text.length);
      }
      return text;
    };
  },
);

function textOf(value: ExactValue): string {
  return typeof value === 'string' ? value : valueText(value);
}

function quotedIfNeeded(text: string, delimiter: string, pairDelimiter: string): string {
  const escaped = text.replaceAll('"', '\\"');
  return text.includes(delimiter) || text.includes(pairDelimiter) ? `"${escaped}"` : escaped;
}
