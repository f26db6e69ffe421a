import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lines } from '../../src/encodings/lines.ts';
import { LineRules, type LinesConfig } from '../../src/encodings/lines/rules.ts';
import { nanosFromText, parseIsoTime } from '../../src/model/time.ts';
import type { DecoderOptions } from '../../src/encodings/encoding.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { cut, decodedInPieces, decoderOf } from './decoding.ts';
import { holdsLaws } from './laws.ts';

interface Record {
  readonly timeUnixNano?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body: { readonly stringValue: string };
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes?: unknown;
}

function records(text: string, config: LinesConfig = {}, options: Partial<DecoderOptions> = {}): Record[] {
  const decoder = decoderOf(lines, { ...options, lines: new LineRules(config) });
  return decodedInPieces(decoder, cut(Buffer.from(text), [50])).flatMap((each) => {
    if ('reason' in each) throw new Error(each.reason);
    const { resourceLogs } = each.json as { resourceLogs: { scopeLogs: { logRecords: Record[] }[] }[] };
    return resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
  });
}

const nanos = (iso: string): string => String(parseIsoTime(iso));
const base = { baseTimeUnixNano: parseIsoTime('2026-03-14T23:59:00Z') };

describe('times that are known without being told', () => {
  const second = nanos('2026-03-14T09:26:53Z');
  const cases: [line: string, time: string | undefined][] = [
    ['2026-03-14T09:26:53Z up', second],
    ['2026-03-14T09:26:53.590255949Z up', nanos('2026-03-14T09:26:53.590255949Z')],
    ['2026-03-14T11:26:53+02:00 up', second],
    ['2026-03-14 09:26:53,590 INFO up', nanos('2026-03-14T09:26:53.590Z')],
    ['2026-03-14 10:26:53.5 +0100 up', nanos('2026-03-14T09:26:53.5Z')],
    ['2026-03-14 09:26:53 UTC [12] LOG:  up', second],
    ['2026/03/14 09:26:53 [error] 31#31: *1 up', second],
    ['[2026-03-14T09:26:53Z] up', second],
    ['[INFO] 2026-03-14 09:26:53 up', second],
    ['ERROR:2026-03-14 09:26:53:up', second],
    ['\u001b[32m2026-03-14T09:26:53Z\u001b[0m up', second],
    ['127.0.0.1 - - [14/Mar/2026:10:26:53 +0100] "GET / HTTP/1.1" 200 12', second],
    ['Sat, 14 Mar 2026 09:26:53 GMT up', second],
    ['Sat Mar 14 09:26:53 2026 up', second],
    ['Mar 14, 2026 9:26:53 AM a.B c', second],
    ['Mar 14, 2026 9:26:53 PM a.B c', nanos('2026-03-14T21:26:53Z')],
    ['<34>1 2026-03-14T09:26:53.003Z host app - - - up', nanos('2026-03-14T09:26:53.003Z')],
    ['20260314T092653Z up', second],
    ['1773480413 up', nanos('2026-03-14T09:26:53Z')],
    ['1773480413590: up', nanos('2026-03-14T09:26:53.590Z')],
    ['{"time":"2026-03-14T09:26:53Z","msg":"up"}', second],
    ['{"level":30,"time":1773480413590,"msg":"up"}', nanos('2026-03-14T09:26:53.590Z')],
    ['{"ts":1773480413.5902559,"msg":"up"}', nanos('2026-03-14T09:26:53.590255900Z')],
    ['{"@timestamp":"2026-03-14T09:26:53Z"}', second],
    ['level=info ts=2026-03-14T09:26:53Z msg="it is up"', second],
    ['time="2026-03-14T09:26:53Z" level=info', second],
    ['2026-13-14T09:26:53Z up', undefined],
    ['2026-03-14T25:26:53Z up', undefined],
    ['up since 2026-03-14T09:26:53Z', undefined],
    ['12 items', undefined],
    ['', undefined],
  ];
  test.each(cases)('%s', (line, time) => {
    const [record, ...others] = records(`${line}\n`);
    expect(others).toEqual([]);
    expect(record?.timeUnixNano).toBe(time);
    expect(record?.body.stringValue).toBe(line);
  });
});

describe('times that lack something are those nearest to base_time', () => {
  const cases: [text: string, times: string[]][] = [
    ['Mar 15 00:01:02 host up', ['2026-03-15T00:01:02Z']],
    ['I0314 09:26:53.590255 1 a.go:1] up', ['2026-03-14T09:26:53.590255Z']],
    [
      '23:59:30 a\n00:00:10 b\n12:00:00.5 c\n00:00:01 d',
      ['2026-03-14T23:59:30Z', '2026-03-15T00:00:10Z', '2026-03-15T12:00:00.5Z', '2026-03-16T00:00:01Z'],
    ],
    [
      'a\nb\n\nd',
      [
        '2026-03-14T23:59:00Z',
        '2026-03-14T23:59:00.000000001Z',
        '2026-03-14T23:59:00.000000002Z',
        '2026-03-14T23:59:00.000000003Z',
      ],
    ],
  ];
  test.each(cases)('%j', (text, times) => {
    expect(records(text, {}, base).map(({ timeUnixNano }) => timeUnixNano)).toEqual(times.map(nanos));
    expect(records(text).every(({ timeUnixNano }) => timeUnixNano === undefined)).toBe(true);
  });
});

