/** What the receivers of files have in common: reads the inputs one after the other and hands their batches over. */
import { timeRangeOf, type AnyBatch } from '../../model/batches.ts';
import { joinedRange, type TimeRange } from '../../model/time-range.ts';
import type { JsonValue } from '../../pipeline/checkpoint.ts';
import type { Receiver, ReceiverContext, ReceiverOutput } from '../../pipeline/component.ts';
import type { ReadFacts } from './chunks.ts';
import type { Division } from '../../pipeline/division.ts';
import { repetitionsOf, sessionOf } from './copies.ts';
import { Deduplication } from './deduplication.ts';
import type { Repetitions } from './duplicates.ts';
import { FileDivision, type Piece } from './division.ts';
import { InputError } from './errors.ts';
import { FileRecord } from './file-record.ts';
import { Follower } from './follow.ts';
import { Handover } from './handover.ts';
import { openInput } from './input-bytes.ts';
import { listInputs, type Selection } from './inputs.ts';
import type { PeekedFile } from './order.ts';
import { FileBook, parsePosition, withoutEvents, type FilesPosition } from './position.ts';
import { prepare, type Prepared } from './prepare.ts';
import { FileReader, Reading, type Repetitive } from './reader.ts';
import { readSource, type ReadEvents } from './reading.ts';
import { resumeFiles } from './resume.ts';
import { limitsOf, type FileSettings } from './settings.ts';
import { ShareReader } from './share-reader.ts';
import { stdinSources } from './stdin.ts';

/** Of the files that were followed and are gone, so many are remembered, to know them when they come again compressed. */
const mostFollowed = 1000;

export class FileReceiver implements Receiver {
  private readonly settings: FileSettings;
  private readonly context: ReceiverContext;
  private readonly reader: FileReader;
  private readonly deduplication: Deduplication | undefined;
  private preparing: Promise<Prepared> | undefined;
  private beginning: Promise<Reading> | undefined;
  private output: ReceiverOutput | undefined;
  private shareReader: ShareReader | undefined;
  /** Files of which nothing was unreadable. */
  private readonly readWell = new Set<PeekedFile>();

