/** `include` and `exclude` at work: all fields must match, and of a list of texts one. */
import { isDeepStrictEqual } from 'node:util';
import type { Attributes } from '../../model/attributes.ts';
import type { LogRecord } from '../../model/logs.ts';
import type { Metric } from '../../model/metrics.ts';
import { compileRegex } from '../../model/regex.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import type { Span } from '../../model/traces.ts';
import { valueText, type ExactValue } from '../../model/value.ts';
import { spanKindNames, type MatchProperties } from './match-schema.ts';
import { exactFromYaml, isSet } from './raw-value.ts';

export type Test<Item> = (item: Item) => boolean;

/** What the Collector takes for the service of a resource that names none. */
const noService = '<nil-service-name>';

/** Whether an item is left alone: not included, or excluded. */
export function compileSkip<Item>(
  config: { include?: MatchProperties | undefined; exclude?: MatchProperties | undefined },
  compile: (properties: MatchProperties) => Test<Item>,
): Test<Item> | undefined {
  const { include, exclude } = config;
  const included = include && compile(include);
  const excluded = exclude && compile(exclude);
  if (included === undefined) return excluded;
  return (item) => !included(item) || (excluded?.(item) ?? false);
}

export function compileSpanMatch(properties: MatchProperties): Test<Span> {
  const { services, span_names, span_kinds } = properties;
  const tests: Test<Span>[] = [];
  const anyOf = (texts: readonly string[] | undefined, textOf: (span: Span) => string) => {
    if (texts === undefined || texts.length === 0) return;
    const matches = compileTexts(texts, properties.match_type);
    tests.push((span) => matches(textOf(span)));
  };
  anyOf(services, (span) => serviceOf(span.resource));
  anyOf(span_names, (span) => span.name);
  anyOf(span_kinds, (span) => spanKindNames[span.kind] ?? '');
  return allOf([...tests, ...commonTests(properties)]);
}

export function compileLogMatch(properties: MatchProperties): Test<LogRecord> {
  const { log_bodies, log_severity_texts, log_severity_number } = properties;
  const tests: Test<LogRecord>[] = [];
  if (log_bodies !== undefined && log_bodies.length > 0) {
    const matches = compileTexts(log_bodies, properties.match_type);
    tests.push((log) => matches(valueText(log.bodyExact)));
  }
  if (log_severity_texts !== undefined && log_severity_texts.length > 0) {
    const matches = compileTexts(log_severity_texts, properties.match_type);
    tests.push((log) => matches(log.severityText));
  }
  if (log_severity_number !== undefined) {
    const { min, match_undefined } = log_severity_number;
    tests.push((log) => (log.severityNumber === 0 ? match_undefined : log.severityNumber >= min));
  }
  return allOf([...tests, ...commonTests(properties)]);
}

export function compileMetricMatch(properties: MatchProperties): Test<Metric> {
  const { metric_names = [], resources = [], match_type } = properties;
  const tests: Test<Metric>[] = [];
  if (metric_names.length > 0) {
    const matches = compileTexts(metric_names, match_type);
    tests.push(({ name }) => matches(name));
  }
  if (resources.length > 0) {
    const matches = compileAttributes(resources, match_type);
    tests.push(({ resource }) => matches(resource.attributes));
  }
  return allOf(tests);
}

/** Whether one of the texts is equal, or one of the regular expressions finds something. */
export function compileTexts(
  texts: readonly string[],
  matchType: MatchProperties['match_type'],
): Test<string> {
  if (matchType === 'regexp') {
    const regexes = texts.map((text) => compileRegex(text));
    return (text) => regexes.some((regex) => regex.test(text));
  }
  const set = new Set(texts);
  return (text) => set.has(text);
}

type AttributeList = NonNullable<MatchProperties['attributes']>;

/** Whether all of the attributes are there, with these values. */
export function compileAttributes(
  list: AttributeList,
  matchType: MatchProperties['match_type'],
): Test<Attributes> {
  const tests = list.map(({ key, value }): Test<Attributes> => {
    if (!isSet(value)) return (attributes) => attributes.has(key);
    const matches = compileValue(value, matchType);
    return (attributes) => {
      const found = attributes.getExact(key);
      return found !== undefined && matches(found);
    };
  });
  return allOf(tests);
}

interface Placed {
  readonly attributes: Attributes;
  readonly resource: Resource;
  readonly scope: Scope;
}

function commonTests({
  libraries = [],
  resources = [],
  attributes = [],
  match_type,
}: MatchProperties): Test<Placed>[] {
  const tests = libraries.map(({ name, version }): Test<Placed> => {
    const names = compileTexts([name], match_type);
    const versions = version === undefined ? undefined : compileTexts([version], match_type);
    return ({ scope }) => names(scope.name) && (versions?.(scope.version) ?? true);
  });
  if (resources.length > 0) {
    const matches = compileAttributes(resources, match_type);
    tests.push(({ resource }) => matches(resource.attributes));
  }
  if (attributes.length > 0) {
    const matches = compileAttributes(attributes, match_type);
    tests.push((item) => matches(item.attributes));
  }
  return tests;
}

function compileValue(raw: unknown, matchType: MatchProperties['match_type']): Test<ExactValue> {
  const wanted = exactFromYaml(raw);
  if (matchType !== 'regexp') {
    return typeof wanted === 'object'
      ? (value) => isDeepStrictEqual(value, wanted)
      : (value) => value === wanted;
  }
  const regex = compileRegex(valueText(wanted));
  return (value) => {
    const text = scalarText(value);
    return text !== undefined && regex.test(text);
  };
}

/** What a regular expression sees of a value; nothing of lists, maps and bytes. */
function scalarText(value: ExactValue): string | undefined {
  if (typeof value === 'number') return decimalText(value);
  return value === null || typeof value === 'object' ? undefined : String(value);
}

/** A double without exponent, as Go's 'f' format with the fewest digits. */
function decimalText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  const [mantissa = '', exponent] = text.split('e');
  if (exponent === undefined) return text;
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  return point <= 0 ? `${sign}0.${'0'.repeat(-point)}${digits}` : `${sign}${digits.padEnd(point, '0')}`;
}

function serviceOf(resource: Resource): string {
  const name = resource.attributes.getExact('service.name');
  return name === undefined ? noService : valueText(name);
}

function allOf<Item>(tests: readonly Test<Item>[]): Test<Item> {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return (item) => tests.every((test) => test(item));
}