describe('severities', () => {
  const cases: [line: string, number: number | undefined, text: string | undefined][] = [
    ['2026-03-14T09:26:53Z WARN a', 13, 'WARN'],
    ['[error] a', 17, 'error'],
    ['info: a', 9, 'info'],
    ['E0314 09:26:53.590255 1 a.go:1] up', 17, 'E'],
    ['<34>Mar 14 09:26:53 host a', 18, 'crit'],
    ['{"level":"warn","msg":"a"}', 13, 'warn'],
    ['{"level":50}', 17, '50'],
    ['{"severity":"INFO2"}', 10, 'INFO2'],
    ['a level=debug', 5, 'debug'],
    ['no error was found', undefined, undefined],
    ['http://x/ERROR/y', undefined, undefined],
  ];
  test.each(cases)('%s', (line, number, text) => {
    const [record] = records(line);
    expect([record?.severityNumber, record?.severityText]).toEqual([number, text]);
  });
});

test('ids of trace and span that a line has in fields are the ids of the record', () => {
  const [one, two] = records(
    '{"trace_id":"5B8efff798038103d269b633813fc60c","span_id":"eee19b7ec3c1b174","level":"info"}\ntraceId=00000000000000000000000000000000 level=info',
  );
  expect([one?.traceId, one?.spanId]).toEqual(['5b8efff798038103d269b633813fc60c', 'eee19b7ec3c1b174']);
  expect(two?.traceId).toBeUndefined();
});

describe('lines that belong together', () => {
  const trace = '2026-03-14T09:26:53Z ERROR x\njava.lang.Error: x\n\tat a.B.c(B.java:1)\n\n\tat d\n';
  const cases: [what: string, text: string, config: LinesConfig, bodies: string[]][] = [
    ['a stack trace', `${trace}2026-03-14T09:26:54Z y\n`, {}, [trace.trimEnd(), '2026-03-14T09:26:54Z y']],
    ['with CR LF', '2026-03-14T09:26:53Z a\r\n b\r\n', {}, ['2026-03-14T09:26:53Z a\n b']],
    ['without times none do', 'a\n b\n\nc', {}, ['a', ' b', '', 'c']],
    [
      'where most have no time, only what is indented',
      'a\nb\nc\n2026-03-14T09:26:53Z d\n e\nf',
      {},
      ['a', 'b', 'c', '2026-03-14T09:26:53Z d\n e', 'f'],
    ],
    [
      'multiline: none',
      '2026-03-14T09:26:53Z a\n b',
      { multiline: 'none' },
      ['2026-03-14T09:26:53Z a', ' b'],
    ],
    [
      'by their beginning',
      'x\n# a\nb\n\nc\n# d',
      { multiline: { line_start_pattern: '^#' } },
      ['x', '# a\nb\n\nc', '# d'],
    ],
    ['by their end', 'a\nb;\nc;\nd', { multiline: { line_end_pattern: ';$' } }, ['a\nb;', 'c;', 'd']],
  ];
  test.each(cases)('%s', (_, text, config, bodies) => {
    expect(records(text, config).map(({ body }) => body.stringValue)).toEqual(bodies);
  });
});

