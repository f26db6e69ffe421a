import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RegexError, compileRegex } from '../../src/model/regex.ts';
import { RegexLimit } from '../../src/model/regex-work.ts';
import { RE2JS } from 're2js';

/** Patterns as they stand in configurations, and what must run them. */
const engines: [string, 'v8' | 're2'][] = [
  ['^/health', 'v8'],
  ['/api/v[0-9]+/users', 'v8'],
  ['orders$', 'v8'],
  ['^https?://[^/]+\\.com/', 'v8'],
  ['.*password.*', 'v8'],
  ['(?i)health', 'v8'],
  ['^(GET|POST|PUT) /', 'v8'],
  ['^(\\S+) \\S+ \\[([^\\]]+)\\] "', 'v8'],
  ['^thread\\.(id|name)$', 'v8'],
  ['\\b(GET|POST|PUT) (\\S+) HTTP/', 're2'],
  ['(a+)+$', 're2'],
  ['x(a|a)*b', 're2'],
  ['\\Bx', 're2'],
  ['\\d+ms', 're2'],
  ['\\s+$', 're2'],
  ['a.*b.*c', 're2'],
  ['^.*a.*b', 're2'],
  ['\\pL+', 're2'],
  ['(?U)a.*b', 're2'],
];

test.each(engines)('%j runs on %s', (pattern, engine) => expect(compileRegex(pattern).engine).toBe(engine));

/** Pattern, text, whether it matches; the answers are Go's. */
const answers: [string, string, boolean][] = [
  ['a.b', 'a\nb', false],
  ['a.b', 'a\rb', true],
  ['a.b', 'a\u2028b', true],
  ['^.$', '\u{1F600}', true],
  ['(?s)a.b', 'a\nb', true],
  ['(?m)^b$', 'a\nb', true],
  ['a$', 'a\n', false],
  ['(?i)k', '\u212a', true],
  ['(?i)s', '\u017f', true],
  ['(?i)hello (?-i)world', 'HELLO WORLD', false],
  ['(?i:a)b', 'Ab', true],
  ['(?i:a)b', 'AB', false],
  ['\\Aabc\\z', 'abc', true],
  ['\\bt', '\u00e9t\u00e9', true],
  ['^\\d$', '\u0663', false],
  ['^\\s$', '\u00a0', false],
  ['^\\s$', '\v', false],
  ['^[[:space:]]$', '\v', true],
  ['^[[:^digit:]]+$', 'abc', true],
  ['^[]a]+$', ']a', true],
  ['^[^]]$', 'x', true],
  ['^[a&&b]+$', 'a&b', true],
  ['^a{,3}$', 'a{,3}', true],
  ['^a{x}$', 'a{x}', true],
  ['^\\x{1F600}\\x41$', '\u{1F600}A', true],
  ['^\\Qa.b*c\\E$', 'a.b*c', true],
  ['(?P<n>a)(?P<n>b)', 'ab', true],
  ['^(a|)$', '', true],
  ['(?:)', '', true],
  ['^*a', 'a', true],
];

test.each(answers)('%j on %j is %s', (pattern, text, expected) =>
  expect(compileRegex(pattern).test(text)).toBe(expected),
);

test.each([
  'a(?=b)',
  '(a)\\1',
  '(?P<a.b>a)',
  '(',
  'a)',
  '[a',
  '[z-a]',
  '[a-\\d]',
  'a**',
  '*a',
  'a{1001}',
  'a{3,2}',
  'a{100000}',
  '\\Z',
  '\\y',
  '[[:foo:]]',
  'a\\',
  '(?>a)',
  '(?#x)',
  '(?<=a)b',
  '((a{100}){100}){100}',
  '(?',
  '(?P<',
  'a{2}{3}',
])('%j is refused', (pattern) => expect(() => compileRegex(pattern)).toThrow(RegexError));

test('a refusal carries the reason', () => {
  expect(() => compileRegex('a(?=b)')).toThrow(
    '"a(?=b)" is not a valid RE2 regex: invalid or unsupported Perl syntax: `(?=` (RE2 has no look-around)',
  );
  expect(() => compileRegex('(a)\\1')).toThrow('RE2 has no back-references');
});

describe('matches', () => {
  test('groups by number and name', () => {
    const regex = compileRegex('^(?P<method>[A-Z]+) (?P<path>[^ ?]+)(\\?([^ ]*))?$');
    expect(regex.engine).toBe('v8');
    expect(regex.groupNames).toEqual([undefined, 'method', 'path', undefined, undefined]);
    expect(regex.match('GET /a?b=c')).toEqual({
      start: 0,
      end: 10,
      groups: ['GET /a?b=c', 'GET', '/a', '?b=c', 'b=c'],
    });
    expect(regex.match('GET /a')?.groups).toEqual(['GET /a', 'GET', '/a', undefined, undefined]);
    expect(regex.match('get /a')).toBeUndefined();
  });

  test('groups of RE2, with names that come twice', () => {
    const regex = compileRegex('(?P<n>\\d+)-(?<n>\\d+)');
    expect(regex.engine).toBe('re2');
    expect(regex.groupNames).toEqual([undefined, 'n', 'n']);
    expect(regex.match('x 1-22')).toEqual({ start: 2, end: 6, groups: ['1-22', '1', '22'] });
  });

  test('a loop keeps the last group that took part', () => {
    expect(compileRegex('^(?:(a)|b)*$').match('ab')?.groups).toEqual(['ab', 'a']);
  });

  test("replacing follows Go's rule for empty matches", () => {
    expect(compileRegex('a*').replaceAll('baaac', () => '-')).toBe('-b-c-');
    expect(compileRegex('').replaceAll('a\u{1F600}', () => '-')).toBe('-a-\u{1F600}-');
    expect(compileRegex('\\d+').replaceAll('a1b22', ({ groups: [all] }) => `<${all}>`)).toBe('a<1>b<22>');
    expect(compileRegex('.*password.*').replaceAll('x password y', () => '***')).toBe('***');
  });
});

