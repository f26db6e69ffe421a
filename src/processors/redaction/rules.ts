/** What a config says about keys and values, compiled. */
import { compileRegex, type Regex } from '../../model/regex.ts';
import { clusterUrl } from './cluster-url.ts';
import { maskWith, type Mask } from './mask.ts';
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
  const ignoredPatterns = anyOf(config.ignored_key_patterns);
  const allowed = new Set([...config.allowed_keys, ...summaryKeys]);
  const mask = maskWith(config.hash_function, config.hmac_key);
  const { url_sanitizer: urls } = config;
  return {
    ignores: (key) => ignored.has(key) || ignoredPatterns(key),
    removes: config.allow_all_keys ? () => false : (key) => !allowed.has(key),
    masksKey: anyOf(config.blocked_key_patterns),
    allows: anyOf(config.allowed_values),
    mask,
    clean: cleanerOf(config, mask),
    allTypes: config.redact_all_types,
    cleansNames: urls.enabled && urls.sanitize_span_name,
  };
}

function cleanerOf(config: Config, mask: Mask): Rules['clean'] {
  const blocked = config.blocked_values.map(compileRegex);
  const { enabled, attributes } = config.url_sanitizer;
  const urls = new Set<string | undefined>([undefined, ...attributes]);
  return (text, key) => {
    const masked = blocked.reduce((rest, regex) => withoutMatches(regex, rest, mask), text);
    return enabled && urls.has(key) ? clusterUrl(masked) : masked;
  };
}

function withoutMatches(regex: Regex, text: string, mask: Mask): string {
  return regex.test(text) ? regex.replaceAll(text, ({ groups: [whole = ''] }) => mask(whole)) : text;
}

function anyOf(patterns: readonly string[]): Test {
  const regexes = patterns.map(compileRegex);
  return (text) => regexes.some((regex) => regex.test(text));
}