  constructor(settings: FileSettings, context: ReceiverContext) {
    this.settings = settings;
    this.context = context;
    this.reader = new FileReader(settings, context);
    this.deduplication = settings.deduplicate ? new Deduplication(settings.max_remembered_items) : undefined;
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

  async divide(shareBytes: number, worthBytes: number): Promise<Division | string> {
    const { files, stdin, notes } = await this.prepared();
    const { context } = this;
    if (stdin) return 'standard input is read in one piece';
    if (context.follow === true) return 'files are followed as they grow';
    if (this.settings.deduplicate) return 'duplicates are looked for in all files together';
    const reading = await this.readingOnce();
    const size = files.reduce((sum, { file }) => sum + file.size, 0);
    if (size < worthBytes && !wasShared(reading)) return 'there is little to read';
    const { reporter } = this.reader;
    const warn = (note: string): void => context.logger.warn(note);
    const division = await FileDivision.of({ reading, reporter, shareBytes, notes, warn });
    if (typeof division !== 'string') this.shares.skip(division.doneBytes);
    return division;
  }

  async readShare(share: JsonValue, output: ReceiverOutput): Promise<JsonValue> {
    const read = await this.shares.read(share as unknown as readonly Piece[], output);
    // Plain data by its types.
    return read as unknown as JsonValue;
  }

  async start(output: ReceiverOutput): Promise<void> {
    const { archives, ...prepared } = await this.prepared();
    try {
      await this.startPrepared(prepared, output);
    } finally {
      await archives.close();
    }
  }

  /** After a scan that nothing followed. */
  async shutdown(): Promise<void> {
    const prepared = await this.preparing?.catch(() => undefined);
    await prepared?.archives.close();
  }

  private async startPrepared(
    { stdin, notes }: Omit<Prepared, 'archives'>,
    output: ReceiverOutput,
  ): Promise<void> {
    const { context, reader, settings } = this;
    for (const note of notes) context.logger.warn(note);
    this.output = output;
    const reading = await this.readingOnce();
    if (wasShared(reading)) throw sharedBefore();
    if (context.follow === true) {
      const list = () => listInputs(this.selection(this.nowMs));
      await new Follower(settings, { context, reader, reading, list, notes }).run();
    } else await this.startAll(reading, stdin);
    reader.reporter.sayNotices();
  }

  private async startAll(reading: Reading, stdin: boolean): Promise<void> {
    for (const file of reading.files) {
      if (this.reader.isStopped) return;
      await this.startFile(file, reading);
    }
    if (stdin && !this.reader.isStopped) await this.startStdin(reading);
  }

  private get shares(): ShareReader {
    this.shareReader ??= new ShareReader(this.settings, this.context);
    return this.shareReader;
  }

  /** Whoever hands over is known when reading starts, and what was read before is asked for sooner. */
  private readingOnce(): Promise<Reading> {
    const output: ReceiverOutput = {
      emit: async (...batch) => await this.output?.emit(...batch),
      advance: (position) => this.output?.advance(position),
    };
    this.beginning ??= this.prepared().then(({ files, stdin }) => this.readingOf(files, stdin, output));
    return this.beginning;
  }

  /** What another run read is known from here on. Standard input cannot be gone on with. */
  private async readingOf(
    files: readonly PeekedFile[],
    stdin: boolean,
    output: ReceiverOutput,
  ): Promise<Reading> {
    const { context, settings } = this;
    const { position, acceptFileChange: acceptChange = false, follow = false } = context;
    const handover = new Handover(context, output);
    if (stdin) return new Reading(files, handover, undefined);
    const saved = position === undefined ? undefined : this.savedAt(position);
    const book = new FileBook(saved?.listedAtMs ?? this.nowMs, follow ? mostFollowed : Infinity);
    const reading = new Reading(files, handover, book);
    if (saved === undefined) return reading;
    const listed = files.map(({ file }) => file);
    const options = { acceptChange, follow, limits: limitsOf(settings) };
    const resumed = await resumeFiles(saved.files, listed, options);
    for (const note of resumed.notes) context.logger.warn(note);
    for (const gone of resumed.gone.toReversed()) {
      book.noteGone(gone, gone);
      reading.gone.push(gone);
    }
    for (const [file, known] of resumed.known) {
      const { path, device, inode } = file;
      reading.known.set(file, known);
      book.note(file, { ...known, path, device, inode });
    }
    return reading;
  }

  private savedAt(position: JsonValue): FilesPosition {
    const saved = parsePosition(position);
    if (this.context.configChanged !== true) return saved;
    return { ...saved, files: saved.files.map(withoutEvents) };
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
    const { position } = context;
    const nowMs = position === undefined ? this.nowMs : parsePosition(position).listedAtMs;
    const prepared = await prepare(settings, this.selection(nowMs));
    const { progress } = context.counts;
    const sizes = prepared.files.reduce((sum, { file }) => sum + file.size, 0);
    progress.inputs = prepared.files.length + (prepared.stdin ? 1 : 0);
    progress.totalBytes = prepared.stdin || context.follow === true ? undefined : sizes;
    return prepared;
  }

  private selection(nowMs: number): Selection {
    const { settings, context } = this;
    return {
      include: settings.include,
      exclude: settings.exclude,
      directory: context.directory,
      outputs: context.outputs,
      excludeOlderThanMs: settings.exclude_older_than,
      nowMs,
      maxFiles: settings.max_files,
      mayAppear: context.follow === true,
    };
  }

  private async startFile(file: PeekedFile, reading: Reading): Promise<void> {
    const { logger } = this.context;
    const { path, size } = file.file;
    const session = file.copy === undefined ? undefined : sessionOf(file, reading.files);
    if (session !== undefined && this.readWell.has(session)) {
      logger.info(`${path} is skipped: it is a copy of ${session.file.path}, which is among the inputs`);
      this.reader.progress.finish(size);
      return;
    }
    const record = await FileRecord.of(file.file, reading.known.get(file.file));
    this.deduplication?.begin();
    if (record.isDone) {
      await this.remember(file);
      if (record.before?.isSound === true) this.readWell.add(file);
      reading.note(file.file, () => record.again);
      this.reader.progress.finish(size);
      return;
    }
    const repetitions = file.copy === undefined ? undefined : await this.compare(file, reading.files);
    const isSound = await this.reader.readFile({
      file: file.file,
      record,
      reading,
      repetitions: this.repetitiveOf(repetitions),
    });
    if (isSound) this.readWell.add(file);
    this.sayDeduplication();
  }

  /** What an earlier run read of it is compared with too. */
  private async remember(file: PeekedFile): Promise<void> {
    const { deduplication } = this;
    if (deduplication === undefined) return;
    await this.readQuietly(file, (batch) => {
      deduplication.drop(batch);
      batch.release();
    });
  }

  private repetitiveOf(repetitions: Repetitions | undefined): Repetitive | undefined {
    const { deduplication } = this;
    if (repetitions === undefined || deduplication === undefined) return repetitions ?? deduplication;
    return {
      drop: (batch) => {
        repetitions.drop(batch);
        deduplication.drop(batch);
      },
    };
  }

  private sayDeduplication(): void {
    const notice = this.deduplication?.notice();
    if (notice !== undefined) this.context.logger.warn(notice);
  }

  private async startStdin({ handover }: Reading): Promise<void> {
    for await (const source of stdinSources(this.context.stdin, this.settings)) {
      if (this.reader.isStopped) return;
      const { name } = source;
      this.deduplication?.begin();
      await this.reader.readInput(source, {
        batch: (batch, _, notice) => {
          this.deduplication?.drop(batch);
          batch.origin = name;
          return handover.batch(batch, undefined, notice);
        },
      });
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
      progress: () => !this.reader.isStopped,
    };
    await readSource({ name: file.path, facts, open: () => openInput(file, facts) }, this.settings, events);
  }
}

/** Whether the position is that of several threads. */
function wasShared({ known }: Reading): boolean {
  return [...known.values()].some(({ ranges }) => ranges !== undefined);
}

function sharedBefore(): InputError {
  return new InputError(
    'the run before was read by several threads, each at a place of its own, and this one cannot go on so',
    'resume without `--follow` until it is complete',
  );
}
