/** What records hold that was never expected: rows 32, 33, 34, 36 and 37. */
import { otlpTo, pipeline } from '../config.ts';
import { plainRecord, type PlainRecord, type PlainValue } from '../oracle/records.ts';
import { lineOf, recorded, Recording } from '../recording.ts';
import { expect, lacks, matches, same } from '../expect.ts';
import type { Row } from '../row.ts';
import type { Config, World } from '../world.ts';
import { ends } from './answers.ts';

function span(at: number, facts: Partial<PlainRecord> = {}): PlainRecord {
  return plainRecord({
    signal: 'traces',
    traceId: (at + 1).toString(16).padStart(32, 'a'),
    spanId: (at + 1).toString(16).padStart(16, 'b'),
    name: `span ${at}`,
    kind: 1,
    startUnixNano: 1_700_000_000_000_000_001n,
    endUnixNano: 1_700_000_000_000_000_009n,
    resource: [['service.name', 'shop']],
    scope: 'faults',
    ...facts,
  });
}

export const numbersAndText: Row = {
  row: 32,
  fault: 'Invalid UTF-8, lone surrogates, U+2028, int64 beyond 2^53, NaN, Infinity, negative zero',
  expected:
    'Numbers arrive to the last digit, and as the kind that they were. Text that is no Unicode is replaced or refused by name, never passed on broken.',
  how: 'Spans with each of them as an attribute, through an edit of another attribute, compared value by value at the backend.',
  async run(world) {
    const values: [string, PlainValue][] = [
      ['max', 9_223_372_036_854_775_807n],
      ['min', -9_223_372_036_854_775_808n],
      ['beyond', 9_007_199_254_740_993n],
      ['nan', Number.NaN],
      ['infinite', Number.POSITIVE_INFINITY],
      ['minus infinite', Number.NEGATIVE_INFINITY],
      ['negative zero', -0],
      ['whole double', 3],
      ['tiny', 5e-324],
      ['line ends', 'a\u2028b\u2029c\r\n\0d'],
      ['astral', '\u{1F600}'],
    ];
    const exact = new Recording(
      'traces',
      values.map(([key, value], at) =>
        span(at, {
          attributes: [
            [key, value],
            ['edited', 'yes'],
          ],
        }),
      ),
      3,
    );
    const text = exact.text.replaceAll('"yes"', '"no"').replaceAll('"-0"', '-0.0');
    const surrogate = lineOf([span(100, { name: 'lone SURROGATE here' })]).replace(
      'SURROGATE',
      String.raw`\ud800`,
    );
    const broken = Buffer.from(lineOf([span(101, { name: 'broken BYTES here' })]));
    broken.write('\xff\xfe\xc0\x80\xff', broken.indexOf('BYTES'), 'latin1');
    world.write(
      'in/a.jsonl',
      Buffer.concat([Buffer.from(`${text}${surrogate}\n`), broken, Buffer.from('\n')]),
    );
    const backend = await world.otlp();
    const processors = { attributes: { actions: [{ key: 'edited', action: 'update', value: 'yes' }] } };
    const ended = await world.run(pipeline({ processors, exporters: otlpTo(backend.url) }));
    const issued = exact.issued;
    const { first } = backend.stores.traces;
    const odd = [...first.values()].filter(({ id }) => !issued.has(id));
    for (const { content } of odd) {
      expect(content.isWellFormed(), `broken text was passed on: ${content}`);
      expect(/lone \uFFFD+ here|broken \uFFFD+ here/u.test(content), `not replaced: ${content}`);
      first.delete(odd[0]?.id ?? '');
    }
    for (const { id } of odd) first.delete(id);
    backend.stores.traces.holds(issued);
    for (const { id, ...record } of odd) first.set(id, { id, ...record });
    const regions = ended.report?.receivers[0]?.unreadable.regions ?? 0;
    same(odd.length + regions, 2, 'of the two broken texts, replaced or refused by name');
    ends(ended, regions === 0 ? 0 : 3);
    return `${values.length} of ${values.length} values exact; broken text: ${odd.length} replaced with U+FFFD, ${regions} refused by name`;
  },
};

