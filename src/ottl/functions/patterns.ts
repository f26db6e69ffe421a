import type { ExactValue } from '../../model/value.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { string } from '../parameters.ts';
import { regexOf } from '../regex-argument.ts';

/** The text of each named group of a regex; an empty map without a match. */
export const extractPatterns = converter(
  'ExtractPatterns',
  { target: string(), pattern: string() },
  ({ target, pattern }) => {
    const regexFor = regexOf(pattern);
    return (record) => {
      const regex = regexFor(record);
      const text = target.read(record);
      if (regex.groupNames.every((name) => name === undefined))
        throw new OttlFailure('the pattern must have a named group: (?P<name>...)', [regex.pattern]);
      const result = new Map<string, ExactValue>();
      const match = regex.match(text);
      for (const [index, name] of regex.groupNames.entries())
        if (match !== undefined && name !== undefined) result.set(name, match.groups[index] ?? '');
      return result;
    };
  },
);
