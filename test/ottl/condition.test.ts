import { describe, expect, test } from 'vitest';

import { compileCondition, compileConditions, compileValue } from '../../src/ottl/condition.ts';
import { OttlError, OttlEvalError } from '../../src/ottl/errors.ts';
import { inferContext } from '../../src/ottl/infer.ts';
import type { Target } from '../../src/ottl/target.ts';
import { batchOfJson } from '../conformance/corpus.ts';
import { firstRecord } from '../conformance/records.ts';

const spanJson = JSON.stringify({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [
        {
          scope: { name: 'lib', version: '1' },
          spans: [
            {
              traceId: '0102030405060708090a0b0c0d0e0f10',
              spanId: '0102030405060708',
              name: 'GET /health',
              kind: 2,
              startTimeUnixNano: '1000000000',
              endTimeUnixNano: '3000000000',
              status: { code: 2, message: 'boom' },
              attributes: [
                { key: 'http.route', value: { stringValue: '/health' } },
                { key: 'rows', value: { intValue: '3' } },
                { key: 'ratio', value: { doubleValue: 3 } },
                { key: 'big', value: { intValue: '9007199254740993' } },
                { key: 'dup', value: { stringValue: 'first' } },
                { key: 'dup', value: { stringValue: 'second' } },
              ],
              events: [{ name: 'retry', timeUnixNano: '2000000000' }],
            },
          ],
        },
      ],
    },
  ],
});

const span: Target = firstRecord(batchOfJson(spanJson), 'spanevent');

function holds(text: string): boolean {
  return compileCondition(text, 'span').test(span);
}

function refusal(
  text: string,
  context: Parameters<typeof compileCondition>[1] = 'span',
  prefixRequired = false,
): string {
  try {
    compileCondition(text, context, { prefixRequired });
  } catch (error) {
    if (error instanceof OttlError) return `\n${error.message}\n`;
    throw error;
  }
  return 'accepted';
}

describe('conditions on a span', () => {
  const table: [string, boolean][] = [
    ['attributes["http.route"] == "/health"', true],
    ['span.attributes["http.route"] != "/health"', false],
    ['"/health" == attributes["http.route"]', true],
    ['kind == SPAN_KIND_SERVER and status.code == STATUS_CODE_ERROR', true],
    ['kind >= 3', false],
    ['3 > kind', true],
    ['kind == 2.0', true],
    ['kind == "2"', false],
    ['kind.string == "Server"', true],
    ['attributes["rows"] == 3 and attributes["rows"] == 3.0', true],
    ['attributes["ratio"] == 3 and not IsInt(attributes["ratio"])', true],
    ['attributes["big"] == 9007199254740993', true],
    ['attributes["big"] == 9007199254740992', false],
    ['attributes["big"] > 9007199254740992', true],
    ['attributes["dup"] == "first"', true],
    ['Len(attributes) == 5', true],
    ['attributes["nope"] == nil and attributes["nope"]["a"] == nil', true],
    ['IsRootSpan() and parent_span_id == SpanID("0000000000000000")', true],
    ['end_time - start_time >= Duration("2s")', true],
    ['end_time_unix_nano - start_time_unix_nano > 2000000000', false],
    ['resource.attributes["service.name"] == "shop" and instrumentation_scope.name == "lib"', true],
    ['Len(events) == 1 and Len(links) == 0', true],
    ['cache["x"] == nil', true],
    ['trace_state["a"] == ""', true],
    ['Len(kind) == 1 or true', true],
  ];
  test.each(table)('%s is %s', (text, expected) => expect(holds(text)).toBe(expected));

  test('constants are known before any record', () => {
    expect(compileCondition('Len(kind) == 1 or true', 'span').constant).toBe(true);
    expect(compileCondition('false and name == "x"', 'span').constant).toBe(false);
    expect(compileCondition('1 == 1.0 and SPAN_KIND_SERVER > 1', 'span').constant).toBe(true);
    expect(compileCondition('name == "x" or false', 'span').constant).toBeUndefined();
  });

  test('strings are ordered by their UTF-8', () => {
    expect(compileCondition('"\\U0001F600" > "\\uffee"', 'span').constant).toBe(true);
    expect(compileCondition('"a" < "ab" and "b" > "ab" and "a" <= "a"', 'span').constant).toBe(true);
  });

  test('a span event sees its span', () => {
    const condition = compileCondition(
      'spanevent.name == "retry" and span.kind == SPAN_KIND_SERVER',
      'spanevent',
    );
    expect(condition.test(span)).toBe(true);
    expect(compileValue('event_index', 'spanevent').read(span)).toBe(0n);
    expect(() => compileValue('event_index', 'spanevent').read({ ...span, eventIndex: undefined })).toThrow(
      OttlEvalError,
    );
  });
});

