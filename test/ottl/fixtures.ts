import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { LogsBatch } from '../../src/model/logs.ts';
import { batchOf } from '../../src/model/batches.ts';
import type { AnyBatch } from '../../src/model/batches.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import type { Signal } from '../../src/model/signal.ts';
import { TracesBatch } from '../../src/model/traces.ts';
import { Transcoder } from '../../src/model/transcode.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { Writer } from '../../src/wire/writer.ts';
import type { Target } from '../../src/ottl/target.ts';

const corpus = fileURLToPath(new URL('../../../shared/conformance/', import.meta.url));

/** The corpus lies beside the repository, not in it. */
export const hasCorpus = existsSync(corpus);

export interface ValueCase {
  readonly id: string;
  readonly gates?: readonly string[];
  readonly context: 'log' | 'span' | 'spanevent' | 'resource' | 'scope';
  readonly input: string;
  readonly paths?: 'legacy';
  readonly kind: 'value' | 'condition';
  readonly expression: string;
  readonly expect: Expected;
}

export interface Expected {
  readonly type?: string;
  readonly value?: unknown;
  readonly parse_error?: boolean;
  readonly eval_error?: boolean;
  readonly message?: string;
  readonly [more: string]: unknown;
}

export function valueCases(): ValueCase[] {
  const lines = readFileSync(`${corpus}ottl-values.jsonl`, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as ValueCase);
}

/** OTLP JSON as a batch. */
export function batchOfJson(json: string, signal: Signal): AnyBatch {
  const bytes = bytesOf(Buffer.from(json));
  const writer = new Writer();
  new Transcoder().message(bytes, 0, bytes.length, dataTypeOf(signal), writer);
  return batchOf(signal, writer.bytes());
}

/** The first record of a fixture, seen from a context. */
export function fixtureTarget(input: string, context: ValueCase['context']): Target {
  const json = readFileSync(`${corpus}fixtures/${input}.json`, 'utf8');
  const isLogs = json.includes('"resourceLogs"');
  return targetOf(batchOfJson(json, isLogs ? 'logs' : 'traces'), context);
}

export function targetOf(batch: AnyBatch, context: ValueCase['context']): Target {
  if (batch instanceof LogsBatch) {
    const group = batch.resourceLogs()[0];
    const scope = group?.scopeLogs()[0];
    return { resource: group?.resource, scope: scope?.scope, log: scope?.logRecords()[0] };
  }
  if (batch instanceof TracesBatch) return spanTarget(batch, context);
  throw new Error('the fixture holds metrics');
}

function spanTarget(batch: TracesBatch, context: ValueCase['context']): Target {
  const group = batch.resourceSpans()[0];
  const scope = group?.scopeSpans()[0];
  const span = scope?.spans()[0];
  const event = context === 'spanevent' ? span?.events[0] : undefined;
  return { resource: group?.resource, scope: scope?.scope, span, event, eventIndex: 0 };
}
