/** What the receivers of files have in common: reads the inputs one after the other and hands their batches over. */
import { timeRangeOf, type AnyBatch } from '../../model/batches.ts';
import { joinedRange, type TimeRange } from '../../model/time-range.ts';
import type { JsonValue } from '../../pipeline/checkpoint.ts';
import type { Receiver, ReceiverContext, ReceiverOutput } from '../../pipeline/component.ts';
import { chunksOf, counted, type Range, type ReadFacts } from './chunks.ts';
import { repetitionsOf, sessionOf } from './copies.ts';
import type { Repetitions } from './duplicates.ts';
import { addToItems, fileAttributes } from './file-attributes.ts';
import { FileRecord } from './file-record.ts';
import { Handover, type Notice } from './handover.ts';
import type { InputFile } from './inputs.ts';
import type { PeekedFile } from './order.ts';
import { OverlapWatch, overlapSentence } from './overlap.ts';
import { FileBook, nowhere, parsePosition, type Place, type SavedFile } from './position.ts';
import { prepare, type Prepared } from './prepare.ts';
import { Progress } from './progress.ts';
import { readSource, type ReadEvents, type ReadResult, type Source } from './reading.ts';
import { Reporter } from './reporter.ts';
import { resumeFiles } from './resume.ts';
import { limitsOf, type FileSettings } from './settings.ts';

export class FileReceiver implements Receiver {
  private readonly settings: FileSettings;
  private readonly context: ReceiverContext;
  private readonly reporter: Reporter;
  private readonly overlaps = new OverlapWatch();
  private preparing: Promise<Prepared> | undefined;
  /** Files of which nothing was unreadable. */
  private readonly readWell = new Set<PeekedFile>();
  private readonly progress: Progress;

  constructor(settings: FileSettings, context: ReceiverContext) {
    this.settings = settings;
    this.context = context;
    this.reporter = new Reporter(context, settings.on_error);
    this.progress = new Progress(context.counts);
  }

  async scan(): Promise<TimeRange | undefined> {
    const { files } = await this.prepared();
    const { progress } = this.context.counts;
    let all: TimeRange | undefined;
    for (const file of files) {
      if (sessionOf(file, files) !== undefined) continue;
      await this.readQuietly(file, (batch) => {
        if (this.context.signals.has(batch.signal)) all = joinedRange(all, timeRangeOf(batch));
        batch.release();
      });
      progress.readBytes += file.file.size;
    }
    progress.readBytes = 0;
    return all;
  }

  async start(output: ReceiverOutput): Promise<void> {
    const { files, stdin, notes } = await this.prepared();
    const { logger } = this.context;
    for (const note of notes) logger.warn(note);
    const reading = await this.readingOf(files, stdin, output);
    for (const file of files) {
      if (this.isStopped) break;
      await this.startFile(file, reading);
    }
    if (stdin && !this.isStopped) await this.startStdin(reading);
    this.reporter.sayNotices();
  }

  /** What another run read is known from here on. Standard input cannot be gone on with. */
  private async readingOf(
    files: readonly PeekedFile[],
    stdin: boolean,
    output: ReceiverOutput,
  ): Promise<Reading> {
    const { context, settings } = this;
    const { position, acceptFileChange: acceptChange = false } = context;
    const handover = new Handover(context, output);
    if (stdin) return new Reading(files, handover, undefined);
    const saved = position === undefined ? undefined : parsePosition(position);
    const book = new FileBook(saved?.listedAtMs ?? this.nowMs);
    const reading = new Reading(files, handover, book);
    if (saved === undefined) return reading;
    const listed = files.map(({ file }) => file);
    const resumed = await resumeFiles(saved.files, listed, { acceptChange, limits: limitsOf(settings) });
    for (const note of resumed.notes) context.logger.warn(note);
    for (const gone of resumed.gone) book.note(gone, gone);
    for (const [file, known] of resumed.known) {
      reading.known.set(file, known);
      book.note(file, known);
    }
    return reading;
  }

