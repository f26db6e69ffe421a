import { createHash } from 'node:crypto';

import { murmur32, murmur128 } from '../hash/murmur3.ts';
import { xxh3Hash64, xxh3Hash128 } from '../hash/xxh3.ts';
import { converter } from '../function.ts';
import type { FunctionSpec } from '../function.ts';
import { string } from '../parameters.ts';

/** Hashes of the UTF-8 of a text, in lower-case hex. */
function hashConverter(name: string, hash: (text: string) => string): FunctionSpec {
  return converter(
    name,
    { target: string() },
    ({ target }) =>
      (record) =>
        hash(target.read(record)),
    { isOfText: true },
  );
}

function ofNode(name: string, algorithm: string): FunctionSpec {
  return hashConverter(name, (text) => createHash(algorithm).update(text).digest('hex'));
}

export const md5 = ofNode('MD5', 'md5');
export const sha1 = ofNode('SHA1', 'sha1');
export const sha256 = ofNode('SHA256', 'sha256');
export const sha512 = ofNode('SHA512', 'sha512');

/** 32 bits, seed 0, the bytes from the lowest on. */
export const murmur3Hash = hashConverter('Murmur3Hash', (text) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(murmur32(Buffer.from(text)));
  return bytes.toString('hex');
});

/** The 128 bits of the 64-bit variant, each half from its lowest byte on. */
export const murmur3Hash128 = hashConverter('Murmur3Hash128', (text) => {
  const bytes = Buffer.alloc(16);
  const [low, high] = murmur128(Buffer.from(text));
  bytes.writeBigUInt64LE(low);
  bytes.writeBigUInt64LE(high, 8);
  return bytes.toString('hex');
});

export const xxh3 = hashConverter('XXH3', (text) => hex64(xxh3Hash64(Buffer.from(text))));

export const xxh128 = hashConverter('XXH128', (text) => {
  const [low, high] = xxh3Hash128(Buffer.from(text));
  return hex64(high) + hex64(low);
});

function hex64(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}

/** 64-bit FNV-1a, its bits read as an int64. */
export const fnv = converter('FNV', { target: string() }, ({ target }) => {
  return (record) => BigInt.asIntN(64, fnv1a(Buffer.from(target.read(record))));
});

/** The prime is 2^40 + 0x1b3; two halves of 32 bits keep all products exact in doubles. */
function fnv1a(bytes: Uint8Array): bigint {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3;
    const carry = Math.floor(product / 0x1_0000_0000);
    high = (Math.imul(high, 0x1b3) + (low << 8) + carry) >>> 0;
    low = product >>> 0;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}
