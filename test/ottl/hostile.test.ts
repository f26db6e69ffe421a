import { describe, expect, test } from 'vitest';

import { emptyBatch } from '../../src/model/batches.ts';
import { LogsBatch } from '../../src/model/logs.ts';
import type { LogRecord } from '../../src/model/logs.ts';
import type { ExactValue } from '../../src/model/value.ts';
import { OttlError, OttlEvalError } from '../../src/ottl/errors.ts';
import { compileStatement } from '../../src/ottl/statement.ts';

function newLog(): LogRecord {
  const batch = emptyBatch('logs');
  if (!(batch instanceof LogsBatch)) throw new Error('no logs');
  return batch.addResource().addScope().addLogRecord();
}

/** Runs a statement, which may fail as statements do; answers how long it took. */
function milliseconds(text: string, log: LogRecord): number {
  const statement = compileStatement(text, 'log', { gates: new Set(['ottl.functions.enableLambda']) });
  const start = performance.now();
  try {
    statement.execute({ log, cache: new Map() });
  } catch (error) {
    expect(error).toBeInstanceOf(OttlEvalError);
  }
  return performance.now() - start;
}

const bound = 20_000;

describe('a text of a megabyte', () => {
  const texts: [string, string][] = [
    ['one letter', 'a'.repeat(1 << 20)],
    ['words', 'key=value '.repeat(100_000)],
    ['open brackets', '['.repeat(1 << 20)],
    ['open tags', '<a>'.repeat(350_000)],
    ['digits', '1'.repeat(1 << 20)],
    ['pairs of surrogates', '😀'.repeat(1 << 18)],
  ];
  const statements = [
    'replace_pattern(body, "(a+)+$", "x")',
    'replace_pattern(body, "(a|aa)*b", "x")',
    'replace_pattern(body, "(?:.*a){10}", "x")',
    'replace_pattern(body, "a", "$0$0")',
    'replace_pattern(body, "x*", "-", ToUpperCase)',
    'replace_pattern(body, "a", "$0", SHA256)',
    'replace_pattern(body, ".", "<$0>", ToUpperCase, "[%s]")',
    'replace_match(body, "*a*a*a*a*a*b", "x")',
    'set(attributes["x"], ParseJSON(body))',
    'set(attributes["x"], ParseXML(body))',
    'set(attributes["x"], ParseSimplifiedXML(body))',
    'set(attributes["x"], GetXML(body, "//a//a//b"))',
    'set(attributes["x"], ParseKeyValue(body))',
    'set(attributes["x"], ParseCSV(body, "a,b"))',
    'set(attributes["x"], ExtractPatterns(body, "(?P<n>(a*)*b)"))',
    'set(attributes["x"], ExtractGrokPatterns(body, "%{COMBINEDAPACHELOG}"))',
    'set(attributes["x"], ExtractGrokPatterns(body, "%{IPV6:a} %{EMAILADDRESS:b}"))',
    'set(attributes["x"], URL(body))',
    'set(attributes["x"], UserAgent(body))',
    'set(attributes["x"], XXH3(body))',
    'set(attributes["x"], Murmur3Hash128(body))',
    'set(attributes["x"], FNV(body))',
    'set(attributes["x"], Int(body))',
    'set(attributes["x"], ParseInt(body, 36))',
    'set(attributes["x"], Double(body))',
    'set(attributes["x"], Duration(body))',
    'set(attributes["x"], IsValidLuhn(body))',
    'set(attributes["x"], ToSnakeCase(body))',
    'set(attributes["x"], Trim(body, "a"))',
    'set(attributes["x"], Decode(body, "base64"))',
    'set(attributes["x"], Sort(Split(body, "")))',
    'set(attributes["x"], ParseCEF(body))',
    'set(attributes["x"], ParseLEEF(body))',
    'set(attributes["x"], ParseCLF(body))',
    'set(attributes["x"], ParseELF(body))',
    'set(attributes["x"], Time(body, "%Y-%m-%d"))',
    'set(attributes["x"], MapEach(Split(body, ""), (_, v) => Len(v)))',
  ];
  test.each(statements)('%s', (statement) => {
    for (const [, text] of texts) {
      const log = newLog();
      log.body = text;
      expect(milliseconds(statement, log)).toBeLessThan(bound);
    }
  });
});

