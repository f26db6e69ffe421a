/** Reads one input: bytes, layers of compression, encoding, batches. */
import { decompress } from '../../encodings/decompress.ts';
import type { Decoded, Encoding } from '../../encodings/encoding.ts';
import type { AnyBatch } from '../../model/batches.ts';
import type { UnreadableRegion } from '../../pipeline/counts.ts';
import { beginningOf, isInputFailure, type Beginning, type Bytes, type ReadFacts } from './chunks.ts';
import { decoderFor, recognise } from './recognise.ts';
import { limitsOf, type FileSettings } from './settings.ts';

export interface Source {
  /** As a person knows it. */
  readonly name: string;
  readonly facts: ReadFacts;
  readonly bytes: AsyncIterable<Bytes>;
}

export interface ReadEvents {
  /** Takes the batch over. Its documents end at `endOffset` of the decompressed bytes. */
  batch(batch: AnyBatch, endOffset: number): Promise<void> | void;
  unreadable(region: UnreadableRegion): void;
  /** What was read in another way than it was written. */
  notice(text: string, times: number): void;
  empty(): void;
  /** Bytes were read; answers whether to go on. */
  progress(): boolean;
}

/**
 * Reads to the end, or until `progress` says no; answers whether it came so far. A failure of the input is an
 * unreadable region behind all that could be read. Rejects only with what the events throw.
 */
export async function readSource(
  source: Source,
  settings: FileSettings,
  events: ReadEvents,
): Promise<boolean> {
  let beginning: Beginning;
  try {
    beginning = await beginningOf(decompress(source.bytes, limitsOf(settings)));
  } catch (error) {
    if (!isInputFailure(error)) throw error;
    events.unreadable(restOf(source, error));
    return false;
  }
  const { head, atEnd, chunks } = beginning;
  const recognised = recognise(head, atEnd, settings);
  if (recognised.kind === 'readable') {
    return await decodeAll({ ...source, bytes: chunks }, recognised.encoding, { settings, events });
  }
  await chunks[Symbol.asyncIterator]().return?.();
  events.progress();
  if (recognised.kind === 'empty') events.empty();
  else events.unreadable(whole(source, recognised.reason));
  return recognised.kind === 'empty';
}

interface Plan {
  readonly settings: FileSettings;
  readonly events: ReadEvents;
}

async function decodeAll(source: Source, encoding: Encoding, { settings, events }: Plan): Promise<boolean> {
  const decoder = decoderFor(encoding, settings, settings.batch_bytes);
  let failure: unknown;
  try {
    for await (const chunk of source.bytes) {
      if (!events.progress()) return false;
      for (const each of decoder.push(chunk)) await handOver(each, source, events);
    }
  } catch (error) {
    if (!isInputFailure(error)) throw error;
    failure = error;
  }
  for (const each of decoder.end()) await handOver(each, source, events);
  for (const [text, times] of decoder.notices) events.notice(text, times);
  if (isInputFailure(failure)) events.unreadable(restOf(source, failure));
  return failure === undefined;
}

function handOver(each: Decoded, source: Source, events: ReadEvents): Promise<void> | void {
  if (each.kind === 'batch') return events.batch(each.batch, each.endOffset);
  const { offset, bytes, line, reason } = each;
  events.unreadable({ input: source.name, offset, bytes, reason, ...(line === undefined ? {} : { line }) });
}

/** What could not be read from the disk or the stream, or not be decompressed. */
function restOf({ name, facts }: Source, { offset, message }: Error & { offset: number }): UnreadableRegion {
  const size = Math.max(facts.sizeAtOpen, facts.readBytes);
  return { input: name, offset, bytes: Math.max(size - offset, 0), reason: message };
}

/** A whole file of which nothing is read. */
function whole({ name, facts }: Source, reason: string): UnreadableRegion {
  return { input: name, offset: 0, bytes: Math.max(facts.sizeAtOpen, facts.readBytes), reason };
}
