/** The bytes of an input, whether it is a file or stands in an archive. */
import type { Bytes } from './bytes.ts';
import { chunksOf, type Range, type ReadFacts } from './chunks.ts';
import { lookAt, type Look } from './identity.ts';
import type { InputFile } from './inputs.ts';

/** As `chunksOf`; what stands in an archive is read from its beginning on. */
export function openInput(file: InputFile, facts: ReadFacts, range: Range = {}): AsyncGenerator<Bytes> {
  return file.member === undefined ? chunksOf(file.absolute, facts, range) : file.member.read(facts, range);
}

/**
 * What an input is told by. Of what stands in an archive that is the archive, of which nothing grows, as of what is
 * compressed.
 */
export async function lookAtInput({ absolute, size, member }: InputFile): Promise<Look> {
  if (member === undefined) return await lookAt(absolute, size);
  return { ...(await lookAt(absolute, member.archive.size)), isCompressed: true };
}
