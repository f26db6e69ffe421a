/** What a program does over bytes is what it says, or nothing is done. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { batchOf } from '../../src/model/batches.ts';
import type {
  ItemEffect,
  ItemField,
  ItemPlace,
  ItemProgram,
  ItemStep,
  ItemTest,
  ItemValue,
} from '../../src/model/item-program.ts';
import { QuickProgram } from '../../src/model/quick-program.ts';
import type { ExactValue } from '../../src/model/value.ts';
import { anyValues, plainLogRecords, plainLogs, plainSpans, plainTraces } from '../support/arbitrary-otlp.ts';
import { LeftToViews, runOnPlain } from '../support/item-program-oracle.ts';
import { decodePlain, encodePlain, type Plain } from '../support/plain-otlp.ts';

type Signal = ItemProgram['signal'];

const keys = fc.constantFrom('a', 'b', 'key', 'http.route', 'made', 'k'.repeat(40));
const constants = fc.constantFrom<ExactValue[]>('', 'v', 'long '.repeat(60), true, 5n, -5n, 2n ** 62n, 1.5);
const fieldsOf: Record<Signal, readonly ItemField[]> = {
  traces: ['name', 'kind', 'statusCode'],
  logs: ['severityNumber', 'severityText', 'body'],
};
const of = fc.constantFrom('item' as const, 'item' as const, 'resource' as const);

function placesOf(signal: Signal): fc.Arbitrary<ItemPlace> {
  const field = fc.constantFrom(...fieldsOf[signal]);
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ at: fc.constant('attribute' as const), of, key: keys }) },
    { weight: 1, arbitrary: fc.record({ at: fc.constant('field' as const), field }) },
  );
}

function valuesOf(places: fc.Arbitrary<ItemPlace>): fc.Arbitrary<ItemValue> {
  const constant = constants.map((value) => ({ at: 'constant' as const, value }));
  const parts = fc.array(fc.oneof(places, constant), { maxLength: 3 });
  const joined = fc.record({
    at: fc.constant('joined' as const),
    parts,
    by: fc.constantFrom('', '|', ' and '),
  });
  const made = fc.record({
    at: fc.constant('made' as const),
    of: places,
    by: fc.constantFrom(
      (text: string) => text.toUpperCase(),
      (text: string) => text.repeat(3),
    ),
  });
  return fc.oneof(constant, places, joined, made);
}

function testsOf(places: fc.Arbitrary<ItemPlace>): fc.Arbitrary<ItemTest> {
  const numbers = fc.constantFrom(0n, 1n, 2n, 5n, 1.5, -1);
  const compared = fc.oneof(
    fc.record({
      is: fc.constant('compared' as const),
      value: places,
      operator: fc.constantFrom('==' as const, '!=', '<', '<=', '>', '>='),
      with: numbers,
    }),
    fc.record({
      is: fc.constant('compared' as const),
      value: places,
      operator: fc.constantFrom('==' as const, '!='),
      with: fc.constantFrom('', 'v', true, false),
    }),
  );
  const leaf = fc.oneof(
    compared,
    fc.record({ is: fc.constant('nil' as const), value: places }),
    fc.record({
      is: fc.constant('matched' as const),
      value: places,
      by: fc.constant((text: string) => text > 'm'),
      nil: fc.constantFrom(false as const, false as const, 'views' as const),
    }),
  );
  const inner = fc.array(leaf, { maxLength: 3 });
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    { weight: 1, arbitrary: leaf.map((one) => ({ is: 'not' as const, of: one })) },
    { weight: 1, arbitrary: fc.record({ is: fc.constantFrom('all' as const, 'any' as const), of: inner }) },
  );
}

function longer(value: ExactValue): ExactValue {
  if (typeof value === 'string') return value.length;
  return typeof value === 'number' ? BigInt(Math.trunc(value % 1e9) || 0) : value;
}

function effectsOf(signal: Signal): fc.Arbitrary<ItemEffect> {
  const places = placesOf(signal);
  const written = places.filter((place) => place.at === 'attribute' || place.field !== 'statusCode');
  const which = fc.constantFrom(
    (key: string) => key.length === 1,
    (key: string) => key.startsWith('k'),
  );
  const by = fc.constant((text: string) => (text === '' ? undefined : `<${text}>é`));
  const effect = <E extends ItemEffect['do'], Rest>(
    name: E,
    rest: { [K in keyof Rest]: fc.Arbitrary<Rest[K]> },
  ) => fc.record({ do: fc.constant(name), ...rest });
  return fc.oneof(
    effect('set', { place: written, value: valuesOf(places) }),
    effect('put', { key: keys, value: constants, where: fc.constantFrom('absent', 'present', 'always') }),
    effect('change', { key: keys, by: fc.constant(longer) }),
    effect('hash', { key: keys }),
    effect('delete', { of, key: keys }),
    effect('deleteKeys', { of, which }),
    effect('truncate', { of, bytes: fc.constantFrom(0, 1, 3, 20) }),
    effect('replace', { place: written, by }),
    effect('stop', {}),
    effect('drop', { reason: fc.constantFrom('one', 'two') }),
  ) as fc.Arbitrary<ItemEffect>;
}

function programsOf(signal: Signal): fc.Arbitrary<ItemProgram> {
  const tests = testsOf(placesOf(signal));
  const step = fc
    .tuple(effectsOf(signal), fc.option(tests, { nil: undefined }))
    .map(([effect, when]): ItemStep => ({ ...effect, when }));
  return fc.record({ signal: fc.constant(signal), steps: fc.array(step, { maxLength: 5 }) });
}

/** Records that are written as usual for the most part. */
function dataOf(signal: Signal): fc.Arbitrary<Plain> {
  const [groups, scopes, items, item, odd] =
    signal === 'traces'
      ? (['resourceSpans', 'scopeSpans', 'spans', plainSpans, plainTraces] as const)
      : (['resourceLogs', 'scopeLogs', 'logRecords', plainLogRecords, plainLogs] as const);
  const attributes = fc
    .uniqueArray(fc.tuple(keys, anyValues), { selector: ([key]) => key, maxLength: 5 })
    .map((list) => (list.length === 0 ? {} : { attributes: list.map(([key, value]) => ({ key, value })) }));
  const usual = fc.tuple(item, attributes).map(([{ attributes: _, ...rest }, own]) => ({ ...rest, ...own }));
  const list = <T>(name: string, one: fc.Arbitrary<T>): fc.Arbitrary<Plain> =>
    fc.array(one, { maxLength: 3 }).map((all) => (all.length === 0 ? {} : { [name]: all }));
  const scope = list(items, fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: item }));
  const group = fc
    .tuple(attributes, list(scopes, scope), fc.boolean())
    .map(([resource, rest, isNamed]) => ({ resource, ...rest, ...(isNamed ? { schemaUrl: 'u' } : {}) }));
  return fc.oneof({ weight: 9, arbitrary: list(groups, group) }, { weight: 1, arbitrary: odd });
}

