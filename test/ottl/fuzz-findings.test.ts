/** What `npm run fuzz:ottl` found, each with the Collector's answer. */
import { describe, expect, test } from 'vitest';

import type { Gate } from '../../src/ottl/gates.ts';
import type { FuzzContext } from '../fuzz/ottl/contexts.ts';
import { ours } from '../fuzz/ottl/ours.ts';
import type { Outcome } from '../fuzz/ottl/case.ts';
import type { Plain, PlainAttribute } from '../support/plain-otlp.ts';

const lambdas: readonly Gate[] = ['ottl.functions.enableLambda'];

function spanWith(attributes: readonly PlainAttribute[], fields: Plain = {}): Plain {
  const span = { attributes, ...fields, events: [{}] };
  return { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
}

interface Given {
  readonly context?: FuzzContext;
  readonly record?: Plain;
  readonly gates?: readonly Gate[];
}

function outcomeOf(kind: 'value' | 'condition' | 'statements', text: string, given: Given = {}): Outcome {
  const { context = 'span', record = spanWith([]), gates = [] } = given;
  return ours({ context, kind, gates, terms: [{ parts: [text] }], record });
}

function valueOf(text: string, given?: Given): unknown {
  const outcome = outcomeOf('value', text, given);
  return 'value' in outcome ? outcome.value : Object.keys(outcome)[0];
}

const string = (value: string): object => ({ type: 'string', value });

describe('values', () => {
  const cases: readonly (readonly [text: string, value: unknown, given?: Given])[] = [
    ['IsEmpty(Duration("0"))', { type: 'bool', value: true }],
    ['IsEmpty(value = 1)', 'refused'],
    ['IsMatch("", "(?-)")', 'refused'],
    ['IsMatch("(?-)", "\\\\Q(?-)\\\\E")', { type: 'bool', value: true }],
    ['Decode("é", "")', string('é')],
    ['URL("file:///e")["url.original"]', string('file:///e')],
    ['URL("file:/e")["url.original"]', string('file:/e')],
    ['Second(Unix(9007199254740993, 7))', { type: 'int', value: '33' }],
    ['UnixSeconds(Time("24-2-9 1:2", "%y-%m-%d%H:%M", "UTC"))', { type: 'int', value: '1707440520' }],
    ['{"a": Duration(""), "a": 0}', { type: 'map', value: { a: { type: 'int', value: '0' } } }],
    ['Index([{}], 0)', 'failed'],
    ['Decode("a", " gbk")', string('a')],
    ['ParseSimplifiedXML("<a>><![]]></a>")', 'failed'],
    ['RemoveXML("<a><!></a>", "t")', 'failed'],
    ['RemoveXML("<a x:y=\\"1\\" z=\\"2\\"/>", "//@*")', string('<a x:y="1"></a>')],
    ['IsMap(URL("#\n"))', { type: 'bool', value: true }],
    ['IsInCIDR("::1", ["::/00"])', { type: 'bool', value: true }],
    ['ToLowerCase("İ")', string('i')],
    ['ToUpperCase("ᾳß")', string('ᾼß')],
    [
      'Keys(ParseELF("#Version:"))',
      { type: 'list', value: ['elf.entries', 'elf.version', 'elf.fields'].map(string) },
      { context: 'log', record: { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] } },
    ],
    ['MapEach({"a": []}, (k, v) => [v])', 'failed', { gates: lambdas }],
    ['Trim("", Concat([], ""))', 'refused'],
    ['Sort([{}])', 'failed'],
    ['ContainsValue([span.status], 0)', 'failed'],
    ['ParseCSV("a", "a", "\\"")', 'failed'],
    ['Time("", "S%f")', 'refused'],
    ['IsInCIDR("", [span.name, ""])', { type: 'bool', value: false }],
    ['String(span.links)', string('{}')],
    ['RemoveXML("<a> <b> x </b> </a>", "t")', string('<a> <b> x </b> </a>')],
    ['InsertXML("<a/>", "b", "")', 'failed'],
    ['RemoveXML("<a n=\\"\\"><n:b/></a>", "t")', 'failed'],
    ['ConvertTextToElementsXML("")', 'failed'],
    ['Reduce([0], 0, (acc, k, v) => nil)', 'failed', { gates: lambdas }],
    ['Filter([{}], (k, v) => true)', 'failed', { gates: lambdas }],
    ['span.kind.deprecated_string', string(''), { record: spanWith([], { kind: 6 }) }],
    ['017', { type: 'int', value: '15' }],
    ['08', 'refused'],
    ['["a" -1]', { type: 'list', value: [string('a'), { type: 'int', value: '-1' }] }],
    ['String([span.name[[] 1]])', string('["",[[],1]]')],
    ['String([span.name["a" "b"] "c"])', string('["",["a","b"],"c"]')],
    ['span.name[[]]', 'refused'],
    ['IsEmpty(span.links)', { type: 'bool', value: false }],
    [
      'String([{"a": 1}, [Keys({"a": 1})], Split("a", ","), URL("?a=b")])',
      string('[{},[{}],["a"],{"query":{"a":["b"]}}]'),
    ],
    ['Log(14)', { type: 'double', value: 2.639057329615259 }],
    ['Log(Double("5e-324"))', { type: 'double', value: -709.0895657128241 }],
    ['GetXML("<a> <b/> <c/> x </a>", "//text()")', string('  x ')],
    ['RemoveXML("<a/>", "//b[s()]")', 'refused'],
    ['RemoveXML("<?pi x?><?q?><a/>", "//z")', string('<?q?><a></a>')],
    ['RemoveXML("<?xml-s x?><a/>", "//z")', string('<?xml-s x?><a></a>')],
    ['RemoveXML("<?xml version=\\"1.1\\"?><a/>", "//z")', 'failed'],
    ['GetXML("<?xml encoding=\\"latin1\\"?><a>é</a>", "//text()")', string('Ã©')],
    ['GetXML("<?xml encoding=\\"nope\\"?><a>é</a>", "//text()")', 'failed'],
    ['ParseXML("<?xml encoding=\\"latin1\\"?><a>é</a>")["content"]', 'failed'],
    ['ParseXML("<?xml version=\\"1.0\\" encoding=\\"Utf-8\\"?><a>é</a>")["content"]', string('é')],
    [
      'Keys(ParseXML("<a b=\\"\\"><c/>d</a>"))',
      { type: 'list', value: ['tag', 'content', 'attributes', 'children'].map(string) },
    ],
    [
      'String(span.attributes)',
      string('{"a":[null],"b":null}'),
      {
        record: spanWith([
          { key: 'a', value: { arrayValue: { values: [{ bytesValue: '' }] } } },
          { key: 'b', value: { bytesValue: '' } },
        ]),
      },
    ],
    ['Format("%.", [])', string('%!.(MISSING)')],
    ['Format("%.", [1])', string('%!.(int64=1)')],
    ['Format("%5.|", [1])', string('%!|(int64=    1)')],
    ['Format("%v %g %v", [123456789.0, 1000000.0, 100000.0])', string('1.23456789e+08 1e+06 100000')],
    ['Format("%.0f %.1f %.3g", [2.5, 0.25, 1234.5])', string('2 0.2 1.23e+03')],
    [
      'Format("%x %b %#g %G", [1.0, 1.0, 1.0, 0.00001])',
      string('0x1p+00 4503599627370496p-52 1.00000 1E-05'),
    ],
    [
      'Format("%+d|% d|%05d|%-5d|%x|%#o|%O", [1, 2, -3, 4, -255, 8, 8])',
      string('+1| 2|-0003|4    |-ff|010|0o10'),
    ],
    ['Format("%c|%q|%U|%#U", [65, 10, 128512, 128512])', string("A|'\\n'|U+1F600|U+1F600 '😀'")],
    ['Format("%q %+q %#q", ["é\u0007", "é", "a"])', string('"é\\a" "\\u00e9" `a`')],
    ['Format("%d %5t %s", ["a", true, nil])', string('%!d(string=a)  true %!s(<nil>)')],
    [
      'Format("%8.2d|%w", [true, [Duration("1s")]])',
      string('%!d(bool=    true)|%!w([]interface {}=[1000000000])'),
    ],
    [
      'Format("%#v %v", [[nil, "a", 0x01], [nil, 0x01]])',
      string('[]interface {}{interface {}(nil), "a", []uint8{0x1}} [<nil> [1]]'),
    ],
    [
      'Format("%d %v %.3T", [SpanID(0x0000000000000001), Duration("1s"), 1])',
      string('[0 0 0 0 0 0 0 1] 1s int'),
    ],
    ['URL("http://[::1,]:80/")', 'failed'],
    ['URL("http://[1.2.3.4]/")', 'failed'],
    ['URL("http://a[::1]/")', 'failed'],
    ['URL("http://a:1:2/")', 'failed'],
    ['URL("x://a:b:2/")["url.domain"]', string('a:b')],
    ['URL("http://[::ffff:1.2.3.4%25en0]:8/")["url.domain"]', string('::ffff:1.2.3.4%en0')],
    ['{"": Sort([])}', 'failed'],
    ['String([Sort([]), Sort([[1]]), Sort([2, 1]), Sort(Values({"a": 1}))])', string('[{},{},[1,2],[1]]')],
    ['String(ParseJSON("[-.5, -.0, 1]"))', string('[-0.5,-0,1]')],
    ['ParseJSON("[.5]")', 'failed'],
    ['ParseJSON("[-.]")', 'failed'],
    ['Double("0x1p-223372")', { type: 'double', value: 0 }],
    ['RemoveXML("<a/>", "*[not()]")', 'refused'],
    ['ParseXML("<ay></a>")', 'failed'],
    ['RemoveXML("<a b::c=\\"\\"/>", "//z")', 'failed'],
    ['RemoveXML("<a:b:c/>", "//z")', 'failed'],
    ['ParseXML("<a><!-><!TA[y]]></a>")', 'failed'],
    ['Int(S PAN_KIND_SERVER)', 'refused'],
    ['Len(ParseCSV("b;c\\r", "a", "|")["a"])', { type: 'int', value: '3' }],
    [
      'Sort([1.5, Double("NaN")])',
      {
        type: 'list',
        value: [
          { type: 'double', value: 'NaN' },
          { type: 'double', value: 1.5 },
        ],
      },
    ],
    ['Len(ParseKeyValue("a=b\ufeff")["a"])', { type: 'int', value: '4' }],
    ['Time("2024-02-29 12:34:56 PST", "%Y-%m-%d %H:%M:%S %Z", "")', 'failed'],
    ['String(Sort([1, span.attributes["no"], 0]))', string('[null,0,1]')],
    ['RemoveXML("<a><!B \\">\\" <!-- > --><c> \'<\'></a>", "//z")', string('<a><!B ">"  <c> \'<\'></a>')],
    ['RemoveXML("<a><!B \'></a>", "//z")', 'failed'],
    ['RemoveXML("<a><!-- c ---></a>", "//z")', 'failed'],
    ['RemoveXML("<a\u200b/>", "//z")', 'failed'],
    [
      'RemoveXML("<?xml version=1.0 x y=\\"a\'b\\" =z?><a/>", "//z")',
      string('<?xml version="1.0" y="a&#39;b"?><a></a>'),
    ],
    ['ConvertAttributesToElementsXML("<a c:=\\"1\\"/>")', string('<a c:="1"><c:>1</c:></a>')],
    ['RemoveXML("<a>\r\n<!--\r--></a>", "//z")', string('<a>\n<!--\r--></a>')],
    ['+span.name', string('')],
    ['-span.name', 'failed'],
    [
      'Unix(0) - Duration("-9223372036854775808ns")',
      { type: 'time', nanos: String(-(2n ** 63n)), offset: 0 },
    ],
    ['RemoveXML("<a/>", "g::*")', 'refused'],
    ['HasPrefix("a", "b", prefix = "a")', 'refused'],
    ['Substring("abc", 0, 1, start = 1)', string('b')],
    ['Substring("abc", 0, length = "x", length = 1)', 'refused'],
    ['FormatTime(Unix(0), "%Y%L")', 'refused'],
    ['Time("1", "x", "utc")', 'refused'],
    ['Time("1", "x", "us/Pacific")', 'refused'],
    ['Time("1", "x", "US/Pacific")', 'failed'],
    ['IsInCIDR("1.2.3.4", ["::ffff:1.2.0.0/112"])', { type: 'bool', value: true }],
    ['IsInCIDR("1.2.3.4", ["::ffff:0:0/95"])', { type: 'bool', value: false }],
    ['Double("9e1_0")', { type: 'double', value: 9e10 }],
    ['Double("0x_1_0p1")', { type: 'double', value: 32 }],
    ['Double("in_f")', 'refused'],
    ['ToCamelCase("\u0085a\ufeff")', string('A')],
  ];

  for (const [text, value, given] of cases) test(text, () => expect(valueOf(text, given)).toEqual(value));
});

