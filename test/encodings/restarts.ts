/** A decoder that goes on where another one was. */
import { expect } from 'vitest';
import { defaultDecoderOptions, type DecoderOptions, type Encoding } from '../../src/encodings/encoding.ts';
import { PositionedDecoder, type Position } from '../../src/encodings/position.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { cut, plain, type Seen } from './decoding.ts';

type Options = Partial<DecoderOptions>;
interface Placed {
  readonly seen: Seen;
  readonly position: Position;
}

export function decoded(encoding: Encoding, options: Options, bytes: Buffer, how: How): Placed[] {
  const decoder = new PositionedDecoder(encoding, { ...defaultDecoderOptions, ...options }, how.from);
  const placed: Placed[] = [];
  const take = (all: ReturnType<PositionedDecoder['push']>) => {
    for (const each of all) placed.push({ seen: plain(each), position: each.position });
  };
  for (const piece of cut(bytes.subarray(how.from?.offset ?? 0), how.sizes))
    take(decoder.push(Buffer.from(piece) as Bytes));
  take(decoder.end());
  return placed;
}

interface How {
  readonly sizes: readonly number[];
  readonly from?: Position;
}

/** From every position the rest comes, all of it and nothing else, however the bytes are cut; and more positions are the same. */
export function expectRestarts(
  encoding: Encoding,
  options: Options,
  bytes: Buffer,
  sizes: readonly number[],
): void {
  const all = decoded(encoding, options, bytes, { sizes: [bytes.length + 1] });
  for (const [index, { position }] of all.entries()) {
    const from = JSON.parse(JSON.stringify(position)) as Position;
    expect(decoded(encoding, options, bytes, { sizes, from })).toEqual(all.slice(index + 1));
  }
}
