/** A warning is never wrong: what is warned of fails, or is the same for every record. */
import { describe, expect, test } from 'vitest';
import { compileCondition } from '../../src/ottl/condition.ts';
import { contextNamed } from '../../src/ottl/contexts.ts';
import type { ContextName } from '../../src/ottl/contexts.ts';
import { OttlEvalError } from '../../src/ottl/errors.ts';
import { compileStatement } from '../../src/ottl/statement.ts';
import type { Target } from '../../src/ottl/target.ts';
import { emptyBatch } from '../../src/model/batches.ts';
import { batchFrom } from '../support/processors.ts';

function spanTarget(): Target {
  const group = emptyBatch('traces').addResource();
  const scopeSpans = group.addScope();
  const span = scopeSpans.addSpan();
  return {
    resource: group.resource,
    scope: scopeSpans.scope,
    span,
    event: span.addEvent(),
    cache: new Map(),
  };
}

function logTarget(): Target {
  const group = emptyBatch('logs').addResource();
  const scopeLogs = group.addScope();
  return {
    resource: group.resource,
    scope: scopeLogs.scope,
    log: scopeLogs.addLogRecord(),
    cache: new Map(),
  };
}

function metricTarget(): Target {
  const gauge = { dataPoints: [{ asInt: '1' }] };
  const batch = batchFrom('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ gauge }] }] }] });
  const [metric] = batch.signal === 'metrics' ? batch.metrics() : [];
  const [resource] = batch.resources();
  return { resource, metric, point: metric?.dataPoints()[0], cache: new Map() };
}

const targets: [ContextName, () => Target][] = [
  ['spanevent', spanTarget],
  ['log', logTarget],
  ['datapoint', metricTarget],
];
const literals = ['1', '1.5', '0.0', '"x"', '""', 'true', 'nil', '0x00', '[1]', '[]', '{"a": 1}', '{}'];
const operators = ['==', '!=', '<', '<=', '>', '>='];

describe.each(targets)('%s', (context, target) => {
  const { prefixes } = contextNamed(context);
  const paths = [...prefixes].flatMap(([prefix, fields]) =>
    prefix === 'otelcol' || prefix.endsWith('scope')
      ? []
      : Object.entries(fields).flatMap(([name, { fields: inner = {} }]) =>
          ['', ...Object.keys(inner).map((one) => `.${one}`)].map((rest) => `${prefix}.${name}${rest}`),
        ),
  );

  test('what is warned of when it is set fails', () => {
    const warned = paths.flatMap((path) =>
      literals
        .map((literal) => compileStatement(`set(${path}, ${literal})`, context))
        .filter(({ warnings }) => warnings.length > 0),
    );
    expect(warned.length).toBeGreaterThan(20);
    for (const { text, execute } of warned) expect(() => execute(target()), text).toThrow(OttlEvalError);
  });

  test('what is warned of in a comparison is what it says', () => {
    const texts = paths.flatMap((path) =>
      literals.flatMap((literal) =>
        operators.flatMap((operator) => [`${path} ${operator} ${literal}`, `${literal} ${operator} ${path}`]),
      ),
    );
    const warned = texts
      .map((text) => compileCondition(text, context))
      .filter(({ warnings }) => warnings.length > 0);
    expect(warned.length).toBeGreaterThan(200);
    for (const { text, warnings, test: holds } of warned)
      expect(warnings[0]?.message, text).toContain(`is ${holds(target())} for every record`);
  });
});