describe('formats of logs', () => {
  const given: Given = { context: 'log', record: { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] } };

  /** The texts of what a parser made, without those that every line has. */
  function fieldsOf(text: string): unknown {
    const value = valueOf(text, given);
    if (typeof value !== 'object' || value === null || !('value' in value)) return value;
    return plain(value);
  }

  function plain(typed: unknown): unknown {
    const { value } = typed as { value: unknown };
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }

  test.each<readonly [text: string, fields: unknown]>([
    ['ParseCLF("h - - [t] \\"\\" 404 x")', 'failed'],
    ['ParseCLF("h - - [t] \\"a\\" 99999999999999999999 1")', 'failed'],
    [
      'ParseCLF(" h - - [t] \\"a  b c \\\\q\\\\x41\\" +5 -7")',
      {
        'clf.remote_host': 'h',
        'clf.rfc931': '-',
        'clf.auth_user': '-',
        'clf.timestamp': 't',
        'clf.request': 'a  b c \\qA',
        'clf.method': 'a',
        'clf.request_uri': '',
        'clf.protocol': 'b c \\qA',
        'clf.status': '5',
        'clf.bytes': '-7',
      },
    ],
    ['ParseCEF("CEF:|a|b|c|d|e|f|")', 'failed'],
    ['ParseCEF("CEF:x|a\\\\b|b|c|d|e|f|\ta-k=1 k=v\u00a0 l=w ")["cef.extensions"]', { k: 'v\u00a0', l: 'w' }],
    ['ParseLEEF("LEEF:2.0|V|P|1|E|é|a=b")', 'failed'],
    ['ParseLEEF("LEEF:2.0|V|P|1|E|0xA9|a=1©b=2")["leef.attributes"]', { a: '1\ufffd', b: '2' }],
    ['ParseELF("#Version: 1\n1")', 'failed'],
    ['ParseELF("#Version: 1\n#Fields: a\n\\"open")', 'failed'],
    ['ParseELF("#Version: 1\n#Fields\n")', 'failed'],
    [
      'ParseELF("# version :\u00a01\r#FIELDS:a b\r\\"x\\"\\"y\\"z")',
      { 'elf.version': '1', 'elf.fields': ['a', 'b'], 'elf.entries': [{ a: 'x"y', b: 'z' }] },
    ],
  ])('%s', (text, fields) => expect(fieldsOf(text)).toEqual(fields));
});

