/** The conformance corpus: what the Collector's own code answered, as data. `shared/conformance/README.md` says how to read it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { batchOf } from '../../src/model/batches.ts';
import type { AnyBatch } from '../../src/model/batches.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import type { Signal } from '../../src/model/signal.ts';
import { Transcoder } from '../../src/model/transcode.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { Writer } from '../../src/wire/writer.ts';
import { decodePlain } from '../support/plain-otlp.ts';
import type { Plain } from '../support/plain-otlp.ts';

/** It lies beside the repository, not in it. */
export const defaultFolder = fileURLToPath(new URL('../../../shared/conformance', import.meta.url));

export interface Case {
  readonly id: string;
  readonly gates?: readonly string[];
  readonly input: string;
}

/** A suite of the corpus: what a case is, and how it is run. */
export interface Suite<C extends Case> {
  readonly file: string;
  /** Undefined when the case holds, else what differs. */
  readonly run: (item: C, corpus: Corpus) => Promise<string | undefined> | string | undefined;
}

export class Corpus {
  readonly folder: string;

  constructor(folder: string = defaultFolder) {
    this.folder = folder;
  }

  has(file: string): boolean {
    return existsSync(join(this.folder, file));
  }

  cases<C extends Case>(file: string): readonly C[] {
    const lines = readFileSync(join(this.folder, file), 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as C);
  }

  /** A fixture as a batch of its own. */
  fixture(name: string): AnyBatch {
    const json = readFileSync(join(this.folder, 'fixtures', `${name}.json`), 'utf8');
    return batchOfJson(json);
  }
}

/** OTLP JSON as a batch; the signal is that of its outermost key. */
export function batchOfJson(json: string): AnyBatch {
  const signal = signalOf(json);
  const bytes = bytesOf(Buffer.from(json));
  const writer = new Writer();
  new Transcoder().message(bytes, 0, bytes.length, dataTypeOf(signal), writer);
  return batchOf(signal, Buffer.from(writer.bytes()));
}

function signalOf(json: string): Signal {
  if (json.includes('"resourceSpans"')) return 'traces';
  return json.includes('"resourceMetrics"') ? 'metrics' : 'logs';
}

const messages: Readonly<Record<Signal, string>> = {
  traces: 'TracesData',
  logs: 'LogsData',
  metrics: 'MetricsData',
};

/** All of a batch as plain data, attributes and maps without order. */
export function plainOf(batch: AnyBatch): unknown {
  return unordered(decodePlain(messages[batch.signal], batch.encode()));
}

const keyedLists = new Set(['attributes', 'metadata']);

function unordered(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => unordered(item));
    return keyedLists.has(field) ? sortedByKey(items as Plain[]) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Plain).map(([name, item]) => {
    if (name !== 'kvlistValue') return [name, unordered(item, name)];
    return [name, unordered((item as Plain)['values'] ?? [], 'attributes')];
  });
  return withoutNothing(Object.fromEntries(entries) as Plain);
}

/** An empty message and a missing one are the same, except for a value: it says of which type nothing is. */
function withoutNothing(message: Plain): Plain {
  const kept = Object.entries(message).filter(
    ([name, item]) => name.endsWith('Value') || !isEmptyMessage(item),
  );
  return Object.fromEntries(kept);
}

function isEmptyMessage(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  );
}

function sortedByKey(items: Plain[]): Plain[] {
  const key = (item: Plain): string => (item['key'] as string | undefined) ?? '';
  return items.toSorted((a, b) => Number(key(a) > key(b)) - Number(key(a) < key(b)));
}