  private get isStopped(): boolean {
    return this.context.signal.aborted;
  }

  private get nowMs(): number {
    return Number(this.context.clock.nowUnixNano() / 1_000_000n);
  }

  private prepared(): Promise<Prepared> {
    this.preparing ??= this.prepareOnce();
    return this.preparing;
  }

  private async prepareOnce(): Promise<Prepared> {
    const { settings, context } = this;
    const prepared = await prepare(settings, {
      include: settings.include,
      exclude: settings.exclude,
      directory: context.directory,
      outputs: context.outputs,
      excludeOlderThanMs: settings.exclude_older_than,
      nowMs: context.position === undefined ? this.nowMs : parsePosition(context.position).listedAtMs,
    });
    const { progress } = context.counts;
    const sizes = prepared.files.reduce((sum, { file }) => sum + file.size, 0);
    progress.inputs = prepared.files.length + (prepared.stdin ? 1 : 0);
    progress.totalBytes = prepared.stdin ? undefined : sizes;
    return prepared;
  }

  private async startFile(file: PeekedFile, reading: Reading): Promise<void> {
    const { logger } = this.context;
    const { path, size } = file.file;
    const session = file.copy === undefined ? undefined : sessionOf(file, reading.files);
    if (session !== undefined && this.readWell.has(session)) {
      logger.info(`${path} is skipped: it is a copy of ${session.file.path}, which is among the inputs`);
      this.progress.finish(size);
      return;
    }
    const record = await FileRecord.of(file.file, reading.known.get(file.file));
    if (record.isDone) {
      if (record.before?.isSound === true) this.readWell.add(file);
      this.progress.finish(size);
      return;
    }
    const repetitions = file.copy === undefined ? undefined : await this.compare(file, reading.files);
    const unreadableBefore = this.reporter.regions;
    const isSound = () => this.reporter.regions === unreadableBefore;
    await this.readFile({ file, record, reading, repetitions, isSound });
    if (isSound() && record.before?.isSound !== false) this.readWell.add(file);
  }

  private async readFile({ file, record, reading, repetitions, isSound }: FileToRead): Promise<void> {
    const { path, absolute, size } = file.file;
    const attributes = fileAttributes(this.settings, file.file);
    let place = nowhere;
    const positionAt = (at: Place, isDone: boolean): JsonValue | undefined => {
      place = at;
      return reading.note(file.file, () => record.at(at, { isDone, isSound: isSound() }));
    };
    for (const from of record.parts(() => place)) {
      const facts: ReadFacts = { sizeAtOpen: size, readBytes: 0 };
      const open = (range: Range) => chunksOf(absolute, facts, range);
      const source = {
        name: path,
        facts,
        open,
        from,
        watch: record.watch,
        isWhole: repetitions !== undefined,
      };
      const { outcome, place: last } = await this.readInput(source, {
        batch: (batch, at, notice) => {
          repetitions?.drop(batch);
          this.sayOverlap(batch, path, reading.files.length);
          addToItems(batch, attributes);
          return reading.handover.batch(batch, positionAt(at, false), notice);
        },
        skipped: (batch) => repetitions?.drop(batch),
      });
      place = last;
      if (from?.to !== undefined && outcome !== 'stopped') continue;
      if (outcome === 'complete' && !this.isStopped) this.compareSizes(source);
      const isOver = outcome === 'complete' || outcome === 'failed';
      if (outcome !== 'empty') reading.handover.advance(positionAt(last, isOver));
      if (outcome === 'stopped') return;
    }
  }

  private async startStdin({ handover }: Reading): Promise<void> {
    const facts: ReadFacts = { sizeAtOpen: 0, readBytes: 0 };
    const open = () => counted(this.context.stdin, facts);
    await this.readInput(
      { name: 'standard input', facts, open },
      { batch: (batch, _, notice) => handover.batch(batch, undefined, notice) },
    );
  }

