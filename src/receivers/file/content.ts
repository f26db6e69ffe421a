/** Looks into compressed files for what was read before they were compressed. */
import { decompress, type DecompressLimits } from '../../encodings/decompress.ts';
import { chunksOf, isInputFailure } from './chunks.ts';
import { printOf, type Print } from './identity.ts';

/** Whether a file has these regions, compression taken off. */
export async function contentHolds(
  path: string,
  prints: readonly Print[],
  limits: DecompressLimits,
): Promise<boolean> {
  const regions = prints.map((print) => new Region(print));
  const end = Math.max(...prints.map((print) => print.end));
  let at = 0;
  try {
    for await (const chunk of decompress(chunksOf(path, { sizeAtOpen: 0, readBytes: 0 }), limits)) {
      for (const region of regions) region.see(chunk, at);
      at += chunk.length;
      if (at >= end || regions.some((region) => region.isOver(at) && !region.isSame)) break;
    }
  } catch (error) {
    if (!isInputFailure(error)) throw error;
  }
  return regions.every((region) => region.isSame);
}

/** Whether a compressed file can be read to its end. */
export async function isIntact(path: string, limits: DecompressLimits): Promise<boolean> {
  try {
    const content = decompress(chunksOf(path, { sizeAtOpen: 0, readBytes: 0 }), limits);
    for (let next = await content.next(); next.done !== true;) next = await content.next();
    return true;
  } catch (error) {
    if (!isInputFailure(error)) throw error;
    return false;
  }
}

class Region {
  private readonly print: Print;
  private readonly parts: Buffer[] = [];

  constructor(print: Print) {
    this.print = print;
  }

  see(chunk: Uint8Array, start: number): void {
    const { end, bytes } = this.print;
    const part = chunk.subarray(Math.max(end - bytes - start, 0), Math.max(end - start, 0));
    if (part.length > 0) this.parts.push(Buffer.from(part));
  }

  isOver(at: number): boolean {
    return at >= this.print.end;
  }

  get isSame(): boolean {
    return printOf(Buffer.concat(this.parts), this.print.end).hash === this.print.hash;
  }
}
