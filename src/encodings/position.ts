/**
 * Where in a file a decoder is after each thing that it hands over, so that another one can go on from there, in another
 * process, and hand over the rest and nothing of what was before.
 */
import type { Bytes } from '../wire/bytes.ts';
import type { Decoded, Decoder, DecoderOptions, DecoderStart, Encoding } from './encoding.ts';

/** Plain data, to be kept as JSON. Offsets are those of the file, compression taken off. */
export interface Position extends DecoderStart {
  /** How much of what is handed over behind the offset, batches and unreadable regions, came before. */
  readonly passed: number;
}

export const beginning: Position = { offset: 0, state: '', passed: 0 };

/** What was handed over, and where a decoder is after it. */
export type Placed = Decoded & { readonly position: Position };

/**
 * A decoder that says where it is. With `from` it is to be given the bytes of the file from `from.offset` on, with the same
 * options and encoding as before; then it hands over what came behind that position, with the offsets and lines of the file.
 */
export class PositionedDecoder {
  private readonly decoder: Decoder;
  private position: Position;
  /** How much is still to be passed that came before. */
  private toPass: number;

  /** Throws an Error when the encoding cannot be read. */
  constructor(encoding: Encoding, options: DecoderOptions, from: Position = beginning) {
    const { offset, state } = from;
    const decoder = encoding.decoder?.({ ...options, start: { offset, state } });
    if (decoder === undefined) throw new Error(`${encoding.name} has no decoder`);
    this.decoder = decoder;
    this.position = { offset, state, passed: 0 };
    this.toPass = from.passed;
  }

  /** As `Decoder.notices`; what is passed once more counts once more. */
  get notices(): ReadonlyMap<string, number> {
    return this.decoder.notices;
  }

  /** As `Decoder.push`. */
  push(chunk: Bytes): Iterable<Placed> {
    return this.placed(this.decoder.push(chunk));
  }

  /** As `Decoder.end`. */
  end(): Iterable<Placed> {
    return this.placed(this.decoder.end());
  }

  /** As `Decoder.drain`; answers whether another decoder may begin at the position that this one then has. */
  *drain(): Generator<Placed, boolean> {
    const drained = this.decoder.drain?.();
    if (drained === undefined) return false;
    let next = drained.next();
    for (; next.done !== true; next = drained.next()) yield* this.placed([next.value]);
    if (next.value === undefined) return false;
    this.position = { ...next.value, passed: 0 };
    return true;
  }

  /** Where another decoder would go on now. */
  get now(): Position {
    return this.position;
  }

  private *placed(decoded: Iterable<Decoded>): Iterable<Placed> {
    for (const each of decoded) {
      this.position = after(this.position, each);
      if (this.toPass === 0) {
        yield { ...each, position: this.position };
        continue;
      }
      this.toPass--;
      if (each.kind === 'batch') each.batch.release();
    }
  }
}

function after({ offset, state, passed }: Position, decoded: Decoded): Position {
  if (decoded.kind === 'unreadable' || decoded.endOffset === offset)
    return { offset, state, passed: passed + 1 };
  return { offset: decoded.endOffset, state: decoded.endState, passed: 0 };
}
