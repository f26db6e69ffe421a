import type { FunctionSpec } from '../function.ts';
import { communityId, isInCidr } from './addresses.ts';
import { hasPrefix, hasSuffix, trim, trimPrefix, trimSuffix } from './affixes.ts';
import { base64Decode, base64Encode, decode } from './base64.ts';
import { bool, double, hex, int, string } from './conversions.ts';
import { hasAttrKeyOnDatapoint, hasAttrOnDatapoint } from './data-point-attributes.ts';
import * as durations from './durations.ts';
import { format } from './format.ts';
import { extractGrokPatterns } from './grok.ts';
import * as hashes from './hashes.ts';
import { profileId, spanId, traceId } from './ids.ts';
import { isMatch } from './is-match.ts';
import { isRootSpan } from './is-root-span.ts';
import { parseKeyValue, toKeyValueString } from './key-values.ts';
import * as lambdas from './lambdas.ts';
import { len } from './len.ts';
import { toLowerCase, toUpperCase } from './letter-case.ts';
import * as lists from './lists.ts';
import * as logFormats from './log-formats.ts';
import { isValidLuhn, log, parseInteger } from './numbers.ts';
import { parseSeverity } from './parse-severity.ts';
import { parseCsvText, parseJsonText } from './parse-text.ts';
import { extractPatterns } from './patterns.ts';
import { sliceToMap } from './slice-to-map.ts';
import { sort } from './sort.ts';
import { substring } from './substring.ts';
import * as times from './times.ts';
import * as typeChecks from './type-checks.ts';
import { url } from './url.ts';
import { userAgent } from './user-agent.ts';
import { uuid, uuidV7 } from './uuid.ts';
import * as xml from './xml.ts';
import * as xmlMaps from './xml-maps.ts';
import { convertCase, toCamelCase, toSnakeCase } from './word-case.ts';

type Functions = ReadonlyMap<string, FunctionSpec>;

function named(functions: readonly FunctionSpec[]): Functions {
  return new Map(functions.map((spec) => [spec.name, spec]));
}

/** The converters that every context knows. Files that hold nothing but converters are named as a whole. */
export const converters: Functions = named([
  ...[durations, hashes, lambdas, lists, times, typeChecks, xml, xmlMaps].flatMap((family) =>
    Object.values(family),
  ),
  base64Decode,
  base64Encode,
  bool,
  communityId,
  convertCase,
  decode,
  double,
  extractGrokPatterns,
  extractPatterns,
  format,
  hasPrefix,
  hasSuffix,
  hex,
  int,
  isInCidr,
  isMatch,
  isValidLuhn,
  len,
  log,
  parseCsvText,
  parseInteger,
  parseJsonText,
  parseKeyValue,
  parseSeverity,
  profileId,
  sliceToMap,
  sort,
  spanId,
  string,
  substring,
  toCamelCase,
  toKeyValueString,
  toLowerCase,
  toSnakeCase,
  toUpperCase,
  traceId,
  trim,
  trimPrefix,
  trimSuffix,
  url,
  userAgent,
  uuid,
  uuidV7,
]);

/** Those that only the span context knows. */
export const spanConverters: Functions = named([isRootSpan]);

/** Those that only the metric context knows. */
export const metricConverters: Functions = named([hasAttrKeyOnDatapoint, hasAttrOnDatapoint]);

/** Those that only the log context knows. */
export const logConverters: Functions = named(Object.values(logFormats));
