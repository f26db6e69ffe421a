/** What mutation begins with: small inputs of each shape, and recordings of real producers where they are there. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { detect } from '../../../src/encodings/detect.ts';
import { dataTypeOf } from '../../../src/model/schema.ts';
import { signals, type Signal } from '../../../src/model/signal.ts';
import { Transcoder } from '../../../src/model/transcode.ts';
import { bytesOf } from '../../../src/wire/bytes.ts';
import { Writer } from '../../../src/wire/writer.ts';
import { varint } from './mutate.ts';

const root = resolve(import.meta.dirname, '../../..');
const samples = resolve(root, process.env['RESPOOL_SHARED'] ?? '../shared', 'samples');
const largest = 16_000;

/** The recordings that a pattern finds, those that are not too large. */
export function recordings(pattern: string): Buffer[] {
  if (!existsSync(samples)) return [];
  return globSync(pattern, { cwd: samples })
    .toSorted()
    .map((path) => join(samples, path))
    .filter((path) => statSync(path).size <= largest)
    .map((path) => readFileSync(path));
}

/** The recordings that are told to be of this encoding, whatever they are called, and a document that is empty. */
export function recordingsOf(encoding: string): Buffer[] {
  const all = recordings('recordings/**/*.{json,jsonl,txt,log,pb}');
  const told = all.filter((bytes) => {
    const found = detect(bytesOf(bytes), { atEnd: true });
    return found !== undefined && 'encoding' in found && found.encoding.name === encoding;
  });
  return [...told, Buffer.from('{}')];
}

const attributes = [
  { key: 'a', value: { stringValue: 'ü😀"\\' } },
  { key: 'b', value: { intValue: '-9007199254740993' } },
  { key: 'c', value: { doubleValue: 0.1 } },
  { key: 'd', value: { boolValue: true } },
  { key: 'e', value: { arrayValue: { values: [{ bytesValue: 'AAEC' }, {}] } } },
  { key: 'f', value: { kvlistValue: { values: [{ key: 'g', value: { doubleValue: 'NaN' } }] } } },
];
const times = { startTimeUnixNano: '1700000000000000000', timeUnixNano: '1700000000000000001' };
const span = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  name: 'GET /',
  kind: 2,
  startTimeUnixNano: '1700000000000000000',
  endTimeUnixNano: '1700000001000000000',
  attributes,
  events: [{ timeUnixNano: '1', name: 'e', attributes }],
  links: [{ traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174' }],
  status: { code: 2, message: 'm' },
};
const histogram = {
  ...times,
  count: '3',
  sum: 1.5,
  bucketCounts: ['1', '2'],
  explicitBounds: [0.5],
  attributes,
};
const exponential = {
  ...times,
  count: '3',
  scale: -2,
  zeroCount: '1',
  positive: { offset: 1, bucketCounts: ['2'] },
};
const metrics = [
  {
    name: 'g',
    gauge: {
      dataPoints: [
        { ...times, asInt: '5', attributes },
        { ...times, asDouble: -0.5 },
      ],
    },
  },
  {
    name: 's',
    sum: { dataPoints: [{ ...times, asInt: '5' }], aggregationTemporality: 2, isMonotonic: true },
  },
  { name: 'h', histogram: { dataPoints: [histogram], aggregationTemporality: 1 } },
  { name: 'x', exponentialHistogram: { dataPoints: [exponential], aggregationTemporality: 1 } },
  { name: 'q', summary: { dataPoints: [{ ...times, quantileValues: [{ quantile: 0.5, value: 1 }] }] } },
];
const resource = { attributes };
const scope = { name: 'lib', version: '1', attributes };

export const documents: Readonly<Record<Signal, object>> = {
  traces: { resourceSpans: [{ resource, schemaUrl: 'u', scopeSpans: [{ scope, spans: [span, span] }] }] },
  logs: {
    resourceLogs: [
      {
        resource,
        scopeLogs: [{ scope, logRecords: [{ ...times, body: { stringValue: 'b' }, attributes }] }],
      },
    ],
  },
  metrics: { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] },
};

export function protobufOf(signal: Signal): Buffer {
  const json = bytesOf(Buffer.from(JSON.stringify(documents[signal])));
  const to = new Writer();
  new Transcoder().message(json, 0, json.length, dataTypeOf(signal), to);
  return Buffer.from(to.bytes());
}

