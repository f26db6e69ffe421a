/** Reads one input: bytes, layers of compression, encoding, batches. */
import { decompress } from '../../encodings/decompress.ts';
import type { Decoded, Encoding } from '../../encodings/encoding.ts';
import type { AnyBatch } from '../../model/batches.ts';
import type { UnreadableRegion } from '../../pipeline/ledger.ts';
import { beginningOf, ReadError, type Bytes, type ReadFacts } from './chunks.ts';
import { decoderFor, recognise } from './recognise.ts';
import type { FileSettings } from './settings.ts';

export interface Source {
  /** As a person knows it. */
  readonly name: string;
  readonly facts: ReadFacts;
  readonly bytes: AsyncIterable<Bytes>;
}

export interface ReadEvents {
  /** Takes the batch over. */
  batch(batch: AnyBatch): Promise<void> | void;
  unreadable(region: UnreadableRegion): void;
  /** What was read in another way than it was written. */
  notice(text: string, times: number): void;
  empty(): void;
  /** Bytes were read; answers whether to go on. */
  progress(): boolean;
}

/** Reads to the end, or until `progress` says no; answers whether it came so far. Rejects only with what the events throw. */
export async function readSource(
  source: Source,
  settings: FileSettings,
  events: ReadEvents,
): Promise<boolean> {
  try {
    await decodeSource(source, settings, events);
    return true;
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    events.unreadable(restOf(source, error));
    return false;
  }
}

async function decodeSource(source: Source, settings: FileSettings, events: ReadEvents): Promise<void> {
  const { head, atEnd, chunks } = await beginningOf(decompress(source.bytes));
  const recognised = recognise(head, atEnd, settings);
  if (recognised.kind === 'readable') {
    await decodeAll({ ...source, bytes: chunks }, recognised.encoding, { settings, events });
    return;
  }
  await chunks[Symbol.asyncIterator]().return?.();
  events.progress();
  if (recognised.kind === 'empty') events.empty();
  else events.unreadable(whole(source, recognised.reason));
}

interface Plan {
  readonly settings: FileSettings;
  readonly events: ReadEvents;
}

async function decodeAll(source: Source, encoding: Encoding, { settings, events }: Plan): Promise<void> {
  const decoder = decoderFor(encoding, settings, settings.batch_bytes);
  for await (const chunk of source.bytes) {
    if (!events.progress()) return;
    for (const each of decoder.push(chunk)) await handOver(each, source, events);
  }
  for (const each of decoder.end()) await handOver(each, source, events);
  for (const [text, times] of decoder.notices) events.notice(text, times);
}

function handOver(each: Decoded, source: Source, events: ReadEvents): Promise<void> | void {
  if (each.kind === 'batch') return events.batch(each.batch);
  const { offset, bytes, line, reason } = each;
  events.unreadable({ input: source.name, offset, bytes, reason, ...(line === undefined ? {} : { line }) });
}

/** What could not be read from the disk or the stream. */
function restOf({ name, facts }: Source, { offset, message }: ReadError): UnreadableRegion {
  return { input: name, offset, bytes: Math.max(facts.sizeAtOpen - offset, 0), reason: message };
}

export function whole({ name, facts }: Pick<Source, 'name' | 'facts'>, reason: string): UnreadableRegion {
  return { input: name, offset: 0, bytes: Math.max(facts.sizeAtOpen, facts.readBytes), reason };
}
