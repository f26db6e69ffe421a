/**
 * Keeps the state of a job over its runs. With `--resume` a run goes on from the checkpoint and leaves one; without, it
 * keeps one only as long as it is not complete, so that an interrupted run can be resumed whether or not anybody thought
 * of it before.
 */
import type { ConfigTree } from '../config/tree.ts';
import type { Checkpoint } from '../pipeline/checkpoint.ts';
import { messageOf } from '../pipeline/errors.ts';
import type { Ledger } from '../pipeline/ledger.ts';
import type { Plan } from '../pipeline/plan.ts';
import type { RunResult } from '../pipeline/run.ts';
import { isoTime } from '../model/time.ts';
import type { SavedRun } from '../state/checkpoint-file.ts';
import { defaultStateDirectory, JobState } from '../state/job-state.ts';
import type { Lock } from '../state/lock.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { UsageError } from './exit.ts';
import { changesOf, configParts, type Job } from './job.ts';
import { countText, plural } from './text.ts';

export interface StateFlags {
  readonly resume?: boolean;
  /** The folder of the state. */
  readonly state?: string;
  readonly acceptConfigChange?: boolean;
  readonly acceptFileChange?: boolean;
}

interface KeeperOptions {
  readonly job: Job;
  readonly plan: Plan;
  readonly tree: ConfigTree;
  readonly flags: StateFlags;
  readonly say: (level: 'info' | 'warn', sentence: string) => void;
  readonly nowUnixNano: () => bigint;
}

export class Keeper {
  /** Where the run goes on. */
  from: Checkpoint | undefined;
  /** The config is not that of the checkpoint, and this was accepted. */
  configChanged = false;
  readonly state: JobState;
  private readonly options: KeeperOptions;
  private readonly config: Record<string, string>;
  private lock: Lock | undefined;
  /** Without `--resume`: why nothing is kept any more. */
  private isOff = false;

  private constructor(options: KeeperOptions) {
    const { flags, job, plan, tree } = options;
    this.options = options;
    this.state = JobState.of(flags.state ?? defaultStateDirectory, job.key, job.label);
    this.config = configParts(tree, plan, job);
  }

  /**
   * @throws StateError when the state cannot be kept, is used by another run, or is damaged
   * @throws UsageError when the flags and the checkpoint do not fit
   */
  static async open(options: KeeperOptions): Promise<Keeper> {
    const keeper = new Keeper(options);
    if (options.flags.resume === true) await keeper.resume();
    else await keeper.mention();
    return keeper;
  }

  /** Keeps a checkpoint. Without `--resume` a disk that does not take it costs only the way to resume. */
  async save(checkpoint: Checkpoint): Promise<void> {
    if (this.isOff) return;
    try {
      await this.begin();
      await this.state.file.write(this.saved(checkpoint));
    } catch (error) {
      if (this.options.flags.resume === true) throw error;
      this.isOff = true;
      this.options.say('warn', `this run cannot be resumed: ${messageOf(error)}`);
    }
  }

  /** Gives the state back; answers what a person may want to know of it. */
  async close(result: RunResult): Promise<string | undefined> {
    const isComplete = result.failures.length === 0 && !result.interrupted;
    // Also one that was saved before the disk took no more: it says less than what is done by now.
    if (isComplete && this.lock !== undefined && this.options.flags.resume !== true) await this.clear();
    await this.lock?.release();
    await this.state.tidy();
    return isComplete ? this.from && shareOf(this.from, result.ledger) : this.wayOn(result);
  }

  private wayOn({ checkpoints, ledger }: RunResult): string | undefined {
    const hasRead = ledger.receivers.some(({ flows }) => flows.size > 0);
    // A run that could not begin, or not go on, says by its failure what to do.
    if (checkpoints === 0 && (this.from !== undefined || !hasRead)) return undefined;
    if (this.isOff || checkpoints === 0) return 'Nothing is kept of this run: the same command begins anew.';
    return `To go on from here: the same command with --resume (${this.state.file.path})`;
  }

