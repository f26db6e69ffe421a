import type { Decoder } from '../../encodings/encoding.ts';

/** Bytes as decoders take them. */
export type Bytes = Parameters<Decoder['push']>[0];

/** The same memory in that form. */
export function bytesOf(bytes: Uint8Array): Bytes {
  return (
    Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  ) as Bytes;
}
