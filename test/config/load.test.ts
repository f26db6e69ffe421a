import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadTree } from '../../src/config/load.ts';
import type { LoadOptions } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';

function load(texts: readonly string[], options: Partial<LoadOptions> = {}) {
  const sources = texts.map((text, index) => ({ name: `${'abc'[index]}.yaml`, text }));
  const { tree, problems } = loadTree(sources, { env: {}, ...options });
  return {
    tree,
    value: tree.value,
    problems: problems.map((problem) => formatProblem(problem).split('\n')[0]),
  };
}

describe('reading YAML', () => {
  test('integers and floats stay apart', () => {
    expect(load(['a: 1\nb: 1.0\nc: "1"\nd: 1e3']).value).toStrictEqual({ a: 1n, b: 1, c: '1', d: 1000 });
  });

  test('numbers as keys are texts', () => {
    expect(load(['200: a\ntrue: b']).value).toStrictEqual({ 200: 'a', true: 'b' });
  });

  test('tags of YAML itself are understood', () => {
    const text =
      'a: !!str 1\nb: !!int "1"\nc: !!float 1\nd: !!bool "true"\ne: !!null ""\nf: !!map {}\ng: !!seq []\nh: ! 1';
    expect(load([text])).toMatchObject({
      value: { a: '1', b: 1n, c: 1, d: true, e: null, f: {}, g: [], h: '1' },
      problems: [],
    });
  });

  test('aliases and merge keys', () => {
    const text = 'x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: *x\nw: {<<: [*x, {c: 4}]}';
    const x = { a: 1n, b: 2n };
    expect(load([text])).toMatchObject({
      value: { x, y: { a: 1n, b: 3n }, z: x, w: { ...x, c: 4n } },
      problems: [],
    });
  });

  test('an anchor used twice means the last one before the alias', () => {
    expect(load(['a: &x 1\nb: *x\nc: &x 2\nd: *x']).value).toStrictEqual({ a: 1n, b: 1n, c: 2n, d: 2n });
  });

  test('a bomb of aliases is refused once, and quickly', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 12; level++) {
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
    }
    const { problems } = load([lines.join('\n')]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('the aliases of this file stand for more than 10000 values');
  });

  test('an alias of its own map is refused', () => {
    expect(load(['a: &a {b: *a}']).problems).toStrictEqual([
      'a.yaml:1:11  a.b: the alias *a contains itself',
    ]);
  });

  test('deep nesting is refused and does not overflow', () => {
    const { problems } = load([`a: ${'['.repeat(100)}${']'.repeat(100)}`]);
    expect(problems.join('')).toContain('is nested deeper than 64 levels');
    expect(() => load([`a: ${'['.repeat(5000)}`])).not.toThrow();
  });

  test('a byte order mark and windows lines change nothing', () => {
    const { tree, value } = load(['\ufeffa: 1\r\nb:\r\n  c: x\r\n']);
    expect(value).toStrictEqual({ a: 1n, b: { c: 'x' } });
    expect(tree.placeOf(['b', 'c'])).toStrictEqual({
      file: 'a.yaml',
      line: 3,
      column: 6,
      text: '  c: x',
      length: 1,
    });
  });

  test.each([
    ['', 'a.yaml  holds no configuration'],
    ['# only this\n', 'a.yaml  holds no configuration'],
    ['---\n', 'a.yaml  holds no configuration'],
    ['- a', 'a.yaml:1:1  must be a map of sections, found a list'],
    ['a', 'a.yaml:1:1  must be a map of sections, found a single value'],
    ['__proto__: {a: 1}', 'a.yaml:1:1  __proto__ cannot be a key'],
  ])('%j', (text, problem) => {
    expect(load([text]).problems).toStrictEqual([problem]);
  });

  test('errors of all files come in one go', () => {
    const { problems } = load(['a: [1\n', 'b: 1\nb: 2\n', 'c: *x\n']);
    expect(problems.map((line) => line?.slice(0, 6))).toStrictEqual(['a.yaml', 'b.yaml', 'c.yaml']);
  });
});

describe('places', () => {
  test('of keys and values, in blocks and in flow', () => {
    const { tree } = load(['a:\n  b: [x, {c: "y z"}]\n  d:\n']);
    const at = (path: (string | number)[], part: 'key' | 'value') => {
      const place = tree.placeOf(path, part);
      return place === undefined ? undefined : [place.line, place.column, place.length];
    };
    expect(at(['a', 'b'], 'key')).toStrictEqual([2, 3, 1]);
    expect(at(['a', 'b', 0], 'value')).toStrictEqual([2, 7, 1]);
    expect(at(['a', 'b', 1, 'c'], 'key')).toStrictEqual([2, 11, 1]);
    expect(at(['a', 'b', 1, 'c'], 'value')).toStrictEqual([2, 14, 5]);
    expect(at(['a', 'd'], 'value')).toStrictEqual([3, 5, 1]);
    expect(at(['a', 'x'], 'value')).toBeUndefined();
    expect(tree.nearestPlace(['a', 'x', 'y'])).toMatchObject({ line: 1, column: 1 });
  });
});

