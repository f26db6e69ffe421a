import { converter } from '../function.ts';
import { RefusedArgument, literalString, string } from '../parameters.ts';
import { camel, snake } from '../words.ts';
import { lowered, raised } from './letter-case.ts';

export const toCamelCase = converter(
  'ToCamelCase',
  { target: string() },
  ({ target }) => {
    return (record) => camel(target.read(record));
  },
  { isOfText: true },
);

export const toSnakeCase = converter(
  'ToSnakeCase',
  { target: string() },
  ({ target }) => {
    return (record) => snake(target.read(record));
  },
  { isOfText: true },
);

const cases: Readonly<Record<string, (text: string) => string>> = {
  lower: lowered,
  upper: raised,
  snake,
  camel,
};

/** One of the other four, by name: `camel` gives a capital at the beginning, as ToCamelCase does. */
export const convertCase = converter(
  'ConvertCase',
  { target: string(), toCase: literalString() },
  ({ target, toCase }) => {
    const convert = Object.hasOwn(cases, toCase) ? cases[toCase] : undefined;
    if (convert === undefined)
      throw new RefusedArgument(`the case is lower, upper, snake or camel, found ${toCase}`, 'toCase');
    return (record) => convert(target.read(record));
  },
  { isOfText: true },
);