describe('conditions', () => {
  const record = spanWith([{ key: 'none', value: { bytesValue: '' } }]);

  test.each<readonly [text: string, value: boolean]>([
    ['0x01 > span.attributes["none"]', false],
    ['0x01 != span.attributes["none"]', true],
    ['span.events == span.events', true],
    ['span.status == span.status', true],
    ['span.status != span.status', false],
    ['Unix(9007199254740993) <= Unix(9223372036854775807)', false],
  ])('%s', (text, value) => {
    expect(outcomeOf('condition', text, { record })).toEqual({ value: { type: 'bool', value } });
  });
});

describe('statements', () => {
  const given = [
    { key: 'text', value: { stringValue: 'none' } },
    { key: 'twice', value: { stringValue: 'abab' } },
  ];

  /** What the statement did, and the value of an attribute afterwards. */
  function done(text: string, key: string, gates: readonly Gate[] = []): readonly unknown[] {
    const outcome = outcomeOf('statements', text, { record: spanWith(given), gates });
    if (!('outcomes' in outcome)) return Object.keys(outcome);
    const [group] = (outcome.record as { resourceSpans: { scopeSpans: { spans: Plain[] }[] }[] })
      .resourceSpans;
    const span = group?.scopeSpans[0]?.spans[0];
    const attributes = span?.['attributes'] as PlainAttribute[] | undefined;
    const found = attributes?.find((attribute) => attribute.key === key);
    return [outcome.outcomes[0]?.replace(/:.*/s, ''), found && (found.value ?? 'empty')];
  }

  test.each<readonly [text: string, key: string, done: readonly unknown[]]>([
    [
      'replace_pattern(span.attributes["twice"], "a$|^a|b", "$0$0", ToUpperCase)',
      'twice',
      ['ran', { stringValue: 'AABBaBB' }],
    ],
    ['replace_match(span.attributes["missing"], "a", "b", Len)', 'missing', ['failed', undefined]],
    [
      'replace_match(span.attributes["text"], "", "", MD5, "%s\n")',
      'text',
      ['failed', { stringValue: 'none' }],
    ],
    ['replace_all_matches(span.attributes, "[", "b")', 'text', ['refused']],
    ['replace_all_matches(span.attributes, "{non", "b")', 'text', ['ran', { stringValue: 'none' }]],
    ['replace_all_matches(span.attributes, "{none", "b")', 'text', ['ran', { stringValue: 'b' }]],
    ['set(span.attributes["a"][-1], 0)', 'a', ['ran', { arrayValue: { values: [{ intValue: 0n }] } }]],
    ['set(span.attributes["a"][1], Unix(0))', 'a', ['failed', { arrayValue: { values: [{}, {}] } }]],
    ['set(span.attributes["a"], [Unix(0)])', 'a', ['failed', { arrayValue: { values: [{}] } }]],
    [
      'set(span.attributes["a"], [Unix(0), 1])',
      'a',
      ['ran', { arrayValue: { values: [{}, { intValue: 1n }] } }],
    ],
    [
      'append(span.attributes["a"], val ue = 1)',
      'a',
      ['ran', { arrayValue: { values: [{ intValue: 1n }] } }],
    ],
    ['s et(span.attributes["a"], 1)', 'a', ['ran', { intValue: 1n }]],
    ['append(span.attributes["a"], URL(""))', 'a', ['failed', undefined]],
    [
      'append(span.attributes["a"], URL("?b=c"))',
      'a',
      [
        'ran',
        {
          arrayValue: {
            values: [
              {
                kvlistValue: [
                  {
                    key: 'query',
                    value: {
                      kvlistValue: [{ key: 'b', value: { arrayValue: { values: [{ stringValue: 'c' }] } } }],
                    },
                  },
                ],
              },
            ],
          },
        },
      ],
    ],
    ['set(span.attributes["a"], 1) whereIsMatch("a", "a")', 'a', ['ran', { intValue: 1n }]],
    ['set_semconv_span_name("1.38.00")', 'text', ['ran', { stringValue: 'none' }]],
  ])('%s', (text, key, expected) => {
    expect(done(text, key)).toEqual(expected);
  });

  test.each<readonly [glob: string, name: string, replaced: boolean | 'refused']>([
    ['?', '', true],
    ['{?,b}', '', true],
    ['[!a]', '', true],
    ['[a]', '', false],
    ['?*', '', false],
    ['[a-\uffff]', '', true],
    ['a\0b', 'ab', true],
    ['*\0a', 'b', true],
    ['[\0]', '', 'refused'],
    ['\ufffd', '', 'refused'],
  ])('glob %j on %j', (glob, name, replaced) => {
    const record = spanWith([], { name });
    const outcome = outcomeOf('statements', `replace_match(span.name, "${glob}", "HIT")`, { record });
    const found =
      'outcomes' in outcome ? JSON.stringify(outcome.record).includes('HIT') : Object.keys(outcome)[0];
    expect(found).toBe(replaced);
  });

  test.each<readonly [aggregation: string, values: readonly number[], result: number]>([
    ['max', [Infinity, Number.NaN], Infinity],
    ['min', [Number.NaN, -Infinity], -Infinity],
    ['median', [1, Number.NaN, 2], 1],
  ])('%s of %j', (aggregation, values, result) => {
    const dataPoints = values.map((asDouble) => ({ asDouble }));
    const record = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ gauge: { dataPoints } }] }] }] };
    const text = `aggregate_on_attributes("${aggregation}")`;
    const outcome = outcomeOf('statements', text, { context: 'metric', record });
    const aggregated = [{ gauge: { dataPoints: [{ asDouble: result }] } }];
    expect(outcome).toEqual({
      outcomes: ['ran'],
      record: { resourceMetrics: [{ scopeMetrics: [{ metrics: aggregated }] }] },
    });
  });

  test('a largest value that is NaN is not taken over', () => {
    const dataPoints = [
      { count: 1n, max: 1 },
      { count: 1n, max: Number.NaN },
    ];
    const record = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ histogram: { dataPoints } }] }] }] };
    const outcome = outcomeOf('statements', 'aggregate_on_attributes("sum")', { context: 'metric', record });
    expect(
      JSON.stringify(outcome, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ).toContain('"max":1');
  });

  test('bounds and counts of a histogram lose elements', () => {
    const dataPoints = [{ explicitBounds: [1, 2], bucketCounts: [1n, 2n ** 63n, 3n] }];
    const record = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ histogram: { dataPoints } }] }] }] };
    const given = { context: 'datapoint', record } as const;
    for (const [field, rest] of [
      ['explicit_bounds', { explicitBounds: [1], bucketCounts: [1n, 2n ** 63n, 3n] }],
      ['bucket_counts', { explicitBounds: [1, 2], bucketCounts: [1n, 3n] }],
    ] as const) {
      const outcome = outcomeOf('statements', `delete_index(datapoint.${field}, 1)`, given);
      const left = {
        resourceMetrics: [{ scopeMetrics: [{ metrics: [{ histogram: { dataPoints: [rest] } }] }] }],
      };
      expect(outcome).toEqual({ outcomes: ['ran'], record: left });
    }
  });

  test('counts are not sorted', () => {
    const dataPoints = [{ bucketCounts: [2n, 1n] }];
    const record = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ histogram: { dataPoints } }] }] }] };
    expect(valueOf('Sort(datapoint.bucket_counts)', { context: 'datapoint', record })).toBe('failed');
  });

  test('counts beyond int64 are negative in a map', () => {
    const dataPoints = [{ bucketCounts: [2n ** 63n] }];
    const record = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ histogram: { dataPoints } }] }] }] };
    expect(valueOf('SliceToMap(datapoint.bucket_counts)', { context: 'datapoint', record })).toEqual({
      type: 'map',
      value: { 0: { type: 'int', value: String(-(2n ** 63n)) } },
    });
  });

  test('an event stays as it is while the attributes of its span are rewritten in as many bytes', () => {
    const inner = ['a', 'i1', 'x.y', 'b'].map((key) => ({ key, value: {} }));
    const attributes = [
      { key: 's2', value: { arrayValue: { values: [{ kvlistValue: { values: inner } }] } } },
      { key: 'm1', value: { kvlistValue: {} } },
      { key: 'l1', value: { arrayValue: {} } },
      { key: 'l2', value: { arrayValue: { values: [{}, {}, {}] } } },
    ];
    const span = { attributes, events: [{ droppedAttributesCount: 4294967295 }] };
    const record = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
    const outcome = ours({
      context: 'spanevent',
      kind: 'statements',
      gates: [],
      terms: [{ parts: ['flatten(span.attributes)'] }, { parts: ['set(spanevent.name, "x")'] }],
      record,
    });
    const keys = ['l2.0', 'l2.1', 'l2.2', 's2.0.a', 's2.0.b', 's2.0.i1', 's2.0.x.y'];
    const after = {
      attributes: keys.map((key) => ({ key })),
      events: [{ droppedAttributesCount: 4294967295, name: 'x' }],
    };
    expect(outcome).toMatchObject({
      outcomes: ['ran', 'ran'],
      record: { resourceSpans: [{ scopeSpans: [{ spans: [after] }] }] },
    });
  });

  test('assigning the type of a metric does nothing', () => {
    const record = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ gauge: { dataPoints: [{}] } }] }] }] };
    const outcome = outcomeOf('statements', 'set(metric.type, "")', { context: 'metric', record });
    expect(outcome).toMatchObject({ outcomes: ['ran'] });
  });

  test('nil empties events', () => {
    const outcome = outcomeOf('statements', 'set(span.events, nil)', { gates: ['ottl.set.allowNil'] });
    expect(outcome).toEqual({
      outcomes: ['ran'],
      record: { resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] },
    });
  });

  test('a delimiter that is no text fails where there is one value and nothing to join', () => {
    const text = 'set(span.attributes["a"], Concat(["b"], span.attributes["delimiter"]))';
    const failure = 'failed: span.attributes["delimiter"]: expected string but got nil';
    expect(outcomeOf('statements', text)).toMatchObject({ outcomes: [failure] });
  });
});
