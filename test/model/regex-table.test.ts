/** What a table finds in bytes is what the regex finds in the text. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../src/model/batches.ts';
import type { ItemStep } from '../../src/model/item-program.ts';
import { QuickProgram } from '../../src/model/quick-program.ts';
import { compileRegex } from '../../src/model/regex.ts';
import { testTable } from '../../src/model/regex-table.ts';
import { expansion, expansionTable, replaceAll } from '../../src/ottl/replacement.ts';
import { decodePlain, encodePlain, type Plain } from '../support/plain-otlp.ts';

const value = { at: 'attribute', of: 'item', key: 'a' } as const;

interface Ran {
  /** What became of the attribute of each text. */
  readonly texts: readonly (string | undefined)[];
  /** All of what came out. */
  readonly bytes: Buffer;
  /** How often a table was not enough. */
  readonly asked: number;
}

interface Decoded {
  readonly resourceSpans: {
    readonly scopeSpans: {
      readonly spans: { readonly attributes: { readonly value: { readonly stringValue: string } }[] }[];
    }[];
  }[];
}

function bytesWith(spans: readonly Plain[]): Buffer {
  return Buffer.from(encodePlain('TracesData', { resourceSpans: [{ scopeSpans: [{ spans: [...spans] }] }] }));
}

function batchWith(spans: readonly Plain[]): ReturnType<typeof batchOf> {
  return batchOf('traces', bytesWith(spans));
}

/** Runs the step on a record for each of the texts, which may be bytes. */
function run(texts: readonly (string | Uint8Array)[], step: ItemStep): Omit<Ran, 'asked'> {
  const span = (text: string): Plain => ({ attributes: [{ key: 'a', value: { stringValue: text } }] });
  const placeholders = texts.map((text) => (typeof text === 'string' ? text : 'Q'.repeat(text.length)));
  const bytes = bytesWith(placeholders.map(span));
  for (const text of texts)
    if (typeof text !== 'string') bytes.set(text, bytes.indexOf('Q'.repeat(text.length)));
  const batch = batchOf('traces', bytes);
  expect(QuickProgram.of({ signal: 'traces', steps: [step] })?.run(batch)).toBe(true);
  const out = Buffer.from(batch.encode());
  const { resourceSpans } = decodePlain('TracesData', out) as unknown as Decoded;
  const left = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return { texts: left.map(({ attributes: [attribute] }) => attribute?.value.stringValue), bytes: out };
}

function tested(pattern: string, texts: readonly (string | Uint8Array)[]): Ran {
  const regex = compileRegex(pattern);
  let asked = 0;
  const by = (text: string): boolean => {
    asked++;
    return regex.test(text);
  };
  const when = { is: 'matched', value, by, table: testTable(pattern), nil: false } as const;
  const set = { do: 'set', place: value, value: { at: 'constant', value: 'found' } } as const;
  return { ...run(texts, { ...set, when }), asked };
}

function replaced(pattern: string, template: string, texts: readonly (string | Uint8Array)[]): Ran {
  const regex = compileRegex(pattern);
  const expand = expansion(template, regex);
  let asked = 0;
  const by = (text: string): string | undefined => {
    asked++;
    return replaceAll(text, regex, expand);
  };
  return {
    ...run(texts, { do: 'replace', place: value, by, table: expansionTable(template, regex) }),
    asked,
  };
}

const atoms = fc.constantFrom(
  '^',
  '$',
  '(?:$|a)',

  'a',
  'b',
  '1',
  '.',
  '[ab]',
  '[^a]',
  '\\d',
  '\\w',
  '\\.',
  '(?i:k)',
  '(?s:.)',
  '[é-ü]',
  'é',
  '[^é]',
  '[[:^digit:]]',
);
const { pattern: patterns } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    atoms,
    fc
      .tuple(tie('pattern'), fc.constantFrom('(', '(', '(?:', '(?P<n>'))
      .map(([inner, open]) => `${open}${inner})`),
    fc
      .tuple(
        tie('pattern'),
        fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{0}', '*?', '+?', '??', '{1,2}?'),
      )
      .map(([inner, times]) => `(?:${inner})${times}`),
    fc.tuple(atoms, fc.constantFrom('*', '+', '?', '*?', '+?')).map(([atom, times]) => `${atom}${times}`),
  ),
  pattern: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.array(tie('piece'), { maxLength: 3 }).map((parts) => parts.join('')),
    fc.tuple(tie('pattern'), tie('pattern')).map((parts) => parts.join('|')),
  ),
}));
const anchored = fc
  .tuple(fc.constantFrom('', '', '^'), patterns, fc.constantFrom('', '', '$'))
  .map(([start, inner, end]) => `${start}${inner}${end}`);
