/** Values that a test cannot know: `{$any: true}`, `{$regex: "^[0-9a-f]{16}$"}`. */
import { valueText, type ExactValue } from '../../model/value.ts';
import { compileRegex } from '../../model/regex.ts';

export interface Matcher {
  readonly message: string;
  test(value: ExactValue): boolean;
}

/** The matcher that a written value is, if it is one. Throws for an expression that is none. */
export function matcherIn(written: unknown): Matcher | undefined {
  if (typeof written !== 'object' || written === null) return undefined;
  const entries: [string, unknown][] = written instanceof Map ? [...written] : Object.entries(written);
  const [only, ...others] = entries;
  if (only === undefined || others.length > 0) return undefined;
  const [key, argument] = only;
  if (key === '$any') return { message: 'must be there', test: () => true };
  if (key !== '$regex') return undefined;
  const regex = compileRegex(String(argument));
  return {
    message: `must match ${JSON.stringify(String(argument))}`,
    test: (value) => regex.test(valueText(value)),
  };
}