test.each([
  'delete_matching_keys(attributes, "k.*9$")',
  'keep_keys(attributes, ["k1"])',
  'limit(attributes, 10, ["k99999"])',
  'truncate_all(attributes, 1)',
  'replace_all_patterns(attributes, "value", "v", "w")',
  'replace_all_patterns(attributes, "value", "v", "$0", SHA256)',
  'replace_all_matches(attributes, "v*", "w")',
  'stringify_all(attributes)',
  'set(attributes["all"], attributes)',
  'set(attributes["sum"], Reduce(Values(attributes), 0, (sum, _, v) => sum + Len(v)))',
  'set(body, ToKeyValueString(attributes, "=", ",", true))',
])('a hundred thousand attributes: %s', (statement) => {
  const log = newLog();
  const map = new Map<string, ExactValue>();
  for (let i = 0; i < 100_000; i++) map.set(`k${i}`, `v${i}`);
  log.bodyExact = map;
  // One write of the whole list: what is measured is the statement.
  const all = compileStatement('merge_maps(attributes, body, "upsert")', 'log');
  expect(all.text).toContain('merge_maps');
  const other = newLog();
  other.body = 'x';
  for (let i = 0; i < 2000; i++) other.attributes.set(`k${i}`, `v${i}`);
  expect(milliseconds(statement, other)).toBeLessThan(bound);
  expect(milliseconds(statement.replaceAll('attributes', 'body'), log)).toBeLessThan(bound);
});

describe('values as deep as they can be', () => {
  const deep = (depth: number): ExactValue => {
    let value: ExactValue = 'x';
    for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : new Map([['k', value]]);
    return value;
  };
  test.each([
    'flatten(body)',
    'set(attributes["x"], String(body))',
    'set(cache["a"]["b"]["c"], body)',
    'stringify_all(body)',
    'set(attributes["x"], Concat([body], ""))',
    'set(attributes["x"], {"k": body})',
    'append(attributes["x"], body)',
  ])('%s', (statement) => {
    const log = newLog();
    log.bodyExact = new Map([['top', deep(63)]]);
    expect(milliseconds(statement, log)).toBeLessThan(bound);
  });

  test('a statement that wraps a value into itself ends with an error, not with the stack', () => {
    const statement = compileStatement('set(cache["x"], {"in": cache["x"]})', 'log');
    const target = { log: newLog(), cache: new Map() };
    statement.execute(target);
    expect(() => {
      for (let i = 0; i < 100; i++) {
        compileStatement('set(cache["x"]["in"], cache)', 'log').execute(target);
      }
    }).toThrow(OttlEvalError);
  });
});

test('a position far beyond a list that is not there', () => {
  const statement = compileStatement('set(attributes["x"][9000000000], 1)', 'log');
  expect(() => statement.execute({ log: newLog() })).toThrow(OttlEvalError);
});

test('grok definitions that grow without end', () => {
  const definitions = '["X=%{X}%{X}"]';
  expect(() =>
    compileStatement(`set(body, ExtractGrokPatterns(body, "%{X:x}", true, ${definitions}))`, 'log'),
  ).toThrow(OttlError);
});

/** CPU time of this thread, so that what else the machine does counts for nothing. */
function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

/** Runs a statement so many times; answers its last failure, if it has one. */
function failureOf(
  text: string,
  target: { log: LogRecord; cache: Map<string, ExactValue> },
  times = 1,
): string {
  const statement = compileStatement(text, 'log', { gates: new Set(['ottl.functions.enableLambda']) });
  let failure = '';
  for (let i = 0; i < times; i++) {
    try {
      statement.execute(target);
    } catch (error) {
      expect(error).toBeInstanceOf(OttlEvalError);
      failure = error instanceof Error ? error.message : '';
    }
  }
  expect(failure.length).toBeLessThan(2000);
  return failure;
}

/** Seconds: each takes less than one where nothing else runs. */
const quick = 10;

function expectQuick(text: string, body: ExactValue, times = 1): string {
  const log = newLog();
  log.bodyExact = body;
  const start = cpuSeconds();
  const failure = failureOf(text, { log, cache: new Map() }, times);
  expect(cpuSeconds() - start).toBeLessThan(quick);
  return failure;
}

describe('a pattern that takes too many steps is a failure of the statement', () => {
  const long = 'a'.repeat(1 << 20);

  test.each([
    'replace_pattern(body, "a.*b|a", "x")',
    'replace_pattern(body, "(?:.*a){500}", "x")',
    'set(attributes["x"], ExtractPatterns(body, "(?P<n>(?:.*a){500})"))',
    'set(attributes["x"], ExtractGrokPatterns(body, "(?P<n>(?:.*a){500})"))',
  ])('%s', (text) => {
    expect(expectQuick(text, long)).toMatch(
      /takes more than \d+ steps on a text of 1048576 characters: shorten/,
    );
  });

  test('all values of a map, of which those that can be searched are', () => {
    const log = newLog();
    log.attributes.set('short', 'xa');
    log.attributes.set('long', long);
    const target = { log, cache: new Map() };
    expect(failureOf('replace_all_patterns(attributes, "value", "a.*b|a", "x")', target)).toMatch(/steps/);
    expect(log.attributes.get('long')).toBe(long);
  });

  test.each([
    'replace_pattern(body, "a?a?a?a?a?a{290}b", "x")',
    'replace_pattern(body, "a{0,31}a{260}b", "x")',
    'set(attributes["x"], IsMatch(body, "(?:a|aa|aaa)(?:a|aa|aaa)(?:a|aa|aaa)a{100}b"))',
    'replace_pattern(body, "(?:ab)+", "x")',
    'replace_pattern(body, "[a-z]+@[a-z]+", "x")',
  ])('%s takes few', (text) => {
    expect(expectQuick(text, long)).toBe('');
  });
});

