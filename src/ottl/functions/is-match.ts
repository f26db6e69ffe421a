import { RegexError, compileRegex } from '../../model/regex.ts';
import type { Regex } from '../../model/regex.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { RefusedArgument, string, stringLike } from '../parameters.ts';
import type { Argument } from '../parameters.ts';
import type { Read } from '../target.ts';

/** How many patterns that come from records stay compiled. */
const keptPatterns = 100;

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

/** A literal pattern is compiled once and refused at once; others are compiled as they come, the last ones kept. */
function regexOf(pattern: Argument<string>): Read<Regex> {
  if (pattern.constant !== undefined) {
    const regex = literalRegex(pattern.constant.value, pattern);
    return () => regex;
  }
  const kept = new Map<string, Regex>();
  return (record) => {
    const text = pattern.read(record);
    const known = kept.get(text);
    if (known !== undefined) return known;
    if (kept.size >= keptPatterns) kept.clear();
    const regex = recordRegex(text);
    kept.set(text, regex);
    return regex;
  };
}

function literalRegex(text: string, pattern: Argument<string>): Regex {
  try {
    return compileRegex(text);
  } catch (error) {
    if (error instanceof RegexError) throw new RefusedArgument(error.message, pattern);
    throw error;
  }
}

function recordRegex(text: string): Regex {
  try {
    return compileRegex(text);
  } catch (error) {
    if (error instanceof RegexError) throw new OttlFailure(error.message, [text]);
    throw error;
  }
}
