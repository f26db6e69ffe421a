import fc from 'fast-check';
import { expect, test } from 'vitest';

import { LogsBatch } from '../../src/model/logs.ts';
import { emptyBatch } from '../../src/model/batches.ts';
import type { ExactValue } from '../../src/model/value.ts';
import { compileValue } from '../../src/ottl/condition.ts';
import { contextNamed } from '../../src/ottl/contexts.ts';
import { OttlError, OttlEvalError } from '../../src/ottl/errors.ts';
import { compileStatement } from '../../src/ottl/statement.ts';

const { functions, editors } = contextNamed('log');
const gates = new Set(['ottl.functions.enableLambda' as const]);

const texts = [
  '',
  'a',
  'é',
  '%',
  '%s',
  '%[',
  '$1',
  '0',
  '-1',
  '1e999',
  '2024-02-30',
  '<a>',
  '{',
  '[1',
  'a=b',
  'a,b',
  '/',
  ':',
  '*',
  '{a',
  '(',
  '.*',
  '\\u0000',
  '\\U0001F600',
  'UTC',
  'base64',
  'asc',
  'key',
  '1h',
  '10.0.0.0/8',
  '%Y',
  '%{WORD:w}',
  '//a',
  '=',
  ' ',
  'x=x',
  '\\\\',
];
const literal = fc.oneof(
  fc.constantFrom(
    'nil',
    'true',
    'false',
    '0',
    '1',
    '-1',
    '64',
    '9223372036854775807',
    '1.5',
    '1.0e300',
    '0x',
    '0x00ff',
    '[]',
    '{}',
  ),
  fc.constantFrom(...texts).map((text) => `"${text}"`),
  fc
    .string({ maxLength: 6, unit: 'binary' })
    .map((text) => JSON.stringify(text).replaceAll(/\\u[dD][89a-fA-F]../g, '')),
);
const path = fc.constantFrom(
  'body',
  'attributes',
  ...['text', 'int', 'huge', 'double', 'nan', 'inf', 'bool', 'bytes', 'list', 'map', 'empty', 'nope'].map(
    (key) => `attributes["${key}"]`,
  ),
  'time',
  'observed_time',
  'trace_id',
  'Unix(9223372036854775807)',
  'Unix(9223372036854775807) + Duration("2562047h")',
  'Duration("-2562047h")',
  'Split("a,b", ",")',
  '(_, v) => v',
  '() => true',
  'SHA256',
);
const argument = fc.oneof(
  literal,
  path,
  fc.array(fc.oneof(literal, path), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  path.map((text) => `{"k": ${text}}`),
);

const attributes: readonly [string, ExactValue][] = [
  ['text', 'some text'],
  ['int', 7n],
  ['huge', -(2n ** 63n)],
  ['double', 2.5],
  ['nan', Number.NaN],
  ['inf', Number.NEGATIVE_INFINITY],
  ['bool', true],
  ['bytes', new Uint8Array([0, 255, 128])],
  ['list', ['b', 1n, null, 2.5, new Map([['k', 'v']])]],
  [
    'map',
    new Map<string, ExactValue>([
      ['a', 'x'],
      ['b', [1n]],
    ]),
  ],
  ['empty', null],
];

function newTarget() {
  const batch = emptyBatch('logs');
  if (!(batch instanceof LogsBatch)) throw new Error('no logs');
  const log = batch.addResource().addScope().addLogRecord();
  log.body = 'body';
  log.timeUnixNano = 2n ** 64n - 1n;
  for (const [key, value] of attributes) log.attributes.setExact(key, value);
  return {
    log,
    cache: new Map<string, ExactValue>(),
    clock: { nowUnixNano: () => 1_700_000_000_000_000_000n },
  };
}

/** Refused, failed or fine: anything else is a bug of ours. */
function tried(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof OttlError) && !(error instanceof OttlEvalError)) throw error;
  }
}

test.each([...functions.values()].map(({ name, parameters }) => [name, parameters.length] as const))(
  '%s takes or refuses whatever it is given',
  (name, count) => {
    fc.assert(
      fc.property(fc.array(argument, { minLength: Math.min(1, count), maxLength: count }), (args) => {
        const target = newTarget();
        tried(() => {
          const value = compileValue(`${name}(${args.join(', ')})`, 'log', { gates }).read(target);
          expect(value).not.toBeInstanceOf(Promise);
        });
        tried(() => {
          compileStatement(`set(attributes["new"], ${name}(${args.join(', ')}))`, 'log', { gates }).execute(
            target,
          );
        });
        tried(() => {
          compileStatement(`set(body, Format("%v", [${name}(${args.join(', ')})]))`, 'log', {
            gates,
          }).execute(target);
        });
        tried(() => {
          compileStatement(`set(body, Concat([${name}(${args.join(', ')})], ""))`, 'log', { gates }).execute(
            target,
          );
        });
      }),
      { numRuns: 150 },
    );
  },
);

test.each([...editors.values()].map(({ name, parameters }) => [name, parameters.length] as const))(
  '%s edits or refuses whatever it is given',
  (name, count) => {
    fc.assert(
      fc.property(path, fc.array(argument, { maxLength: count - 1 }), (target, args) => {
        tried(() => {
          compileStatement(`${name}(${[target, ...args].join(', ')})`, 'log', { gates }).execute(newTarget());
        });
      }),
      { numRuns: 300 },
    );
  },
);
