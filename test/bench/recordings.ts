/** Telemetry to measure with, always the same: spans and log records as web shops make them. */
import { batchOf, type AnyBatch } from '../../src/model/batches.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import type { Signal } from '../../src/model/signal.ts';
import { Transcoder } from '../../src/model/transcode.ts';
import { bytesOf, type Bytes } from '../../src/wire/bytes.ts';
import { Writer } from '../../src/wire/writer.ts';

/** Items on each line. */
const perLine = 200;

function hex(seed: number, digits: number): string {
  let text = '';
  for (let state = seed + 1; text.length < digits;) {
    state = (Math.imul(state, 0x5bd1e995) ^ (state >>> 13)) >>> 0;
    text += state.toString(16).padStart(8, '0');
  }
  return text.slice(0, digits);
}

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const integer = (key: string, value: number) => ({ key, value: { intValue: String(value) } });

function attributesOf(index: number): object[] {
  return [
    text('http.request.method', index % 3 === 0 ? 'POST' : 'GET'),
    text('http.route', index % 10 === 0 ? '/health' : `/api/v1/orders/{id}`),
    text('url.path', `/api/v1/orders/${index}`),
    text('url.scheme', 'https'),
    text('server.address', `shop-${index % 7}.prod.svc.cluster.local`),
    integer('server.port', 8443),
    integer('http.response.status_code', index % 20 === 0 ? 500 : 200),
    text('user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0'),
    text('enduser.id', `user-${hex(index, 8)}`),
    integer('http.response.body.size', index * 37),
    text('thread.name', `worker-${index % 32}`),
    { key: 'app.cached', value: { boolValue: index % 4 === 0 } },
  ];
}

function spanOf(index: number): object {
  const start = 1_760_000_000_000_000_000n + BigInt(index) * 1_000_003n;
  return {
    traceId: hex(index >> 3, 32),
    spanId: hex(index, 16),
    parentSpanId: hex(index + 1, 16),
    name: 'GET /api/v1/orders/{id}',
    kind: 2,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + 12_345_678n),
    attributes: attributesOf(index),
    status: index % 20 === 0 ? { code: 2, message: 'order service is gone' } : {},
  };
}

function logOf(index: number): object {
  return {
    timeUnixNano: String(1_760_000_000_000_000_000n + BigInt(index) * 1_000_003n),
    severityNumber: index % 5 === 0 ? 17 : 9,
    severityText: index % 5 === 0 ? 'ERROR' : 'INFO',
    body: { stringValue: `order ${index} of user ${hex(index, 8)} was ${index % 5 === 0 ? 'lost' : 'paid'}` },
    attributes: attributesOf(index).slice(0, 8),
    traceId: hex(index >> 3, 32),
    spanId: hex(index, 16),
  };
}

function lineOf(signal: 'traces' | 'logs', line: number): string {
  const items = Array.from({ length: perLine }, (_, i) =>
    (signal === 'traces' ? spanOf : logOf)(line * perLine + i),
  );
  const resource = { attributes: [text('service.name', `shop-${line % 5}`), text('host.name', 'node-7')] };
  const scope = { name: 'io.opentelemetry.http', version: '2.1.0' };
  return JSON.stringify(
    signal === 'traces'
      ? { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: items }] }] }
      : { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: items }] }] },
  );
}

/** OTLP JSON, a document a line, of about this many bytes. */
export function jsonLines(signal: 'traces' | 'logs', bytes: number): Bytes {
  const lines: string[] = [];
  for (let size = 0; size < bytes;) {
    const line = `${lineOf(signal, lines.length)}\n`;
    size += line.length;
    lines.push(line);
  }
  return bytesOf(Buffer.from(lines.join('')));
}

/** The same telemetry in protobuf. */
export function protobuf(signal: 'traces' | 'logs', bytes: number): Bytes {
  const writer = new Writer(bytes);
  const transcoder = new Transcoder();
  for (const line of jsonLines(signal, bytes).toString().trimEnd().split('\n')) {
    const json = bytesOf(Buffer.from(line));
    transcoder.message(json, 0, json.length, dataTypeOf(signal), writer);
  }
  return writer.bytes();
}

/** A batch on a copy of the bytes. */
export function batchOn(signal: Signal, bytes: Bytes): AnyBatch {
  return batchOf(signal, Buffer.from(bytes), { trusted: true });
}
