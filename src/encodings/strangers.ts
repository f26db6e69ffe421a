/** What a file is that is no recording, where its first bytes say it: so that a person sees at once what was mistaken for one. */
import type { Bytes } from '../wire/bytes.ts';

/** Bytes at a place, and what a file is that has them there. */
type Sign = readonly [what: string, magic: string, at?: number];

const signs: readonly Sign[] = [
  ['a PNG picture', '\x89PNG\r\n\x1a\n'],
  ['a JPEG picture', '\xff\xd8\xff'],
  ['a GIF picture', 'GIF8'],
  ['a WebP picture', 'WEBP', 8],
  ['an icon', '\0\0\x01\0'],
  ['a TIFF picture', 'II*\0'],
  ['a TIFF picture', 'MM\0*'],
  ['a sound (WAV)', 'WAVE', 8],
  ['a sound (MP3)', 'ID3'],
  ['a sound (Ogg)', 'OggS'],
  ['a film or sound (MP4)', 'ftyp', 4],
  ['a film (Matroska)', '\x1a\x45\xdf\xa3'],
  ['a PDF document', '%PDF-'],
  ['a document of an older Microsoft Office', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['a font', 'wOFF'],
  ['a font', 'wOF2'],
  ['a font', 'OTTO'],
  ['a font', '\0\x01\0\0\0'],
  ['an SQLite database', 'SQLite format 3\0'],
  ['a program (ELF)', '\x7fELF'],
  ['a program (Mach-O)', '\xcf\xfa\xed\xfe'],
  ['a program (Windows)', 'MZ'],
  ['a WebAssembly module', '\0asm'],
  ['a class of Java, or a program of macOS', '\xca\xfe\xba\xbe'],
  ['a Parquet file', 'PAR1'],
  ['a pack of git', 'PACK'],
  ['an index of git', 'DIRC'],
  ['the view settings of a macOS folder', '\0\0\0\x01Bud1'],
  ['a heap profile or property list of macOS', 'bplist'],
  ['a Python object', '\x80\x04\x95'],
  ['a capture of network packets', '\xd4\xc3\xb2\xa1'],
  ['a capture of network packets', '\x0a\x0d\x0d\x0a'],
  ['an executable script', '#!'],
  ['text in UTF-16 (`iconv -f UTF-16 -t UTF-8` makes UTF-8 of it)', '\xff\xfe'],
  ['text in UTF-16 (`iconv -f UTF-16 -t UTF-8` makes UTF-8 of it)', '\xfe\xff'],
  ['an XML document', '<?xml'],
  ['an HTML document', '<!DOCTYPE html'],
  ['an HTML document', '<html'],
];

/** "a PNG picture"; undefined when it is not known. */
function strangerOf(head: Bytes): string | undefined {
  const text = head.latin1Slice(0, Math.min(head.length, 64));
  const found = signs.find(([, magic, at = 0]) => text.startsWith(magic, at))?.[0];
  if (found !== undefined) return found;
  return /^\s*<!doctype html/i.test(text) ? 'an HTML document' : undefined;
}

/** As `strangerOf`, in general words where nothing better is known. */
export function whatItIs(head: Bytes): string {
  return strangerOf(head) ?? `${head.includes(0) ? 'binary data' : 'data'} of no known encoding`;
}
