/** What holds for every encoding, on whole, damaged and hostile input. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Encoding } from '../../src/encodings/encoding.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import { checkMessage } from '../../src/model/check.ts';
import { defaultDecoderOptions, type DecoderOptions } from '../../src/encodings/encoding.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { cut, decoderOf } from './decoding.ts';
import { decoded, expectRestarts } from './restarts.ts';

interface Laws {
  /** Files of this encoding, small ones. */
  readonly seeds: readonly Buffer[];
  /** What may be put anywhere. */
  readonly words: readonly string[];
  readonly options?: Partial<DecoderOptions>;
  readonly runs?: number;
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3000 })), {
  minLength: 1,
  maxLength: 4,
});

/**
 * What is read does not depend on how the input is cut; from each position the rest comes and nothing else; every batch is
 * protobuf that can be read; and no input makes a decoder throw.
 */
export function holdsLaws(
  encoding: Encoding,
  { seeds, words, options = {}, runs = Number(process.env['RUNS'] ?? 150) }: Laws,
): void {
  const chosen = fc.record({
    batchBytes: fc.constantFrom(1, 700, 1 << 20),
    maxDocumentBytes: fc.constantFrom(100, 3000, 1 << 20),
  });
  fc.assert(
    fc.property(fileOf(seeds, words), chosen, sizes, (bytes, limits, pieces) => {
      const all = { ...options, ...limits };
      const whole = decoded(encoding, all, bytes, { sizes: [bytes.length + 1] });
      expect(decoded(encoding, all, bytes, { sizes: pieces })).toEqual(whole);
      expectRestarts(encoding, all, bytes, pieces);
      expectMessages(encoding, { ...defaultDecoderOptions, ...all }, bytes);
    }),
    { numRuns: runs },
  );
}

/** Seeds one after the other, each cut, or with something put in or taken out, or as it is. */
function fileOf(seeds: readonly Buffer[], words: readonly string[]): fc.Arbitrary<Buffer> {
  const fixed = fc.constantFrom(
    '',
    '\n',
    'text\n',
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    '\\',
    '\uFEFF',
    '\n[',
    '\n{',
    ...words,
  );
  const seed = fc.constantFrom(...seeds);
  const changed = fc
    .tuple(seed, fixed, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(40))
    .map(([from, put, place, gone]) => {
      const at = Math.floor(place * from.length);
      return Buffer.concat([from.subarray(0, at), Buffer.from(put), from.subarray(at + gone)]);
    });
  const cutOff = fc
    .tuple(seed, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([from, place]) => from.subarray(0, place * from.length));
  const part = fc.oneof({ weight: 2, arbitrary: seed }, { weight: 3, arbitrary: changed }, cutOff);
  return fc
    .array(fc.tuple(part, fc.constantFrom('', '\n', '\n\n')), { minLength: 1, maxLength: 3 })
    .map((parts) => Buffer.concat(parts.flatMap(([each, end]) => [each, Buffer.from(end)])));
}

function expectMessages(encoding: Encoding, options: DecoderOptions, bytes: Buffer): void {
  const decoder = decoderOf(encoding, options);
  for (const chunk of [...cut(bytes, [1000]), undefined]) {
    const all = chunk === undefined ? decoder.end() : decoder.push(bytesOf(chunk));
    for (const each of all) {
      if (each.kind !== 'batch') continue;
      const written = each.batch.encode();
      checkMessage(written, 0, written.length, dataTypeOf(each.batch.signal));
    }
  }
}