describe('conditions on metrics', () => {
  const json = JSON.stringify({
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'requests',
                sum: {
                  dataPoints: [
                    { asInt: '1', attributes: [{ key: 'method', value: { stringValue: 'GET' } }] },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  });

  test('a data point sees its metric', () => {
    const batch = batchOfJson(json);
    if (batch.signal !== 'metrics') throw new Error('no metrics');
    const [metric] = batch.metrics();
    const target = { metric, point: metric?.dataPoints()[0] };
    const text = 'datapoint.attributes["method"] == "GET" and metric.type == METRIC_DATA_TYPE_SUM';
    expect(compileCondition(text, 'datapoint').test(target)).toBe(true);
  });
});

describe('what is wrong with a text, with its place', () => {
  test('a field', () => {
    expect(refusal('span.nmae == "x"')).toMatchInlineSnapshot(`
      "
      span has no field nmae
        span.nmae == "x"
             ^^^^
      did you mean name?
      "
    `);
    expect(refusal('span.status.cod == 1')).toMatchInlineSnapshot(`
      "
      status has no field cod
        span.status.cod == 1
                    ^^^
      did you mean code?
      "
    `);
    expect(refusal('attributes["a"].b == 1')).toMatchInlineSnapshot(`
      "
      attributes has no field b
        attributes["a"].b == 1
                        ^
      write ["b"] for a key
      "
    `);
    expect(refusal('name["a"] == 1')).toMatchInlineSnapshot(`
      "
      name cannot be indexed
        name["a"] == 1
             ^^^
      "
    `);
    expect(refusal('severityText == "x"', 'log')).toMatchInlineSnapshot(`
      "
      expected the name of a field in lower case, found severityText
        severityText == "x"
        ^^^^^^^^^^^^
      did you mean severity_text?
      "
    `);
  });

  test('a context', () => {
    expect(refusal('log.body == "x"', 'span', true)).toMatchInlineSnapshot(`
      "
      log cannot be read in the span context, which knows span, scope, instrumentation_scope, resource
        log.body == "x"
        ^^^
      "
    `);
    expect(refusal('name == "x"', 'span', true)).toMatchInlineSnapshot(`
      "
      a path must begin with its context, found name
        name == "x"
        ^^^^
      write span.name
      "
    `);
    expect(refusal('body.string == "x"', 'log', true)).toMatchInlineSnapshot(`
      "
      a path must begin with its context, found body
        body.string == "x"
        ^^^^
      write log.body
      "
    `);
    expect(refusal('span.cache["a"] == 1', 'spanevent')).toMatchInlineSnapshot(`
      "
      span.cache cannot be reached from the spanevent context
        span.cache["a"] == 1
             ^^^^^^^^^^
      write spanevent.cache
      "
    `);
  });

  test('a function', () => {
    expect(refusal('isMatch(name, "x")')).toMatchInlineSnapshot(`
      "
      converter names begin with a capital letter, found isMatch(
        isMatch(name, "x")
        ^^^^^^^
      did you mean IsMatch?
      "
    `);
    expect(refusal('Is_Match(name, "x")')).toMatchInlineSnapshot(`
      "
      there is no converter Is_Match
        Is_Match(name, "x")
        ^^^^^^^^
      did you mean IsMatch?
      "
    `);
    expect(refusal('IsMatch(name)')).toMatchInlineSnapshot(`
      "
      IsMatch takes 2 arguments (target, pattern), found 1
        IsMatch(name)
        ^^^^^^^^^^^^^
      "
    `);
    expect(refusal('IsRootSpan()', 'log')).toMatchInlineSnapshot(`
      "
      IsRootSpan is known in the span context only, not in log
        IsRootSpan()
        ^^^^^^^^^^
      "
    `);
    expect(refusal('Substring(name, begin=1, length=2) == "a"')).toMatchInlineSnapshot(`
      "
      Substring has no parameter begin; it has target, start, length, utf8Safe
        Substring(name, begin=1, length=2) == "a"
                        ^^^^^^^
      "
    `);
    expect(refusal('HasPrefix(name, 1)')).toMatchInlineSnapshot(`
      "
      prefix: expected string but got int64 (1)
        HasPrefix(name, 1)
                        ^
      "
    `);
    expect(refusal('IsMatch(name, "a(?=b)")')).toMatchInlineSnapshot(`
      "
      "a(?=b)" is not a valid RE2 regex: invalid or unsupported Perl syntax: \`(?=\` (RE2 has no look-around)
        IsMatch(name, "a(?=b)")
                      ^^^^^^^^
      "
    `);
    expect(refusal('Concat(name, "a") == "x"')).toMatchInlineSnapshot(`
      "
      vals must be a list in brackets, found a path
        Concat(name, "a") == "x"
               ^^^^
      write [a, b]
      "
    `);
    expect(refusal('trace_id == TraceID("0102")')).toMatchInlineSnapshot(`
      "
      an id is 16 bytes or 32 hex digits, found 4 bytes
        trace_id == TraceID("0102")
                            ^^^^^^
      "
    `);
  });

  test('a symbol', () => {
    expect(refusal('kind == SPAN_KIND_SEVRER')).toMatchInlineSnapshot(`
      "
      SPAN_KIND_SEVRER is no enum symbol of the span context
        kind == SPAN_KIND_SEVRER
                ^^^^^^^^^^^^^^^^
      did you mean SPAN_KIND_SERVER?
      "
    `);
    expect(refusal('resource.attributes["a"] == SPAN_KIND_SERVER', 'resource')).toMatchInlineSnapshot(`
      "
      the resource context has no enum symbols, found SPAN_KIND_SERVER
        resource.attributes["a"] == SPAN_KIND_SERVER
                                    ^^^^^^^^^^^^^^^^
      "
    `);
    expect(refusal('name == IsMatch')).toMatchInlineSnapshot(`
      "
      IsMatch is a name without meaning here
        name == IsMatch
                ^^^^^^^
      write IsMatch(...)
      "
    `);
  });

  test('the syntax', () => {
    expect(refusal('name = "x"')).toMatchInlineSnapshot(`
      "
      equality is written ==, found =
        name = "x"
             ^
      "
    `);
    expect(refusal('name == "x" && kind == 1')).toMatchInlineSnapshot(`
      "
      "&" has no meaning in OTTL
        name == "x" && kind == 1
                    ^
      write and
      "
    `);
    expect(refusal('IsMatch(name, "\\d+")')).toMatchInlineSnapshot(`
      "
      \\d is no escape sequence
        IsMatch(name, "\\d+")
                       ^^
      a backslash is written \\\\ (in a regex: "\\\\d", "\\\\.")
      "
    `);
    expect(refusal('attributes["flag"]')).toMatchInlineSnapshot(`
      "
      expected a condition, found a path
        attributes["flag"]
        ^^^^^^^^^^^^^^^^^^
      compare it with a value, for example == true
      "
    `);
    expect(refusal("name == 'x'")).toMatchInlineSnapshot(`
      "
      "'" has no meaning in OTTL
        name == 'x'
                ^
      strings are written in double quotes
      "
    `);
    expect(refusal('name == "x')).toMatchInlineSnapshot(`
      "
      the string that begins here has no end
        name == "x
                ^
      close the string with a double quote; a quote inside it is written \\"
      "
    `);
    expect(refusal('"a" + name == "ax"')).toMatchInlineSnapshot(`
      "
      a string takes no part in arithmetic
        "a" + name == "ax"
        ^^^
      strings are joined by Concat([a, b], "")
      "
    `);
    expect(refusal('(name == "x"')).toMatchInlineSnapshot(`
      "
      expected ) to close the ( at 1, found the end of the text
        (name == "x"
                    ^
      "
    `);
    expect(refusal('name ==\n\t"x" AND\n\tkind == 1')).toMatchInlineSnapshot(`
      "
      expected the end, found AND
        	"x" AND
        	    ^^^
      write and in lower case
      "
    `);
    expect(refusal('attributes[1 + 2] == 1')).toMatchInlineSnapshot(`
      "
      a key that begins with a number must be that number
        attributes[1 + 2] == 1
                     ^
      put the key into parentheses: [(1 + 2)]
      "
    `);
  });

  test('all problems of all conditions are reported', () => {
    const texts = ['span.nope == Nope(span.name)', 'true', 'kind == = 1'];
    expect(() => compileConditions(texts, 'span')).toThrow(OttlError);
    try {
      compileConditions(texts, 'span');
    } catch (error) {
      const { problems } = error as OttlError;
      expect(
        problems.map(({ text, offset, length }) => [text.slice(offset, offset + length), offset]),
      ).toEqual([
        ['nope', 5],
        ['Nope', 13],
        ['=', 8],
      ]);
    }
  });
});

test('long texts do not use up the stack', () => {
  const sum = Array.from({ length: 50_000 }, () => 'kind').join(' + ');
  expect(compileCondition(`${sum} == 100000`, 'span').test(span)).toBe(true);
  const keys = '["a"]'.repeat(50_000);
  expect(compileCondition(`attributes${keys} == nil`, 'span').test(span)).toBe(true);
  const either = Array.from({ length: 200_000 }, () => 'span.kind == 1').join(' or ');
  expect(inferContext([either], 'traces')).toBe('span');
  expect(compileCondition(either, 'span').test(span)).toBe(false);
});

test('a failure on a record says where, why, and what met there', () => {
  const run = (text: string): OttlEvalError => {
    try {
      compileCondition(text, 'span').test(span);
    } catch (error) {
      if (error instanceof OttlEvalError) return error;
      throw error;
    }
    throw new Error(`${text} did not fail`);
  };
  const failure = run('1 == 1 and HasPrefix(attributes["rows"], "a")');
  expect(failure.message).toBe('attributes["rows"]: expected string but got int64 (3)');
  expect(failure.text.slice(failure.place.start, failure.place.end)).toBe('attributes["rows"]');
  expect(failure.values).toEqual([3n]);
  expect(run('Len(kind) == 1').message).toBe(
    'Len(kind): only strings, lists and maps have a length, found int64 (2)',
  );
  expect(run('kind + name == 1').message).toBe(
    'kind + name: arithmetic needs int64, float64, time or duration, found string ("GET /health")',
  );
  expect(run('attributes["http.route"]["a"] == 1').message).toBe('"a": string ("/health") cannot be indexed');
  expect(run('Int(name)').message).toBe(
    'Int(name): a converter that stands as a condition must give bool but got nil',
  );
  expect(run('Split(name, "/")[7] == ""').message).toBe('7: index 7 is out of bounds: the list has 2 items');
});

describe('inferring the context', () => {
  test.each([
    [['span.name == "x"'], 'traces', 'span'],
    [['resource.attributes["a"] == "x"'], 'traces', 'resource'],
    [['resource.attributes["a"] == "x"', 'scope.name == "y"'], 'logs', 'scope'],
    [['spanevent.name == "x" and span.name == "y"'], 'traces', 'spanevent'],
    [['resource.attributes["a"] == STATUS_CODE_ERROR'], 'traces', 'spanevent'],
    [['resource.attributes["a"] == 1 and IsRootSpan()'], 'traces', 'span'],
    [['instrumentation_scope.name == "x" and log.body == "y"'], 'logs', 'log'],
    [['datapoint.attributes["a"] == metric.name'], 'metrics', 'datapoint'],
    [['Nope(span.name)'], 'traces', 'span'],
  ] as const)('%j of %s is %s', (conditions, signal, expected) =>
    expect(inferContext(conditions, signal)).toBe(expected),
  );

  test.each([
    [['IsRootSpan()'], 'traces', 'no path says which context of traces this is for'],
    [['name == "x"'], 'traces', 'write span.name'],
    [['log.body == "x"'], 'traces', 'log is no context of traces'],
    [
      ['spanevent.name == "x" and IsRootSpan()'],
      'traces',
      'no context has all that is used here: spanevent lacks IsRootSpan',
    ],
    [['span.name ='], 'traces', 'equality is written =='],
  ] as const)('%j of %s: %s', (conditions, signal, message) =>
    expect(() => inferContext(conditions, signal)).toThrow(message),
  );
});
