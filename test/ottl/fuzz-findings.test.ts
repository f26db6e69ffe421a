/** What `npm run fuzz:ottl` found, each with the Collector's answer. */
import { describe, expect, test } from 'vitest';

import type { Gate } from '../../src/ottl/gates.ts';
import type { RecordContext } from '../conformance/records.ts';
import { ours } from '../fuzz/ottl/ours.ts';
import type { Outcome } from '../fuzz/ottl/case.ts';
import type { Plain, PlainAttribute } from '../support/plain-otlp.ts';

const lambdas: readonly Gate[] = ['ottl.functions.enableLambda'];

function spanWith(attributes: readonly PlainAttribute[], fields: Plain = {}): Plain {
  const span = { attributes, ...fields, events: [{}] };
  return { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
}

interface Given {
  readonly context?: RecordContext;
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
  ];

  for (const [text, value, given] of cases) test(text, () => expect(valueOf(text, given)).toEqual(value));
});

describe('conditions', () => {
  const record = spanWith([{ key: 'none', value: { bytesValue: '' } }]);

  test.each<readonly [text: string, value: boolean]>([
    ['0x01 > span.attributes["none"]', false],
    ['0x01 != span.attributes["none"]', true],
    ['span.events == span.events', true],
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
    ['set_semconv_span_name("1.38.00")', 'text', ['ran', { stringValue: 'none' }]],
  ])('%s', (text, key, expected) => {
    expect(done(text, key)).toEqual(expected);
  });

  test('nil empties events', () => {
    const outcome = outcomeOf('statements', 'set(span.events, nil)', { gates: ['ottl.set.allowNil'] });
    expect(outcome).toEqual({
      outcomes: ['ran'],
      record: { resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] },
    });
  });
});
