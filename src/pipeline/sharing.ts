/**
 * Several threads on one input: the run itself is one of them, and begins at once; the others join when they are up. Here
 * shares are dealt out, what is settled is put together to one position and one ledger, and that is saved.
 */
import type { Checkpoint, JsonValue, LedgerState } from './checkpoint.ts';
import type { Receiver } from './component.ts';
import { Dealing, sharesOfThread, type Dealt } from './dealing.ts';
import type { Division } from './division.ts';
import { ComponentError, isOfRun, messageOf } from './errors.ts';
import type { Ledger } from './ledger.ts';
import { restoreLedger, sumOfStates, wholeState } from './ledger-state.ts';
import type { Logger } from './logger.ts';
import type {
  SettledShare,
  ShareSource,
  SharingOptions,
  Thread,
  ThreadEnd,
  ThreadProgress,
  ThreadStart,
} from './shares.ts';

/** What the run that is one of the threads says of itself. */
export interface SharedRun extends Omit<ThreadStart, 'threads'> {
  readonly receivers: readonly { readonly id: string; readonly receiver: Receiver }[];
  readonly ledger: Ledger;
  readonly logger: Logger;
  readonly maxInFlightBytes: number;
  /** Whether it goes on from a checkpoint, which may have been made by several. */
  readonly goesOn: boolean;
  /** Keeps a checkpoint; nothing is kept without it. */
  readonly save: ((checkpoint: Checkpoint) => Promise<void>) | undefined;
  /** What stops the run. */
  readonly fail: (error: unknown) => void;
}

export class Sharing {
  private readonly options: SharingOptions;
  private run: SharedRun | undefined;
  private readonly members: Member[] = [];
  private divisions: (readonly [receiver: string, division: Division])[] = [];
  private dealing: Dealing | undefined;
  /** Dealt and not settled. */
  private readonly dealt = new Map<number, readonly [Dealt, Member]>();
  private isClosed = false;
  /** Settled and not saved. */
  private unsaved: (readonly [Dealt, Member])[] = [];
  private states: Checkpoint['states'] = {};
  private saving: Promise<void> | undefined;

  constructor(options: SharingOptions) {
    this.options = options;
  }

  /** How many threads worked on the run. */
  get workers(): number {
    return Math.max(this.members.length, 1);
  }

  /** Whether shares are read, in this thread or in several. */
  get isBegun(): boolean {
    return this.run !== undefined;
  }

  /** The part of the run itself; undefined when it is to read everything alone, as if there were no threads. */
  async begin(run: SharedRun): Promise<ShareSource | undefined> {
    const { alone } = this.options;
    if (alone !== undefined && !run.goesOn) return this.stayAlone(run, alone);
    const most = alone === undefined ? this.mostThreads() : 1;
    if (most === 1 && !run.goesOn) return undefined;
    const shareBytes = Math.max(Math.floor(run.maxInFlightBytes / most / sharesOfThread), 1);
    const worthBytes = this.options.workers === 'auto' ? this.options.worthBytes : shareBytes;
    const reason = await this.divide(run, shareBytes, worthBytes);
    const isBegun = this.divisions.some(([, division]) => division.isBegun);
    if (reason !== undefined && !isBegun) return this.stayAlone(run, alone ?? reason);
    const left = this.divisions.reduce((sum, [, { leftBytes }]) => sum + leftBytes, 0);
    const threads = Math.min(most, 1 + Math.floor(left / worthBytes));
    return threads === 1 && !isBegun ? undefined : this.beginWith(threads, run);
  }

  private beginWith(threads: number, run: SharedRun): ShareSource {
    this.run = run;
    this.dealing = new Dealing(this.divisions, { maxBytes: run.maxInFlightBytes, threads });
    const first = this.join(wholeState(run.ledger));
    for (let at = 1; at < threads; at++) this.startThread(run, threads);
    return this.sourceOf(first);
  }

  /** No more shares are dealt out; what is dealt is read. */
  close(): void {
    this.isClosed = true;
    this.dealing?.close();
    for (const member of this.members) this.wake(member);
  }

  /** As `close`, and what is being read is given up. */
  stop(): void {
    this.close();
    for (const { thread } of this.members) thread?.stop();
  }

  kill(): void {
    this.close();
    for (const { thread } of this.members) thread?.kill();
  }

  /** Resolves when all threads have ended, and all that is settled is saved. */
  async finish(): Promise<void> {
    for (const { thread, isUp, over } of this.members) {
      if (isUp || thread === undefined) continue;
      thread.terminate();
      over.resolve();
    }
    await Promise.all(this.members.map(({ over }) => over.promise));
    while (this.saving !== undefined) await this.saving;
  }

  /** Ends threads that did not, and counts what all of them counted into the ledger of the run. */
  end(): readonly string[] {
    const { run } = this;
    if (run === undefined) return [];
    const whereToLook: string[] = [];
    for (const { thread, end, ledger } of this.members) {
      if (thread === undefined) continue;
      thread.terminate();
      restoreLedger(run.ledger, end?.ledger ?? ledger);
      whereToLook.push(...(end?.whereToLook ?? []));
      for (const counts of run.ledger.receivers) counts.progress.readBytes += end?.readBytes[counts.id] ?? 0;
    }
    for (const [, division] of this.divisions) division.end();
    this.members.splice(
      0,
      this.members.length,
      ...this.members.map((member) => ({ ...member, progress: undefined })),
    );
    return whereToLook;
  }

  /** Of the other threads. */
  progress(): readonly ThreadProgress[] {
    return this.members.flatMap(({ progress }) => progress ?? []);
  }

