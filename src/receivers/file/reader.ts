/** Reads single inputs to their end and hands over what is in them. */
import { stat } from 'node:fs/promises';
import type { AnyBatch } from '../../model/batches.ts';
import type { JsonValue } from '../../pipeline/checkpoint.ts';
import type { ReceiverContext } from '../../pipeline/component.ts';
import type { Range, ReadFacts } from './chunks.ts';
import { addToItems, fileAttributes } from './file-attributes.ts';
import type { FileRecord } from './file-record.ts';
import type { Handover, Notice } from './handover.ts';
import { openInput } from './input-bytes.ts';
import type { InputFile } from './inputs.ts';
import type { PeekedFile } from './order.ts';
import { OverlapWatch, overlapSentence } from './overlap.ts';
import { nowhere, type FileBook, type Place, type SavedFile } from './position.ts';
import { Progress } from './progress.ts';
import { readSource, type ReadResult, type Source } from './reading.ts';
import { Reporter, type Findings } from './reporter.ts';
import type { FileSettings } from './settings.ts';

export class FileReader {
  readonly reporter: Reporter;
  readonly progress: Progress;
  private readonly settings: FileSettings;
  private readonly context: ReceiverContext;
  private readonly overlaps = new OverlapWatch();

  /** With `findings` it says nothing of what it finds. */
  constructor(settings: FileSettings, context: ReceiverContext, findings?: Findings) {
    this.settings = settings;
    this.context = context;
    this.reporter = new Reporter(context, settings.on_error, findings);
    this.progress = new Progress(context.counts);
  }

  get isStopped(): boolean {
    return this.context.signal.aborted;
  }

  /** Answers whether nothing of the file is unreadable, here and in the runs before. */
  async readFile({ file, record, reading, repetitions }: FileToRead): Promise<boolean> {
    const unreadableBefore = this.reporter.regions;
    const isSound = () => this.reporter.regions === unreadableBefore;
    const { path, size } = file;
    const attributes = fileAttributes(this.settings, file);
    let place = nowhere;
    const positionAt = (at: Place, isDone: boolean): JsonValue | undefined => {
      place = at;
      return reading.note(file, () => record.at(at, { isDone, isSound: isSound() }));
    };
    for (const from of record.parts(() => place, repetitions !== undefined)) {
      const facts: ReadFacts = { sizeAtOpen: size, readBytes: 0 };
      // What is added while the run goes on is of a later one: of all files the state at one time is read.
      const open = ({ from, to = size }: Range) =>
        openInput(file, facts, { from: from ?? 0, to: Math.min(to, size) });
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
          batch.origin = path;
          return reading.handover.batch(batch, positionAt(at, false), notice);
        },
        skipped: (batch) => repetitions?.drop(batch),
      });
      place = last;
      if (from?.to !== undefined && outcome !== 'stopped') continue;
      if (outcome === 'complete' && !this.isStopped) await this.compareSizes(file, facts.readBytes);
      const isOver = outcome === 'complete' || outcome === 'failed';
      if (outcome !== 'empty') reading.handover.advance(positionAt(last, isOver));
      if (outcome === 'stopped') break;
    }
    return isSound() && record.before?.isSound !== false;
  }

  /** Of an input that was not read to its end, what was handed over counts as read. */
  async readInput(source: Source, take: TakeBatches): Promise<ReadResult> {
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

  /** Says it once when log files overlap. */
  sayOverlap(batch: AnyBatch, path: string, files: number): void {
    if (files < 2) return;
    const overlap = this.overlaps.observe(batch, path);
    if (overlap !== undefined) this.context.logger.warn(overlapSentence(overlap));
  }

  /** Says that there is more in a file by now. */
  async sayGrown({ path, absolute, size, member }: InputFile): Promise<void> {
    if (member !== undefined) return;
    const now = await stat(absolute).catch(() => undefined);
    if (now === undefined || now.size <= size) return;
    this.context.logger.warn(
      `${path} grew since the run began: what was added is left to \`--follow\`, or to a later run`,
    );
  }

  /** A file may change while it is read. */
  private async compareSizes(file: InputFile, readBytes: number): Promise<void> {
    const { path, size, member } = file;
    await this.sayGrown(file);
    if (member !== undefined) return;
    if (readBytes >= size) return;
    const reason = 'the file became shorter while it was read';
    this.reporter.unreadable({ input: path, offset: readBytes, bytes: size - readBytes, reason });
  }
}

export interface FileToRead {
  readonly file: InputFile;
  readonly record: FileRecord;
  readonly reading: Reading;
  readonly repetitions: Repetitive | undefined;
}

/** What drops items from batches that were there before. It has to see every batch of the file. */
export interface Repetitive {
  drop(batch: AnyBatch): void;
}

export interface TakeBatches {
  batch(batch: AnyBatch, place: Place, notice: Notice): Promise<void>;
  skipped?(batch: AnyBatch): void;
}

/** One reading of all files, and what is known of each. */
export class Reading {
  readonly files: readonly PeekedFile[];
  readonly handover: Handover;
  /** By an earlier run. */
  readonly known = new Map<InputFile, SavedFile>();
  /** Files that were read to their end and are not there any more, latest last. */
  readonly gone: SavedFile[] = [];
  private readonly book: FileBook | undefined;

  constructor(files: readonly PeekedFile[], handover: Handover, book: FileBook | undefined) {
    this.files = files;
    this.handover = handover;
    this.book = book;
  }

  get position(): JsonValue | undefined {
    return this.book?.position();
  }

  /** Something else is noted of the file. */
  forget(key: object): void {
    this.book?.forget(key);
  }

  noteGone(key: object, saved: SavedFile): void {
    this.book?.noteGone(key, saved);
  }

  /** Answers the position of the receiver with what is said of the file, which is only asked for when there is one. */
  note(file: object, record: () => SavedFile): JsonValue | undefined {
    this.book?.note(file, record());
    return this.book?.position();
  }
}
