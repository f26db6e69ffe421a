/** What holds for every encoding, on whole, damaged and hostile input. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Encoding } from '../../src/encodings/encoding.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import { checkMessage } from '../../src/model/check.ts';
import { defaultDecoderOptions, type DecoderOptions } from '../../src/encodings/encoding.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { cut, decoderOf, plain, type Seen } from './decoding.ts';
import { decoded, expectRestarts } from './restarts.ts';

interface Laws {
  /** Files of this encoding, small ones. */
  readonly seeds: readonly Buffer[];
  /** What may be put anywhere. */
  readonly words: readonly string[];
  readonly options?: Partial<DecoderOptions>;
  readonly runs?: number;
  /** Whether another decoder goes on with the same items where `drain` says so. */
  readonly drains?: boolean;
}

/** `RUNS=5000 npx vitest run test/encodings/NAME.test.ts` looks longer. */
const defaultRuns = Number(process.env['RUNS'] ?? 150);

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
  { seeds, words, options = {}, runs = defaultRuns, drains = false }: Laws,
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
      if (drains) expect(drained(encoding, all, cut(bytes, pieces))).toEqual(itemsOf(whole));
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

/** Items, each with its resource and scope, in no order: batches are cut otherwise where they are drained. */
function itemsOf(all: readonly { readonly seen: Seen }[]): string[] {
  const items: string[] = [];
  for (const { seen } of all) if ('json' in seen) items.push(...leavesOf(seen.json));
  return items.sort();
}

/** Every list below resources and scopes is taken apart. */
function leavesOf(json: unknown, around = ''): string[] {
  const lists = Object.entries(json as Record<string, unknown>).filter(([name]) => levels.has(name));
  if (lists.length === 0) return [`${around} ${JSON.stringify(json)}`];
  const { resource, scope } = json as { resource?: unknown; scope?: unknown };
  const here = `${around} ${JSON.stringify([resource, scope])}`;
  return lists.flatMap(([, list]) => (list as unknown[]).flatMap((each) => leavesOf(each, here)));
}

const levels = new Set('resourceSpans scopeSpans spans resourceLogs scopeLogs logRecords'.split(' '));

/** Read by many decoders, each beginning where the one before was drained. */
function drained(
  encoding: Encoding,
  options: Partial<DecoderOptions>,
  pieces: readonly Uint8Array[],
): string[] {
  const all: { seen: Seen }[] = [];
  let held = Buffer.alloc(0);
  let decoder = decoderOf(encoding, options);
  let offset = 0;
  for (const piece of pieces) {
    held = Buffer.concat([held, piece]);
    for (const each of decoder.push(bytesOf(Buffer.from(piece)))) all.push({ seen: plain(each) });
    const drain = decoder.drain?.();
    let next = drain?.next();
    for (; next !== undefined && next.done !== true; next = drain?.next())
      all.push({ seen: plain(next.value) });
    if (next?.value === undefined) continue;
    held = held.subarray(next.value.offset - offset);
    ({ offset } = next.value);
    decoder = decoderOf(encoding, { ...options, start: next.value });
    for (const each of decoder.push(bytesOf(Buffer.from(held)))) all.push({ seen: plain(each) });
  }
  for (const each of decoder.end()) all.push({ seen: plain(each) });
  return itemsOf(all);
}
