import { converter } from '../function.ts';
import { string, stringLike } from '../parameters.ts';
import { regexOf } from '../regex-argument.ts';

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
);
