/** A receiver of files in a folder of its own, and what came out of it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { signals, type Signal } from '../../src/model/signal.ts';
import type { AnyBatch } from '../../src/model/batches.ts';
import type { JsonValue } from '../../src/pipeline/checkpoint.ts';
import type { Clock } from '../../src/pipeline/clock.ts';
import type { ReceiverFactory } from '../../src/pipeline/component.ts';
import { ReceiverCounts, total } from '../../src/pipeline/counts.ts';
import { createLogger } from '../../src/pipeline/logger.ts';
import { file } from '../../src/receivers/file.ts';
import { FakeClock } from '../support/fake-clock.ts';

export type Files = Record<string, string | Uint8Array>;

/** A folder that is gone after the test. */
export function folderWith(files: Files = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'respool-receiver-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

export interface ReadOptions {
  factory?: ReceiverFactory<never>;
  stdin?: Iterable<Uint8Array | string>;
  signal?: AbortSignal;
  /** Signals that have a pipeline; all unless given. */
  signals?: readonly Signal[];
  /** Absolute paths that the run writes. */
  outputs?: readonly string[];
  position?: JsonValue | undefined;
  configChanged?: boolean;
  acceptFileChange?: boolean;
  follow?: boolean;
  clock?: Clock;
  /** Called with each batch before it is taken. */
  onBatch?: (batch: AnyBatch) => void | Promise<void>;
}

export interface ReadResult {
  readonly batches: AnyBatch[];
  /** Names of spans and bodies of log records, in the order in which they came. */
  readonly items: unknown[];
  readonly counts: ReceiverCounts;
  readonly log: string[];
  readonly dropped: Record<string, number>;
}

export async function receiverIn(directory: string, config: object, options: ReadOptions = {}) {
  const factory = options.factory ?? (file as ReceiverFactory<never>);
  const log: string[] = [];
  const counts = new ReceiverCounts('file');
  const context = {
    id: 'file',
    logger: createLogger('debug', (level, message) => log.push(`${level} ${message}`)),
    clock: options.clock ?? new FakeClock(),
    position: options.position,
    acceptFileChange: options.acceptFileChange ?? false,
    configChanged: options.configChanged ?? false,
    follow: options.follow ?? false,
    signal: options.signal ?? new AbortController().signal,
    counts,
    signals: new Set(options.signals ?? signals),
    stdin: stream(options.stdin ?? []),
    directory,
    outputs: options.outputs ?? [],
  };
  const receiver = await factory.create(factory.schema.parse(config), context);
  return { receiver, counts, log };
}

/** Reads everything. Rejects as the receiver does. */
export async function read(
  directory: string,
  config: object,
  options: ReadOptions = {},
): Promise<ReadResult> {
  const { receiver, counts, log } = await receiverIn(directory, config, options);
  const batches: AnyBatch[] = [];
  await receiver.start({
    emit: async (batch) => {
      await options.onBatch?.(batch);
      batches.push(batch);
      counts.commit();
    },
    advance: () => counts.commit(),
  });
  counts.commit();
  const dropped: Record<string, number> = {};
  for (const [signal, flow] of counts.flows) dropped[signal] = total(flow.dropped);
  return { batches, items: batches.flatMap(itemsOf), counts, log, dropped };
}

function itemsOf(batch: AnyBatch): unknown[] {
  if (batch.signal === 'traces') return batch.spans().map(({ name }) => name);
  return batch.signal === 'logs' ? batch.logRecords().map(({ body }) => body) : [];
}

async function* stream(chunks: Iterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

/** One line of OTLP JSON with a span. */
export function spanLine(name: string, seconds = 1, service = 'shop'): string {
  const start = `${seconds}000000000`;
  const span = `{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"${name}","kind":1,"startTimeUnixNano":"${start}","endTimeUnixNano":"${start}"}`;
  return `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"${service}"}}]},"scopeSpans":[{"spans":[${span}]}]}]}\n`;
}

/** One line of OTLP JSON with a log record. */
export function logLine(body: string, seconds = 1, service = 'shop'): string {
  const record = `{"timeUnixNano":"${seconds}000000000","severityNumber":9,"body":{"stringValue":"${body}"}}`;
  return `{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"${service}"}}]},"scopeLogs":[{"logRecords":[${record}]}]}]}\n`;
}
