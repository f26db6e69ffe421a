/**
 * Saves how far a run has come, while it goes on. What is handed over is divided into epochs. An epoch ends with a cut:
 * nothing comes in until all that did is past the processors, and then positions and counts belong together exactly. When
 * every item of an epoch, and of those before it, is settled, the state at its end is saved. So a checkpoint never says
 * more than what is safe, and what a run that goes on sends again is no more than what was handed over and not yet saved:
 * the room of those bytes is given back only then. While nobody waits for room, two epochs are saved at once.
 */
import type { ExportTally } from './export-tally.ts';

export interface CheckpointingOptions<Snapshot> {
  /** Cut by `cutNow` alone: what is handed over since the last cut is never saved without one. */
  readonly isByHand?: boolean;
  /** An epoch is cut when it has so many bytes. */
  readonly epochBytes: number;
  /** The state now. Resolves when everything that is handed over is past the processors; nothing comes in meanwhile. */
  readonly snapshot: () => Promise<Snapshot>;
  /** What is settled, with the state at that point. Its failure is the end of the run. */
  readonly save: (snapshot: Snapshot) => Promise<void>;
  readonly tallies: () => readonly ExportTally[];
  /** So many bytes are saved. */
  readonly onSaved: (bytes: number) => void;
  readonly onFailure: (error: unknown) => void;
  /** Calls back after a while, for what is handed over slowly. */
  readonly later: (callback: () => void) => void;
  /** Whether somebody waits for room. */
  readonly isFull: () => boolean;
}

/** The items handed over between two cuts. */
export class Epoch {
  /** Batches that are not settled. */
  pending = 0;
  bytes = 0;
  /** Something of it is not safe: neither it nor what comes after it can be saved. */
  failed = false;
  /** Its time has come: it is saved as soon as it is settled. */
  isUrgent = false;
}

interface Closed<Snapshot> {
  readonly epoch: Epoch;
  readonly snapshot: Snapshot;
}

export class Checkpointing<Snapshot> {
  private readonly options: CheckpointingOptions<Snapshot>;
  private current = new Epoch();
  /** Whether a position moved since the last cut. */
  private moved = false;
  private hasTimer = false;
  /** Cut and not yet saved, oldest first. */
  private readonly closed: Closed<Snapshot>[] = [];
  private cutting: Promise<void> | undefined;
  private latest: { snapshot: Snapshot; bytes: number } | undefined;
  /** What is settled is to be saved however little it is. */
  private isUrgent = false;
  private saving: Promise<void> | undefined;
  private isClosed = false;

  constructor(options: CheckpointingOptions<Snapshot>) {
    this.options = options;
  }

  /** Resolves at the end of the cut that is under way; undefined when none is, and what comes may come in. */
  get cut(): Promise<void> | undefined {
    return this.cutting;
  }

  /** A batch comes in. Its owner says with `leave` that it is settled. */
  enter(bytes: number): Epoch {
    const epoch = this.current;
    epoch.pending++;
    epoch.bytes += bytes;
    this.touch();
    // Later than the caller, which is about to hand the batch over.
    if (epoch.bytes >= this.options.epochBytes) queueMicrotask(() => void this.makeCut());
    return epoch;
  }

  /** Ends the epoch here. Resolves when what was handed over is past the processors, settled or not. */
  async cutNow(): Promise<void> {
    this.moved = true;
    await this.makeCut();
  }

  /** A position moved, with or without a batch. */
  touch(): void {
    this.moved = true;
    if (this.hasTimer || this.options.isByHand === true) return;
    this.hasTimer = true;
    this.options.later(() => {
      this.hasTimer = false;
      this.isUrgent = this.current.isUrgent = true;
      void this.makeCut();
      this.advance();
    });
  }

  leave(epoch: Epoch, settled: boolean): void {
    epoch.pending--;
    if (!settled) epoch.failed = true;
    this.advance();
  }

  /** Somebody waits for room: when no epoch that is cut will make some, the one under way has to be. */
  makeRoom(): void {
    if (this.options.isByHand === true) return;
    this.advance();
    if (this.closed.length === 0 && this.saving === undefined && this.current.bytes > 0) void this.makeCut();
  }

  /** Saves what became settled since, if it is time. Called whenever that may be. */
  advance(): void {
    for (let oldest = this.closed[0]; oldest !== undefined; oldest = this.closed[0]) {
      const { epoch, snapshot } = oldest;
      const tallies = this.options.tallies();
      if (epoch.failed || epoch.pending > 0 || !tallies.every((tally) => tally.isSettled)) break;
      this.closed.shift();
      if (epoch.isUrgent) this.isUrgent = true;
      for (const tally of tallies) tally.retire();
      this.latest = { snapshot, bytes: (this.latest?.bytes ?? 0) + epoch.bytes };
    }
    if (this.isDue(this.latest)) this.saving ??= this.saveLatest();
  }

  /** Each save goes to the disk and waits for it, which takes as long however much it stands for. */
  private isDue<Latest extends { readonly bytes: number }>(latest: Latest | undefined): latest is Latest {
    if (latest === undefined) return false;
    const { epochBytes, isByHand, isFull } = this.options;
    return this.isUrgent || isByHand === true || latest.bytes >= epochBytes * 2 || isFull();
  }

  /** Saves all that is settled by now. */
  async finish(): Promise<void> {
    await this.cutting;
    if (this.options.isByHand !== true) await this.makeCut();
    this.isUrgent = true;
    this.advance();
    await this.saving;
  }

  /** From now on no checkpoint is made any more. */
  close(): void {
    this.isClosed = true;
  }

  private async makeCut(): Promise<void> {
    if (this.cutting !== undefined || !this.moved || this.isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.cutting = promise;
    try {
      const snapshot = await this.options.snapshot();
      if (this.isClosed) return;
      this.closed.push({ epoch: this.current, snapshot });
      this.current = new Epoch();
      this.moved = false;
      for (const tally of this.options.tallies()) tally.beginEpoch();
    } catch (error) {
      this.options.onFailure(error);
    } finally {
      this.cutting = undefined;
      resolve();
    }
    this.advance();
  }

  private async saveLatest(): Promise<void> {
    for (let next = this.latest; this.isDue(next); next = this.latest) {
      this.latest = undefined;
      this.isUrgent = false;
      try {
        await this.options.save(next.snapshot);
      } catch (error) {
        this.options.onFailure(error);
      }
      this.options.onSaved(next.bytes);
    }
    this.saving = undefined;
    if (this.options.isFull()) this.makeRoom();
  }
}
