import type { Bytes } from '../../wire/bytes.ts';

/** Headers and contents of tar stand in blocks of so many bytes. */
export const blockBytes = 512;

/** One header of a tar archive: POSIX ustar and pax, GNU, and the ones before them. */
export interface TarHeader {
  readonly name: string;
  readonly size: number;
  /** One character; `0` is a regular file. */
  readonly type: string;
  readonly linkName: string;
}

/** Reads a header block; undefined when it is none. */
export function tarHeaderOf(block: Bytes): TarHeader | undefined {
  if (block.length < blockBytes || !isChecked(block)) return undefined;
  const size = numberAt(block, 124, 12);
  if (size === undefined || numberAt(block, 136, 12) === undefined) return undefined;
  const type = block[156] === 0 ? '0' : block.latin1Slice(156, 157);
  const magic = block.latin1Slice(257, 263);
  // GNU's own form, which ends in blanks, has times where POSIX has a prefix.
  const prefix = magic === 'ustar\0' ? textAt(block, 345, 155) : '';
  const own = textAt(block, 0, 100);
  const name = prefix === '' ? own : `${prefix}/${own}`;
  return { name, size, type, linkName: textAt(block, 157, 100) };
}

/** Whether a block is the end of the archive, which two of zeros are. */
export function isEndBlock(block: Bytes): boolean {
  return block.every((byte) => byte === 0);
}

/** The sum of all bytes, those of itself taken for blanks, says that this is a header; some wrote it of signed bytes. */
function isChecked(block: Bytes): boolean {
  const wanted = numberAt(block, 148, 8);
  if (wanted === undefined || block[0] === 0) return false;
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < blockBytes; at++) {
    const byte = at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return wanted === unsigned || wanted === signed;
}

/** Octal digits, or bytes behind a first bit that is set; undefined for what is neither, negative, or beyond 2^53. */
function numberAt(block: Bytes, start: number, length: number): number | undefined {
  const first = block[start] ?? 0;
  if (first >= 128) {
    let value = first & 127;
    for (let at = start + 1; at < start + length; at++) value = value * 256 + (block[at] ?? 0);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const text = block
    .latin1Slice(start, start + length)
    .replace(/\0.*$/su, '')
    .trim();
  if (text === '') return 0;
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

function textAt(block: Bytes, start: number, length: number): string {
  const end = block.indexOf(0, start);
  return block.utf8Slice(start, end < 0 || end > start + length ? start + length : end);
}
