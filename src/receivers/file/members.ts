/** What stands in archives, as inputs see it. */
import { ArchiveError, type ArchiveEntry } from '../../encodings/archive/archive-bytes.ts';
import { bytesOf, type Bytes } from './bytes.ts';
import { isInputFailure, ReadError, type Range, type ReadFacts } from './chunks.ts';

/** No path that anybody uses is longer. */
const longestName = 1024;

/** What a member is called, and why it is not read, if it is not. */
export function labelOf({ name, refused }: ArchiveEntry): { name: string; refused: string | undefined } {
  if (name.length <= longestName) return { name, refused };
  return {
    name: `${name.slice(0, 100)}...`,
    refused: `its name has more than ${longestName} characters`,
  };
}

/** As in folders: names that begin with a dot are left out, with all below. */
export function isHidden(name: string): boolean {
  return /(?:^|\/)\.(?!\.?(?:\/|$))/u.test(name);
}

/** The content of a member, counted, as `chunksOf` gives that of a file. */
export async function* memberBytes(
  entry: ArchiveEntry,
  facts: ReadFacts,
  { to = Infinity }: Pick<Range, 'to'> = {},
): AsyncGenerator<Bytes> {
  facts.sizeAtOpen = entry.size;
  facts.readBytes = 0;
  const { refused } = labelOf(entry);
  if (refused !== undefined) throw new ReadError(new Error(refused), 0);
  try {
    for await (const chunk of entry.content()) {
      const part = chunk.subarray(0, to - facts.readBytes);
      facts.readBytes += part.length;
      if (part.length > 0) yield bytesOf(part);
      // At its end there is still something to be checked.
      if (facts.readBytes >= to && to < entry.size) return;
    }
  } catch (error) {
    throw asInputFailure(error);
  }
}

/** Where an archive cannot be read on, its input cannot. Throws what is something else. */
export function asInputFailure(error: unknown): Error & { readonly offset: number } {
  if (error instanceof ArchiveError) return new ReadError(error, error.offset);
  if (isInputFailure(error)) return error;
  throw error;
}