export function jsonSeeds(): Buffer[] {
  const lines = signals.map((signal) => JSON.stringify(documents[signal]));
  const pretty = signals.map((signal) => JSON.stringify(documents[signal], null, 2));
  const texts = [
    ...lines,
    ...pretty,
    lines.join('\n'),
    lines.join(''),
    pretty.join('\n'),
    `[${pretty.join(',')}]`,
  ];
  return [
    ...texts.map((text) => Buffer.from(text)),
    ...recordings('recordings/{collector,otlp-file,by-hand,otlp-http}/**/*.json{,l}'),
  ];
}

const codemachineSpan = {
  name: 's',
  traceId: span.traceId,
  spanId: span.spanId,
  startTime: 1_700_000_000_000.125,
  endTime: 1_700_000_000_001,
  status: { code: 2 },
  attributes: { a: [1, { b: null }] },
  events: [{ name: 'e', time: 1.5 }],
};
const codemachineLog = {
  timestamp: [1_700_000_000, 5],
  severityNumber: 9,
  body: { a: 1 },
  attributes: { 'trace.id': span.traceId },
  resource: { r: 1 },
};

export function codemachineSeeds(): Buffer[] {
  const spans = {
    version: 1,
    service: 's',
    exportedAt: 'x',
    spanCount: 2,
    spans: [codemachineSpan, codemachineSpan],
  };
  const logs = { service: 's', exportedAt: 'x', logCount: 2, logs: [codemachineLog, codemachineLog] };
  const texts = [spans, logs].flatMap((each) => [JSON.stringify(each), JSON.stringify(each, null, 2)]);
  return [...texts.map((text) => Buffer.from(text)), ...recordings('codemachine/**/*.json')];
}

export function protobufSeeds(): Buffer[] {
  return [...signals.map(protobufOf), ...recordings('recordings/otlp-http/**/*.pb')];
}

export function framedSeeds(): Buffer[] {
  const messages = signals.map(protobufOf);
  const all = [
    ...messages,
    ...messages.map((each) => zstdCompressSync(each)),
    Buffer.from(JSON.stringify(documents.logs)),
  ];
  const long = all.map((message) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    return Buffer.concat([length, message]);
  });
  const short = all.map((message) => Buffer.concat([varint(message.length), message]));
  return [
    ...long,
    ...short,
    Buffer.concat(long),
    Buffer.concat(short),
    ...recordings('recordings/collector/*.{pb,zst}'),
  ];
}

const plain = (): Buffer[] => [
  Buffer.from(''),
  Buffer.from('{"resourceSpans":[]}\n'.repeat(50)),
  protobufOf('traces'),
  Buffer.alloc(70_000, 'abc'),
];

export function gzipSeeds(): Buffer[] {
  const members = plain().map((each) => gzipSync(each));
  const named = Buffer.concat([
    Buffer.from('1f8b081e00000000000304006162636461007a0000', 'hex'),
    (members[1] ?? Buffer.alloc(0)).subarray(10),
  ]);
  return [...members, named, Buffer.concat(members), ...recordings('recordings/**/*.gz')].filter(
    (each) => each.length < largest,
  );
}

export function zstdSeeds(): Buffer[] {
  const frames = plain().map((each) => zstdCompressSync(each));
  const skippable = Buffer.from('5a2a4d1803000000616263', 'hex');
  return [...frames, Buffer.concat([skippable, ...frames]), ...recordings('recordings/**/*.zst')];
}

export function configSeeds(): Buffer[] {
  return globSync('config/*.yaml', { cwd: root }).map((path) => readFileSync(join(root, path)));
}

/** The OTTL texts of the documentation. */
export function ottlSeeds(): Buffer[] {
  const page = readFileSync(join(root, 'docs/ottl.md'), 'utf8');
  const texts = [...page.matchAll(/^ *- ([a-z_]+\(.*\).*)$/gm), ...page.matchAll(/`([A-Za-z_]+\([^`]*\))`/g)];
  const more = [
    'attributes["a"] == 1 and not (IsMatch(name, "x+") or true)',
    'set(attributes["b"], {"k": [1, 2.5, nil]}) where kind != 0x0f',
  ];
  return [...texts.map((match) => match[1] ?? ''), ...more].map((text) => Buffer.from(text));
}