export const hostileKeys: Row = {
  row: 33,
  fault: 'Keys __proto__, constructor, toString; 100 000 equal keys; values 100 000 deep',
  expected:
    'Keys are data like any other; equal keys cost no more than others; what is too deep, or has more attributes than `max_attributes`, is refused by the name of the limit, and the rest arrives.',
  how: 'Spans with them, through an edit that walks all attributes; once with the limits as they are, once with `max_attributes: 100000`.',
  async run(world) {
    const keys = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__', ''];
    const named = new Recording(
      'traces',
      [
        span(0, { attributes: keys.map((key) => [key, `value of ${key}`]) }),
        span(1, {
          attributes: [['map', new Map<string, PlainValue>(keys.map((key) => [key, new Map([[key, 1n]])]))]],
        }),
      ],
      1,
    );
    const equal = new Recording('traces', [
      span(2, {
        attributes: Array.from({ length: 100_000 }, (_, at): [string, PlainValue] => ['same', BigInt(at)]),
      }),
    ]);
    const depth = 100_000;
    const deepValue = `${'{"arrayValue":{"values":['.repeat(depth)}{"intValue":"1"}${']}}'.repeat(depth)}`;
    const deep = lineOf([span(3, { attributes: [['deep', 'DEEP']] })]).replace(
      '{"stringValue":"DEEP"}',
      deepValue,
    );
    const unknown = lineOf([span(4)]).replace(
      '"kind"',
      `"unknown":${'['.repeat(depth)}${']'.repeat(depth)},"kind"`,
    );
    const rest = recorded({ name: 'rest', records: 20 });
    world.write('in/a.jsonl', `${named.text}${deep}\n${unknown}\n${equal.text}${rest.text}`);
    const reasons = await walks(world, [named, rest], {});
    matches(reasons, /max_depth/u, 'the limit of what is too deep');
    matches(reasons, /max_attributes/u, 'the limit of attributes');
    lacks(
      await walks(world, [named, rest, equal], { max_attributes: 100_000 }),
      /max_attributes/u,
      'the reasons',
    );
    return `all keys arrived as they were, and with max_attributes: 100000 as many equal ones; refused else: ${reasons}; 20 of 20 of the rest stored`;
  },
};

/** Through an edit that looks at every attribute. Returns why some could not be read. */
async function walks(world: World, wanted: readonly Recording[], receiver: Config): Promise<string> {
  const backend = await world.otlp();
  const edit = 'set(span.attributes["x"], "y") where span.attributes["constructor"] == 1';
  const processors = { transform: { trace_statements: [edit] } };
  const ended = await world.run(pipeline({ receiver, processors, exporters: otlpTo(backend.url) }));
  ends(ended, 3);
  const issued = new Map(wanted.flatMap((recording) => [...recording.issued]));
  // A member that nobody knows may be deep: it is left out, or the span is refused.
  const { first } = backend.stores.traces;
  const four = [...first.keys()].find((id) => id.startsWith('5'.padStart(32, 'a')));
  if (four !== undefined) issued.set(four, first.get(four)?.content ?? '');
  backend.stores.traces.holds(issued);
  expect(ended.elapsedMs < 20_000, `it took ${ended.elapsedMs} ms`);
  const reasons = ended.report?.receivers[0]?.unreadable.kept.map(({ reason }) => reason) ?? [];
  return [...new Set(reasons)].join('; ');
}

export const regexes: Row = {
  row: 34,
  fault: "ReDoS: a user's regex against an attribute of 1 MB",
  expected: 'Time is linear in the text, in every processor that takes a regex.',
  how: '`(a+)+$`, `(a|aa)+$` and `(.*a){12}$` against 1 MB of `a` and one `!`, in filter, transform, attributes and redaction; a backtracking engine would need longer than the universe has.',
  async run(world) {
    const text = `${'a'.repeat(1_000_000)}!`;
    const recording = new Recording('traces', [
      span(0, { attributes: [['text', text]] }),
      span(1, { attributes: [['text', 'aaa']] }),
    ]);
    world.write('in/a.jsonl', recording.text);
    const seen: string[] = [];
    for (const [name, processor] of Object.entries(processorsWith('(a+)+$', '(a|aa)+$', '(.*a){12}$'))) {
      const backend = await world.otlp();
      const config = pipeline({ processors: { [name]: processor }, exporters: otlpTo(backend.url) });
      const ended = await world.run(config, [], { limitMs: 60_000 });
      ends(ended, 0);
      expect(backend.stores.traces.distinct >= 1, `${name}: nothing arrived`);
      expect(ended.elapsedMs < 20_000, `${name} took ${ended.elapsedMs} ms`);
      seen.push(name);
    }
    return `${seen.join(', ')}: each done within 20 s, with the match that is right`;
  },
};

function processorsWith(...patterns: readonly string[]): Record<string, object> {
  const or = (write: (pattern: string) => string): string => patterns.map(write).join(' or ');
  return {
    filter: {
      error_mode: 'propagate',
      traces: { span: [or((pattern) => `IsMatch(attributes["text"], "^${pattern}") and name == "span 1"`)] },
    },
    transform: {
      error_mode: 'propagate',
      trace_statements: patterns.map(
        (pattern) => `replace_pattern(span.attributes["text"], "${pattern}", "x")`,
      ),
    },
    attributes: {
      include: { match_type: 'regexp', attributes: [{ key: 'text', value: patterns[0] }] },
      actions: [{ key: 'found', value: 'yes', action: 'insert' }],
    },
    redaction: { allow_all_keys: true, blocked_values: patterns },
  };
}

