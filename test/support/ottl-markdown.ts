/** `docs/ottl.md`, from the tables of functions, paths and enums and what is said of each function beside them. */
import { contexts } from '../../src/ottl/contexts.ts';
import type { Context, ContextName } from '../../src/ottl/contexts.ts';
import { collectionDocs } from '../../src/ottl/docs/collections.ts';
import type { FunctionDocs } from '../../src/ottl/docs/doc.ts';
import { editorDocs } from '../../src/ottl/docs/editors.ts';
import { metricDocs } from '../../src/ottl/docs/metrics.ts';
import { otherDocs } from '../../src/ottl/docs/others.ts';
import { parsingDocs } from '../../src/ottl/docs/parsing.ts';
import { textDocs } from '../../src/ottl/docs/texts.ts';
import { timeDocs } from '../../src/ottl/docs/times.ts';
import { typeDocs } from '../../src/ottl/docs/types.ts';
import type { FunctionSpec } from '../../src/ottl/function.ts';
import type { Field, Fields } from '../../src/ottl/paths/fields.ts';
import { goTypeName } from '../../src/ottl/values.ts';
import { intro, differences } from './ottl-prose.ts';
import { sampleMetrics, sampleTarget, shown, shownMetric } from './ottl-sample.ts';

const families: readonly (readonly [title: string, docs: FunctionDocs])[] = [
  ['Editors', editorDocs],
  ['Editors of metrics', metricDocs],
  ['Converters: types', typeDocs],
  ['Converters: texts', textDocs],
  ['Converters: formats', parsingDocs],
  ['Converters: times', timeDocs],
  ['Converters: lists and maps', collectionDocs],
  ['Converters: hashes, ids, numbers, networks', otherDocs],
];

/** What is said of every function, by its name. */
export const functionDocs: FunctionDocs = Object.assign(
  {},
  ...families.map(([, docs]) => docs),
) as FunctionDocs;

/** All functions of all contexts, by their names. */
export const functions: ReadonlyMap<string, FunctionSpec> = new Map(
  contexts.flatMap((context) => [...context.functions, ...context.editors]),
);

export function ottlMarkdown(): string {
  return [
    intro,
    ...contextSections(),
    '## Functions',
    sampleSection(),
    ...families.flatMap(([title, docs]) => [
      `### ${title}`,
      ...Object.keys(docs).map((name) => functionSection(name, docs)),
    ]),
    differences,
  ].join('\n\n');
}

function functionSection(name: string, docs: FunctionDocs): string {
  const doc = docs[name];
  const spec = functions.get(name);
  if (doc === undefined || spec === undefined) throw new Error(`${name} is described and not known`);
  const parameters = spec.parameters.map(
    ([parameter, { type, optional }]) => `${parameter}${optional ? '?' : ''}: ${type}`,
  );
  const knowing = contexts.filter((context) => context.functions.get(name) ?? context.editors.get(name));
  const where =
    knowing.length === contexts.length
      ? ''
      : ` Known in the context ${knowing.map((context) => `\`${context.name}\``).join(', ')} only.`;
  const examples = doc.examples.map(([text, result]) => `${text}\n  → ${result}`);
  return [
    `#### ${name}`,
    `\`${name}(${parameters.join(', ')})\``,
    `${doc.summary}${where}`,
    `\`\`\`text\n${examples.join('\n')}\n\`\`\``,
  ].join('\n\n');
}

function sampleSection(): string {
  const attributes = sampleTarget('log').log?.attributes.exactEntries() ?? [];
  const lines = attributes.map(([key, value]) => `${key} = ${shown(value)}`);
  const metrics = sampleTarget('metric').metric?.scopeMetrics.metrics() ?? [];
  return [
    'A type after a `:` is what a parameter takes; one with a `?` can be left out, or be given by its name: `function = SHA256`.',
    'A *literal* must be written out, a *like* type converts other types, a *path* is written to. The examples run on a log record (a',
    'span or a metric where only that is known) with these attributes; what an editor changes is shown behind the arrow.',
    `\n\`\`\`text\n${lines.join('\n')}\n\`\`\``,
    '\nand on the first of these metrics that the editor is meant for:',
    `\n\`\`\`text\n${metrics.map((metric) => `${metric.name} = ${shownMetric(metric)}`).join('\n')}\n\`\`\``,
  ].join('\n');
}

function contextSections(): string[] {
  const shownOnce = new Set<Fields>();
  const sections = contexts.toReversed().map((context) => contextSection(context, shownOnce));
  return ['## Contexts', contextTable(), ...sections];
}

function contextTable(): string {
  const rows = contexts.map(
    ({ name, prefixes }) =>
      `| \`${name}\` | ${[...prefixes.keys()].map((prefix) => `\`${prefix}.\``).join(' ')} |`,
  );
  return [
    'A context is what a statement works on. Where it is not given, it is the first of this list that every path, function and enum',
    'of the statements fits. Each has the paths of those above it.',
    '',
    '| context | paths begin with |',
    '|---|---|',
    ...rows,
  ].join('\n');
}

function contextSection(context: Context, shownOnce: Set<Fields>): string {
  const own = [...context.prefixes].filter(([, fields]) => !shownOnce.has(fields));
  const rows = own.flatMap(([prefix, fields]) => {
    if (shownOnce.has(fields)) return [];
    shownOnce.add(fields);
    return pathRows(fields, prefix, context);
  });
  const enums = [...(context.enums ?? [])].map(([symbol, number]) => `\`${symbol}\` ${number}`);
  return [
    `### ${context.name}`,
    ...(rows.length === 0 ? [] : [['| path | type | |', '|---|---|---|', ...rows].join('\n')]),
    `\`${context.name}.cache\` is a map for values between statements, empty for each record.`,
    ...(enums.length === 0 ? [] : [`Enums: ${enums.join(', ')}.`]),
  ].join('\n\n');
}

function pathRows(fields: Fields, prefix: string, context: Context): string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const path = `${prefix}.${name}`;
    const notes = [
      ...(field.write === undefined ? ['read only'] : []),
      ...(field.index === undefined ? [] : [`\`${path}["key"]\``]),
    ];
    const row = `| \`${path}\` | ${typeIn(context.name, field)} | ${notes.join(', ')} |`;
    return [row, ...(field.fields === undefined ? [] : pathRows(field.fields, path, context))];
  });
}

/** Some fields are there in one type of metric only. */
function typeIn(context: ContextName, { read }: Field): string {
  const metrics = context === 'metric' || context === 'datapoint' ? sampleMetrics : [undefined];
  const types = metrics.map((metric) => typeOf(read(sampleTarget(context, metric))));
  return types.find((type) => type !== '') ?? '';
}

const plainNames: Readonly<Record<string, string>> = {
  int64: 'int',
  float64: 'float',
  'pcommon.Map': 'map',
  'pcommon.TraceID': 'trace id',
  'pcommon.SpanID': 'span id',
  'time.Time': 'time',
  'ptrace.SpanEventSlice': 'events',
  'ptrace.SpanLinkSlice': 'links',
  'ptrace.Status': 'status',
  'pmetric.NumberDataPointSlice': 'data points',
  'pmetric.ExemplarSlice': 'exemplars',
  'pmetric.SummaryDataPointValueAtQuantileSlice': 'quantiles',
  'pmetric.ExponentialHistogramDataPointBuckets': 'buckets',
  '[]uint64': 'list of ints',
  '[]float64': 'list of floats',
  nil: '',
};

function typeOf(value: Parameters<typeof goTypeName>[0]): string {
  const name = goTypeName(value);
  return plainNames[name] ?? name;
}