const characters = fc.constantFrom('a', 'b', '1', '.', 'k', '\n', 'é', 'ü', '\u212a', '😀', 'x');
const bytes = fc.constantFrom(0x61, 0x31, 0x80, 0xc3, 0xa9, 0xe2, 0xff);
const texts = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.string({ unit: characters }) },
    {
      weight: 1,
      arbitrary: fc.array(bytes, { minLength: 4, maxLength: 8 }).map((list) => Uint8Array.from(list)),
    },
  ),
  { minLength: 1, maxLength: 12 },
);
const textOf = (text: string | Uint8Array): string =>
  typeof text === 'string' ? text : Buffer.from(text).toString();
const templates = fc
  .array(fc.constantFrom('x', 'é', '$$', '<$0>', '$1', '$2', '${3}', '$4', '${n}', '$9', '$none'), {
    maxLength: 4,
  })
  .map((parts) => parts.join('-'));

describe('a table of a regex', () => {
  test('finds out whether a text holds it', () => {
    let decided = 0;
    let all = 0;
    fc.assert(
      fc.property(anchored, texts, (pattern, some) => {
        const regex = compileRegex(pattern);
        const ran = tested(pattern, some);
        expect(ran.texts).toStrictEqual(some.map(textOf).map((text) => (regex.test(text) ? 'found' : text)));
        all += some.length;
        decided += some.length - ran.asked;
      }),
      { numRuns: 3000 },
    );
    expect(decided / all).toBeGreaterThan(0.55);
  });

  test('replaces the match at the start as Go does', () => {
    let decided = 0;
    let all = 0;
    const starting = fc.oneof(
      anchored.map((pattern) => `^(?:${pattern})`),
      fc.tuple(patterns, patterns).map(([a, b]) => `^(${a})(${b})`),
      fc.tuple(patterns, patterns).map(([a, b]) => `^1(${a})\\.(${b})$`),
      anchored,
    );
    fc.assert(
      fc.property(starting, templates, texts, (pattern, template, some) => {
        const regex = compileRegex(pattern);
        const expand = expansion(template, regex);
        const ran = replaced(pattern, template, some);
        expect(ran.texts).toStrictEqual(
          some.map(textOf).map((text) => replaceAll(text, regex, expand) ?? text),
        );
        all += some.length;
        decided += some.length - ran.asked;
      }),
      { numRuns: 3000 },
    );
    expect(decided / all).toBeGreaterThan(0.3);
  });

  test.each([
    ['^(\\d+)\\.(\\d+)\\..*$', '$1.$2.0.0', ['10.20.30.40', '10.20', 'a.b.c', '1.2.\n', ''], ['10.20.0.0']],
    ['^/api/v(?P<version>[0-9]+)/', '/${version}/', ['/api/v12/users/1', '/api/vx/'], ['/12/users/1']],
    ['^(?:(a)|b)*$', '$1', ['ab', 'ba', 'b', 'bab'], ['a', 'a', '', 'a']],
    ['^a(b)?', '[$1]', ['abc', 'ac'], ['[b]c', '[]c']],
    ['^[^:]*: ', '', ['Größe: 1', 'x'], ['1']],
    ['^a*?', '-', ['aa'], ['-aa']],
  ])('%s to %s asks nobody', (pattern, template, some, expected) => {
    const ran = replaced(pattern, template, some);
    expect(ran.asked).toBe(0);
    expect(ran.texts).toStrictEqual([...expected, ...some.slice(expected.length)]);
  });

  test.each([
    'password',
    '^/health',
    '\\d+ms',
    '(a+)+$',
    'a.*b.*c',
    '(?i)error|fatal',
    '^(GET|POST) /v[12]/.*$',
  ])('tests %s and asks nobody', (pattern) => {
    const some = [
      'my password',
      '/health',
      'took 12ms',
      'aaaa',
      'a b c',
      'an ERROR',
      'GET /v1/x',
      'ü',
      'none',
    ];
    const regex = compileRegex(pattern);
    const ran = tested(pattern, some);
    expect(ran.asked).toBe(0);
    expect(ran.texts).toStrictEqual(some.map((text) => (regex.test(text) ? 'found' : text)));
  });

  test('replaces many matches only where there is one', () => {
    const ran = replaced('\\d{4}-\\d{4}', '****', ['card 1234-5678 and 1111-2222', 'none 123-456', '']);
    expect(ran.asked).toBe(1);
    expect(ran.texts).toStrictEqual(['card **** and ****', 'none 123-456', '']);
  });

  test('leaves what is no UTF-8 to who reads it as U+FFFD', () => {
    const broken = Uint8Array.of(0x61, 0x62, 0xc3, 0x62);
    const ran = replaced('^a', '', [broken]);
    expect(ran.asked).toBe(1);
    expect(ran.bytes.includes('b\ufffdb')).toBe(true);
    expect(replaced('^b', '', [broken]).asked).toBe(0);
    expect(tested('^ab.b$', [broken])).toMatchObject({ texts: ['found'], asked: 1 });
  });

  test.each([
    [8, 0],
    [9, 1],
  ])('has slots for eight groups: %d', (count, asked) => {
    const letters = 'abcdefghi'.slice(0, count);
    const pattern = `^${Array.from(letters, (letter) => `(${letter})`).join('')}`;
    const template = Array.from(letters, (_, i) => `$${i + 1}`)
      .toReversed()
      .join('.');
    const ran = replaced(pattern, template, [`${letters}x`]);
    expect(ran).toMatchObject({ texts: [`${Array.from(letters).toReversed().join('.')}x`], asked });
  });

  // Callbacks write so much, and are asked, and refuse it.
  test.each([
    {
      by: 'groups',
      pattern: '^(a*)',
      template: '$1$1',
      fits: 'a'.repeat(32_000),
      isLong: 'a'.repeat(33_000),
    },
    {
      by: 'texts',
      pattern: '^a',
      template: `${'x'.repeat(8000)}${'${0}'.repeat(10)}`,
      fits: 'a',
      isLong: `a${'b'.repeat(60_000)}`,
    },
    {
      by: 'its rest',
      pattern: '^a',
      template: 'b',
      fits: `a${'c'.repeat(65_000)}`,
      isLong: `a${'c'.repeat(66_000)}`,
    },
  ])('leaves to others what is long by $by', ({ pattern, template, fits, isLong }) => {
    const regex = compileRegex(pattern);
    const expected = replaceAll(fits, regex, expansion(template, regex)) ?? '';
    const ran = replaced(pattern, template, [fits]);
    expect(ran.asked).toBe(0);
    expect(ran.texts[0] === expected).toBe(true);
    let asked = 0;
    const by = (text: string): string => {
      asked++;
      return replaceAll(text, regex, expansion(template, regex)) ?? '';
    };
    const step = { do: 'replace', place: value, by, table: expansionTable(template, regex) } as const;
    const batch = batchWith([{ attributes: [{ key: 'a', value: { stringValue: isLong } }] }]);
    expect(QuickProgram.of({ signal: 'traces', steps: [step] })?.run(batch)).toBe(false);
    expect(asked).toBe(1);
  });

  test('takes no room from the steps of its program', () => {
    const long = 'x'.repeat(100);
    const steps = Array.from({ length: 300 }, (_, i): ItemStep => {
      const pattern = `^/api/v${i}$`;
      const [when, by] = [(text: string) => text === `/api/v${i}`, () => `${i} ${long}`];
      if (i % 2 === 0)
        return {
          do: 'set',
          place: value,
          value: { at: 'constant', value: `route ${i}` },
          when: { is: 'matched', value, by: when, table: testTable(pattern), nil: false },
        };
      const table = expansionTable(`${i} ${long}`, compileRegex(pattern));
      return { do: 'replace', place: value, by: (text) => (when(text) ? by() : undefined), table };
    });
    const spans = [0, 1, 298, 299].map((i) => ({
      attributes: [{ key: 'a', value: { stringValue: `/api/v${i}` } }],
    }));
    const batch = batchWith(spans);
    expect(QuickProgram.of({ signal: 'traces', steps })?.run(batch)).toBe(true);
    const out = Buffer.from(batch.encode()).toString('latin1');
    for (const text of ['route 0', `1 ${long}`, 'route 298', `299 ${long}`]) expect(out).toContain(text);
  });

  test('is there for a hundred states, and not for hundreds', () => {
    expect(testTable('(a|b)*a(a|b){5}')).toBeDefined();
    expect(testTable('(a|b)*a(a|b){8}')).toBeUndefined();
  });

  test.each([
    '\\bword\\b',
    '(?m)^line',
    `(?:${'abcdefgh'.repeat(20)}){30}`,
    '(a|b)*a(a|b){12}',
    '(?:(?:(?:){1000}){1000}){1000}',
  ])('is none for %s', (pattern) => expect(testTable(pattern)).toBeUndefined());
});
