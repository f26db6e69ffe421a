/** One thread's part of an input that several read: share after share, each of them an epoch of its own. */
import type { AnyBatch } from '../model/batches.ts';
import type { Assembly, RunningReceiver } from './assembly.ts';
import type { JsonValue } from './checkpoint.ts';
import { Checkpointing } from './checkpointing.ts';
import type { ReceiverOutput } from './component.ts';
import type { Ledger } from './ledger.ts';
import { exportStates } from './ledger-state.ts';
import type { SettledShare, ShareSource } from './shares.ts';
import type { Snapshot } from './snapshot.ts';

export interface ShareReadingOptions {
  readonly source: ShareSource;
  readonly assembly: Assembly;
  readonly ledger: Ledger;
  /** Aborted when nothing more is to be read. */
  readonly stopping: AbortSignal;
  readonly snapshot: () => Promise<Snapshot>;
  readonly emit: (source: RunningReceiver, batch: AnyBatch) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

interface ShareSnapshot extends Snapshot {
  /** How many shares are read. */
  readonly shares: number;
}

export class ShareReading {
  /** Cut between shares and nowhere else: what is counted of a share counts when all of it is settled. */
  readonly checkpointing: Checkpointing<ShareSnapshot>;
  private readonly options: ShareReadingOptions;
  /** Read and not said to be settled, oldest first. */
  private readonly unsettled: SettledShare[] = [];
  private read = 0;
  /** What was handed over of the share that is being read. */
  private bytes = 0;
  private readonly outputs = new Map<RunningReceiver, ReceiverOutput>();

  constructor(options: ShareReadingOptions) {
    this.options = options;
    const { source, ledger } = options;
    this.checkpointing = new Checkpointing<ShareSnapshot>({
      isByHand: true,
      epochBytes: Infinity,
      snapshot: async () => ({ ...(await options.snapshot()), shares: this.read }),
      save: async ({ flows, states, shares }) => {
        const behind = this.read - shares;
        const settled = this.unsettled.splice(0, this.unsettled.length - behind);
        source.settled(settled, { ...flows, exporters: exportStates(ledger) }, states);
      },
      tallies: () => ledger.tallies,
      onSaved: () => {},
      onFailure: options.onFailure,
      later: () => {},
      isFull: () => false,
    });
  }

  /** Reads shares until there are none left. Rejects with what stopped it, which belongs to the receiver that is named. */
  async run(onError: (receiver: string, error: unknown) => Error): Promise<void> {
    const { source, assembly, stopping } = this.options;
    for (let ahead = source.next(); ;) {
      const share = await ahead;
      if (share === undefined || stopping.aborted) return;
      // Cut, and on its way, while this one is read.
      ahead = source.next();
      // Awaited in the next turn, or never when this one fails.
      ahead.catch(() => {});
      const receiver = assembly.receivers.find(({ id }) => id === share.receiver);
      if (receiver === undefined) throw new Error(`a share of ${share.receiver}, which is no receiver`);
      const result = await this.readShare(receiver, share.content).catch((error: unknown) => {
        throw onError(receiver.id, error);
      });
      receiver.counts.commit();
      this.unsettled.push({ id: share.id, bytes: this.bytes, result });
      this.bytes = 0;
      this.read++;
      await this.checkpointing.cutNow();
    }
  }

  private async readShare(source: RunningReceiver, content: JsonValue): Promise<JsonValue> {
    const { receiver, id } = source;
    if (receiver.readShare === undefined) throw new Error(`${id} reads no shares`);
    let output = this.outputs.get(source);
    if (output === undefined) {
      output = { emit: (batch) => this.emit(source, batch), advance: () => {} };
      this.outputs.set(source, output);
    }
    return await receiver.readShare(content, output);
  }

  private async emit(source: RunningReceiver, batch: AnyBatch): Promise<void> {
    this.bytes += batch.byteLength;
    await this.options.emit(source, batch);
  }
}
