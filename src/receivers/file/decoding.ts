/** Decodes one content, and knows at each time where a later run would go on. */
import { PositionedDecoder, type Placed } from '../../encodings/position.ts';
import type { Encoding } from '../../encodings/encoding.ts';
import type { AnyBatch } from '../../model/batches.ts';
import type { UnreadableRegion } from '../../pipeline/counts.ts';
import type { Bytes } from './bytes.ts';
import type { ContentWatch } from './identity.ts';
import { nowhere, type Place } from './position.ts';
import { decoderOptions } from './recognise.ts';
import type { FileSettings } from './settings.ts';

export interface DecodedEvents {
  /** Takes the batch over; `place` is behind it. */
  batch(batch: AnyBatch, place: Place): Promise<void> | void;
  /** A batch that was handed over by an earlier run; it is released then. */
  skipped?(batch: AnyBatch): void;
  unreadable(region: UnreadableRegion): Promise<void> | void;
}

export interface DecodingOptions {
  readonly settings: FileSettings;
  readonly events: DecodedEvents;
  /** Where to begin. */
  readonly from?: Place | undefined;
  /** A file that ended here grew: unreadable regions that end before are counted already, the others are not. */
  readonly grownFrom?: number | undefined;
  readonly watch?: ContentWatch | undefined;
  /** Places are never behind the beginning. */
  readonly isWhole?: boolean | undefined;
}

export class Decoding {
  /** How far the content was pushed. */
  pushed: number;
  private readonly name: string;
  private readonly encoding: string;
  private readonly decoder: PositionedDecoder;
  private readonly options: DecodingOptions;
  /** Batches and regions that are not handed over again. */
  private batchesToSkip: number;
  private regionsToSkip: number;
  private position: Placed['position'];
  /** Events since that position, and since the beginning. */
  private batches = 0;
  private readonly all = { events: 0, batches: 0 };
  private drained: number | undefined;
  private ended: number | undefined;

  constructor(name: string, encoding: Encoding, options: DecodingOptions) {
    const { settings, from, grownFrom } = options;
    const { offset, state, events, batches } = from ?? nowhere;
    this.name = name;
    this.encoding = encoding.name;
    this.options = options;
    this.position = { offset, state, passed: 0 };
    const forDecoder = decoderOptions(settings, settings.batch_bytes);
    this.decoder = new PositionedDecoder(encoding, forDecoder, this.position);
    this.batchesToSkip = batches;
    this.regionsToSkip = grownFrom === undefined ? events - batches : 0;
    this.pushed = offset;
  }

  /** Behind everything that was handed over. */
  get place(): Place {
    const { encoding, drained, ended, batches } = this;
    const { from, grownFrom = 0 } = this.options;
    const isBehind = this.batchesToSkip > 0 || this.regionsToSkip > 0 || this.pushed < grownFrom;
    if (from !== undefined && isBehind) return from;
    if (this.options.isWhole === true) return { ...nowhere, encoding, ...this.all, ended };
    const { offset, state, passed } = this.position;
    return {
      encoding,
      offset,
      state,
      events: passed,
      batches,
      drained: passed > 0 ? drained : undefined,
      ended,
    };
  }

  get notices(): ReadonlyMap<string, number> {
    return this.decoder.notices;
  }

  async push(chunk: Bytes): Promise<void> {
    this.options.watch?.see(chunk, this.pushed);
    const stop = (this.options.from?.drained ?? -1) - this.pushed;
    if (stop <= 0 || stop > chunk.length) {
      await this.pushPart(chunk);
      return;
    }
    // Where an earlier run handed over what there was, batches are cut in the same way.
    await this.pushPart(chunk.subarray(0, stop) as Bytes);
    await this.drain();
    if (stop < chunk.length) await this.pushPart(chunk.subarray(stop) as Bytes);
  }

  /**
   * Hands over what is complete, for there is nothing more as yet. Answers whether everything is, so that this decoding
   * can be forgotten.
   */
  async drain(): Promise<boolean> {
    this.drained = this.pushed;
    const drain = this.decoder.drain();
    let next = drain.next();
    for (; next.done !== true; next = drain.next()) await this.handOver(next.value);
    this.drained = undefined;
    if (!next.value) return false;
    this.position = this.decoder.now;
    this.batches = 0;
    return this.position.offset === this.pushed;
  }

  async end(): Promise<void> {
    this.ended = this.pushed;
    for (const each of this.decoder.end()) await this.handOver(each);
  }

  private async pushPart(chunk: Bytes): Promise<void> {
    this.pushed += chunk.length;
    for (const each of this.decoder.push(chunk)) await this.handOver(each);
  }

  private handOver(each: Placed): Promise<void> | void {
    this.position = each.position;
    this.all.events++;
    if (each.kind === 'batch') return this.batch(each.batch);
    const { offset, bytes, line, reason } = each;
    if (this.regionsToSkip > 0) this.regionsToSkip--;
    else if (offset + bytes > (this.options.grownFrom ?? -1)) {
      const place = line === undefined ? { offset } : { line, offset };
      return this.options.events.unreadable({ input: this.name, ...place, bytes, reason });
    }
  }

  private batch(batch: AnyBatch): Promise<void> | void {
    const { events } = this.options;
    this.all.batches++;
    this.batches = this.position.passed === 0 ? 0 : this.batches + 1;
    if (this.batchesToSkip === 0) return events.batch(batch, this.place);
    this.batchesToSkip--;
    events.skipped?.(batch);
    batch.release();
  }
}