describe('XML of a megabyte', () => {
  const flat = `<r>${'<b x="1">t</b>'.repeat(70_000)}</r>`;
  const attributes = `<r ${Array.from({ length: 70_000 }, (_, at) => `a${at}="1"`).join(' ')}/>`;
  const deep = `${'<a>'.repeat(500)}${'<b x="1">t</b>u'.repeat(60_000)}${'</a>'.repeat(500)}`;

  test.each([
    ['RemoveXML(body, "//b")', flat],
    ['RemoveXML(body, "//@*")', attributes],
    ['ConvertAttributesToElementsXML(body)', flat],
    ['ConvertAttributesToElementsXML(body)', attributes],
    ['ConvertTextToElementsXML(body, "//*")', deep],
    ['InsertXML(body, "//b", "<z/>")', flat],
    ['GetXML(body, "//b[last()]")', flat],
    ['GetXML(body, "//a//a//a//b")', deep],
  ])('%s', (call, xml) => {
    expect(expectQuick(`set(attributes["x"], ${call})`, xml)).toBe('');
  });

  test.each([
    ['GetXML(body, "//b/preceding-sibling::b[1]")', flat, /looks at more than 16777216 nodes/],
    ['GetXML(body, "//b[@x = //b/@x]")', flat, /looks at more than 16777216 nodes/],
    ['GetXML(body, "//*[.//c]")', deep, /looks at more than 16777216 nodes/],
    ['GetXML(body, "//*")', deep, /larger than 16777216 units/],
  ])('%s is too much', (call, xml, reason) => {
    expect(expectQuick(`set(attributes["x"], ${call})`, xml)).toMatch(reason);
  });
});

describe('what would grow without end', () => {
  const elf = `#Version: 1\n#Fields: ${Array.from({ length: 2000 }, (_, at) => `f${at}`).join(' ')}\n`;

  test.each([
    ['set(attributes["x"], Format("%1000000v", [Split(body, "")]))', 'a'.repeat(1 << 20), 1],
    ['set(body, ToKeyValueString({"a": body, "b": body}))', 'a'.repeat(1 << 16), 60],
    ['set(cache["a"], [cache["a"], cache["a"], body])', 'a', 60],
    ['set(body, Reduce(Split(body, ""), ["a"], (sum, _, v) => [sum, sum]))', 'a'.repeat(60), 1],
    ['set(attributes["x"], SliceToMap(Split(body, "")))', 'a'.repeat(1 << 20), 1],
    ['set(attributes["x"], ParseELF(body))', elf + 'a b\n'.repeat(250_000), 1],
    ['append(cache["a"], values=[body, body, body])', 'a'.repeat(1 << 20), 20],
  ])('%s', (text, body, times) => {
    expect(expectQuick(text, body, times)).toMatch(/larger than 16777216 units|cannot be stored/);
  });

  test('lambdas in lambdas', () => {
    const text = 'set(body, Any(Split(body, ""), (_, v) => Any(Split(body, ""), (_, w) => w == "b")))';
    expect(expectQuick(text, 'a'.repeat(1 << 19))).toMatch(/lambdas? (?:are called more|take longer)/);
  });
});

test.each([
  ['set(attributes["x"], Double(body))', `0x${'f'.repeat(1 << 20)}`],
  ['set(attributes["x"], ParseCSV(body, "a,b"))', ','.repeat(1 << 20)],
  ['set(attributes["x"], ParseCSV(body, body))', ','.repeat(1 << 20)],
  [
    'set(attributes["x"], Reduce(Split(body, ""), "", (all, _, v) => Concat([all, v], "")))',
    'a'.repeat(1 << 19),
  ],
])('%s in one pass', (text, body) => {
  expect(expectQuick(text, body)).not.toMatch(/stack|lambda/);
});

test('a body of a hundred thousand entries becomes the attributes in one pass', () => {
  const many = new Map(Array.from({ length: 100_000 }, (_, at): [string, string] => [`key ${at}`, 'x']));
  expect(expectQuick('set(attributes, body)', many)).toBe('');
});

test('a list of 900 000 items is appended to in one pass', () => {
  const list = Array.from({ length: 900_000 }, () => 'a');
  expect(expectQuick('append(body, "b")', list, 5)).toBe('');
});
