import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadTree } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';

const env = {
  HOST: 'tempo',
  PORT: '4318',
  ZIP: '0123',
  EMPTY: '',
  YES: 'true',
  RATE: '0.5',
  NULLED: 'null',
  LIST: '[a, b]',
  MAP: 'a: 1',
  INJECT: 'x\nexporters: {evil: }',
  DOLLARS: 'pa$$word${env:HOST}$',
  WHICH: 'HOST',
  SENTENCE: 'Error: no',
};

const files: Record<string, string> = {
  'token.txt': 'abc\n',
  'map.yaml': 'a: ${env:PORT}\nb: [1, 2]\n',
  'outer.yaml': 'inner: ${file:map.yaml}\n',
  'loop.yaml': 'again: ${file:loop.yaml}\n',
  'odd.txt': 'a: b: c\n',
  'number.txt': '42\n',
};

function readFile(path: string): string {
  const text = files[path];
  if (text === undefined) throw new Error(`${path}: there is no such file`);
  return text;
}

function load(text: string): { value: unknown; messages: string[] } {
  const { tree, problems } = loadTree([{ name: 'a.yaml', text }], { env, readFile });
  return {
    value: (tree.value as Record<string, unknown>)['k'],
    messages: problems.map((problem) => problem.message),
  };
}

describe('what a value becomes', () => {
  test.each([
    ['${env:HOST}', 'tempo'],
    ['${HOST}', 'tempo'],
    ['"${HOST}"', 'tempo'],
    ['http://${env:HOST}:${PORT}', 'http://tempo:4318'],
    ['${env:PORT}', 4318n],
    ['"${env:PORT}"', '4318'],
    ["'${env:PORT}'", '4318'],
    ['x${env:PORT}', 'x4318'],
    ['${env:YES}', true],
    ['${env:RATE}', 0.5],
    ['${env:NULLED}', null],
    ['${env:EMPTY}', null],
    ['"${env:EMPTY}"', ''],
    ['a${env:EMPTY}b', 'ab'],
    ['${env:NOPE:-}', null],
    ['${env:NOPE:-5s}', '5s'],
    ['${env:NOPE:-7}', 7n],
    ['${env:HOST:-other}', 'tempo'],
    ['"${env:EMPTY:-other}"', ''],
    ['"${env:NOPE:-a:-b}"', 'a:-b'],
    ['${env:NOPE:-${env:HOST}}', 'tempo'],
    ['${env:NOPE:-http://${HOST}:${PORT}/x}', 'http://tempo:4318/x'],
    ['${env:HOST:-${env:NOPE}}', 'tempo'],
    ['${env:${env:WHICH}}', 'tempo'],
    ['${${WHICH}}', 'tempo'],
    ['$$', '$'],
    ['$${HOST}', '${HOST}'],
    ['$$${HOST}', '$tempo'],
    ['$$$${HOST}', '$${HOST}'],
    ['$$1', '$1'],
    ['$1', '$1'],
    ['$HOST', '$HOST'],
    ['a$', 'a$'],
    ['"{}"', '{}'],
    ['a}b', 'a}b'],
    ['${env:LIST}', '[a, b]'],
    ['${env:MAP}', 'a: 1'],
    ['${env:SENTENCE}', 'Error: no'],
    ['${yaml:[a, b]}', ['a', 'b']],
    ['${yaml:${env:LIST}}', ['a', 'b']],
    ['${yaml:5}', 5n],
    ['x${yaml:5}', 'x5'],
    ['${file:token.txt}', 'abc'],
    ['Bearer ${file:token.txt}', 'Bearer abc'],
    ['${file:number.txt}', 42n],
    ['${file:map.yaml}', { a: 4318n, b: [1n, 2n] }],
    ['${file:outer.yaml}', { inner: { a: 4318n, b: [1n, 2n] } }],
    ['${file:odd.txt}', 'a: b: c'],
    ['${env:DOLLARS}', 'pa$$word${env:HOST}$'],
    ['[a, "${env:PORT}", b]', ['a', '4318', 'b']],
    ['{"${HOST}": 1}', { '${HOST}': 1n }],
  ])('k: %s', (text, value) => {
    expect(load(`k: ${text}\n`)).toStrictEqual({ value, messages: [] });
  });

  test.each([
    ['${env:NOPE}', 'the environment variable NOPE is not set'],
    ['${constructor}', 'the environment variable constructor is not set'],
    ['a ${NOPE} b', 'the environment variable NOPE is not set'],
    ['${env:1X}', 'the variable name "1X" is not valid'],
    ['${}', 'the variable name "" is not valid'],
    ['${a-b}', 'the variable name "a-b" is not valid'],
    ['${env:${env:DOLLARS}}', 'the variable name is not valid'],
    ['${HOST', 'the } that closes this ${ is missing'],
    ['${env:A:-${HOST}', 'the } that closes this ${ is missing'],
    ['${HOST:-x}', 'a default needs the prefix env:'],
    ['${http://x/y}', 'a configuration is never fetched from the network'],
    ['${https://x/y}', 'a configuration is never fetched from the network'],
    ['${vault:x}', 'the scheme "vault:" is unknown'],
    ['x${yaml:[a]}', 'must be a text here, found a list'],
    ['x${file:map.yaml}', 'must be a text here, found a map'],
    ['${yaml:a: b: c}', undefined],
    ['"${yaml:a: b: c}"', 'the text after yaml: is not valid YAML'],
    ['${file:gone.yaml}', 'cannot read the file: gone.yaml: there is no such file'],
    ['${file:loop.yaml}', 'the files include each other without end: loop.yaml -> loop.yaml'],
    [`${'${env:'.repeat(25)}X${'}'.repeat(25)}`, 'references are nested deeper than 20 levels'],
  ])('k: %s is an error', (text, message) => {
    const { messages } = load(`k: ${text}\n`);
    expect(messages).toHaveLength(1);
    if (message !== undefined) expect(messages[0]).toContain(message);
  });

  test('the place is that of the reference, also in an included file and a folded text', () => {
    const text = 'k: >\n  one\n  two ${env:NOPE} three\nf: ${file:bad.yaml}\n';
    const { problems } = loadTree([{ name: 'a.yaml', text }], {
      env,
      readFile: () => 'x:\n  y: [1, "${NOPE}"]\n',
    });
    expect(problems.map((problem) => formatProblem(problem).split('\n').slice(0, 3))).toStrictEqual([
      [
        'a.yaml:3:7  k: the environment variable NOPE is not set',
        '      two ${env:NOPE} three',
        '          ^^^^^^^^^^^',
      ],
      [
        'bad.yaml:2:11  f.x.y[1]: the environment variable NOPE is not set',
        '      y: [1, "${NOPE}"]',
        '              ^^^^^^^',
      ],
    ]);
  });

  test('a value that a later source replaces is not filled in', () => {
    const sources = [
      { name: 'a.yaml', text: 'k: ${env:NOPE}' },
      { name: 'b.yaml', text: 'k: 1' },
    ];
    expect(loadTree(sources, { env }).problems).toStrictEqual([]);
  });

  test('keys are not expanded', () => {
    expect(loadTree([{ name: 'a', text: '${HOST}: 1' }], { env }).tree.value).toStrictEqual({
      '${HOST}': 1n,
    });
  });
});

