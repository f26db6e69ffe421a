/**
 * Divides what is to be read among several threads: large files at their cuts, small ones whole, some together. What is read
 * is put together again here, file by file, to the position from which a later run goes on.
 */
import type { JsonValue } from '../../pipeline/checkpoint.ts';
import type { Division } from '../../pipeline/division.ts';
import { cutIn } from './cutting.ts';
import { DividedFile, type Part, type PartRead } from './divided-file.ts';
import { lookAt, printOf, type Look } from './identity.ts';
import type { InputFile } from './inputs.ts';
import type { PeekedFile } from './order.ts';
import type { SavedFile } from './position.ts';
import type { Reading } from './reader.ts';
import type { Findings, Reporter } from './reporter.ts';

/** A file, or a part of one, as a thread is given it. */
export interface Piece {
  readonly file: InputFile;
  /** The whole file without it. */
  readonly part?: Part;
  /** Of a whole file: what earlier runs read of it. */
  readonly saved?: SavedFile | undefined;
}

export interface PieceRead {
  /** Of a part. */
  readonly part?: PartRead;
  /** Of a whole file, unless it is empty. */
  readonly saved?: SavedFile | undefined;
}

/** What the threads tell of a share. */
export interface ShareRead {
  readonly pieces: readonly PieceRead[];
  readonly findings: Findings;
}

/** Without a cut in so much of its beginning, a file is taken for one that has none. */
const lookedThrough = 32 << 20;
/** How much what is compressed is taken to hold. */
const usualRatio = 16;

export interface DivisionOptions {
  readonly reading: Reading;
  readonly reporter: Reporter;
  /** Larger files are read in parts, or not here. */
  readonly shareBytes: number;
  readonly notes: readonly string[];
  readonly warn: (note: string) => void;
}

export class FileDivision implements Division {
  leftBytes = 0;
  isBegun = false;
  /** Of the files, what earlier runs read. */
  doneBytes = 0;
  private readonly options: DivisionOptions;
  /** To be read, in order; whole files with what was read of them. */
  private readonly queue: (DividedFile | Piece)[] = [];
  private readonly divided = new Map<string, DividedFile>();
  private readonly files = new Map<string, InputFile>();
  private saidNotes = false;

  private constructor(options: DivisionOptions) {
    this.options = options;
  }

  /** Answers why these files cannot be divided, where they cannot. */
  static async of(options: DivisionOptions): Promise<FileDivision | string> {
    const division = new FileDivision(options);
    const { known } = options.reading;
    division.isBegun = [...known.values()].some(({ ranges }) => ranges !== undefined);
    for (const peeked of options.reading.files) {
      const problem = await division.add(peeked, known.get(peeked.file));
      if (problem !== undefined) return `${peeked.file.path} ${problem}`;
    }
    return division;
  }

  async next(bytes: number): Promise<{ content: JsonValue; bytes: number } | undefined> {
    this.sayNotes();
    const pieces: Piece[] = [];
    let taken = 0;
    // What is begun with a little of the next file is as good as full.
    while (taken < bytes * nearlyFull) {
      const [first] = this.queue;
      if (first === undefined) break;
      if (!(first instanceof DividedFile)) {
        this.queue.shift();
        pieces.push(first);
        taken += first.file.size;
        continue;
      }
      const part = await first.next(bytes - taken);
      if (part === undefined) {
        this.queue.shift();
        continue;
      }
      pieces.push({ file: first.file, part });
      taken += part.to - part.place.offset;
    }
    // Plain data by its types.
    return pieces.length === 0 ? undefined : { content: pieces as unknown as JsonValue, bytes: taken };
  }

  settled(share: JsonValue, result: JsonValue): void {
    const { reading, reporter } = this.options;
    const { pieces: read, findings } = result as unknown as ShareRead;
    for (const [
      at,
      {
        file: { absolute },
        part,
      },
    ] of (share as unknown as readonly Piece[]).entries()) {
      const file = this.files.get(absolute);
      const { part: partRead, saved } = read[at] ?? {};
      if (file === undefined) continue;
      const divided = this.divided.get(absolute);
      if (divided !== undefined && part !== undefined && partRead !== undefined) {
        divided.settle(part, partRead);
        reading.note(file, () => divided.saved());
      } else if (saved !== undefined) reading.note(file, () => saved);
    }
    reporter.add(findings);
  }

  position(): JsonValue {
    return this.options.reading.position ?? null;
  }

  end(): void {
    this.options.reporter.sayNotices();
  }

  /** Answers why the file cannot be shared. */
  private async add(peeked: PeekedFile, saved: SavedFile | undefined): Promise<string | undefined> {
    const { file, recognised } = peeked;
    const why = whyNotByItself(peeked);
    if (why !== undefined) return why;
    const look = await lookAt(file.absolute, file.size).catch(() => undefined);
    if (look === undefined || recognised.kind !== 'readable') return this.addWhole(file, saved);
    if (saved !== undefined && isComplete(saved, look)) {
      this.doneBytes += file.size;
      return undefined;
    }
    if (contentSize(file, look) <= this.options.shareBytes && saved?.ranges === undefined)
      return this.addWhole(file, saved);
    if (saved !== undefined && isWithinDocuments(saved)) return 'was read to a place that is no cut';
    if (look.isCompressed) return 'is compressed';
    return await this.addDivided(file, recognised.encoding, { look, saved });
  }

  private addWhole(file: InputFile, saved: SavedFile | undefined): undefined {
    this.files.set(file.absolute, file);
    this.queue.push({ file, saved });
    this.leftBytes += file.size;
  }

  private async addDivided(
    file: InputFile,
    { name, cuts }: Extract<PeekedFile['recognised'], { kind: 'readable' }>['encoding'],
    { look, saved }: { look: Look; saved: SavedFile | undefined },
  ): Promise<string | undefined> {
    if (cuts === undefined) return `is ${name}, which is read from its beginning on`;
    const first = await cutIn(file.absolute, cuts, { from: 1, to: Math.min(file.size, lookedThrough) });
    if (first === undefined && saved?.ranges === undefined) return 'is no file of one document a line';
    const head = printOf(look.head, look.head.length);
    const divided = new DividedFile({ file, encoding: name, cuts, head, tail: look.tail, saved });
    this.files.set(file.absolute, file);
    this.divided.set(file.absolute, divided);
    this.queue.push(divided);
    this.leftBytes += divided.leftBytes;
    this.doneBytes += file.size - divided.leftBytes;
    return undefined;
  }

  private sayNotes(): void {
    if (this.saidNotes) return;
    this.saidNotes = true;
    for (const note of this.options.notes) this.options.warn(note);
  }
}

const nearlyFull = 0.75;

function whyNotByItself({ file, copy }: PeekedFile): string | undefined {
  if (file.member !== undefined) return 'stands in an archive';
  return copy === undefined ? undefined : 'repeats a session, which it has to be compared with';
}

/** How much a file holds, more or less. */
function contentSize({ size }: InputFile, { isCompressed }: Look): number {
  return isCompressed ? size * usualRatio : size;
}

function isComplete({ isDone, isCompressed, size }: SavedFile, look: Look): boolean {
  return isDone && isCompressed === look.isCompressed && look.size <= size;
}

/** Whether something behind the place was read too, or it depends on where the file ended then. */
function isWithinDocuments({ place: { events, ended }, ranges }: SavedFile): boolean {
  return ranges === undefined && (events > 0 || ended !== undefined);
}
