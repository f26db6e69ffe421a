import { batchOf, pooledBatch } from '../model/batches.ts';
import { signals, type Signal } from '../model/signal.ts';
import { acquire, release } from '../wire/pool.ts';
import { Writer } from '../wire/writer.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { DecodedBatch, DecoderStart } from './encoding.ts';

interface Pending {
  readonly signal: Signal;
  readonly writer: Writer;
  /** The buffer of the pool that the writer began with. */
  room: Bytes;
  /** Where the document that is being read began. */
  mark: number;
}

/**
 * The first batches are smaller, so that the first telemetry is on its way as soon as it is read: none is larger than what
 * was read before it, or than this. A function of the place alone, so that who begins there cuts as who goes on.
 */
const firstBatchBytes = 1 << 16;

/** Collects telemetry of all signals until it is enough for a batch, and makes batches of it. */
export class OtlpOutput {
  /** Documents that are complete and not in a batch yet. */
  documents = 0;
  private readonly batchBytes: number;
  private readonly pending = new Map<Signal, Pending>();
  /** Before this, everything is in batches that were handed over. */
  private clean: DecoderStart;
  /** `clean.offset`, and the bytes that were handed over since. */
  private behind: number;

  constructor(batchBytes: number, start: DecoderStart = { offset: 0, state: '' }) {
    this.batchBytes = batchBytes;
    this.clean = start;
    this.behind = start.offset;
  }

  /** To append the telemetry of a signal to. */
  writer(signal: Signal): Writer {
    let pending = this.pending.get(signal);
    if (pending === undefined) {
      // The transcoder asks for room for the whole of a document before it reads it; what it leaves free costs nothing.
      const room = acquire(this.batchBytes * 2);
      pending = { signal, writer: new Writer(room), room, mark: 0 };
      this.pending.set(signal, pending);
    }
    return pending.writer;
  }

  isFull(): boolean {
    let size = 0;
    for (const { writer } of this.pending.values()) size += writer.pos;
    return size >= this.batchBytes || (size >= firstBatchBytes && size >= this.behind);
  }

  /** Remembers what there is, for `rollback`. */
  mark(): void {
    for (const pending of this.pending.values()) pending.mark = pending.writer.pos;
  }

  /** Forgets what came since `mark`. */
  rollback(): void {
    for (const pending of this.pending.values()) pending.writer.pos = pending.mark;
  }

  /**
   * Makes batches of everything there is. `end` is given when everything before it is in them and reading can begin anew
   * there.
   */
  flush(end?: DecoderStart): DecodedBatch[] {
    const batches: DecodedBatch[] = [];
    const before = { endOffset: this.clean.offset, endState: this.clean.state };
    for (const signal of signals) {
      const pending = this.pending.get(signal);
      if (pending === undefined || pending.writer.pos === 0) continue;
      batches.push({ kind: 'batch', batch: this.batch(pending), ...before, documents: 0 });
    }
    const last = batches.pop();
    if (last === undefined) return batches;
    for (const { batch } of [...batches, last]) this.behind += batch.byteLength;
    if (end !== undefined) this.begin(end);
    const { offset, state } = this.clean;
    batches.push({ ...last, endOffset: offset, endState: state, documents: this.documents });
    this.documents = 0;
    return batches;
  }

  /** As `flush`, when it is said that reading can begin anew there even if no batch says it; gives the buffers back. */
  drain(end: DecoderStart): DecodedBatch[] {
    const batches = this.flush(end);
    this.begin(end);
    this.close();
    return batches;
  }

  private begin(at: DecoderStart): void {
    this.clean = at;
    this.behind = at.offset;
  }

  /** Gives the buffers back. */
  close(): void {
    for (const { writer, room } of this.pending.values()) {
      release(writer.buf);
      if (writer.buf !== room) release(room);
    }
    this.pending.clear();
  }

  /** A small batch is copied, so that it does not keep a large buffer from being used. */
  private batch(pending: Pending): DecodedBatch['batch'] {
    const { signal, writer, room } = pending;
    pending.mark = 0;
    if (writer.pos < writer.buf.length >> 2) {
      const copy = Buffer.from(writer.bytes());
      writer.reset();
      return batchOf(signal, copy, { trusted: true });
    }
    this.pending.delete(signal);
    const { buf } = writer;
    if (buf !== room) release(room);
    return pooledBatch(signal, buf, writer.pos);
  }
}
