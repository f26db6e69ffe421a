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

/** Runs the step on a record for each of the texts, which may be bytes. */
function run(texts: readonly (string | Uint8Array)[], step: ItemStep): Omit<Ran, 'asked'> {
  const span = (text: string): Plain => ({ attributes: [{ key: 'a', value: { stringValue: text } }] });
  const placeholders = texts.map((text) => (typeof text === 'string' ? text : 'Q'.repeat(text.length)));
  const spans = placeholders.map(span);
  const bytes = Buffer.from(encodePlain('TracesData', { resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  for (const text of texts)
    if (typeof text !== 'string') bytes.set(text, bytes.indexOf('Q'.repeat(text.length)));
  const batch = batchOf('traces', bytes);
  expect(QuickProgram.of({ signal: 'traces', steps: [step] })?.run(batch)).toBe(true);
  const { resourceSpans } = decodePlain('TracesData', Buffer.from(batch.encode())) as unknown as Decoded;
  const left = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return { texts: left.map(({ attributes: [attribute] }) => attribute?.value.stringValue) };
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
    fc.tuple(tie('pattern'), fc.constantFrom('(', '(?:')).map(([inner, open]) => `${open}${inner})`),
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
const templates = fc.constantFrom('', 'x', '$1', '<$0>', '${1}-$2', '$2$1$$', 'é$9', '$1'.repeat(5));

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
    expect(decided / all).toBeGreaterThan(0.7);
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
    expect(decided / all).toBeGreaterThan(0.4);
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
    const broken = Uint8Array.of(0x61, 0xc3, 0x62, 0x62);
    expect(replaced('^a(.*)', '$1', [broken]).texts).toStrictEqual(['\ufffdbb']);
    expect(replaced('^b', '', [broken]).asked).toBe(0);
    expect(tested('^a.bb$', [broken]).texts).toStrictEqual(['found']);
  });

  test('leaves a result that is long to others', () => {
    const long = 'a'.repeat(40_000);
    expect(replaced('^(a*)', '$1$1', ['aa']).asked).toBe(0);
    expect(replaced('^(a*)', '$1', [long])).toStrictEqual({ texts: [long], asked: 0 });
    // The callback is asked, and refuses it.
    expect(() => replaced('^(a*)', '$1$1', [long])).toThrow();
  });

  test.each([
    '\\bword\\b',
    '(?m)^line',
    `(?:${'abcdefgh'.repeat(20)}){30}`,
    '(a|b)*a(a|b){12}',
    '(?:(?:(?:){1000}){1000}){1000}',
  ])('is none for %s', (pattern) => expect(testTable(pattern)).toBeUndefined());
});