  private stayAlone(run: SharedRun, reason: string): undefined {
    const { workers } = this.options;
    if (workers !== 'auto' && workers > 1) run.logger.info(`workers: one is used, because ${reason}`);
  }

  private mostThreads(): number {
    const { workers, cores } = this.options;
    return workers === 'auto' ? cores : workers;
  }

  /** Answers why it cannot be divided. */
  private async divide(
    { receivers }: SharedRun,
    shareBytes: number,
    worthBytes: number,
  ): Promise<string | undefined> {
    let why: string | undefined;
    for (const { id, receiver } of receivers) {
      const division = (await divided(id, receiver.divide?.(shareBytes, worthBytes))) ?? noDivision(id);
      if (typeof division === 'string') why ??= division;
      else this.divisions.push([id, division]);
    }
    if (why !== undefined && this.divisions.some(([, { isBegun }]) => isBegun))
      throw new ComponentError(
        'workers',
        new Error(`the run before was read in shares, and this one cannot be: ${why}`),
      );
    return why;
  }

  private join(ledger: LedgerState): Member {
    const member: Member = {
      waits: [],
      held: 0,
      isUp: false,
      ledger,
      thread: undefined,
      progress: undefined,
      end: undefined,
      over: Promise.withResolvers<void>(),
    };
    this.members.push(member);
    if (this.members.length === 1) member.over.resolve();
    return member;
  }

  private startThread(run: SharedRun, threads: number): void {
    const { receivers: _, ledger: __, ...facts } = run;
    const member = this.join(sumOfStates([]));
    const { startedAtUnixNano, timeRange } = facts;
    member.thread = this.options.startThread(
      { threads, startedAtUnixNano, timeRange },
      {
        ...this.sourceOf(member),
        failed: run.fail,
        progress: (progress) => {
          member.progress = progress;
        },
        ended: (end) => {
          member.end = end;
          member.over.resolve();
        },
      },
    );
  }

  private sourceOf(member: Member): ShareSource {
    return {
      next: async () => {
        member.isUp = true;
        while (member.held >= sharesOfThread && !this.isClosed)
          await new Promise<void>((resolve) => member.waits.push(resolve));
        member.held++;
        const dealt = this.isClosed ? undefined : await this.dealing?.next();
        if (dealt === undefined) {
          member.held--;
          return undefined;
        }
        this.dealt.set(dealt.id, [dealt, member]);
        const { id, receiver, content } = dealt;
        return { id, receiver, content };
      },
      settled: (shares, ledger, states) => this.settled(member, shares, { ledger, states }),
    };
  }

  private wake({ waits }: Member): void {
    for (const resolve of waits.splice(0)) resolve();
  }

  private settled(
    member: Member,
    shares: readonly SettledShare[],
    { ledger, states }: { ledger: LedgerState; states: Checkpoint['states'] },
  ): void {
    for (const { id, bytes, result } of shares) {
      const entry = this.dealt.get(id);
      if (entry === undefined) continue;
      const [dealt] = entry;
      this.dealt.delete(id);
      this.dealing?.tell(dealt, bytes);
      dealt.division.settled(dealt.content, result);
      this.unsaved.push(entry);
    }
    member.ledger = ledger;
    this.states = states;
    if (this.saving === undefined && this.unsaved.length > 0) this.saving = this.saveAll();
  }

  /** One checkpoint at a time, each of what is settled by then. From its last look on, another one is begun. */
  private async saveAll(): Promise<void> {
    while (this.unsaved.length > 0) {
      const saved = this.unsaved.splice(0);
      try {
        await this.run?.save?.(this.checkpoint(this.run));
      } catch (error) {
        this.run?.fail(unsavedError(error));
      }
      for (const [dealt, member] of saved) {
        this.dealing?.done(dealt);
        member.held--;
        this.wake(member);
      }
    }
    this.saving = undefined;
  }

  private checkpoint({ startedAtUnixNano, timeRange }: SharedRun): Checkpoint {
    const positions: Record<string, JsonValue> = {};
    for (const [receiver, division] of this.divisions) positions[receiver] = division.position();
    const ledger = sumOfStates(this.members.map((member) => member.ledger));
    return { startedAtUnixNano, timeRange, positions, states: this.states, ledger };
  }
}

interface Member {
  /** Who waits for a share. */
  readonly waits: (() => void)[];
  /** Shares that were dealt, or are being, and are not saved. */
  held: number;
  /** Whether it asked for a share; one that did not when there are none left is not waited for. */
  isUp: boolean;
  /** What it counted of what is settled whole. */
  ledger: LedgerState;
  /** Undefined for the run itself. */
  thread: Thread | undefined;
  progress: ThreadProgress | undefined;
  end: ThreadEnd | undefined;
  readonly over: PromiseWithResolvers<void>;
}

/** What goes wrong with the inputs is told as if they were read. */
async function divided<T>(id: string, division: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await division;
  } catch (error) {
    throw isOfRun(error) ? error : new ComponentError(id, error);
  }
}

function noDivision(id: string): string {
  return `the receiver ${id} reads in one piece`;
}

/** The run cannot save how far it is: there is no room, unless the error knows better. */
export function unsavedError(error: unknown): ComponentError {
  const known = new ComponentError('checkpoint', error);
  return known.remedy === undefined ? new ComponentError('checkpoint', error, noRoomRemedy) : known;
}

const noRoomRemedy =
  'what is counted as delivered is delivered; make room, and run again with `--resume`, which goes on from the checkpoint before';

/** A thread that ended without a word. */
export function threadFailure(error: unknown): ComponentError {
  return new ComponentError(
    'workers',
    new Error(`a thread ended before its time: ${messageOf(error)}`),
    'run again with `--resume`; with `service: {workers: 1}` there are no threads',
  );
}