export const ids: Row = {
  row: 36,
  fault: 'Ids in hex, in base64, in upper case, all zero, of the wrong length',
  expected:
    'Hex in either case arrives as it is; base64 is recognised, converted and said; the wrong length is refused by name; zero ids are passed on and nothing else.',
  how: 'One file for each form, with known ids.',
  async run(world) {
    const plain = recorded({ name: 'ids', records: 20 });
    const upper = plain.text.replaceAll(
      /"(traceId|spanId)":"([0-9a-f]+)"/gu,
      (_, key: string, id: string) => `"${key}":"${id.toUpperCase()}"`,
    );
    await exactly(world, ['upper.jsonl', upper], plain, 0);
    const base64 = plain.text.replaceAll(
      /"(traceId|spanId)":"([0-9a-f]+)"/gu,
      (_, key: string, id: string) => `"${key}":"${Buffer.from(id, 'hex').toString('base64')}"`,
    );
    const said = await exactly(world, ['base64.jsonl', base64], plain, 0);
    matches(said, /base64/u, 'the word on base64 ids');
    const wrong = lineOf([span(7)]).replace(/"spanId":"[0-9a-f]+"/u, '"spanId":"abc123"');
    const refused = await exactly(world, ['wrong.jsonl', `${plain.text}${wrong}\n`], plain, 3);
    matches(refused, /spanId|span_id|span id/iu, 'the word on the wrong length');
    const zero = new Recording('traces', [span(8, { traceId: '0'.repeat(32), spanId: '0'.repeat(16) })]);
    const backend = await world.otlp();
    world.write('in/zero.jsonl', zero.text);
    const ended = await world.run(
      pipeline({ receiver: { include: ['in/zero.jsonl'] }, exporters: otlpTo(backend.url) }),
    );
    const stored = backend.stores.traces.distinct;
    const unreadable = ended.report?.receivers[0]?.unreadable.regions ?? 0;
    same(stored + unreadable, 1, 'zero ids: stored, or named as unreadable');
    return `20 of 20 exact in upper case and in base64 (said so); wrong length named, exit 3; zero ids ${stored === 1 ? 'passed on as they are' : 'named as unreadable'}`;
  },
};

/** Replays one file alone; returns what was printed. */
async function exactly(
  world: World,
  [name, text]: readonly [name: string, text: string],
  wanted: Recording,
  exitCode: number,
): Promise<string> {
  world.write(`in/${name}`, text);
  const backend = await world.otlp();
  const ended = await world.run(
    pipeline({ receiver: { include: [`in/${name}`] }, exporters: otlpTo(backend.url) }),
  );
  ends(ended, exitCode);
  backend.stores.traces.holds(wanted.issued);
  return ended.stderr;
}

export const times: Row = {
  row: 37,
  fault: 'Spans that end before they start, times of 0, times in ms or µs by mistake',
  expected: 'Nothing is changed by guess; the unit is told by its magnitude and said once, with an example.',
  how: 'A recording with times in milliseconds, one in microseconds, and one with times of 0 and ends before starts.',
  async run(world) {
    const odd = new Recording('traces', [
      span(0, { startUnixNano: 0n, endUnixNano: 0n }),
      span(1, { startUnixNano: 1_700_000_000_000_000_009n, endUnixNano: 1_700_000_000_000_000_001n }),
    ]);
    lacks(await exactly(world, ['odd.jsonl', odd.text], odd, 0), /instead of nanoseconds/u, 'odd times');
    const said: string[] = [];
    for (const [unit, divisor] of [
      ['ms', 1_000_000n],
      ['µs', 1000n],
    ] as const) {
      const start = 1_700_000_000_000_000_000n / divisor;
      const records = Array.from({ length: 30 }, (_, at) =>
        span(at, { startUnixNano: start + BigInt(at), endUnixNano: start + BigInt(at) + 5n }),
      );
      const recording = new Recording('traces', records);
      const text = await exactly(
        world,
        [`${unit === 'ms' ? 'ms' : 'us'}.jsonl`, recording.text],
        recording,
        0,
      );
      const name = unit === 'ms' ? 'milliseconds' : 'microseconds';
      const words = new RegExp(
        `the times of spans look like ${name} instead of nanoseconds: ${start} is 1970-01-[^\\n]* and 2023-11-14T22:13:20Z in ${name}[^\\n]*\\* ${divisor}\\)`,
        'gu',
      );
      same(text.match(words)?.length, 1, `how often times in ${unit} are told:\n${text}`);
      said.push(unit);
    }
    return `32 odd and 60 mistaken times stored as they were; ${said.join(' and ')} told once each, with an example and what to do`;
  },
};
