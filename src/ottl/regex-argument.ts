import { RegexError, compileRegex } from '../model/regex.ts';
import type { Regex } from '../model/regex.ts';
import { OttlFailure } from './errors.ts';
import { RefusedArgument } from './parameters.ts';
import type { Argument } from './parameters.ts';
import type { Read } from './target.ts';

/** How many patterns that come from records stay compiled. */
const keptPatterns = 100;

/** A longer pattern in a record is refused: compiling takes time and memory that a record must not command. */
const longestRecordPattern = 4096;

/** A literal pattern is compiled once and refused at once; others are compiled as they come, the last ones kept. */
export function regexOf(pattern: Argument<string>): Read<Regex> {
  const literal = literalRegex(pattern);
  if (literal !== undefined) return () => literal;
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

/** Undefined if the pattern comes from the record. */
export function literalRegex(pattern: Argument<string>): Regex | undefined {
  if (pattern.constant === undefined) return undefined;
  try {
    return compileRegex(pattern.constant.value, { bounded: true });
  } catch (error) {
    if (error instanceof RegexError) throw new RefusedArgument(error.message, pattern);
    throw error;
  }
}

function recordRegex(text: string): Regex {
  if (text.length > longestRecordPattern) {
    throw new OttlFailure(
      `a pattern from a record has at most ${longestRecordPattern} characters, found ${text.length}`,
      [text.slice(0, 64)],
    );
  }
  try {
    return compileRegex(text, { bounded: true });
  } catch (error) {
    if (error instanceof RegexError) throw new OttlFailure(error.message, [text]);
    throw error;
  }
}
