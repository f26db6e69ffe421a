/** Standard input as one input, or, when it is a tar archive, as one for each member: it can be read only once, in its order. */
import { ForwardBytes } from '../../encodings/archive/forward-bytes.ts';
import { tarEntries } from '../../encodings/archive/tar.ts';
import { decompress } from '../../encodings/decompress.ts';
import { archiveKindIn } from './archives.ts';
import { bytesOf, type Bytes } from './bytes.ts';
import { beginningOf, counted, ReadError, type ReadFacts } from './chunks.ts';
import { asInputFailure, isHidden, labelOf, memberBytes } from './members.ts';
import type { Source } from './reading.ts';
import { limitsOf, type FileSettings } from './settings.ts';

const name = 'standard input';

/** Each is to be read before the next one is asked for. */
export async function* stdinSources(
  stdin: AsyncIterable<Uint8Array>,
  settings: FileSettings,
): AsyncGenerator<Source> {
  const facts: ReadFacts = { sizeAtOpen: 0, readBytes: 0 };
  const { head, chunks } = await beginningOf(counted(stdin, facts));
  const kind = await archiveKindIn(only(head)).catch(() => undefined);
  if (kind === undefined) yield { name, facts, open: () => chunks };
  else if (kind === 'tar') yield* members(chunks, settings);
  else yield failing(new ReadError(new Error(zip), 0));
}

const zip = 'it is a zip archive, whose list of members is at its end: name the file instead of piping it';

async function* members(chunks: AsyncIterable<Bytes>, settings: FileSettings): AsyncGenerator<Source> {
  const bytes = new ForwardBytes(() => decompress(chunks, limitsOf(settings)));
  try {
    for await (const entry of tarEntries(bytes)) {
      if (entry.special !== undefined || isHidden(entry.name)) continue;
      const facts: ReadFacts = { sizeAtOpen: entry.size, readBytes: 0 };
      const open = () => memberBytes(entry, facts);
      yield { name: `${name}!${labelOf(entry).name}`, facts, open, isFound: true };
    }
    await bytes.finish();
  } catch (error) {
    yield failing(asInputFailure(error));
  }
}

function failing(error: Error): Source {
  const open = async function* (): AsyncGenerator<Bytes> {
    yield* only(bytesOf(Buffer.alloc(0)));
    throw error;
  };
  return { name, facts: { sizeAtOpen: 0, readBytes: 0 }, open };
}

async function* only(bytes: Bytes): AsyncGenerator<Bytes> {
  if (bytes.length > 0) yield bytes;
}
