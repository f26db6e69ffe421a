/** What is told from the first bytes of a file that holds others, or that is packed in a way that is not read. */
import type { Bytes } from '../../wire/bytes.ts';
import { tarHeaderOf } from './tar-header.ts';

export type ArchiveKind = 'tar' | 'zip';

/** By the first bytes, compression taken off. */
export function archiveKindOf(head: Bytes): ArchiveKind | undefined {
  if (begins(head, [0x50, 0x4b, 3, 4]) || begins(head, [0x50, 0x4b, 5, 6])) return 'zip';
  return tarHeaderOf(head) === undefined ? undefined : 'tar';
}

/** First bytes; of one that is undefined it does not matter what it is. */
type Magic = readonly (number | undefined)[];

const packings: readonly (readonly [string, Magic])[] = [
  ['a 7z archive', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['a rar archive', [0x52, 0x61, 0x72, 0x21, 0x1a, 7]],
  ['compressed with xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
  ['compressed with bzip2', [0x42, 0x5a, 0x68, undefined, 0x31, 0x41, 0x59, 0x26]],
  ['compressed with lz4', [4, 0x22, 0x4d, 0x18]],
  ['compressed with snappy', [0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50]],
];

/** How it is packed, where that is known and not read: "compressed with xz". */
export function packingOf(head: Bytes): string | undefined {
  return packings.find(([, magic]) => begins(head, magic))?.[0];
}

function begins(head: Bytes, magic: Magic): boolean {
  return magic.every((byte, at) => byte === undefined || head[at] === byte);
}
