/** Which encoding a file has, and the sentence when it has none that can be read. */
import { detect } from '../../encodings/detect.ts';
import type { Decoder, Encoding } from '../../encodings/encoding.ts';
import { encodings } from '../../encodings/list.ts';
import type { Bytes } from './chunks.ts';
import type { FileSettings } from './settings.ts';

export type Recognised =
  | { readonly kind: 'readable'; readonly encoding: Encoding; readonly detail: string | undefined }
  | { readonly kind: 'empty' }
  /** A recording of a known shape, or what looks like none. */
  | { readonly kind: 'known' | 'unknown'; readonly reason: string; readonly remedy: string };

const remedies = {
  known: 'export it as OTLP, or leave it out',
  unknown: 'if it is a recording, name its encoding with `format:`; else leave it out with `exclude:`',
};

export function recognise(head: Bytes, atEnd: boolean, settings: FileSettings): Recognised {
  if (atEnd && head.length === 0) return { kind: 'empty' };
  const wanted = encodings.find(({ name }) => name === settings.format);
  if (wanted !== undefined) return { kind: 'readable', encoding: wanted, detail: undefined };
  const found = detect(head, { atEnd });
  if (found !== undefined && 'encoding' in found) {
    const { encoding, detection } = found;
    if (encoding.readable) return { kind: 'readable', encoding, detail: detection.detail };
    const kind = encoding.name === 'lines' ? 'unknown' : 'known';
    const reason = `it is ${encoding.title} (${detection.reason}), which is recognised and cannot be read yet`;
    return { kind, reason, remedy: remedies[kind] };
  }
  const unsure = found?.unsure ?? [];
  const guesses = unsure.map(({ encoding, detection }) => `${encoding.title} (${detection.reason})`);
  const nearest = guesses.length === 0 ? '' : `; it could be ${guesses.join(' or ')}`;
  const what = isBinary(head) ? 'binary data of no known encoding' : 'text of no known encoding';
  return { kind: 'unknown', reason: `it is ${what}${nearest}`, remedy: remedies.unknown };
}

export function decoderFor(encoding: Encoding, settings: FileSettings, batchBytes: number): Decoder {
  const decoder = encoding.decoder?.({
    batchBytes,
    maxDocumentBytes: settings.max_document_size,
    maxDepth: settings.max_depth,
    ...(settings.signal === undefined ? {} : { signal: settings.signal }),
  });
  if (decoder === undefined) throw new Error(`${encoding.name} has no decoder`);
  return decoder;
}

function isBinary(head: Bytes): boolean {
  return head.includes(0);
}
