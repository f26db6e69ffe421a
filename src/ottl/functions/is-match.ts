import { converter } from '../function.ts';
import { testTable } from '../../model/regex-table.ts';
import { string, stringLike } from '../parameters.ts';
import { isNumberField, placeData } from '../item-data.ts';
import { literalRegex, regexOf } from '../regex-argument.ts';

/** True if the RE2 pattern occurs anywhere in the text of the value; false for nil. */
export const isMatch = converter(
  'IsMatch',
  { target: stringLike(), pattern: string() },
  ({ target, pattern }) => {
    const regex = regexOf(pattern);
    return (record) => {
      const found = regex(record);
      const text = target.read(record);
      return text !== undefined && found.test(text);
    };
  },
  {
    data({ target, pattern }) {
      const value = placeData(target);
      const regex = literalRegex(pattern);
      if (value === undefined || isNumberField(value) || regex === undefined) return undefined;
      const table = testTable(regex.pattern);
      return { is: 'matched', value, by: (text: string) => regex.test(text), table, nil: false };
    },
  },
);
