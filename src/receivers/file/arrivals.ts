/**
 * Files that appear while others are followed: some are new, and some are what was read already, copied, or compressed
 * after it was renamed.
 */
import type { Clock } from '../../pipeline/clock.ts';
import { contentHolds, isIntact } from './content.ts';
import { codeOf } from './errors.ts';
import { beginsWith, fileHolds, lookAt, type Look } from './identity.ts';
import type { InputFile } from './inputs.ts';
import type { SavedFile } from './position.ts';
import { limitsOf, type FileSettings } from './settings.ts';
import type { Tail } from './tail.ts';

/** How long a file may be incomplete until it is read as it is. */
const incompleteMs = 5000;
/** So many looks in a row have to find more in a copy than in its original until it is a file of its own. */
const largerLooks = 3;
const mostRemembered = 1000;

/** A file that can be read, and where to begin. */
export interface Arrival {
  readonly file: InputFile;
  readonly isCompressed: boolean;
  readonly saved?: SavedFile | undefined;
}

interface Waiting {
  /** When it had this size for the first time. */
  sinceMs: number;
  size: number;
  /** Whether it is known to be damaged, or not complete, with this size. */
  isIncomplete: boolean;
  /** How often it had more than the file that it seems to be a copy of, which still is there. */
  larger: number;
}

export class Arrivals {
  private readonly settings: FileSettings;
  private readonly clock: Clock;
  private readonly waiting = new Map<string, Waiting>();
  /** Files that are over, latest first; of each what was known of it, latest first. */
  private past: (readonly SavedFile[])[] = [];

  constructor(settings: FileSettings, clock: Clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /** A file is over: what appears later may be the same. */
  remember(saved: SavedFile, before: readonly SavedFile[] = []): void {
    if (saved.head.bytes === 0 || saved.isCompressed) return;
    this.past = [[saved, ...before], ...this.past].slice(0, mostRemembered);
  }

  /** A file that was there when the run began. */
  async first(file: InputFile, saved: SavedFile | undefined): Promise<Arrival | undefined> {
    const look = await lookAt(file.absolute).catch(() => undefined);
    return look === undefined || look.size === 0
      ? undefined
      : { file, saved, isCompressed: look.isCompressed };
  }

  /**
   * A file that was not, or a compressed one that changed; undefined while it is not clear what it is. `tails` are the
   * files that are followed.
   */
  async look(
    file: InputFile,
    tails: readonly Tail[],
    known: SavedFile | undefined,
  ): Promise<Arrival | undefined> {
    const key = `${file.device}:${file.inode}`;
    try {
      const look = await lookAt(file.absolute);
      if (look.size === 0) return undefined;
      const waiting = this.waitingFor(key, look.size);
      const arrival = look.isCompressed
        ? await this.compressed({ file: { ...file, size: look.size }, known, tails, waiting })
        : await this.plain({ file, look, tails, waiting });
      if (arrival !== undefined) this.waiting.delete(key);
      return arrival;
    } catch (error) {
      // Renamed or removed meanwhile: the next look finds it under its other name.
      if (codeOf(error) === undefined) throw error;
      return undefined;
    }
  }

  private waitingFor(key: string, size: number): Waiting {
    let waiting = this.waiting.get(key);
    if (waiting === undefined) {
      waiting = { sinceMs: this.nowMs, size, isIncomplete: false, larger: 0 };
      this.waiting.set(key, waiting);
    }
    if (waiting.size !== size) Object.assign(waiting, { sinceMs: this.nowMs, size, isIncomplete: false });
    return waiting;
  }

  private async plain({ file, look, tails, waiting }: Candidate): Promise<Arrival | undefined> {
    const arrival = { file, isCompressed: false };
    for (const history of this.past) {
      const known = await commonOf(file, look, history);
      if (known === 'all') return undefined;
      if (known !== undefined) return { ...arrival, saved: known };
    }
    for (const tail of tails) {
      const known = await commonOf(file, look, tail.history);
      if (known === undefined) continue;
      waiting.larger = look.size > tail.readTo ? waiting.larger + 1 : 0;
      // A copy: the original is read as long as it is there.
      const isCopy = known === 'all' || (known === tail.history[0] && waiting.larger < largerLooks);
      return isCopy ? undefined : { ...arrival, saved: known };
    }
    return arrival;
  }

  private async compressed({ file, known, tails, waiting }: Changed): Promise<Arrival | undefined> {
    const limits = limitsOf(this.settings);
    if (!(await this.isWhole(file, waiting))) return undefined;
    const isSame = ({ head, mark }: SavedFile) =>
      head.bytes > 0 && contentHolds(file.absolute, [head, mark], limits);
    if (known?.isCompressed === true && (await fileHolds(file.absolute, known.mark)))
      return { file, isCompressed: true, saved: known };
    for (const tail of tails) if (await isSame(tail.saved())) return undefined;
    for (const [saved] of this.past)
      if (saved !== undefined && (await isSame(saved))) return { file, isCompressed: true, saved };
    return { file, isCompressed: true };
  }

  /** Whether nothing is written to it any more, as far as one can tell. */
  private async isWhole({ absolute }: InputFile, waiting: Waiting): Promise<boolean> {
    const waitedMs = this.nowMs - waiting.sinceMs;
    if (waitedMs < this.settings.poll_interval) return false;
    waiting.isIncomplete ||= !(await isIntact(absolute, limitsOf(this.settings)));
    return !waiting.isIncomplete || waitedMs >= incompleteMs;
  }

  private get nowMs(): number {
    return this.clock.monotonicMs();
  }
}

/** The latest of what was known of a file that another one has too; `all` when it has no more than was read of the first. */
async function commonOf(
  file: InputFile,
  look: Look,
  history: readonly SavedFile[],
): Promise<SavedFile | 'all' | undefined> {
  const [latest] = history;
  if (latest === undefined || latest.head.bytes === 0 || !beginsWith(look.head, latest.head))
    return undefined;
  const within = history.filter(({ mark }) => mark.end <= look.size);
  for (const saved of within)
    if (await fileHolds(file.absolute, saved.mark)) return latest.mark.end > look.size ? 'all' : saved;
  return within.length === 0 ? 'all' : undefined;
}

interface Arriving {
  readonly file: InputFile;
  readonly tails: readonly Tail[];
  readonly waiting: Waiting;
}

interface Candidate extends Arriving {
  readonly look: Look;
}

interface Changed extends Arriving {
  readonly known: SavedFile | undefined;
}
