import { describe, expect, test } from 'vitest';
import { pathText } from '../../src/config/place.ts';
import {
  ConfigError,
  formatProblem,
  formatProblems,
  hasErrors,
  sortProblems,
} from '../../src/config/problem.ts';
import type { Problem } from '../../src/config/problem.ts';
import { looksSecret } from '../../src/config/secret-keys.ts';
import { nearest } from '../../src/config/suggest.ts';

function at(file: string, line: number, column: number): Problem {
  return { severity: 'error', path: ['a'], place: { file, line, column, text: 'abcdef' }, message: 'm' };
}

describe('a problem as text', () => {
  test('with all its parts', () => {
    const problem: Problem = {
      severity: 'warning',
      path: ['exporters', 'otlp_http/tempo', 'actions', 0, 'http.route'],
      place: { file: 'a.yaml', line: 3, column: 5, text: '    abc: x', length: 3 },
      message: 'must be b',
      remedy: 'write b\nor c',
    };
    expect(formatProblem(problem)).toBe(
      [
        'a.yaml:3:5  warning: exporters.otlp_http/tempo.actions[0]."http.route": must be b',
        '        abc: x',
        '        ^^^',
        '  write b',
        '  or c',
      ].join('\n'),
    );
  });

  test('without a place, without a path', () => {
    expect(formatProblem({ severity: 'error', path: [], message: 'm' })).toBe('m');
    const place = { file: 'x.yaml', line: 0, column: 0, text: '' };
    expect(formatProblem({ severity: 'error', path: [], place, message: 'is empty' })).toBe(
      'x.yaml  is empty',
    );
  });

  test('what could steer a terminal is not printed', () => {
    const place = { file: 'a', line: 1, column: 1, text: 'a: \u001b[31m\u0007\u009b' };
    const text = formatProblem({ severity: 'error', path: [], place, message: 'm \u001b]0;x\u0007' });
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/u);
  });

  test('sorted by file as first mentioned, line and column; without place first', () => {
    const none: Problem = { severity: 'notice', path: [], message: 'n' };
    const sorted = sortProblems([at('b', 2, 1), at('a', 1, 1), at('b', 1, 9), at('b', 1, 2), none]);
    expect(sorted.map(({ place }) => place && `${place.file}${place.line}${place.column}`)).toStrictEqual([
      undefined,
      'b12',
      'b19',
      'b21',
      'a11',
    ]);
    const error = new ConfigError([at('b', 2, 1), at('b', 1, 1)]);
    expect(error.message).toBe(formatProblems([at('b', 1, 1), at('b', 2, 1)]));
    expect([hasErrors([none]), hasErrors(error.problems)]).toStrictEqual([false, true]);
  });
});

test.each([
  [['a', 'b'], 'a.b'],
  [['otlp/2', 0, 1, 'x'], 'otlp/2[0][1].x'],
  [['a.b', 'c d', ''], '"a.b"."c d".""'],
  [['a"b', 'k:v', 'ü'], '"a\\"b"."k:v".ü'],
  [[], ''],
])('%j is written %s', (path, text) => {
  expect(pathText(path)).toBe(text);
});

test.each([
  ['endpont', 'endpoint'],
  ['endpiont', 'endpoint'],
  ['ENDPOINT', 'endpoint'],
  ['max-elapsed-time', 'max_elapsed_time'],
  ['maxElapsedTime', 'max_elapsed_time'],
  ['elapsed_time', 'max_elapsed_time'],
  ['a', undefined],
  ['xyz', undefined],
  ['', undefined],
  ['timeouts', 'timeout'],
])('%j may mean %s', (word, wanted) => {
  expect(nearest(word, ['endpoint', 'timeout', 'max_elapsed_time', 'b'])).toBe(wanted);
});

test('keys that look secret', () => {
  const secret = [
    'password',
    'api_key',
    'x-api-key',
    'apiKey',
    'bearerToken',
    'Authorization',
    'client_secret',
    'cookie',
  ];
  const open = [
    'token_url',
    'max_tokens',
    'password_file',
    'key',
    'keys',
    'secretary',
    'endpoint',
    'tokenizer',
    'primary_key',
  ];
  expect(secret.filter((key) => !looksSecret(key))).toStrictEqual([]);
  expect(open.filter((key) => looksSecret(key))).toStrictEqual([]);
  expect(looksSecret('key', 'api')).toBe(true);
  expect(looksSecret('key', 'actions')).toBe(false);
});
