/** Which statements and conditions can be said as data of programs on items, and how. */
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../src/model/batches.ts';
import type { ItemTest } from '../../src/model/item-program.ts';
import { QuickProgram } from '../../src/model/quick-program.ts';
import { compileCondition, type CompileOptions } from '../../src/ottl/condition.ts';
import type { ContextName } from '../../src/ottl/contexts.ts';
import { converter } from '../../src/ottl/function.ts';
import { any } from '../../src/ottl/parameters.ts';
import { compileStatement } from '../../src/ottl/statement.ts';
import { encodePlain } from '../support/plain-otlp.ts';

const itemKey = (key: string) => ({ at: 'attribute', of: 'item', key }) as const;
const resourceKey = (key: string) => ({ at: 'attribute', of: 'resource', key }) as const;
const field = (name: string) => ({ at: 'field', field: name }) as const;
const constant = (value: unknown) => ({ at: 'constant', value }) as const;

const a = itemKey('a');
const name = field('name');
const nil = { is: 'nil', value: a };
const never = { is: 'any', of: [] };

function tested(text: string, context: ContextName = 'span', options: CompileOptions = {}): unknown {
  return compileCondition(text, context, options).itemTest;
}

function stepsOf(text: string, context: ContextName = 'span', options: CompileOptions = {}): unknown {
  return compileStatement(text, context, options).itemSteps;
}

const compared = (value: unknown, operator: string, literal: unknown) => ({
  is: 'compared',
  value,
  operator,
  with: literal,
});

describe('conditions', () => {
  test.each([
    ['attributes["a"] == "x"', compared(a, '==', 'x')],
    ['span.attributes["a"] != true', compared(a, '!=', true)],
    ['resource.attributes["a"] < 2.5', compared(resourceKey('a'), '<', 2.5)],
    ['-3 <= attributes["a"]', compared(a, '>=', -3n)],
    ['2 > attributes["a"]', compared(a, '<', 2n)],
    ['name == "x"', compared(name, '==', 'x')],
    ['kind == SPAN_KIND_CLIENT', compared(field('kind'), '==', 3n)],
    ['status.code != STATUS_CODE_ERROR', compared(field('statusCode'), '!=', 2n)],
    ['attributes["a"] == nil', nil],
    ['nil != attributes["a"]', { is: 'not', of: nil }],
    ['attributes["a"] <= nil', nil],
    ['attributes["a"] > nil', never],
    ['name == nil', never],
    ['kind != nil', { is: 'not', of: never }],
    ['not attributes["a"] == nil', { is: 'not', of: nil }],
    [
      'attributes["a"] == nil and (true and name == "x")',
      { is: 'all', of: [nil, compared(name, '==', 'x')] },
    ],
    ['attributes["a"] == nil or false or false', nil],
    ['ParseJSON(name) == nil and false', never],
    ['true', { is: 'all', of: [] }],
  ])('%s', (text, said) => {
    expect(tested(text)).toEqual(said);
  });

  test.each([
    ['log.severity_number >= SEVERITY_NUMBER_WARN', compared(field('severityNumber'), '>=', 13n)],
    ['severity_text == "x"', compared(field('severityText'), '==', 'x')],
    ['body == nil', { is: 'nil', value: field('body') }],
    ['attributes["a"] == nil', nil],
  ])('of logs: %s', (text, said) => {
    expect(tested(text, 'log')).toEqual(said);
  });

  test.each([
    ['HasPrefix(name, "a.b(*")', ['a.b(*', 'a.b(*c', 'a.b(* é'], ['', 'a.b(', 'axb(*', ' a.b(*', 'A.b(*']],
    ['HasSuffix(name, "é.$")', ['é.$', 'xé.$', 'é.$é.$'], ['', 'é.', '.$', 'é.$ ', 'éx$', 'è.$']],
    ['HasPrefix(name, "")', ['', 'x'], []],
    ['HasSuffix(name, "")', ['', 'x'], []],
  ])('%s holds for the same texts in bytes', (text, right, wrong) => {
    const when = tested(text) as ItemTest;
    const spans = [...right, ...wrong].map((one) => ({ name: one }));
    const bytes = encodePlain('TracesData', { resourceSpans: [{ scopeSpans: [{ spans }] }] });
    const batch = batchOf('traces', Buffer.from(bytes));
    const program = QuickProgram.of({ signal: 'traces', steps: [{ do: 'drop', reason: 'held', when }] });
    expect(program?.run(batch)).toBe(true);
    expect(batch.takeDrops().get('held')).toBe(right.length);
    expect([...right, ...wrong].filter((one) => (when as { by: (text: string) => boolean }).by(one))).toEqual(
      right,
    );
  });

  test.each([
    ['IsMatch(attributes["a"], "^x")', a, ['xy', 'y'], false],
    ['IsMatch(target = name, pattern = "^x")', name, ['xy', 'y'], false],
    ['HasPrefix(attributes["a"], "x")', a, ['xy', 'y'], 'views'],
    ['HasSuffix(name, "x")', name, ['yx', 'y'], 'views'],
  ])('%s', (text, value, [right, wrong], nil) => {
    const said = tested(text);
    const table = expect.any(Uint8Array);
    expect(said).toEqual({ is: 'matched', value, by: expect.any(Function), table, nil });
    const { by } = said as { by: (text: string) => boolean };
    expect([by(right ?? ''), by(wrong ?? '')]).toEqual([true, false]);
  });

  test.each([
    ['of two places', 'attributes["a"] == attributes["b"]'],
    ['with what is no scalar', 'attributes["a"] == 0xab'],
    ['with a list', 'attributes["a"] == ["x"]'],
    ['of another field', 'trace_state == "x"'],
    ['of a scope', 'scope.name == "x"'],
    ['of an entry inside an attribute', 'attributes["a"]["b"] == "x"'],
    ['of a key from the record', 'attributes[name] == "x"'],
    ['of all attributes', 'attributes == nil'],
    ['of what is computed', 'attributes["a"] + 1 == 2'],
    ['with one part that is computed', 'name == "x" and Len(name) > 3'],
    ['of an int as text', 'IsMatch(kind, "3")'],
    ['with a pattern from the record', 'IsMatch(name, attributes["a"])'],
    ['with a prefix from the record', 'HasPrefix(attributes["a"], name)'],
    ['of the result of a call', 'IsMatch(name, "x") == true'],
  ])('are none %s', (_, text) => {
    expect(tested(text)).toBeUndefined();
  });

  test('are none in other contexts', () => {
    expect(tested('span.attributes["a"] == "x"', 'spanevent')).toBeUndefined();
    expect(tested('resource.attributes["a"] == "x"', 'resource')).toBeUndefined();
  });

  test('are none of a function that hides one', () => {
    const own = converter('IsMatch', { target: any(), pattern: any() }, () => () => true);
    expect(tested('IsMatch(name, "x")', 'span', { functions: new Map([['IsMatch', own]]) })).toBeUndefined();
  });
});