describe('laws', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.string({ unit: fc.constantFrom(...': \n\t-[]{}#&*!|>\'"%@`,?$~ab1.'.split('')), maxLength: 30 }),
  );

  test('what a variable holds never changes the structure, and a text field gets exactly what it holds', () => {
    const source = 'a: ${env:X}\nb: ["${env:X}", c]\nd: {e: "f${env:X}g"}\nh: >-\n  ${env:X}\n';
    fc.assert(
      fc.property(text, (held) => {
        const { tree, problems } = loadTree([{ name: 'a', text: source }], { env: { X: held } });
        expect(problems).toStrictEqual([]);
        const value = tree.value as Record<string, unknown>;
        expect(Object.keys(value)).toStrictEqual(['a', 'b', 'd', 'h']);
        expect(typeof value['a'] === 'object' ? value['a'] : null).toBeNull();
        expect(value['b']).toStrictEqual([held, 'c']);
        expect(value['d']).toStrictEqual({ e: `f${held}g` });
        const node = tree.nodeAt(['a']);
        expect(node?.kind === 'scalar' ? node.text : undefined).toBe(held);
      }),
    );
  });

  test('a text with every $ doubled stays that text', () => {
    fc.assert(
      fc.property(text, (wanted) => {
        const source = `a: ${JSON.stringify(wanted.replaceAll('$', '$$$$'))}`;
        const { tree, problems } = loadTree([{ name: 'a', text: source }], { env: {} });
        expect(problems).toStrictEqual([]);
        expect(tree.value).toStrictEqual({ a: wanted });
      }),
    );
  });

  test('no text makes it throw', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'${}:-envyaml[]\n "\'&*<!|>#?,1\t'.split('')), maxLength: 40 }),
        (any) => {
          loadTree([{ name: 'a', text: `a: ${any}` }], { env: { e: '1' }, readFile, set: [any] });
          loadTree([{ name: 'a', text: any }], { env: {} });
        },
      ),
      { numRuns: 500 },
    );
  });
});