  private async clear(): Promise<void> {
    try {
      await this.state.clear();
    } catch (error) {
      this.options.say('warn', `the checkpoint of this run, which is complete, stays: ${messageOf(error)}`);
    }
  }

  private async begin(): Promise<void> {
    if (this.lock !== undefined) return;
    await this.state.prepare();
    this.lock = await this.state.lock((sentence) => this.options.say('warn', sentence));
  }

  private async resume(): Promise<void> {
    const { plan, flags, say } = this.options;
    if (plan.readsStdin)
      throw new UsageError('standard input can be read only once: --resume needs files under `include`');
    await this.begin();
    try {
      const saved = await this.state.file.read((sentence) => say('warn', sentence));
      if (saved === undefined) {
        say('info', 'there is no checkpoint of this job yet: it starts from the beginning');
        return;
      }
      const changes = this.changes(saved);
      this.from = fitting(saved, changes, flags.acceptConfigChange === true);
      this.configChanged = changes.length > 0;
      say('info', `goes on from the checkpoint of ${saved.savedAt}`);
    } catch (error) {
      await this.lock?.release();
      throw error;
    }
  }

  private async mention(): Promise<void> {
    const saved = await this.state.file.read(() => {}).catch(() => undefined);
    if (saved === undefined) return;
    this.options.say(
      'info',
      `a run of this job was not complete at ${saved.savedAt}: --resume goes on from there, this one starts from the beginning`,
    );
  }

  private changes(saved: SavedRun): string[] {
    const changes = changesOf(saved.config, this.config);
    const isSame = saved.version === packageJson.version;
    return isSame ? changes : [`respool was ${saved.version} and is ${packageJson.version}`, ...changes];
  }

  private saved(checkpoint: Checkpoint): SavedRun {
    return {
      job: this.options.job.title,
      version: packageJson.version,
      savedAt: isoTime(this.options.nowUnixNano()).replace(/\.\d+Z$/, 'Z'),
      config: this.config,
      checkpoint,
    };
  }
}

/** What of the counts is of this run. */
function shareOf({ ledger: before }: Checkpoint, { receivers, exporters }: Ledger): string {
  const now = receivers.flatMap(({ flows }) => [...flows.values()]);
  const then = before.receivers.flatMap(({ flows }) => flows);
  const read = sumOf(now.map((flow) => flow.in)) - sumOf(then.map((flow) => flow.in));
  if (read === 0) return 'Nothing new was there: the counts are those of the runs before.';
  const sent =
    sumOf(exporters.map(({ delivered }) => delivered)) -
    sumOf(before.exporters.map(({ delivered }) => delivered));
  return `The counts go on from the runs before; this one read ${plural(read, 'item')} and delivered ${countText(sent)}.`;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** Counts of other pipelines do not go on: they would not add up with those of these. */
function fitting({ checkpoint }: SavedRun, changes: readonly string[], isAccepted: boolean): Checkpoint {
  if (changes.length === 0) return checkpoint;
  if (!isAccepted) {
    throw new UsageError(
      `the config is not what it was at the checkpoint:\n  ${changes.join('\n  ')}\n` +
        'Go on with the new one from where the old one was: --accept-config-change. From the beginning: `respool checkpoint reset`.',
    );
  }
  const isChanged = (id: string): boolean =>
    changes.some((change) => change.startsWith(`exporters.${id} `) || change.startsWith(`processors.${id} `));
  const states = Object.entries(checkpoint.states).filter(
    ([id]) => !isChanged(id.split('/').at(-1) ?? id) && !isChanged(id),
  );
  return {
    ...checkpoint,
    states: Object.fromEntries(states),
    ledger: { receivers: [], processors: [], exporters: [], forcedFlushes: 0 },
  };
}
