/** Deals the shares of an input out, one after the other, no more at a time than may be in flight. */
import type { JsonValue } from './checkpoint.ts';
import type { Division } from './division.ts';

/** Shares that a thread may have: one is read, one is settled or saved, one lies ready. */
export const sharesOfThread = 3;
/** More would make nothing faster. */
const largestShare = 8 << 20;
/** So many shares tell how much becomes of the bytes of the input. */
const tellingShares = 4;
/** Of what is mostly blank, or cannot be read, no share is without end. */
const leastRatio = 0.1;
/** What is in flight may be so much more than what became of the shares before. */
const margin = 1.1;
/** A cut lies behind where it is wanted, and all shares together have to fit. */
const cutShort = 0.95;

export interface Dealt {
  readonly id: number;
  readonly receiver: string;
  readonly division: Division;
  readonly content: JsonValue;
  /** Of the input. */
  readonly bytes: number;
  /** What it is taken to be in flight. */
  readonly weight: number;
}

type Cut = Omit<Dealt, 'weight'>;

export class Dealing {
  private readonly divisions: readonly (readonly [receiver: string, division: Division])[];
  private readonly maxBytes: number;
  private readonly threads: number;
  private readonly waits: (() => void)[] = [];
  private turn: Promise<unknown> = Promise.resolve();
  /** Cut, and waiting for room. */
  private ready: Cut | undefined;
  private lastId = 0;
  private inFlight = 0;
  private isClosed = false;
  /** Bytes that are handed over for each byte of the input: never less than it was until now. */
  private ratio = 0;
  private told = 0;

  constructor(
    divisions: readonly (readonly [receiver: string, division: Division])[],
    { maxBytes, threads }: { readonly maxBytes: number; readonly threads: number },
  ) {
    this.divisions = divisions;
    this.maxBytes = maxBytes;
    this.threads = threads;
  }

  /** The next one, as soon as there is room for it; undefined when there is none, or none is dealt any more. */
  next(): Promise<Dealt | undefined> {
    const mine = this.turn.then(() => this.deal());
    this.turn = mine.catch(() => {});
    return mine;
  }

  /** The share is not in flight any more. */
  done({ weight }: Dealt): void {
    this.inFlight -= weight;
    this.wake();
  }

  /** So many bytes were handed over of it. */
  tell({ bytes }: Dealt, handed: number): void {
    this.told++;
    this.ratio = Math.max(this.ratio, handed / Math.max(bytes, 1));
  }

  /** From now on nothing is dealt. */
  close(): void {
    this.isClosed = true;
    this.wake();
  }

  private async deal(): Promise<Dealt | undefined> {
    if (this.isClosed) return undefined;
    const cut = this.ready ?? (await this.cut());
    if (cut === undefined) return undefined;
    this.ready = cut;
    // What is larger than all that there may be passes alone.
    while (!this.isClosed && this.inFlight > 0 && this.inFlight + this.weightOf(cut.bytes) > this.maxBytes)
      await new Promise<void>((resolve) => this.waits.push(resolve));
    // Closed by then, it is not read, and a later run cuts it again.
    if (this.isClosed) return undefined;
    this.ready = undefined;
    const weight = this.weightOf(cut.bytes);
    this.inFlight += weight;
    return { ...cut, weight };
  }

  private async cut(): Promise<Cut | undefined> {
    const wanted = Math.floor((this.maxBytes / this.threads / sharesOfThread / this.weight) * cutShort);
    for (const [receiver, division] of this.divisions) {
      const next = await division.next(Math.max(Math.min(wanted, largestShare), 1));
      if (next !== undefined) return { id: ++this.lastId, receiver, division, ...next };
    }
    return undefined;
  }

  /** Whole, so that nothing is left of it when it is taken away again. */
  private weightOf(bytes: number): number {
    return Math.ceil(bytes * this.weight);
  }

  /** Of a byte of the input. Until it is known better, as much is handed over as is read. */
  private get weight(): number {
    return this.told < tellingShares ? 1 : Math.max(this.ratio, leastRatio) * margin;
  }

  private wake(): void {
    for (const resolve of this.waits.splice(0)) resolve();
  }
}
