/** The recordings of other programs, what their producers sent, and what the command makes of them, all read as plain JSON. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shared } from './peers.ts';

export const recordings = join(shared, 'samples/recordings');

export interface Entry {
  readonly file: string;
  readonly encoding: string;
  readonly mustYield: { readonly spans?: number; readonly logs?: number; readonly spansSha256?: string };
  readonly original?: {
    readonly spansFoundInOriginal?: number;
    readonly largestTimeDifferenceNano?: number;
    readonly logsFoundInOriginal?: number;
  };
}

const manifest = join(recordings, 'manifest.json');

export const entries: readonly Entry[] = existsSync(manifest)
  ? (JSON.parse(readFileSync(manifest, 'utf8')) as { files: Entry[] }).files
  : [];

export interface PlainSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly start: bigint;
  readonly end: bigint;
}

export interface PlainLog {
  readonly time: bigint;
  readonly traceId: string;
  readonly spanId: string;
  readonly severityNumber: number;
  /** Undefined when it is no text. */
  readonly line: string | undefined;
}

interface Items {
  readonly spans: PlainSpan[];
  readonly logs: PlainLog[];
}

type Part = { readonly [key: string]: unknown };
const parts = (value: unknown): Part[] => (value ?? []) as Part[];
const text = (value: unknown): string => (value ?? '') as string;

/** What OTLP JSON lines hold. */
export function itemsIn(json: string): Items {
  const items: Items = { spans: [], logs: [] };
  for (const line of json.trimEnd().split('\n')) {
    if (line === '') continue;
    const document = JSON.parse(line) as Part;
    const scopes = [...parts(document['resourceSpans']), ...parts(document['resourceLogs'])].flatMap(
      (resource) => [...parts(resource['scopeSpans']), ...parts(resource['scopeLogs'])],
    );
    for (const scope of scopes) {
      items.spans.push(...parts(scope['spans']).map(plainSpan));
      items.logs.push(...parts(scope['logRecords']).map(plainLog));
    }
  }
  return items;
}

export function plainSpan(span: Part): PlainSpan {
  return {
    traceId: text(span['traceId']),
    spanId: text(span['spanId']),
    parentSpanId: text(span['parentSpanId']),
    name: text(span['name']),
    start: BigInt(text(span['startTimeUnixNano'])),
    end: BigInt(text(span['endTimeUnixNano'])),
  };
}

function plainLog(log: Part): PlainLog {
  const time = BigInt(text(log['timeUnixNano']) || '0');
  const body = log['body'] as Part | undefined;
  return {
    time: time === 0n ? BigInt(text(log['observedTimeUnixNano']) || '0') : time,
    traceId: text(log['traceId']),
    spanId: text(log['spanId']),
    severityNumber: Number(log['severityNumber'] ?? 0),
    line: body === undefined ? '' : (body['stringValue'] as string | undefined),
  };
}

/** What the SDKs sent, as the Collector wrote it down, by its ids. */
export function originalSpans(): Map<string, PlainSpan> {
  const { spans } = itemsIn(readFileSync(join(recordings, 'collector/traces.jsonl'), 'utf8'));
  const large = ['traces-2026-11-22T12-18-40.481-size.jsonl', 'traces.jsonl'].flatMap(
    (name) => itemsIn(readFileSync(join(recordings, 'collector/rotated', name), 'utf8')).spans,
  );
  return new Map([...spans, ...large].map((span) => [`${span.traceId} ${span.spanId}`, span]));
}

export function originalLogs(): PlainLog[] {
  return itemsIn(readFileSync(join(recordings, 'collector/logs.jsonl'), 'utf8')).logs;
}

/** In words that can be compared. */
export function spanLine({ traceId, spanId, parentSpanId, name, start, end }: PlainSpan): string {
  return [traceId, spanId, parentSpanId, name, start, end].join(' ');
}

export function logLine({ time, traceId, spanId, severityNumber, line }: PlainLog): string {
  return [time, traceId, spanId, severityNumber, JSON.stringify(line)].join(' ');
}

export function distinct(lines: readonly string[]): string[] {
  return [...new Set(lines)].toSorted();
}