describe('several sources', () => {
  test('maps are merged, lists and scalars replaced, places kept', () => {
    const { tree, value, problems } = load(['a: {b: 1, c: [1, 2], d: 4}', 'a: {b: 2, c: [3]}\ne: 5']);
    expect(value).toStrictEqual({ a: { b: 2n, c: [3n], d: 4n }, e: 5n });
    expect(problems).toStrictEqual([]);
    expect(['b', 'c', 'd'].map((key) => tree.placeOf(['a', key])?.file)).toStrictEqual([
      'b.yaml',
      'b.yaml',
      'a.yaml',
    ]);
    expect(tree.files).toStrictEqual(['a.yaml', 'b.yaml']);
  });

  test('a key without a value wipes, and says so', () => {
    const { value, problems } = load(['a: {b: 1, c: 2}\nd: {e: 1}', 'a:\nd: {}']);
    expect(value).toStrictEqual({ a: null, d: { e: 1n } });
    expect(problems).toStrictEqual(['b.yaml:1:1  warning: a: has no value and wipes 2 keys set in a.yaml']);
  });

  test('keys with :: on the top level', () => {
    const { value, problems } = load(['a::b: 1\na::c: 2\na:\n  d: 3']);
    expect(value).toStrictEqual({ a: { b: 1n, c: 2n, d: 3n } });
    expect(problems).toStrictEqual([]);
  });

  const tree = fc.letrec<{ map: Record<string, unknown>; value: unknown }>((tie) => ({
    map: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
    value: fc.oneof({ maxDepth: 3 }, fc.nat(9), fc.array(fc.nat(9), { maxLength: 2 }), tie('map')),
  }));
  const merged = (...maps: unknown[]) => load(maps.map((map) => JSON.stringify(map))).value;

  test('laws: {} is neutral, twice is once, what the last source sets holds', () => {
    fc.assert(
      fc.property(tree.map, tree.map, (one, two) => {
        const alone = merged(one);
        expect(merged({}, one)).toStrictEqual(alone);
        expect(merged(one, {})).toStrictEqual(alone);
        expect(merged(one, one)).toStrictEqual(alone);
        const both = merged(one, two);
        expect(merged(one, two, two)).toStrictEqual(both);
        expect(both).toMatchObject(merged(two) as object);
      }),
    );
  });
});

describe('--set', () => {
  const base = 'a: {b: {c: 1}, l: [1], n: }';

  test.each([
    ['a.b.c=2', { b: { c: 2n }, l: [1n], n: null }],
    ['a::b::c=2', { b: { c: 2n }, l: [1n], n: null }],
    ['a.b.c="2"', { b: { c: '2' }, l: [1n], n: null }],
    ['a.b.c=', { b: { c: null }, l: [1n], n: null }],
    ['a.b.c=x=y', { b: { c: 'x=y' }, l: [1n], n: null }],
    ['a.b={d: 1}', { b: { c: 1n, d: 1n }, l: [1n], n: null }],
    ['a.l=[2, 3]', { b: { c: 1n }, l: [2n, 3n], n: null }],
    ['a.n.m=1', { b: { c: 1n }, l: [1n], n: { m: 1n } }],
    ['a.b."x.y"=1', { b: { c: 1n, 'x.y': 1n }, l: [1n], n: null }],
    ['a::b::x.y=1', { b: { c: 1n, 'x.y': 1n }, l: [1n], n: null }],
    ['a.b.c=${env:X}', { b: { c: 7n }, l: [1n], n: null }],
    ['a.b.otlp/2=1', { b: { c: 1n, 'otlp/2': 1n }, l: [1n], n: null }],
  ])('%s', (argument, a) => {
    const { value, problems } = load([base], { set: [argument], env: { X: '7' } });
    expect(problems).toStrictEqual([]);
    expect(value).toStrictEqual({ a });
  });

  test.each([
    ['a.b', '--set a.b  the = between key and value is missing'],
    ['=1', '--set   the key before the = is empty or has an empty part'],
    ['a..b=1', '--set a..b  the key before the = is empty or has an empty part'],
    ['a."b=1', '--set a."b  the key before the = is empty or has an empty part'],
    ['a.l.x=1', '--set a.l.x=1  a.l: is a list; --set cannot reach into it'],
    ['a.b.c.d=1', '--set a.b.c.d=1  a.b.c: is a single value; --set cannot reach into it'],
    ['a.b.c=[1', '--set a.b.c=[1  a.b.c: this [ is never closed'],
    ['a.token=[1', '--set a.token=***  a.token: this [ is never closed'],
    ['a.b.c=${env:N}', '--set a.b.c=${env:N}  a.b.c: the environment variable N is not set'],
    ['a.b=', '--set a.b=  warning: a.b: has no value and wipes 1 key set in a.yaml'],
  ])('%s', (argument, problem) => {
    expect(load([base], { set: [argument] }).problems).toStrictEqual([problem]);
  });

  test('comes after all files, and the last one wins', () => {
    expect(load(['a: 1', 'a: 2'], { set: ['a=3', 'a=4'] }).value).toStrictEqual({ a: 4n });
    expect(load(['a: 1'], { set: ['a=3'] }).tree.placeOf(['a'])?.file).toBe('--set a=3');
  });
});
