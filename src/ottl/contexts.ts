import type { Signal } from '../model/signal.ts';
import { dataPointEditors, editors, metricEditors, spanEditors } from './editors/table.ts';
import type { FunctionSpec } from './function.ts';
import { converters, logConverters, metricConverters, spanConverters } from './functions/table.ts';
import { dataPointFields } from './paths/datapoint.ts';
import type { Fields } from './paths/fields.ts';
import { logFields } from './paths/log.ts';
import { metricFields } from './paths/metric.ts';
import { otelcolFields } from './paths/otelcol.ts';
import { resourceFields, scopeFields } from './paths/resource.ts';
import { spanEventFields, spanFields } from './paths/span.ts';

/** What a text is evaluated on. */
export type ContextName = 'resource' | 'scope' | 'span' | 'spanevent' | 'log' | 'metric' | 'datapoint';

export interface Context {
  readonly name: ContextName;
  /** The fields behind each prefix that a path may have here, the own one first. */
  readonly prefixes: ReadonlyMap<string, Fields>;
  /** Enum symbols; undefined where the reference knows none at all. */
  readonly enums: ReadonlyMap<string, number> | undefined;
  readonly functions: ReadonlyMap<string, FunctionSpec>;
  /** What statements may begin with. */
  readonly editors: ReadonlyMap<string, FunctionSpec>;
}

const scopeAndResource = { scope: scopeFields, instrumentation_scope: scopeFields, resource: resourceFields };

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const codes = ['UNSET', 'OK', 'ERROR'];
const metricTypes = ['NONE', 'GAUGE', 'SUM', 'HISTOGRAM', 'EXPONENTIAL_HISTOGRAM', 'SUMMARY'];
const temporalities = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'];
const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const severities = [
  'UNSPECIFIED',
  ...levels.flatMap((level) => [level, `${level}2`, `${level}3`, `${level}4`]),
];

const spanEnums = new Map([...numbered('SPAN_KIND_', kinds), ...numbered('STATUS_CODE_', codes)]);
const logEnums = new Map(numbered('SEVERITY_NUMBER_', severities));
const metricEnums = new Map([
  ...numbered('AGGREGATION_TEMPORALITY_', temporalities),
  ...numbered('METRIC_DATA_TYPE_', metricTypes),
]);
const pointEnums = new Map([...metricEnums, ...numbered('FLAG_', ['NONE', 'NO_RECORDED_VALUE'])]);

function numbered(prefix: string, names: readonly string[]): [string, number][] {
  return names.map((name, number) => [prefix + name, number]);
}

function context(
  name: ContextName,
  prefixes: Readonly<Record<string, Fields>>,
  enums: ReadonlyMap<string, number> | undefined,
): Context {
  const all = { ...prefixes, otelcol: otelcolFields };
  return {
    name,
    prefixes: new Map(Object.entries(all)),
    enums,
    functions: functionsOf(name),
    editors: editorsOf(name),
  };
}

function functionsOf(name: ContextName): ReadonlyMap<string, FunctionSpec> {
  if (name === 'span') return new Map([...converters, ...spanConverters]);
  if (name === 'metric') return new Map([...converters, ...metricConverters]);
  return name === 'log' ? new Map([...converters, ...logConverters]) : converters;
}

function editorsOf(name: ContextName): ReadonlyMap<string, FunctionSpec> {
  if (name === 'span') return spanEditors;
  if (name === 'metric') return metricEditors;
  return name === 'datapoint' ? dataPointEditors : editors;
}

/** All contexts, the most specific first: in this order the reference prefers them when it infers one. */
export const contexts: readonly Context[] = [
  context('log', { log: logFields, ...scopeAndResource }, logEnums),
  context('datapoint', { datapoint: dataPointFields, metric: metricFields, ...scopeAndResource }, pointEnums),
  context('metric', { metric: metricFields, ...scopeAndResource }, metricEnums),
  context('spanevent', { spanevent: spanEventFields, span: spanFields, ...scopeAndResource }, spanEnums),
  context('span', { span: spanFields, ...scopeAndResource }, spanEnums),
  context('scope', { scope: scopeFields, resource: resourceFields }, undefined),
  context('resource', { resource: resourceFields }, undefined),
];

/** The contexts of the records of a signal. */
export const contextsOfSignal: Readonly<Record<Signal, readonly ContextName[]>> = {
  traces: ['resource', 'scope', 'span', 'spanevent'],
  logs: ['resource', 'scope', 'log'],
  metrics: ['resource', 'scope', 'metric', 'datapoint'],
};

/** The context with functions of the user's own. */
export function contextWith(context: Context, own: ReadonlyMap<string, FunctionSpec> | undefined): Context {
  if (own === undefined || own.size === 0) return context;
  return { ...context, functions: new Map([...context.functions, ...own]) };
}

export function contextNamed(name: ContextName): Context {
  const found = contexts.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`${name} is no OTTL context`);
  return found;
}