const set = (place: unknown, value: unknown) => ({ do: 'set', place, value });

describe('statements', () => {
  test.each([
    ['set(attributes["a"], "x")', set(a, constant('x'))],
    ['set(value = -2, target = resource.attributes["a"])', set(resourceKey('a'), constant(-2n))],
    ['set(attributes["a"], [1, "x", nil])', set(a, constant([1n, 'x', null]))],
    ['set(attributes["a"], {"b": 1.5})', set(a, constant(new Map([['b', 1.5]])))],
    ['set(attributes["a"], name)', set(a, name)],
    ['set(attributes["a"], kind)', set(a, field('kind'))],
    ['set(name, attributes["a"])', set(name, a)],
    ['set(kind, SPAN_KIND_SERVER)', set(field('kind'), constant(2n))],
    [
      'set(name, Concat([attributes["a"], "x", 7, nil], "-"))',
      set(name, { at: 'joined', parts: [a, constant('x'), constant('7'), constant('<nil>')], by: '-' }),
    ],
    ['delete_key(attributes, "a")', { do: 'delete', of: 'item', key: 'a' }],
    ['delete_key(resource.attributes, "a")', { do: 'delete', of: 'resource', key: 'a' }],
    ['truncate_all(attributes, 10)', { do: 'truncate', of: 'item', bytes: 10 }],
    ['truncate_all(attributes, 10, true, "")', { do: 'truncate', of: 'item', bytes: 10 }],
    ['set(name, "x") where true', set(name, constant('x'))],
    ['set(name, "x") where attributes["a"] == nil', { ...set(name, constant('x')), when: nil }],
  ])('%s', (text, said) => {
    expect(stepsOf(text)).toEqual([said]);
  });

  test.each([
    ['set(log.severity_number, SEVERITY_NUMBER_WARN)', set(field('severityNumber'), constant(13n))],
    ['set(severity_text, body)', set(field('severityText'), field('body'))],
    ['set(body, attributes["a"])', set(field('body'), a)],
  ])('of logs: %s', (text, said) => {
    expect(stepsOf(text, 'log')).toEqual([said]);
  });

  test.each([
    ['delete_matching_keys(attributes, "^x")', ['xy']],
    ['keep_matching_keys(attributes, "^x")', ['y', 'yx']],
    ['keep_keys(attributes, ["y", "b"])', ['xy', 'yx']],
  ])('%s', (text, gone) => {
    const [said] = stepsOf(text) as { which: (key: string) => boolean }[];
    expect(said).toEqual({ do: 'deleteKeys', of: 'item', which: expect.any(Function) });
    expect(['xy', 'y', 'yx'].filter((key) => said?.which(key))).toEqual(gone);
  });

  test('replace_pattern(name, "(x+)", "<$1>")', () => {
    const [said] = stepsOf('replace_pattern(name, "(x+)", "<$1>")') as {
      by: (text: string) => string | undefined;
    }[];
    // Of how many matches there may be it only tells whether there is one.
    const table = { table: expect.any(Uint8Array), parts: undefined };
    expect(said).toEqual({ do: 'replace', place: name, by: expect.any(Function), table });
    expect([said?.by('axxbx'), said?.by('y')]).toEqual(['a<xx>b<x>', undefined]);
  });

  test.each([
    ['SHA256(attributes["a"])', a, 'fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603'],
    ['ToUpperCase(name)', name, 'AB'],
    ['ConvertCase(name, "upper")', name, 'AB'],
    ['Substring(attributes["a"], 1, 1)', a, 'b'],
    ['TrimPrefix(prefix = "a", target = name)', name, 'b'],
  ])('set(name, %s)', (text, of, made) => {
    const [said] = stepsOf(`set(name, ${text})`) as { value: { by: (text: string) => string } }[];
    expect(said).toEqual(set(name, { at: 'made', of, by: expect.any(Function) }));
    expect(said?.value.by('ab')).toBe(made);
  });

  test('that never run are no step', () => {
    expect(stepsOf('append(attributes["a"], "x") where false')).toEqual([]);
  });

  test.each([
    ['fail on every record', 'set(name, 3)'],
    ['fail on every record, for the field is a text', 'set(name, kind)'],
    ['fail on every record, for nothing like it is stored', 'set(attributes["a"], trace_id)'],
    ['set nothing', 'set(attributes["a"], nil)'],
    ['wrap around', 'set(kind, -1)'],
    ['set an enum from what is read', 'set(kind, attributes["a"])'],
    ['set the code', 'set(status.code, STATUS_CODE_OK)'],
    ['set all attributes', 'set(attributes, resource.attributes)'],
    ['set inside an attribute', 'set(attributes["a"]["b"], 1)'],
    ['set what is computed', 'set(attributes["a"], Len(name))'],
    ['make a text of a number', 'set(attributes["a"], ToUpperCase(kind))'],
    ['make a text of two', 'set(attributes["a"], TrimPrefix(name, attributes["a"]))'],
    ['make a text of one that is made', 'set(attributes["a"], SHA256(ToUpperCase(name)))'],
    ['join by what is read', 'set(name, Concat([name, "x"], attributes["a"]))'],
    ['join what is computed', 'set(name, Concat([name, Len(name)], "-"))'],
    ['edit a map inside', 'delete_key(attributes["a"], "b")'],
    ['take a key from the record', 'keep_keys(attributes, ["a", name])'],
    ['mark what they cut', 'truncate_all(attributes, 10, true, "...")'],
    ['cut inside characters', 'truncate_all(attributes, 10, utf8_safe = false)'],
    ['treat what they replace', 'replace_pattern(name, "x", "y", SHA256)'],
    ['use the cache', 'set(cache["a"], 1)'],
    ['have a condition that is none', 'set(name, "x") where Len(name) > 3'],
    ['have no such effect', 'limit(attributes, 3, [])'],
  ])('are none that %s', (_, text) => {
    expect(stepsOf(text)).toBeUndefined();
  });

  test('are none that may set nil', () => {
    const gates = new Set(['ottl.set.allowNil'] as const);
    expect(stepsOf('set(attributes["a"], attributes["b"])', 'span', { gates })).toBeUndefined();
    expect(stepsOf('set(attributes["a"], name)', 'span', { gates })).toEqual([set(a, name)]);
  });

  test('are none in other contexts', () => {
    expect(stepsOf('set(span.attributes["a"], 1)', 'spanevent')).toBeUndefined();
    expect(stepsOf('set(attributes["a"], 1)', 'resource')).toBeUndefined();
  });
});
