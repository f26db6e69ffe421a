/** Reads one input to its end: bytes, layers of compression, encoding, batches. */
import { decompress } from '../../encodings/decompress.ts';
import type { Encoding } from '../../encodings/encoding.ts';
import type { UnreadableRegion } from '../../pipeline/counts.ts';
import type { Bytes } from './bytes.ts';
import { beginningOf, isInputFailure, type Beginning, type Range, type ReadFacts } from './chunks.ts';
import { Decoding, type DecodedEvents } from './decoding.ts';
import type { ContentWatch } from './identity.ts';
import { nowhere, type Place } from './position.ts';
import { readableEncoding, recognise, type Recognised } from './recognise.ts';
import { limitsOf, type FileSettings } from './settings.ts';

export interface Source {
  /** As a person knows it. */
  readonly name: string;
  readonly facts: ReadFacts;
  /** The bytes as they lie on the disk. */
  open(range: Range): AsyncIterable<Bytes>;
  /** Where to go on; from the beginning without it. */
  readonly from?: From | undefined;
  readonly watch?: ContentWatch | undefined;
  /** Places are never behind the beginning: who goes on there sees every batch once more. */
  readonly isWhole?: boolean;
  /** It was found among others, as in a folder: when it is no recording, that is said, and nothing is lost. */
  readonly isFound?: boolean;
}

export interface From {
  readonly place: Place;
  readonly isCompressed: boolean;
  /** Where the file ends as far as it is to be read, compression taken off; to its end without it. */
  readonly to?: number | undefined;
  /** A file that ended here grew: unreadable regions that end before are counted already, the others are not. */
  readonly grownFrom?: number | undefined;
}

export interface ReadEvents extends DecodedEvents {
  /** What was read in another way than it was written. */
  notice(text: string, times: number, atOnce?: boolean): void;
  empty(): void;
  /** Bytes were read; answers whether to go on. */
  progress(): boolean;
}

export interface ReadResult {
  /** `failed` when the input could not be read to its end; `stopped` when `progress` said so. */
  readonly outcome: 'complete' | 'failed' | 'stopped' | 'empty';
  /** Behind everything that was handed over. */
  readonly place: Place;
}

/**
 * Reads to the end, or until `progress` says no. A failure of the input is an unreadable region behind all that could be
 * read. Rejects only with what the events throw.
 */
export async function readSource(
  source: Source,
  settings: FileSettings,
  events: ReadEvents,
): Promise<ReadResult> {
  const encoding = await readableEncoding(source.from?.place.encoding ?? '', settings.encodings);
  if (encoding !== undefined)
    return await decodeAll(rest(source, settings), encoding, { source, settings, events });
  let beginning: Beginning;
  try {
    beginning = await beginningOf(decompress(source.open({}), limitsOf(settings)));
  } catch (error) {
    if (!isInputFailure(error)) throw error;
    await events.unreadable(restOf(source, error));
    return { outcome: 'failed', place: { ...nowhere, ended: 0 } };
  }
  const { head, atEnd, chunks } = beginning;
  const recognised = await recognise(head, atEnd, settings);
  if (recognised.kind === 'readable') {
    return await decodeAll(chunks, recognised.encoding, { source, settings, events });
  }
  await chunks[Symbol.asyncIterator]().return?.();
  source.watch?.see(head, 0);
  const isStopped = !events.progress();
  await sayUnread(source, recognised, events);
  const outcome = recognised.kind === 'empty' ? 'empty' : isStopped ? 'stopped' : 'failed';
  return { outcome, place: { ...nowhere, ended: head.length } };
}

function sayUnread(
  source: Source,
  recognised: Exclude<Recognised, { kind: 'readable' }>,
  events: ReadEvents,
): void | Promise<void> {
  if (recognised.kind === 'empty') return events.empty();
  if (recognised.kind === 'unknown' && source.isFound === true)
    return events.notice('what is no recording is skipped', 1);
  return events.unreadable(whole(source, recognised.reason));
}

/** The content behind the place from which reading goes on. */
async function* rest(source: Source, settings: FileSettings): AsyncGenerator<Bytes> {
  const { offset = 0 } = source.from?.place ?? {};
  const { to = Infinity, isCompressed = false } = source.from ?? {};
  if (!isCompressed) {
    yield* source.open({ from: offset, to });
    return;
  }
  let at = 0;
  for await (const chunk of decompress(source.open({}), limitsOf(settings))) {
    const part = chunk.subarray(Math.max(offset - at, 0), Math.max(to - at, 0)) as Bytes;
    at += chunk.length;
    // Also without a part: whether to go on is asked with each chunk.
    yield part;
    if (at >= to) return;
  }
}

interface Plan {
  readonly source: Source;
  readonly settings: FileSettings;
  readonly events: ReadEvents;
}

async function decodeAll(
  content: AsyncIterable<Bytes>,
  encoding: Encoding,
  { source, settings, events }: Plan,
): Promise<ReadResult> {
  const { from, watch, isWhole } = source;
  const { place, grownFrom } = from ?? {};
  const decoding = new Decoding(source.name, encoding, {
    settings,
    events,
    from: place,
    grownFrom,
    watch,
    isWhole,
  });
  let failure: unknown;
  try {
    for await (const chunk of content) {
      if (!events.progress()) return { outcome: 'stopped', place: decoding.place };
      if (chunk.length > 0) await decoding.push(chunk);
    }
  } catch (error) {
    if (!isInputFailure(error)) throw error;
    failure = error;
  }
  await decoding.end();
  for (const [text, times] of decoding.notices) events.notice(text, times);
  if (isInputFailure(failure)) await events.unreadable(restOf(source, failure));
  return { outcome: failure === undefined ? 'complete' : 'failed', place: decoding.place };
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