const typeOf = { traces: 'TracesData', logs: 'LogsData' } as const;

function outcome(program: ItemProgram, data: Plain): { left: Plain; drops: Map<string, number> } | undefined {
  const left = structuredClone(data);
  try {
    const drops = runOnPlain(program, left);
    return { left, drops };
  } catch (error) {
    if (error instanceof LeftToViews) return undefined;
    throw error;
  }
}

describe.each(['traces', 'logs'] as const)('programs over %s', (signal) => {
  test('do what they say, or nothing', () => {
    let runs = 0;
    let all = 0;
    let changed = 0;
    fc.assert(
      fc.property(programsOf(signal), dataOf(signal), (program, data) => {
        const quick = QuickProgram.of(program);
        const bytes = encodePlain(typeOf[signal], data);
        const normal = decodePlain(typeOf[signal], bytes);
        const batch = batchOf(signal, Buffer.from(bytes));
        const items = batch.itemCount;
        const expected = outcome(program, normal);
        all++;
        if (quick?.run(batch) !== true) {
          expect(Buffer.compare(batch.encode(), bytes)).toBe(0);
          return;
        }
        runs++;
        if (Buffer.compare(batch.encode(), bytes) !== 0) changed++;
        expect(expected).toBeDefined();
        const drops = batch.takeDrops();
        expect(decodePlain(typeOf[signal], Buffer.from(batch.encode()))).toStrictEqual(expected?.left);
        expect(drops).toStrictEqual(expected?.drops);
        const dropped = [...drops.values()].reduce((sum, count) => sum + count, 0);
        expect(batch.itemCount).toBe(items - dropped);
        expect(batchOf(signal, Buffer.from(batch.encode())).itemCount).toBe(batch.itemCount);
      }),
      { numRuns: 1200 },
    );
    expect(changed).toBeGreaterThan(100);
    expect(runs / all).toBeGreaterThan(0.4);
  });
});

