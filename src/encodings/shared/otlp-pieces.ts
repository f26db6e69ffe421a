/** OTLP JSON with something around it: the answers of backends that hold traces in OTLP's words. */
import { batchOf } from '../../model/batches.ts';
import type { Writer } from '../../wire/writer.ts';
import { defaultMaxAttributes, type DecoderOptions } from '../encoding.ts';
import { OtlpJsonReader, roots } from '../otlp-json-reader.ts';
import { OtlpOutput } from '../otlp-output.ts';
import type { RegionKind } from '../unreadable-regions.ts';
import type { JsonShape, Piece, PieceReader, ReaderContext } from './json-decoder.ts';
import type { Plan } from './plan.ts';

/** The names that a list of resources with spans has, and its elements as pieces that are called by that name. */
export const listsOfSpans: readonly (readonly [string, Plan])[] = [...roots]
  .filter(([, { signal }]) => signal === 'traces')
  .map(([name]) => [name, { name, elements: { name, piece: true } }]);

export interface OtlpInside {
  readonly root: Plan;
  readonly alien: RegionKind;
  /** Pieces that are no elements of `listsOfSpans`; answers what to notice. */
  readonly other?: (name: string, piece: Piece) => string | undefined;
  /** Attributes of spans that the backend adds of its own: they are left out, and noticed as this. */
  readonly added?: { readonly key: string; readonly notice: string };
}

/** A shape whose pieces are elements of `listsOfSpans`. */
export function otlpInside(inside: OtlpInside): JsonShape<OtlpOutput> {
  return {
    root: inside.root,
    alien: inside.alien,
    output: ({ batchBytes, start }: DecoderOptions) => new OtlpOutput(batchBytes, start),
    reader: (output, context) => new OtlpPieces(output, context, inside),
  };
}

class OtlpPieces implements PieceReader {
  private readonly output: OtlpOutput;
  private readonly context: ReaderContext;
  private readonly reader: OtlpJsonReader;
  private readonly inside: OtlpInside;

  constructor(output: OtlpOutput, context: ReaderContext, inside: OtlpInside) {
    const { maxDepth, maxAttributes = defaultMaxAttributes } = context.options;
    this.output = output;
    this.context = context;
    this.reader = new OtlpJsonReader({ maxDepth, maxAttributes });
    this.inside = inside;
  }

  piece(name: string, piece: Piece): void {
    const { context, inside, reader, output } = this;
    const root = roots.get(name);
    if (root === undefined) {
      const notice = inside.other?.(name, piece);
      if (notice !== undefined) context.notice(notice);
      return;
    }
    const { bytes, start, end } = piece;
    const { wideIntegers } = reader;
    const writer = output.writer('traces');
    const before = writer.pos;
    reader.element(bytes, start, end, root, output);
    for (let i = wideIntegers; i < reader.wideIntegers; i++)
      context.notice('integers beyond 64 bits, read as doubles');
    const { added } = inside;
    const isThere = added !== undefined && writer.bytes().indexOf(added.key, before, 'latin1') >= 0;
    if (isThere) this.leaveOut(added, writer, before);
  }

  /** Seldom, so it may cost more. */
  private leaveOut(added: { key: string; notice: string }, writer: Writer, from: number): void {
    const copy = Buffer.from(writer.buf.subarray(from, writer.pos));
    const batch = batchOf('traces', copy, { trusted: true });
    for (const span of batch.spans())
      if (span.attributes.delete(added.key)) this.context.notice(added.notice);
    const rest = batch.encode();
    writer.pos = from;
    writer.copy(rest, 0, rest.length);
  }
}