describe('what is configured', () => {
  const cases: [what: string, line: string, config: LinesConfig, expected: Partial<Record>][] = [
    [
      'a regex whose groups are attributes, time and severity',
      '14.03.2026 10:26 [F] hello',
      {
        regex: String.raw`^(?P<time>\S+ \S+) \[(?P<sev>\w)\] (?P<msg>.*)$`,
        timestamp: { parse_from: 'attributes.time', layout: '%d.%m.%Y %H:%M', location: 'Europe/Berlin' },
        severity: { parse_from: 'sev', mapping: { fatal: 'F', error: ['E', 'X'] } },
      },
      { timeUnixNano: nanos('2026-03-14T09:26:00Z'), severityNumber: 21, severityText: 'F' },
    ],
    [
      'a layout at the beginning',
      '26/3/14 9:26:53 a',
      { timestamp: { layout: '%y/%m/%d %H:%M:%S' } },
      { timeUnixNano: nanos('2026-03-14T09:26:53Z') },
    ],
    [
      'a layout of Go',
      '{"w":"14 Mar 26 09:26:53.5 +0000"}',
      { timestamp: { parse_from: 'w', layout: '02 Jan 06 15:04:05.000 -0700', layout_type: 'gotime' } },
      { timeUnixNano: nanos('2026-03-14T09:26:53.5Z') },
    ],
    [
      'an epoch',
      '{"when":1773480413590255.9}',
      { timestamp: { parse_from: 'when', layout: 'us', layout_type: 'epoch' } },
      { timeUnixNano: '1773480413590255900' },
    ],
    [
      'a severity by range',
      'code=503 a',
      { severity: { parse_from: 'code', mapping: { info: '2xx', error: [{ min: 500, max: 599 }] } } },
      { severityNumber: 17, severityText: '503' },
    ],
    ['no time and no severity', '2026-03-14T09:26:53Z ERROR', { timestamp: 'none', severity: 'none' }, {}],
  ];
  test.each(cases)('%s', (_, line, config, expected) => {
    const [record] = records(line, config);
    const { timeUnixNano, severityNumber, severityText } = record ?? {};
    const found = Object.entries({ timeUnixNano, severityNumber, severityText });
    expect(Object.fromEntries(found.filter(([, value]) => value !== undefined))).toEqual(expected);
  });

  test('the groups of a regex', () => {
    expect(records('GET /x', { regex: String.raw`^(?P<method>\w+) (?P<path>\S+)` })[0]?.attributes).toEqual([
      { key: 'method', value: { stringValue: 'GET' } },
      { key: 'path', value: { stringValue: '/x' } },
    ]);
  });

  test.each([
    [{ timestamp: { layout: '%Q' } }, '%Q is no directive of strptime'],
    [
      { regex: '(?P<lvl>\\w) (?P<ts>\\d+)', timestamp: { parse_from: 'time' } },
      'must be a group of the `regex`, which has lvl, ts, found "time"',
    ],
    [
      { regex: '(\\w)', severity: { parse_from: 'level' } },
      'must be a group of the `regex`, which has none with a name, found "level"',
    ],
    [{ timestamp: { layout: 'x' } }, 'has no part of a time in it'],
    [
      { timestamp: { layout: 'h', layout_type: 'epoch' } },
      'must be one of s, ms, us, ns, s.ms, s.us, s.ns for layout_type epoch, found h',
    ],
    [{ regex: '(' }, 'missing closing )'],
    [
      { timestamp: { location: 'Nowhere/Else' } },
      'must be a time zone such as Europe/Lisbon, found "Nowhere/Else"',
    ],
    [{ severity: { parse_from: 'a', mapping: { bad: 'x' } } }, 'must be a level'],
  ] satisfies [LinesConfig, string][])('%j is refused', (config, reason) => {
    expect(() => new LineRules(config)).toThrow(reason);
  });
});

test('any time that is written is read to the nanosecond', () => {
  const time = fc.bigInt({ min: 0n, max: 4102444799n * 1_000_000_000n });
  fc.assert(
    fc.property(time, (instant) => {
      const iso = `${new Date(Number(instant / 1_000_000_000n) * 1000).toISOString().slice(0, 19)}.${String(instant % 1_000_000_000n).padStart(9, '0')}`;
      const expected = instant === 0n ? undefined : String(instant);
      for (const line of [`${iso}Z a`, `${iso.replace('T', ' ')} a`, `{"time":"${iso}Z"}`]) {
        expect(records(line)[0]?.timeUnixNano).toBe(expected);
      }
      expect(nanosFromText(String(instant), 'ns')).toBe(instant);
    }),
  );
});

test('the laws hold for lines', () => {
  const texts = [
    '2026-03-14T09:26:53Z INFO a\n b\n c\n\n2026-03-14T09:26:54Z WARN täßchen\n',
    'a\nb\r\n\r\nc',
    '23:59:30 a\n00:00:10 b\nMar 14 09:26:53 x\n',
    '{"time":1773480413590,"level":30}\nlevel=info ts=1 msg=x\n',
  ];
  const words = [
    '\r',
    '\uFFFD',
    '2026-03-14T09:26:53Z ',
    '<34>',
    '{"time":1e400}',
    '12:00:00 ',
    '\u0000',
    'x'.repeat(200),
  ];
  const seeds = [...texts.map((text) => Buffer.from(text)), Buffer.from([0xff, 0xc3, 0x0a, 0x80])];
  holdsLaws(lines, { seeds, words });
  holdsLaws(lines, { seeds, words, options: base });
});

describe('what is taken for a log', () => {
  const told = (text: string) => lines.detect(bytesOf(Buffer.from(text)), { atEnd: true })?.confidence ?? 0;

  test.each([
    '2026-03-14T09:26:53Z a\n b\n2026-03-14T09:26:54Z c\n',
    '{"level":30,"time":1773480413590,"msg":"a"}\n{"level":30,"time":1773480413591,"msg":"b"}\n',
    'level=info ts=2026-03-14T09:26:53Z msg=a\n',
    '127.0.0.1 - - [14/Mar/2026:10:26:53 +0100] "GET / HTTP/1.1" 200 12\n',
  ])('%j is', (text) => expect(told(text)).toBeGreaterThanOrEqual(0.5));

  test.each([
    'the quick brown fox\njumps\n',
    'time,level,message\n2026-03-14 09:26:53,info,a\n2026-03-14 09:26:54,info,b\n',
    '{"name":"respool","version":"1.0.0"}',
    "import { a } from 'b';\nconst level = 'info';\n",
    'key: value\nlevel: info\n',
    '# 2026-03-14\n\nNotes of today.\n',
    'PATH=/usr/bin\nHOME=/root\n',
    '',
    '\u0000\u0001',
  ])('%j is not', (text) => expect(told(text)).toBeLessThan(0.5));
});
