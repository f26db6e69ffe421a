/** The YAML of `include` and `exclude`, and what of it makes sense for which signal. */
import { z } from 'zod';
import { moot } from '../../config/fields.ts';
import { compileRegex } from '../../model/regex.ts';
import type { Signal } from '../../model/signal.ts';
import type { CheckedProblem } from '../../pipeline/component.ts';
import { messageOf } from '../../pipeline/errors.ts';
import { isSet } from './raw-value.ts';

export const spanKindNames = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
] as const;

export const matchType = z
  .enum(['strict', 'regexp'])
  .optional()
  .describe('`strict`: equal. `regexp`: an RE2 regular expression finds something, wherever in the text.');

export const attributeList = z
  .array(
    z.strictObject({
      key: z.string().min(1).describe('The attribute that must be there.'),
      value: z.unknown().optional().describe('Its value, of the same type; left out: any value.'),
    }),
  )
  .optional();

const texts = z.array(z.string()).optional();

export const matchSchema = z.strictObject({
  match_type: matchType,
  regexp: z
    .strictObject({
      cacheenabled: moot('results of regular expressions are not cached'),
      cachemaxnumentries: moot('results of regular expressions are not cached'),
    })
    .optional(),
  services: texts.describe('Spans: one of them is the `service.name` of the resource.'),
  span_names: texts.describe('Spans: one of them is the name.'),
  span_kinds: texts.describe('Spans: one of them is the kind, as `SPAN_KIND_SERVER`.'),
  log_bodies: texts.describe('Logs: one of them is the body; a map or list is compared as its JSON.'),
  log_severity_texts: texts.describe('Logs: one of them is the severity text.'),
  log_severity_number: z
    .strictObject({
      min: z.int().describe('The lowest severity number that matches.'),
      match_undefined: z.boolean().default(false).describe('Whether records without a severity match.'),
    })
    .optional()
    .describe('Logs: the severity number.'),
  metric_names: texts.describe('Metrics: one of them is the name.'),
  attributes: attributeList.describe('All of them are attributes of the span or log record.'),
  resources: attributeList.describe(
    'All of them are attributes of the resource; for metrics too, where the Collector ignores it.',
  ),
  libraries: z
    .array(
      z.strictObject({
        name: z.string().describe('The name of the scope.'),
        version: z.string().optional().describe('Its version; left out: any version.'),
      }),
    )
    .optional()
    .describe('All of them are the instrumentation scope.'),
});

export type MatchProperties = z.output<typeof matchSchema>;
type Field = keyof MatchProperties;

const fieldsOf: Record<Signal, readonly Field[]> = {
  traces: ['services', 'span_names', 'span_kinds', 'attributes', 'resources', 'libraries'],
  logs: ['log_bodies', 'log_severity_texts', 'log_severity_number', 'attributes', 'resources', 'libraries'],
  metrics: ['metric_names', 'resources'],
};
const untyped: readonly Field[] = ['match_type', 'regexp', 'log_severity_number'];

/** What is wrong with an `include` or `exclude` in a pipeline of this signal; `at` is its path. */
export function matchProblems(
  properties: MatchProperties,
  signal: Signal,
  at: readonly string[],
): CheckedProblem[] {
  const used = Object.entries(properties)
    .filter(([, value]) => value !== undefined && (!Array.isArray(value) || value.length > 0))
    .map(([field]) => field as Field);
  const error = (path: readonly (string | number)[], message: string): CheckedProblem => ({
    severity: 'error',
    path: [...at, ...path],
    message,
  });
  const known = fieldsOf[signal];
  const foreign = used.filter(
    (field) => field !== 'match_type' && field !== 'regexp' && !known.includes(field),
  );
  const problems = foreign.map((field) => error([field], `cannot be used in a pipeline of ${signal}`));
  if (foreign.length === 0 && !used.some((field) => known.includes(field))) {
    problems.push(error([], `must have at least one of ${known.join(', ')}`));
  }
  if (properties.match_type === undefined && used.some((field) => !untyped.includes(field))) {
    problems.push(error([], 'must have a match_type: strict or regexp'));
  }
  return [...problems, ...valueProblems(properties).map(([path, message]) => error(path, message))];
}

type PlacedMessage = [path: (string | number)[], message: string];

function valueProblems(properties: MatchProperties): PlacedMessage[] {
  if (properties.match_type === 'regexp') return regexProblems(properties);
  return (properties.span_kinds ?? []).flatMap((kind, index): PlacedMessage[] => {
    const known = spanKindNames.some((name) => name === kind);
    return known ? [] : [[['span_kinds', index], `must be one of ${spanKindNames.join(', ')}`]];
  });
}

function regexProblems(properties: MatchProperties): PlacedMessage[] {
  return patternsOf(properties).flatMap(([path, pattern]): PlacedMessage[] => {
    if (typeof pattern !== 'string') return [[path, 'must be text, because match_type is regexp']];
    const reason = regexProblem(pattern);
    return reason === undefined ? [] : [[path, reason]];
  });
}

function regexProblem(pattern: string): string | undefined {
  try {
    compileRegex(pattern);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** All that is a regular expression when `match_type` is `regexp`. */
function patternsOf(properties: MatchProperties): [path: (string | number)[], pattern: unknown][] {
  const lists = [
    'services',
    'span_names',
    'span_kinds',
    'log_bodies',
    'log_severity_texts',
    'metric_names',
  ] as const;
  const pairs = ['attributes', 'resources'] as const;
  return [
    ...lists.flatMap((field) =>
      (properties[field] ?? []).map((text, i): [(string | number)[], unknown] => [[field, i], text]),
    ),
    ...pairs.flatMap((field) =>
      (properties[field] ?? [])
        .map(({ value }, i): [(string | number)[], unknown] => [[field, i, 'value'], value])
        .filter(([, value]) => isSet(value)),
    ),
    ...(properties.libraries ?? []).flatMap(({ name, version }, i): [(string | number)[], unknown][] => [
      [['libraries', i, 'name'], name],
      ...(version === undefined
        ? []
        : ([[['libraries', i, 'version'], version]] as [(string | number)[], unknown][])),
    ]),
  ];
}