  /** Of an input that was not read to its end, what was handed over counts as read. */
  private async readInput(source: Source, take: TakeBatches): Promise<ReadResult> {
    const { facts, name } = source;
    const events = this.reporter.eventsFor(name);
    let handedBytes = 0;
    try {
      const result = await readSource(source, this.settings, {
        ...events,
        progress: () => {
          this.progress.reading(facts.readBytes);
          return !this.isStopped;
        },
        batch: async (batch, place) => {
          await take.batch(batch, place, events.notice);
          // Of a compressed input it is not known which bytes those were: no more than what was read until now.
          handedBytes = Math.min(place.offset, facts.readBytes);
        },
        ...(take.skipped && { skipped: take.skipped }),
      });
      if (result.outcome === 'complete' || !this.isStopped) handedBytes = facts.readBytes;
      return result;
    } finally {
      this.progress.finish(source.from?.to === undefined ? handedBytes : 0);
    }
  }

  private async compare(file: PeekedFile, files: readonly PeekedFile[]): Promise<Repetitions | undefined> {
    const repetitions = await repetitionsOf(file, files, (other, take) => this.readQuietly(other, take));
    if (repetitions === undefined) return undefined;
    const { logger } = this.context;
    logger.info(`${file.file.path} repeats a session: what other inputs have too is dropped as duplicates`);
    return repetitions;
  }

  /** Reads without a word: what is wrong is said when the file is read for its data. */
  private async readQuietly({ file }: PeekedFile, take: (batch: AnyBatch) => void): Promise<void> {
    const facts: ReadFacts = { sizeAtOpen: file.size, readBytes: 0 };
    const nothing = (): void => undefined;
    const events: ReadEvents = {
      batch: (batch) => take(batch),
      unreadable: nothing,
      notice: nothing,
      empty: nothing,
      progress: () => !this.isStopped,
    };
    await readSource(
      { name: file.path, facts, open: () => chunksOf(file.absolute, facts) },
      this.settings,
      events,
    );
  }

  private sayOverlap(batch: AnyBatch, path: string, files: number): void {
    if (files < 2) return;
    const overlap = this.overlaps.observe(batch, path);
    if (overlap !== undefined) this.context.logger.warn(overlapSentence(overlap));
  }

  /** A file may change while it is read. */
  private compareSizes(source: Source): void {
    const { sizeAtOpen, readBytes } = source.facts;
    if (readBytes > sizeAtOpen) {
      this.context.logger.warn(
        `${source.name} grew while it was read: what was added until its end was reached is in`,
      );
    }
    if (readBytes >= sizeAtOpen) return;
    const reason = 'the file became shorter while it was read';
    this.reporter.unreadable({
      input: source.name,
      offset: readBytes,
      bytes: sizeAtOpen - readBytes,
      reason,
    });
  }
}

interface FileToRead {
  readonly file: PeekedFile;
  readonly record: FileRecord;
  readonly reading: Reading;
  readonly repetitions: Repetitions | undefined;
  /** Whether nothing of it was unreadable until now. */
  readonly isSound: () => boolean;
}

interface TakeBatches {
  batch(batch: AnyBatch, place: Place, notice: Notice): Promise<void>;
  skipped?(batch: AnyBatch): void;
}

/** One reading of all files, and what is known of each. */
class Reading {
  readonly files: readonly PeekedFile[];
  readonly handover: Handover;
  /** By an earlier run. */
  readonly known = new Map<InputFile, SavedFile>();
  private readonly book: FileBook | undefined;

  constructor(files: readonly PeekedFile[], handover: Handover, book: FileBook | undefined) {
    this.files = files;
    this.handover = handover;
    this.book = book;
  }

  /** Answers the position of the receiver with what is said of the file, which is only asked for when there is one. */
  note(file: InputFile, record: () => SavedFile): JsonValue | undefined {
    this.book?.note(file, record());
    return this.book?.position();
  }
}
