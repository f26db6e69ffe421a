/** Recordings of real producers, each with what a reader has to find in it by its manifest. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { decompress } from '../../src/encodings/decompress.ts';
import { detect } from '../../src/encodings/detect.ts';
import type { Encoding } from '../../src/encodings/encoding.ts';
import { encodings } from '../../src/encodings/list.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { differences } from '../recordings/compare.ts';
import { Tally, type Document } from '../recordings/tally.ts';
import { cut, decodedInPieces, decoderOf } from './decoding.ts';

const folder = new URL('../../../shared/samples/recordings/', import.meta.url);
const ours = new Set(['otlp-json', 'otlp-proto', 'otlp-proto-framed', 'tempo-proto']);

interface Entry {
  readonly file: string;
  readonly encoding: string;
  readonly compression: string;
  readonly signal?: string;
  readonly mustYield: Readonly<Record<string, unknown>>;
}

const isThere = existsSync(new URL('manifest.json', folder));
const entries: Entry[] = isThere
  ? (JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as { files: Entry[] }).files
  : [];
if (!isThere) console.warn('SKIPPED: the recordings are not there (../shared/samples/recordings)');

async function contentOf(entry: Entry): Promise<Buffer> {
  const bytes = readFileSync(new URL(entry.file, folder));
  async function* source(): AsyncGenerator<Bytes> {
    yield* cut(bytes, [4096]) as Bytes[];
  }
  const parts: Buffer[] = [];
  for await (const part of decompress(source())) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

function encodingOf(content: Buffer): Encoding {
  const head = content.subarray(0, 1 << 16) as Bytes;
  const found = detect(head, { atEnd: head.length === content.length });
  if (found === undefined || !('encoding' in found))
    throw new Error(`not detected: ${JSON.stringify(found)}`);
  return found.encoding;
}

/**
 * JavaScript's SDK writes its largest number as an intValue, and the manifest counts what is written; int64 cannot hold
 * it, so it is read as the double that it was.
 */
function withWideIntegers(wanted: unknown, wide: number): unknown {
  const types = wanted as { int: number; double: number };
  return wide === 0 ? wanted : { ...types, int: types.int - wide, double: types.double + wide };
}

describe.runIf(isThere)('recordings of OTLP', () => {
  const files = entries.filter(({ encoding }) => ours.has(encoding));

  test('are there', () => {
    expect(files.length).toBeGreaterThanOrEqual(70);
  });

  test.each(files.map((entry) => [entry.file, entry] as const))('%s', async (_, entry) => {
    const content = await contentOf(entry);
    const encoding = encodingOf(content);
    const isFramed = entry.compression === 'zstd per message';
    expect(encoding.name).toBe(entry.encoding === 'otlp-json' && !isFramed ? 'otlp_json' : 'otlp_proto');
    for (const sizes of [[content.length], [1000], [7, 333]]) {
      const tally = new Tally();
      const decoder = decoderOf(encoding);
      for (const each of decodedInPieces(decoder, cut(content, sizes))) {
        if ('reason' in each) throw new Error(`${each.reason} at ${each.offset}`);
        tally.add(each.json as Document);
        tally.count('documents', each.documents);
      }
      const figures = tally.figures();
      const wide = decoder.notices.get('integers beyond 64 bits, read as doubles') ?? 0;
      for (const [name, written] of Object.entries(entry.mustYield)) {
        const wanted = name === 'attributeTypes' ? withWideIntegers(written, wide) : written;
        if (wanted !== 0) expect({ [name]: figures[name] }).toEqual({ [name]: wanted });
      }
    }
  });
});

describe.runIf(isThere)('recordings of other shapes', () => {
  const files = entries.filter(({ encoding }) => !ours.has(encoding));

  test.each(files.map((entry) => [entry.file, entry] as const))('%s', async (_, entry) => {
    expect(await differences(fileURLToPath(folder), entry)).toEqual([]);
  });
});

test
  .runIf(isThere)
  .each(
    entries.filter(({ encoding }) => !ours.has(encoding) && encoding !== 'tempo-v1').map(({ file }) => file),
  )('%s is not taken for OTLP', (file) => {
  const head = readFileSync(new URL(file, folder)).subarray(0, 1 << 16) as Bytes;
  for (const encoding of encodings.filter(({ name }) => name.startsWith('otlp'))) {
    expect(encoding.detect(head, { atEnd: true })?.confidence ?? 0).toBeLessThan(0.5);
  }
});
