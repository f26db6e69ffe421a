/**
 * How long each stage of a pipeline takes for one batch: `npm run bench`, or `npm run bench -- PATTERN` for some of them.
 * One batch is about a megabyte of protobuf, or the 2 MB of JSON that it is made of. Compare on the same machine only.
 */
import { argv } from 'node:process';
import { bench, run, summary } from 'mitata';
import { compress as snappy } from 'snappyjs';
import { OtlpJsonDecoder } from '../../src/encodings/otlp-json-decoder.ts';
import { defaultDecoderOptions } from '../../src/encodings/encoding.ts';
import { loki } from '../../src/exporters/loki.ts';
import { otlpHttp } from '../../src/exporters/otlp-http.ts';
import { compress } from '../../src/exporters/shared/compress.ts';
import { checkMessage } from '../../src/model/check.ts';
import { LogsData, TracesData } from '../../src/model/schema.ts';
import { toJson } from '../../src/model/to-json.ts';
import type { TracesBatch } from '../../src/model/traces.ts';
import type { Consumer, Exporter, Processor } from '../../src/pipeline/component.ts';
import { exporterContext, requestsOf, sendBatch, startExporter } from '../support/exporter-context.ts';
import { startBackend } from './backend.ts';
import { benchedProcessors } from './processors.ts';
import { batchOn, jsonLines, protobuf } from './recordings.ts';

const spansJson = jsonLines('traces', 2 << 20);
const logsJson = jsonLines('logs', 2 << 20);
const spans = protobuf('traces', 2 << 20);
const logs = protobuf('logs', 2 << 20);

/** Decodes as a receiver does, in chunks; answers the number of bytes that came out. */
function decode(json: Buffer): number {
  const decoder = new OtlpJsonDecoder(defaultDecoderOptions);
  let size = 0;
  const take = (decoded: ReturnType<OtlpJsonDecoder['push']>): void => {
    for (const each of decoded) {
      if (each.kind !== 'batch') throw new Error(each.reason);
      size += each.batch.byteLength;
      each.batch.release();
    }
  };
  for (let at = 0; at < json.length; at += 1 << 18)
    take(decoder.push(json.subarray(at, at + (1 << 18)) as Parameters<typeof decoder.push>[0]));
  take(decoder.end());
  return size;
}

function edit(change: (batch: TracesBatch) => void): number {
  const batch = batchOn('traces', spans) as TracesBatch;
  change(batch);
  const { length } = batch.encode();
  batch.release();
  return length;
}

/** What comes out is encoded, as an exporter would. */
async function through(processor: Processor): Promise<number> {
  let length = 0;
  const next: Consumer = {
    consume: (batch) => {
      length += batch.encode().length;
      batch.release();
      return Promise.resolve();
    },
  };
  const consumed = processor.consume(batchOn('traces', spans), next);
  await processor.flush?.(next);
  await consumed;
  return length;
}

const lokis = {
  protobuf: await lokiWith({ encoding: 'protobuf' }),
  json: await lokiWith({ encoding: 'json', compression: 'none' }),
};

async function lokiWith(config: object): Promise<Exporter> {
  const endpoint = 'http://localhost:3100';
  return await loki.create(loki.schema.parse({ endpoint, ...config }), exporterContext());
}

async function push(encoding: keyof typeof lokis): Promise<number> {
  const batch = batchOn('logs', logs);
  const requests = await requestsOf(lokis[encoding], batch);
  batch.release();
  return requests.length;
}

summary(() => {
  bench('read: split and transcode spans', () => decode(spansJson));
  bench('read: split and transcode log records', () => decode(logsJson));
});

summary(() => {
  bench('check protobuf of spans', () => checkMessage(spans, 0, spans.length, TracesData));
  bench('check protobuf of log records', () => checkMessage(logs, 0, logs.length, LogsData));
});

summary(() => {
  bench('views: untouched', () => edit(() => {}));
  bench('views: a name of each span', () => edit((batch) => void batch.spans().map((span) => span.name)));
  bench('views: shift the times of each span', () =>
    edit((batch) => {
      for (const span of batch.spans()) span.startTimeUnixNano += 1000n;
    }));
  bench('views: set an attribute of each span', () =>
    edit((batch) => {
      for (const span of batch.spans()) span.attributes.set('replayed', true);
    }));
});

const processors = await benchedProcessors();
summary(() => {
  for (const [name, processor] of processors) bench(`processor ${name}`, () => through(processor));
});

summary(() => {
  bench('write: OTLP JSON of spans', () => toJson(spans, 0, spans.length, TracesData).length);
  bench('compress: gzip', async () => (await compress(spans, 'gzip')).length);
  bench('compress: zstd', async () => (await compress(spans, 'zstd')).length);
});

const backend = await startBackend();
const sender = await startExporter(
  otlpHttp,
  { endpoint: backend.url, compression: 'none' },
  exporterContext(),
);
summary(() => {
  bench('send: a request to a backend on this machine', () => sendBatch(sender, batchOn('traces', spans)));
});

const snappied = Buffer.from(logs);
summary(() => {
  bench('compress: snappy of log records', () => snappy(snappied).length);
  bench('loki: protobuf with snappy', () => push('protobuf'));
  bench('loki: JSON', () => push('json'));
});

const [, , pattern] = argv;
await run(pattern === undefined ? {} : { filter: new RegExp(pattern) });
await sender.shutdown?.();
backend.close();
