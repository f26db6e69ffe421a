/** What is known of each input before it is read, and the order in which they are read. */
import { decompress } from '../../encodings/decompress.ts';
import type { Decoded, Decoder } from '../../encodings/encoding.ts';
import { timeRangeOf } from '../../model/batches.ts';
import { beginningOf, isInputFailure, type Beginning, type ReadFacts } from './chunks.ts';
import { compareText, nameOf, type InputFile } from './inputs.ts';
import { openInput } from './input-bytes.ts';
import { decoderOptions, recognise, type Recognised } from './recognise.ts';
import { limitsOf, type FileSettings } from './settings.ts';

export interface PeekedFile {
  readonly file: InputFile;
  readonly recognised: Recognised | { readonly kind: 'failed'; readonly reason: string };
  /** The earliest time of the first documents; undefined when they have none. */
  readonly firstUnixNano: bigint | undefined;
  /** A file that repeats another: with the path of the session, if it says so. */
  readonly copy: { readonly sessionFile: string | undefined } | undefined;
}

/** How much of a file is read to find its first timestamp. */
const peekBytes = 4 << 20;
const peekBatchBytes = 1 << 14;

/** Looks into the beginning of a file. Never throws for what is in it. Of one that stands `alone` the time is not asked for. */
export async function peek(file: InputFile, settings: FileSettings, alone = false): Promise<PeekedFile> {
  try {
    const facts: ReadFacts = { sizeAtOpen: 0, readBytes: 0 };
    const beginning = await beginningOf(decompress(openInput(file, facts), limitsOf(settings)));
    const recognised = await recognise(beginning.head, beginning.atEnd, settings);
    if (recognised.kind !== 'readable' || (alone && recognised.encoding.name !== 'codemachine')) {
      await close(beginning);
      return { file, recognised, firstUnixNano: undefined, copy: undefined };
    }
    const { encoding } = recognised;
    const decoder = encoding.decoder?.(decoderOptions(settings, peekBatchBytes));
    if (decoder === undefined) throw new Error(`${encoding.name} has no decoder`);
    const copy = encoding.name === 'codemachine' ? await copyOf(file, beginning) : undefined;
    return { file, recognised, firstUnixNano: await firstTime(decoder, beginning), copy };
  } catch (error) {
    if (!isInputFailure(error)) throw error;
    return {
      file,
      recognised: { kind: 'failed', reason: error.message },
      firstUnixNano: undefined,
      copy: undefined,
    };
  }
}

async function close({ chunks }: Beginning): Promise<void> {
  await chunks[Symbol.asyncIterator]().return?.();
}

async function copyOf(file: InputFile, { head }: Beginning): Promise<PeekedFile['copy']> {
  const { sessionFileOf } = await import('../../encodings/codemachine.ts');
  const sessionFile = sessionFileOf(head);
  return sessionFile !== undefined || nameOf(file).startsWith('latest') ? { sessionFile } : undefined;
}

/** Damage that shows on the way is said when the file is read for its data. */
async function firstTime(decoder: Decoder, { chunks }: Beginning): Promise<bigint | undefined> {
  let seen = 0;
  try {
    for await (const chunk of chunks) {
      const found = timeIn(decoder.push(chunk));
      seen += chunk.length;
      if (found !== undefined || seen >= peekBytes) return found;
    }
  } catch (error) {
    if (!isInputFailure(error)) throw error;
  }
  return timeIn(decoder.end());
}

function timeIn(decoded: Iterable<Decoded>): bigint | undefined {
  let first: bigint | undefined;
  for (const each of decoded) {
    if (each.kind !== 'batch') continue;
    first ??= timeRangeOf(each.batch)?.startUnixNano;
    each.batch.release();
  }
  return first;
}

/**
 * By first timestamp, those without one last; a copy behind what it repeats; then by path. The members of an archive that is
 * read in one pass stay together, in its order, where the first of them belongs.
 */
export function inOrder(files: readonly PeekedFile[]): PeekedFile[] {
  const together = new Map<InputFile, PeekedFile[]>();
  for (const each of files) {
    const { member } = each.file;
    const key = member?.isForward === true ? member.archive : each.file;
    const group = together.get(key);
    if (group === undefined) together.set(key, [each]);
    else group.push(each);
  }
  const groups = Array.from(together.values(), (group) => ({ group, first: sorted(group)[0] }));
  const order = sorted(groups.flatMap(({ first }) => first ?? []));
  const places = new Map(order.map((each, at) => [each, at]));
  const placeOf = (each: PeekedFile | undefined) => (each === undefined ? 0 : (places.get(each) ?? 0));
  return groups.sort((a, b) => placeOf(a.first) - placeOf(b.first)).flatMap(({ group }) => group);
}

function sorted(files: readonly PeekedFile[]): PeekedFile[] {
  return files.toSorted((a, b) => {
    const byTime = compareTimes(a.firstUnixNano, b.firstUnixNano);
    const byCopy = Number(a.copy !== undefined) - Number(b.copy !== undefined);
    return byTime || byCopy || compareText(a.file.path, b.file.path);
  });
}

function compareTimes(a: bigint | undefined, b: bigint | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -1 : 1;
}
