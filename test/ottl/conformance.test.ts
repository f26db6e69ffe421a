import { describe, expect, test } from 'vitest';

import { compileCondition, compileValue } from '../../src/ottl/condition.ts';
import { contexts } from '../../src/ottl/contexts.ts';
import { OttlError, OttlEvalError } from '../../src/ottl/errors.ts';
import { OttlDuration, OttlId, OttlItems, OttlStatus, OttlTime, listItems } from '../../src/ottl/values.ts';
import type { OttlValue } from '../../src/ottl/values.ts';
import { fixtureTarget, hasCorpus, valueCases } from './fixtures.ts';
import type { Expected, ValueCase } from './fixtures.ts';

/** Cases where we differ, and why. */
const differing: Readonly<Record<string, string>> = {
  'Substring/splits-utf8': 'JavaScript text cannot hold half a character',
  'Substring/utf8-unsafe-explicit': 'JavaScript text cannot hold half a character',
};

const known = new Set(contexts.flatMap(({ functions }) => [...functions.keys()]));

/** Names of calls, also those written in pieces (`To Upper Case(x)`), without what stands in strings. */
function callsIn(expression: string): string[] {
  const code = expression.replaceAll(/"(?:\\[^]|[^\\"])*"/g, '""');
  return [...code.matchAll(/((?:\b[A-Z][A-Za-z0-9]*\s*)(?:[A-Z][A-Za-z0-9]*\s*)*)\(/g)].map(([, name = '']) =>
    name.replaceAll(/\s/g, ''),
  );
}

function isSupported({ expression, gates }: ValueCase): boolean {
  return gates === undefined && callsIn(expression).every((name) => known.has(name) || name === 'Nope');
}

type Outcome = { parseError: string } | { evalError: string } | { value: unknown };

function outcomeOf(item: ValueCase): Outcome {
  const options = { prefixRequired: item.paths !== 'legacy' };
  const target = fixtureTarget(item.input, item.context);
  try {
    if (item.kind === 'condition') {
      return {
        value: { type: 'bool', value: compileCondition(item.expression, item.context, options).test(target) },
      };
    }
    return { value: typed(compileValue(item.expression, item.context, options).read(target)) };
  } catch (error) {
    if (error instanceof OttlError) return { parseError: error.message };
    if (error instanceof OttlEvalError) return { evalError: error.message };
    throw error;
  }
}

/** A value in the notation of the corpus. An empty value inside a map is `empty`, in a list literal `nil`. */
function typed(value: OttlValue, inside?: 'map' | 'slice' | 'literal'): unknown {
  if (value === undefined || value === null)
    return { type: inside === 'map' || inside === 'slice' ? 'empty' : 'nil' };
  if (typeof value === 'bigint') return { type: 'int', value: String(value) };
  if (typeof value === 'number') return { type: 'double', value: typedDouble(value) };
  if (typeof value === 'boolean') return { type: 'bool', value };
  if (typeof value === 'string') return { type: 'string', value };
  return typedObject(value);
}

function typedDouble(value: number): unknown {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

function typedObject(value: Extract<OttlValue, object>): unknown {
  if (value instanceof Uint8Array) return { type: 'bytes', value: Buffer.from(value).toString('base64') };
  if (value instanceof Map) {
    return {
      type: 'map',
      value: Object.fromEntries([...value].map(([key, item]) => [key, typed(item, 'map')])),
    };
  }
  const items = listItems(value);
  if (items !== undefined)
    return {
      type: 'list',
      value: items.map((item) => typed(item, Array.isArray(value) ? 'slice' : 'literal')),
    };
  if (value instanceof OttlTime) return { type: 'time', nanos: String(value.nanos) };
  if (value instanceof OttlDuration) return { type: 'duration', nanos: String(value.nanos) };
  if (value instanceof OttlId) return { type: `${value.of}_id`, value: value.hex };
  if (value instanceof OttlItems) return { type: `span_${value.of}`, length: value.length };
  if (value instanceof OttlStatus) return { type: 'status', code: value.code, message: value.message };
  return value;
}

function normalized(expected: Expected): unknown {
  if (expected.type === 'time') return { type: 'time', nanos: expected['unix_nano'] };
  if (expected.type === 'duration') return { type: 'duration', nanos: expected['nanos'] };
  if (expected.type === 'list') return { ...expected, value: (expected.value as Expected[]).map(normalized) };
  if (expected.type === 'map') {
    const entries = Object.entries(expected.value as Record<string, Expected>);
    return {
      ...expected,
      value: Object.fromEntries(entries.map(([key, value]) => [key, normalized(value)])),
    };
  }
  return expected;
}

describe.skipIf(!hasCorpus)('OTTL values and conditions as the Collector computes them', () => {
  const cases = hasCorpus ? valueCases() : [];
  const supported = cases.filter(isSupported);

  test('print how much of the corpus is run', () => {
    const conditions = supported.filter(({ kind }) => kind === 'condition').length;
    const wanted = cases.filter(({ kind }) => kind === 'condition').length;
    console.log(
      `${supported.length - Object.keys(differing).length} of ${cases.length} hold (${conditions} of ${wanted} conditions)`,
    );
    expect(conditions).toBeGreaterThan(330);
  });

  test.each(supported)('$id: $expression', (item) => {
    const outcome = outcomeOf(item);
    if (item.id in differing) {
      expect(outcome).not.toEqual({ value: normalized(item.expect) });
    } else if (item.expect.parse_error === true) {
      expect(outcome).toHaveProperty('parseError');
    } else if (item.expect.eval_error === true) {
      expect(outcome).toHaveProperty('evalError');
    } else {
      expect(outcome).toEqual({ value: normalized(item.expect) });
    }
  });
});

test.runIf(!hasCorpus)('the conformance corpus is missing: nothing was compared with the Collector', () => {
  console.warn('SKIPPED: ../shared/conformance is not there, so no OTTL conformance case ran');
});
