import { constants, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decompress, DecompressError, type DecompressLimits } from '../../src/encodings/decompress.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { cut } from './decoding.ts';

interface Result {
  text: string;
  problem?: string;
  offset?: number;
}

/** Each chunk is overwritten as soon as the next one is asked for. */
async function* source(pieces: readonly Uint8Array[]): AsyncGenerator<Bytes> {
  for (const piece of pieces) {
    const chunk = Buffer.from(piece) as Bytes;
    yield chunk;
    chunk.fill(0xaa);
  }
}

async function all(pieces: readonly Uint8Array[], limits?: DecompressLimits): Promise<Result> {
  const parts: Buffer[] = [];
  try {
    for await (const bytes of decompress(source(pieces), limits)) parts.push(Buffer.from(bytes));
    return { text: Buffer.concat(parts).toString('latin1') };
  } catch (error) {
    if (!(error instanceof DecompressError)) throw error;
    const text = Buffer.concat(parts).toString('latin1');
    if (!error.message.includes('max_')) expect(error.decompressedBytes).toBe(text.length);
    return { text, problem: error.message, offset: error.offset };
  }
}

const noise = (length: number) =>
  Buffer.from(Array.from({ length }, (_, i) => (i * i * 31 + (i >> 3)) & 255));
const skippable = Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]), Buffer.from('hello')]);
const garbage = Buffer.from('garbage');

const compressors: [string, (bytes: Buffer) => Buffer][] = [
  ['gzip', (bytes) => gzipSync(bytes)],
  ['zstd', (bytes) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
];

describe.each(compressors)('%s', (name, compress) => {
  const one = compress(Buffer.from('one,'));
  const two = compress(noise(100_000));
  const both = `one,${noise(100_000).toString('latin1')}`;

  test('all parts, cut anywhere', async () => {
    const bytes = Buffer.concat([one, two]);
    expect(await all([bytes])).toEqual({ text: both });
    expect(await all([one, two])).toEqual({ text: both });
    expect(await all(cut(Buffer.concat([one, one, one]), [1]))).toEqual({ text: 'one,one,one,' });
    for (const sizes of [[7], [1000, 1], [one.length - 1, 2], [one.length + 1]]) {
      expect(await all(cut(bytes, sizes))).toEqual({ text: both });
    }
  });

  test('random parts in random pieces', async () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 });
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(parts, sizes, async (contents, pieces) => {
        const bytes = Buffer.concat(contents.map((content) => compress(Buffer.from(content))));
        expect(await all(cut(bytes, pieces))).toEqual({ text: Buffer.concat(contents).toString('latin1') });
      }),
      { numRuns: 60 },
    );
  });

  test('data that is cut off: what came before is used', async () => {
    const problem = `the ${name} data ends early (cut off while it was written?)`;
    const bytes = Buffer.concat([one, two]);
    for (const end of [one.length + 3, one.length + 12, bytes.length - 9, bytes.length - 1]) {
      const result = await all([bytes.subarray(0, end)]);
      expect(result).toMatchObject({ problem, offset: end });
      expect(both.startsWith(result.text) && result.text.startsWith('one,')).toBe(true);
    }
    expect((await all([bytes.subarray(0, bytes.length - 1)])).text.length).toBeGreaterThan(90_000);
  });

  test('something else behind it', async () => {
    const problem = `something else follows the ${name} data`;
    expect(await all([Buffer.concat([one, garbage])])).toEqual({ text: 'one,', problem, offset: one.length });
    expect(await all([one, garbage])).toMatchObject({ text: 'one,', problem });
    expect(await all([Buffer.concat([one, Buffer.alloc(9), garbage])])).toEqual({
      text: 'one,',
      problem,
      offset: one.length + 9,
    });
    expect(await all([Buffer.concat([one, Buffer.alloc(600)])])).toEqual({ text: 'one,' });
  });

  test('something else behind it, where a piece ends with a part', async () => {
    const problem = `something else follows the ${name} data`;
    expect(await all([one, two, Buffer.alloc(512), Buffer.alloc(9)])).toEqual({ text: both });
    expect(await all([one, garbage])).toEqual({ text: 'one,', problem, offset: one.length });
    const padded = [one, Buffer.alloc(9), Buffer.alloc(9), garbage];
    expect(await all(padded)).toEqual({ text: 'one,', problem, offset: one.length + 18 });
    const begin = one.subarray(0, 1);
    const alike = [one, begin, Buffer.alloc(9)];
    expect(await all(alike)).toEqual({ text: 'one,', problem, offset: one.length });
  });

  test('damaged data', async () => {
    const bad = Buffer.concat([one, two]);
    bad.fill(0xff, one.length + 40, one.length + 80);
    const result = await all([bad]);
    expect(result.text.startsWith('one,')).toBe(true);
    expect(result.problem).toContain(`the ${name} data is damaged: `);
    expect(result.offset).toBe(one.length);
  });

  test('limits', async () => {
    const zeros = compress(Buffer.alloc(80 << 20));
    expect(await all([zeros], { maxDecompressedSize: 1 << 20 })).toMatchObject({
      problem:
        'it decompresses to more than 1048576 bytes (max_decompressed_size; raise it for data that you trust)',
    });
    expect(await all([zeros], { maxDecompressionRatio: 500 })).toMatchObject({
      problem:
        'it decompresses to more than 500 times its size (max_decompression_ratio; raise it for data that you trust)',
    });
  });

  test('a consumer that leaves early closes the source', async () => {
    let isClosed = false;
    async function* endless(): AsyncGenerator<Bytes> {
      try {
        for (;;) yield two as Bytes;
      } finally {
        isClosed = true;
      }
    }
    for await (const bytes of decompress(endless())) if (bytes.length > 0) break;
    expect(isClosed).toBe(true);
  });
});