const anItem = { at: 'attribute', of: 'item', key: 'a' } as const;
const aResource = { at: 'attribute', of: 'resource', key: 'a' } as const;
const one: ItemValue = { at: 'constant', value: 1n };

function traces(resourceSpans: readonly Plain[]): Buffer {
  return encodePlain('TracesData', { resourceSpans });
}

/** One group with these spans. */
function spansOf(...spans: Plain[]): Plain {
  return { resource: { attributes: [text('name', 'r')] }, scopeSpans: [{ spans }] };
}

function text(key: string, stringValue: string): { key: string; value: Plain } {
  return { key, value: { stringValue } };
}

function ready(...steps: ItemStep[]): QuickProgram {
  const program = QuickProgram.of({ signal: 'traces', steps });
  if (program === undefined) throw new Error('it cannot be said');
  return program;
}

function ran(program: QuickProgram, bytes: Buffer): Plain | undefined {
  const batch = batchOf('traces', Buffer.from(bytes));
  return program.run(batch) ? decodePlain('TracesData', Buffer.from(batch.encode())) : undefined;
}

describe('a program', () => {
  const set = ready({ do: 'set', place: anItem, value: one });
  const item = { name: 'n' };

  test.each([
    ['with views open', (batch: ReturnType<typeof batchOf<'traces'>>) => void batch.spans(), [spansOf(item)]],
    ['with a key twice', undefined, [spansOf({ attributes: [text('b', '1'), text('b', '2')] })]],
    ['with a long key', undefined, [spansOf({ attributes: [text('b'.repeat(128), '1')] })]],
    ['with the value before the key', undefined, [spansOf({ attributes: [{ value: {}, key: 'b' }] })]],
    [
      'with more attributes than there is room for',
      undefined,
      [spansOf({ attributes: Array.from({ length: 1025 }, (_, i) => text(`k${i}`, '')) })],
    ],
  ])('leaves alone a batch %s', (_, prepare, groups) => {
    const bytes = traces(groups);
    const batch = batchOf('traces', Buffer.from(bytes));
    prepare?.(batch);
    const program = ready({ do: 'set', place: anItem, value: one }, { do: 'truncate', of: 'item', bytes: 9 });
    expect(program.run(batch)).toBe(false);
    expect(Buffer.from(batch.encode()).equals(bytes)).toBe(true);
  });

  test.each([
    ['copied', '4a080a016212030a01ff'],
    ['a key', '4a080a01ff12030a0178'],
  ])('leaves alone what is no UTF-8, and would read as something else: %s', (_, odd) => {
    const value = { ...anItem, key: 'b' };
    const copying = ready({ do: 'set', place: anItem, value });
    const joining = ready({ do: 'set', place: anItem, value: { at: 'joined', parts: [value], by: '' } });
    const data = traces([spansOf({ '?': [odd] })]);
    expect([ran(copying, data), ran(joining, data)]).toEqual([undefined, undefined]);
  });

  test.each([
    ['a text that is no UTF-8 is hashed', '4a080a016212030a01ff', { do: 'hash', key: 'b' }],
    [
      'a value of a kind that is not known yet may be nil',
      '4a080a016212034a0161',
      { do: 'drop', reason: 'r', when: { is: 'nil', value: { ...anItem, key: 'b' } } },
    ],
  ] satisfies [string, string, ItemStep][])('leaves alone where %s', (_, odd, step) => {
    expect(ran(ready(step), traces([spansOf({ '?': [odd] })]))).toBeUndefined();
  });

  test('leaves a field out that came as its default, and is set so or anew', () => {
    const setName = (value: string): ItemStep => ({
      do: 'set',
      place: { at: 'field', field: 'name' },
      value: { at: 'constant', value },
    });
    const data = traces([spansOf({ '?': ['2a00'] })]);
    const batch = batchOf('traces', Buffer.from(data));
    expect(ready(setName('')).run(batch)).toBe(true);
    expect(Buffer.from(batch.encode()).equals(traces([spansOf({})]))).toBe(true);
    const again = ready(setName(''), setName('n'));
    expect(ran(again, traces([spansOf(item)]))).toStrictEqual({ resourceSpans: [spansOf(item)] });
  });

  test('tries again after a batch that it could not do', () => {
    const program = ready({ do: 'set', place: anItem, value: one });
    const odd = traces([spansOf({ attributes: [text('b', '1'), text('b', '2')] })]);
    const good = traces([spansOf(item)]);
    const answers = [odd, good, good, odd, good, good].map((bytes) => ran(program, bytes) !== undefined);
    expect(answers).toEqual([false, false, true, false, false, true]);
  });

  test('does nothing where a callback throws', () => {
    const program = ready({
      do: 'replace',
      place: { at: 'field', field: 'name' },
      by: () => {
        throw new TypeError('no');
      },
    });
    expect(ran(program, traces([spansOf(item)]))).toBeUndefined();
  });

  test('writes a resource anew that its items changed, wherever it stands in what is written', () => {
    const group = (name: string, ...spans: Plain[]): Plain => ({ ...spansOf(...spans), schemaUrl: name });
    const groups = [
      group('1', item),
      group('2', item, { name: 'x', attributes: [text('big', 'x'.repeat(500))] }),
      group('3'),
    ];
    const changed = ready(
      { do: 'set', place: aResource, value: { at: 'constant', value: 'long '.repeat(100) } },
      { do: 'set', place: anItem, value: aResource },
    );
    const data = traces(groups);
    const program: ItemProgram = changed.program;
    expect(ran(changed, data)).toStrictEqual(outcome(program, decodePlain('TracesData', data))?.left);
  });

  test('knows keys again after it has forgotten many', () => {
    const route = { at: 'attribute', of: 'item', key: 'route' } as const;
    const program = ready(
      { do: 'set', place: anItem, value: route },
      { do: 'deleteKeys', of: 'item', which: (key) => key.endsWith('7') },
    );
    for (let round = 0; round < 12; round++) {
      const attributes = Array.from({ length: 300 }, (_, i) => text(`key ${round} ${i}`, 'v'));
      const data = traces([spansOf({ attributes: [...attributes, text('route', `/${round}`)] })]);
      expect(ran(program, data)).toStrictEqual(
        outcome(program.program, decodePlain('TracesData', data))?.left,
      );
    }
  });

  test('is laid out again where others took its place', () => {
    const programs = Array.from({ length: 20 }, (_, i) =>
      ready({ do: 'set', place: { ...anItem, key: `key${i}` }, value: { at: 'constant', value: BigInt(i) } }),
    );
    for (const program of [...programs, ...programs.toReversed()])
      expect(ran(program, traces([spansOf(item)]))).toStrictEqual(
        outcome(program.program, { resourceSpans: [spansOf(item)] })?.left,
      );
  });

  test('that names more keys than there is room for is left to views each time', () => {
    const keys = Array.from({ length: 300 }, (_, i) => `${i} `.padEnd(127, 'k'));
    const program = ready(...keys.map((key): ItemStep => ({ do: 'delete', of: 'item', key })));
    const data = traces([spansOf({ attributes: [text(keys[0] ?? '', 'secret')] })]);
    for (let i = 0; i < 4; i++) expect(ran(program, data)).toBeUndefined();
  });

  test('does all that was put off, also where it was less before', () => {
    const put = (key: string) => ready({ do: 'put', key, value: 1n, where: 'always' });
    const [first, second, last] = [put('1'), put('2'), put('3')] as const;
    const onViews = () => expect.unreachable();
    const keysAfter = (deferred: readonly QuickProgram[]): unknown => {
      const batch = batchOf('traces', Buffer.from(traces([spansOf(item)])));
      for (const program of deferred) program.defer(batch, onViews);
      expect(last.run(batch)).toBe(true);
      return [...(batch.spans()[0]?.attributes.keys() ?? [])];
    };
    expect(keysAfter([first])).toEqual(['1', '3']);
    expect(keysAfter([first, second])).toEqual(['1', '2', '3']);
  });

  test('finds more room at the next batch that grows much', () => {
    const program = ready({ do: 'set', place: anItem, value: { at: 'constant', value: 'x'.repeat(300) } });
    const data = traces([spansOf(...Array.from({ length: 3000 }, () => item))]);
    const answers = Array.from({ length: 8 }, () => ran(program, data) !== undefined);
    expect(answers).toContain(true);
  });

  test.each<[string, ItemStep]>([
    [
      'an order of texts',
      { do: 'drop', reason: 'r', when: { is: 'compared', value: anItem, operator: '<', with: 'b' } },
    ],
    ['a field of another signal', { do: 'set', place: { at: 'field', field: 'body' }, value: one }],
    ['a field that is only read', { do: 'set', place: { at: 'field', field: 'statusCode' }, value: one }],
    [
      'a text that others read as',
      { do: 'drop', reason: 'r', when: { is: 'compared', value: anItem, operator: '==', with: '\ufffd' } },
    ],
    ['a key that others read as', { do: 'delete', of: 'item', key: '\ufffd' }],
    ['a long key', { do: 'set', place: { ...anItem, key: 'k'.repeat(128) }, value: one }],
    ['a long text', { do: 'set', place: anItem, value: { at: 'constant', value: 'x'.repeat(50_000) } }],
  ])('is none for %s', (_, step) => {
    expect(QuickProgram.of({ signal: 'traces', steps: [step] })).toBeUndefined();
  });

  test('hashes as SHA-256 does, whatever the length', () => {
    const lengths = [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 128, 1000];
    const spans = lengths.map((length) => ({ attributes: [text('a', 'h'.repeat(length))] }));
    const hashed = ran(ready({ do: 'hash', key: 'a' }), traces([spansOf(...spans)]));
    const expected = lengths.map((length) => ({
      attributes: [text('a', createHash('sha256').update('h'.repeat(length)).digest('hex'))],
    }));
    expect(hashed).toStrictEqual({ resourceSpans: [spansOf(...expected)] });
  });

  test('touches nothing of a batch of logs', () => {
    expect(set.run(batchOf('logs', Buffer.alloc(0)))).toBe(false);
  });
});

describe('programs are left to views', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.resetModules();
  });

  test('on a processor without SIMD', async () => {
    vi.spyOn(WebAssembly, 'Module').mockImplementation(function none() {
      throw new WebAssembly.CompileError('Wasm SIMD unsupported');
    });
    vi.resetModules();
    const anew = await import('../../src/model/quick-program.ts');
    const program = anew.QuickProgram.of({ signal: 'traces', steps: [] });
    expect(program?.run(batchOf('traces', Buffer.alloc(0)))).toBe(false);
  });
});
