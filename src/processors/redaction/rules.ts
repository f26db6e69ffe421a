/** What a config says about keys and values, compiled. */
import { compileRegex, type Regex } from '../../model/regex.ts';
import { RegexLimit } from '../../model/regex-work.ts';
import { clusterUrl } from './cluster-url.ts';
import { maskWhole, maskWith, type Mask } from './mask.ts';
import type { Config } from './schema.ts';
import { summaryKeys } from './summary.ts';

type Test = (text: string) => boolean;

export interface Rules {
  /** Keys that are left alone. */
  readonly ignores: Test;
  /** Keys that are removed. */
  readonly removes: Test;
  /** Keys whose value is masked as a whole. */
  readonly masksKey: Test;
  /** Values that are left alone. */
  readonly allows: Test;
  readonly mask: Mask;
  /** A text without what is blocked in it; with it comes the attribute's key, undefined for a log body. */
  readonly clean: (text: string, key: string | undefined) => string;
  readonly allTypes: boolean;
  /** Whether names of spans are cleaned as URLs. */
  readonly cleansNames: boolean;
}

export function compileRules(config: Config): Rules {
  const ignored = new Set(config.ignored_keys);
  const ignoredPatterns = anyOf(config.ignored_key_patterns, false);
  const allowed = new Set([...config.allowed_keys, ...summaryKeys]);
  const mask = maskWith(config.hash_function, config.hmac_key);
  const { url_sanitizer: urls } = config;
  return {
    ignores: (key) => ignored.has(key) || ignoredPatterns(key),
    removes: config.allow_all_keys ? () => false : (key) => !allowed.has(key),
    masksKey: anyOf(config.blocked_key_patterns, true),
    allows: anyOf(config.allowed_values, false),
    mask,
    clean: cleanerOf(config, mask),
    allTypes: config.redact_all_types,
    cleansNames: urls.enabled && urls.sanitize_span_name,
  };
}

function cleanerOf(config: Config, mask: Mask): Rules['clean'] {
  const blocked = config.blocked_values.map(bounded);
  const { enabled, attributes } = config.url_sanitizer;
  const urls = new Set<string | undefined>([undefined, ...attributes]);
  return (text, key) => {
    const masked = blocked.reduce((rest, regex) => withoutMatches(regex, rest, mask), text);
    return enabled && urls.has(key) ? clusterUrl(masked) : masked;
  };
}

/** A longer result is not made: a hash for each character can be a hundred times the text. */
const longestResult = 1 << 24;

/** What takes too many steps to be searched is masked as a whole. */
function withoutMatches(regex: Regex, text: string, mask: Mask): string {
  return unlessTooMuch(
    () => (regex.test(text) ? replaced(regex, text, mask) : text),
    () => maskWhole(text, mask),
  );
}

function replaced(regex: Regex, text: string, mask: Mask): string {
  let result = '';
  let end = 0;
  for (const match of regex.matches(text)) {
    result += text.slice(end, match.start) + mask(text.slice(match.start, match.end));
    end = match.end;
    if (result.length > longestResult) return maskWhole(text, mask);
  }
  return result + text.slice(end);
}

/** Whether a pattern finds something. `unknown` is the answer where that takes too many steps. */
function anyOf(patterns: readonly string[], unknown: boolean): Test {
  const regexes = patterns.map(bounded);
  return (text) =>
    unlessTooMuch(
      () => regexes.some((regex) => regex.test(text)),
      () => unknown,
    );
}

function bounded(pattern: string): Regex {
  return compileRegex(pattern, { bounded: true });
}

function unlessTooMuch<T>(search: () => T, otherwise: () => T): T {
  try {
    return search();
  } catch (error) {
    if (error instanceof RegexLimit) return otherwise();
    throw error;
  }
}
