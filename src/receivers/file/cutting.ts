/** Looks for places where a file can be cut, and for what stands before them. */
import { open, type FileHandle } from 'node:fs/promises';
import type { Cuts } from '../../encodings/encoding.ts';
import { bytesOf, type Bytes } from './bytes.ts';
import { chunksOf } from './chunks.ts';
import { printBefore, type Print } from './identity.ts';

/** How much is looked through at a time. */
const stepBytes = 1 << 18;

export interface Cut {
  readonly offset: number;
  /** Of what stands before it. */
  readonly print: Print;
}

/** The first cut at `from` or behind it and before `to`; undefined without one. Rejects as file operations do. */
export async function cutIn(
  path: string,
  cuts: Cuts,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Cut | undefined> {
  const handle = await open(path, 'r');
  try {
    const buffer = acquireStep();
    const behind = cuts.lookBehind;
    // Of each step the last bytes are looked at once more: a cut may stand across two of them.
    for (let at = Math.max(from - behind, 0); at < to; at += stepBytes - behind - 1) {
      const window = await filled(handle, buffer, at);
      const found = cuts.find(window, Math.max(from - at, 0));
      if (found >= 0 && at + found < to)
        return { offset: at + found, print: await printBefore(handle, at + found) };
      if (window.length < stepBytes) return undefined;
    }
    return undefined;
  } finally {
    await handle.close();
  }
}

let step: Bytes | undefined;

/** One is enough: who divides an input looks for one cut at a time. */
function acquireStep(): Bytes {
  step ??= bytesOf(Buffer.allocUnsafeSlow(stepBytes));
  return step;
}

async function filled(handle: FileHandle, buffer: Bytes, at: number): Promise<Bytes> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, at + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytesOf(buffer.subarray(0, length));
}

/** How many line feeds are in a part of a file; 0 of what cannot be read. */
export async function linesIn(path: string, from: number, to: number): Promise<number> {
  let lines = 0;
  try {
    for await (const chunk of chunksOf(path, { sizeAtOpen: 0, readBytes: 0 }, { from, to }))
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  } catch {
    return 0;
  }
  return lines;
}
