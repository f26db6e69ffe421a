/** What a decoder hands over, as plain values that can be compared. */
import type { Decoded, Decoder, Encoding } from '../../src/encodings/encoding.ts';
import { defaultDecoderOptions, type DecoderOptions } from '../../src/encodings/encoding.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import { toJson } from '../../src/model/to-json.ts';
import type { Bytes } from '../../src/wire/bytes.ts';

export type Seen =
  | { signal: string; json: unknown; endOffset: number; documents: number }
  | { offset: number; bytes: number; line: number | undefined; reason: string };

/** Decodes bytes that come in these pieces; each piece is overwritten as soon as it may be. */
export function decodedInPieces(decoder: Decoder, pieces: readonly Uint8Array[]): Seen[] {
  const seen: Seen[] = [];
  for (const piece of pieces) {
    const chunk = Buffer.from(piece) as Bytes;
    for (const each of decoder.push(chunk)) seen.push(plain(each));
    chunk.fill(0x22);
  }
  for (const each of decoder.end()) seen.push(plain(each));
  return seen;
}

export function plain(decoded: Decoded): Seen {
  if (decoded.kind === 'unreadable') {
    const { offset, bytes, line, reason } = decoded;
    return { offset, bytes, line, reason };
  }
  const { batch, endOffset, documents } = decoded;
  const bytes = batch.encode();
  const json: unknown = JSON.parse(toJson(bytes, 0, bytes.length, dataTypeOf(batch.signal)));
  return { signal: batch.signal, json, endOffset, documents };
}

export function decoderOf(encoding: Encoding, options: Partial<DecoderOptions> = {}): Decoder {
  const decoder = encoding.decoder?.({ ...defaultDecoderOptions, ...options });
  if (decoder === undefined) throw new Error(`${encoding.name} has no decoder`);
  return decoder;
}

/** The bytes in pieces of these sizes, over and over. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