test('no pattern runs away on any engine', () => {
  const long = 'a'.repeat(200_000);
  const started = performance.now();
  for (const pattern of [
    '^(a+)+$',
    '(a|a)*b',
    '(a*)*b',
    'a+b',
    '.*b',
    '.*.*b',
    '(a?){30}b',
    '^[^b]*b[^c]*c',
    '\\S+@\\S+',
    '^a*a*b',
    '\\s+$',
  ]) {
    expect(compileRegex(pattern).test(`${long}!`)).toBe(false);
  }
  expect(performance.now() - started).toBeLessThan(30_000);
});

const atom = fc.constantFrom(
  'a',
  'b',
  '.',
  '[ab]',
  '[^a]',
  '\\w',
  '\\W',
  '\\d',
  'é',
  '\\b',
  '^',
  '$',
  'B',
  ' ',
  '\\s',
  '\\.',
  '[[:alpha:]]',
);
const repeat = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{1,}', '*?', '+?', '??');
const patterns = fc.letrec((tie) => ({
  part: fc
    .tuple(fc.oneof({ weight: 6, arbitrary: atom }, { weight: 1, arbitrary: tie('group') }), repeat)
    .map((parts) => parts.join('')),
  sequence: fc.array(tie('part'), { maxLength: 5 }).map((parts) => parts.join('')),
  group: fc
    .tuple(
      fc.constantFrom('(', '(?:', '(?P<x>', '(?i:'),
      tie('sequence'),
      fc.constantFrom('', '|a', '|', '|bc'),
    )
    .map((parts) => `${parts.join('')})`),
  whole: fc
    .tuple(
      fc.constantFrom('', '', '^', '(?i)', '(?s)', '(?m)'),
      tie('sequence'),
      fc.constantFrom('', '', '$', '|a'),
    )
    .map((parts) => parts.join('')),
}));

test('the answers do not depend on the engine', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'B', 'A', ' ', '\n', '1', 'é', '.', '\u{1F600}', '\u017f', '\r'),
    maxLength: 8,
  });
  let onV8 = 0;
  fc.assert(
    fc.property(patterns.whole, fc.array(text, { minLength: 1, maxLength: 4 }), (source, samples) => {
      const pattern = source.replaceAll('(?P<x>', '(');
      let reference: RE2JS | undefined;
      try {
        reference = RE2JS.compile(pattern);
      } catch {
        expect(() => compileRegex(pattern)).toThrow(RegexError);
      }
      if (reference === undefined) return;
      const regex = compileRegex(pattern, { bounded: pattern.length % 2 === 0 });
      if (regex.engine === 'v8') onV8++;
      for (const sample of samples) {
        expect(regex.test(sample)).toBe(reference.test(sample));
        const matcher = reference.matcher(sample);
        const found = matcher.find() ? [matcher.start(), matcher.end()] : undefined;
        const match = regex.match(sample);
        expect(match && [match.start, match.end]).toEqual(found);
        if (found !== undefined)
          expect(match?.groups.map((group) => group ?? null)).toEqual(
            regex.groupNames.map((_, group) => matcher.group(group)),
          );
      }
    }),
    { numRuns: 5000 },
  );
  expect(onV8).toBeGreaterThan(500);
});

describe('work that has no end in sight is stopped', () => {
  const long = 'a'.repeat(1 << 20);

  test.each([
    ['all matches of many', 'a.*b|a', long],
    ['all matches of few, which the engine finds in another way', 'a.*b|a', long.slice(0, 30_000)],
    ['an automaton with many threads', '(?:.*a){500}', long],
    ['groups', '((?:.*a){400})', long],
  ])('%s', (_, pattern, text) => {
    const regex = compileRegex(pattern, { bounded: true });
    expect(() => Array.from(regex.matches(text))).toThrow(RegexLimit);
    // What was stopped leaves the engine as it was.
    expect(regex.test(text)).toBe(true);
    expect(regex.match('xa'.repeat(500))).toBeDefined();
    expect(() => regex.replaceAll(text, () => '')).toThrow(/takes more than \d+ steps on a text of \d+ char/);
  });

  test('each text has its own limit', () => {
    const regex = compileRegex('(?:.*a){3}|b', { bounded: true });
    for (let i = 0; i < 100; i++) expect(regex.match(long.slice(0, 50_000))?.end).toBe(50_000);
  });

  test.each(['a?a?a?a?a?a{290}b', 'a{0,31}a{260}b', 'a{250}a?a?a?a?a?b', '(?:a|aa|aaa|aaaa)a{200}b'])(
    'V8 does not get %s, of which each step is many',
    (pattern) => {
      const start = performance.now();
      expect(compileRegex(pattern, { bounded: true }).match(long)).toBeUndefined();
      expect(performance.now() - start).toBeLessThan(40_000);
    },
  );
});
