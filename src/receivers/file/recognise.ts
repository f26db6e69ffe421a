/** Which encoding a file has, and the sentence when it has none that can be read. */
import { detect } from '../../encodings/detect.ts';
import type { DecoderOptions, Encoding } from '../../encodings/encoding.ts';
import { encodings } from '../../encodings/list.ts';
import type { Bytes } from './chunks.ts';
import type { FileSettings } from './settings.ts';

export type Recognised =
  | { readonly kind: 'readable'; readonly encoding: Encoding; readonly detail: string | undefined }
  | { readonly kind: 'empty' }
  /** A recording of a known shape, or what looks like none. */
  | { readonly kind: 'known' | 'unknown'; readonly reason: string; readonly remedy: string };

const remedies = {
  unsure: 'name the right one with `format:`',
  known: 'export it as OTLP, or leave it out',
  unknown: 'if it is a recording, name its encoding with `format:`; else leave it out with `exclude:`',
};

export function recognise(head: Bytes, atEnd: boolean, settings: FileSettings): Recognised {
  if (atEnd && head.length === 0) return { kind: 'empty' };
  const wanted = encodings.find(({ name }) => name === settings.format);
  if (wanted !== undefined) return { kind: 'readable', encoding: wanted, detail: undefined };
  const found = detect(head, { atEnd });
  const candidates = found === undefined ? [] : 'encoding' in found ? [found] : found.unsure;
  const [first] = candidates;
  if (first === undefined) return nothingKnown(head);
  const { encoding, detection } = first;
  if (candidates.length > 1) {
    const guesses = candidates.map((each) => `${each.encoding.name} (${each.detection.reason})`);
    return { kind: 'unknown', reason: `it could be ${guesses.join(' or ')}`, remedy: remedies.unsure };
  }
  if (encoding.readable) return { kind: 'readable', encoding, detail: detection.detail };
  const kind = encoding.name === 'lines' ? 'unknown' : 'known';
  const reason = `it is ${encoding.title} (${detection.reason}), which is recognised and cannot be read yet`;
  return { kind, reason, remedy: remedies[kind] };
}

function nothingKnown(head: Bytes): Recognised {
  const what = head.includes(0) ? 'binary data of no known encoding' : 'data of no known encoding';
  return { kind: 'unknown', reason: `it is ${what}`, remedy: remedies.unknown };
}

export function decoderOptions(settings: FileSettings, batchBytes: number): DecoderOptions {
  return {
    batchBytes,
    maxDocumentBytes: settings.max_document_size,
    maxDepth: settings.max_depth,
    maxAttributes: settings.max_attributes,
    ...(settings.signal === undefined ? {} : { signal: settings.signal }),
  };
}

/** The encoding of that name; undefined when it cannot be read. */
export function readableEncoding(name: string): Encoding | undefined {
  return encodings.find((encoding) => encoding.name === name && encoding.readable);
}
