import { writeSpanRest, type SpanIds, type SpanRest } from '../../model/item-writer.ts';
import { bytesOf, type Bytes } from '../../wire/bytes.ts';
import { Writer } from '../../wire/writer.ts';

/** Larger ones are not kept. */
const kept = 16 << 20;

/** Spans whose ids or resource are known only once others were read: they wait here as bytes. */
export class SpanStage<Note> {
  private writer = new Writer(1 << 12);
  private spans: {
    readonly ids: SpanIds;
    readonly note: Note;
    readonly start: number;
    readonly end: number;
  }[] = [];

  /** How many bytes wait. */
  get size(): number {
    return this.writer.pos;
  }

  get isEmpty(): boolean {
    return this.spans.length === 0;
  }

  /** Adds a span with what is to be known about it later. */
  add(ids: SpanIds, rest: SpanRest, note: Note): void {
    const start = this.writer.pos;
    writeSpanRest(this.writer, rest);
    this.spans.push({ ids, note, start, end: this.writer.pos });
  }

  notes(): readonly { readonly ids: SpanIds; readonly note: Note }[] {
    return this.spans;
  }

  /** Hands over all spans in their order, and forgets them. */
  settle(take: (ids: SpanIds, rest: Bytes, note: Note) => void): void {
    const { writer, spans } = this;
    const bytes = writer.bytes();
    this.spans = [];
    for (const { ids, note, start, end } of spans) take(ids, bytesOf(bytes.subarray(start, end)), note);
    this.writer = writer.buf.length > kept ? new Writer(1 << 12) : writer.reset();
  }
}
