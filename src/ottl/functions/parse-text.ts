import type { ExactValue } from '../../model/value.ts';
import { parseCsv } from '../csv.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { parseJson } from '../json.ts';
import { RefusedArgument, literalString, optional, string } from '../parameters.ts';

/** A JSON object or array as a map or list; all numbers become floats. */
export const parseJsonText = converter('ParseJSON', { target: string() }, ({ target }) => {
  return (record) => {
    const value = parseJson(target.read(record));
    if (value instanceof Map || Array.isArray(value)) return value;
    throw new OttlFailure('JSON must be an object or an array here', [value]);
  };
});

const csv = {
  target: string(),
  header: string(),
  delimiter: optional(literalString()),
  headerDelimiter: optional(literalString()),
  mode: optional(literalString()),
};

const modes = new Set(['strict', 'lazyQuotes', 'ignoreQuotes']);

/** A line of CSV as a map, its keys from a header. */
export const parseCsvText = converter('ParseCSV', csv, (args) => {
  const delimiter = args.delimiter ?? ',';
  const headerDelimiter = args.headerDelimiter ?? delimiter;
  const mode = args.mode ?? 'strict';
  for (const [name, one] of Object.entries({ delimiter, headerDelimiter })) {
    if (Array.from(one).length !== 1)
      throw new RefusedArgument(`a delimiter must be one character, found ${JSON.stringify(one)}`, name);
  }
  if (!modes.has(mode))
    throw new RefusedArgument(`the mode is one of ${[...modes].join(', ')}, found ${mode}`, 'mode');
  return (record) => {
    const header = args.header.read(record);
    if (header === '') throw new OttlFailure('the header is empty');
    const text = args.target.read(record);
    const keys = header.split(headerDelimiter);
    if (mode !== 'ignoreQuotes' && '"\r\n\ufffd'.includes(delimiter))
      throw new OttlFailure(`${JSON.stringify(delimiter)} cannot be a delimiter where quotes count`);
    const fields =
      mode === 'ignoreQuotes' ? text.split(delimiter) : parseCsv(text, delimiter, mode !== 'strict');
    if (fields.length !== keys.length)
      throw new OttlFailure(`the header has ${keys.length} fields, the line has ${fields.length}`, [text]);
    return new Map<string, ExactValue>(keys.map((key, index) => [key, fields[index] ?? '']));
  };
});