test('other bytes pass as they are, also short ones', async () => {
  for (const text of ['', 'x', '{}', 'plain text', '\u001f\u008b']) {
    expect(await all([Buffer.from(text, 'latin1')])).toEqual({ text });
    expect(await all(cut(Buffer.from(text, 'latin1'), [1]))).toEqual({ text });
  }
});

test('zstd frames that are to be skipped', async () => {
  const frame = zstdCompressSync('x');
  expect(await all([Buffer.concat([skippable, frame, skippable, skippable, frame, skippable])])).toEqual({
    text: 'xx',
  });
  expect(await all(cut(Buffer.concat([skippable, frame, skippable, frame]), [3]))).toEqual({ text: 'xx' });
});

test('gzip headers with all that may be in them', async () => {
  const plain = gzipSync('content');
  const extra = Buffer.from([5, 0, 1, 2, 3, 4, 5]);
  const header = Buffer.concat([
    plain.subarray(0, 10),
    extra,
    Buffer.from('name\0comment\0'),
    Buffer.from([0, 0]),
  ]);
  header[3] = 2 | 4 | 8 | 16;
  const body = plain.subarray(10);
  expect(await all([Buffer.concat([header, body])])).toEqual({ text: 'content' });
  expect(await all(cut(Buffer.concat([header, body, plain]), [1]))).toEqual({ text: 'contentcontent' });
  expect(await all([header.subarray(0, 20)])).toMatchObject({
    problem: expect.stringContaining('ends early'),
  });
});

test('a wrong checksum, after the data', async () => {
  const bytes = gzipSync('content');
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 8) ^ 1, bytes.length - 8);
  expect(() => gunzipSync(bytes)).toThrow();
  expect(await all([bytes])).toMatchObject({
    text: 'content',
    problem: 'the gzip data is damaged: the checksum does not match',
  });
});

test('errors of the source stay what they are', async () => {
  async function* failing(): AsyncGenerator<Bytes> {
    yield gzipSync('a').subarray(0, 12) as Bytes;
    throw new TypeError('disk');
  }
  const read = async () => {
    for await (const _ of decompress(failing()));
  };
  await expect(read()).rejects.toThrow(TypeError);
});
