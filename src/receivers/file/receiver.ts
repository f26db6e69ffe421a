/** What the receivers of files have in common: reads the inputs one after the other and hands their batches over. */
import { timeRangeOf, type AnyBatch } from '../../model/batches.ts';
import { itemNouns } from '../../model/signal.ts';
import { joinedRange, type TimeRange } from '../../model/time-range.ts';
import type { Receiver, ReceiverContext, ReceiverOutput } from '../../pipeline/component.ts';
import { chunksOf, counted, type ReadFacts } from './chunks.ts';
import { repetitionsOf, sessionOf } from './copies.ts';
import type { Repetitions } from './duplicates.ts';
import { addToItems, fileAttributes } from './file-attributes.ts';
import type { PeekedFile } from './order.ts';
import { OverlapWatch, overlapSentence } from './overlap.ts';
import { prepare, type Prepared } from './prepare.ts';
import { readSource, type ReadEvents, type Source } from './reading.ts';
import { Reporter } from './reporter.ts';
import type { FileSettings } from './settings.ts';

export class FileReceiver implements Receiver {
  private readonly settings: FileSettings;
  private readonly context: ReceiverContext;
  private readonly reporter: Reporter;
  private readonly overlaps = new OverlapWatch();
  private preparing: Promise<Prepared> | undefined;
  /** Files of which nothing was unreadable. */
  private readonly readWell = new Set<PeekedFile>();
  /** Bytes of the inputs that are done with. */
  private doneBytes = 0;

  constructor(settings: FileSettings, context: ReceiverContext) {
    this.settings = settings;
    this.context = context;
    this.reporter = new Reporter(context, settings.on_error);
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
    for (const file of files) {
      if (this.isStopped) return;
      await this.startFile(file, files, output);
    }
    if (stdin && !this.isStopped) await this.startStdin(output);
    this.reporter.sayNotices();
  }

  private get isStopped(): boolean {
    return this.context.signal.aborted;
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
      nowMs: Number(context.clock.nowUnixNano() / 1_000_000n),
    });
    const { progress } = context.counts;
    const sizes = prepared.files.reduce((sum, { file }) => sum + file.size, 0);
    progress.inputs = prepared.files.length + (prepared.stdin ? 1 : 0);
    progress.totalBytes = prepared.stdin ? undefined : sizes;
    return prepared;
  }

  private async startFile(
    file: PeekedFile,
    files: readonly PeekedFile[],
    output: ReceiverOutput,
  ): Promise<void> {
    const { logger } = this.context;
    const { path, size } = file.file;
    const session = file.copy === undefined ? undefined : sessionOf(file, files);
    if (session !== undefined && this.readWell.has(session)) {
      logger.info(`${path} is skipped: it is a copy of ${session.file.path}, which is among the inputs`);
      this.finish(size);
      return;
    }
    const repetitions = file.copy === undefined ? undefined : await this.compare(file, files);
    const facts: ReadFacts = { sizeAtOpen: size, readBytes: 0 };
    const source: Source = { name: path, facts, bytes: chunksOf(file.file.absolute, facts) };
    const attributes = fileAttributes(this.settings, file.file);
    const unreadableBefore = this.reporter.regions;
    const isRead = await this.readInput(source, output, (batch) => {
      repetitions?.drop(batch);
      this.sayOverlap(batch, path, files.length);
      addToItems(batch, attributes);
    });
    if (isRead && !this.isStopped) this.compareSizes(source);
    if (this.reporter.regions === unreadableBefore) this.readWell.add(file);
  }

  private async startStdin(output: ReceiverOutput): Promise<void> {
    const facts: ReadFacts = { sizeAtOpen: 0, readBytes: 0 };
    const bytes = counted(this.context.stdin, facts);
    await this.readInput({ name: 'standard input', facts, bytes }, output, () => undefined);
  }

  /** Answers whether the input was read to its end. Of one that was not, what was handed over counts as read. */
  private async readInput(
    source: Source,
    output: ReceiverOutput,
    edit: (batch: AnyBatch) => void,
  ): Promise<boolean> {
    const { facts, name } = source;
    const events = this.reporter.eventsFor(name);
    let handedBytes = 0;
    try {
      const isRead = await readSource(source, this.settings, {
        ...events,
        progress: () => this.progress(facts),
        batch: async (batch, endOffset) => {
          edit(batch);
          await this.handOver(batch, output, events);
          // Of a compressed input it is not known which bytes those were: no more than what was read until now.
          handedBytes = Math.min(endOffset, facts.readBytes);
        },
      });
      if (isRead || !this.isStopped) handedBytes = facts.readBytes;
      return isRead;
    } finally {
      this.finish(handedBytes);
    }
  }

  private async handOver(
    batch: AnyBatch,
    output: ReceiverOutput,
    events: Pick<ReadEvents, 'notice'>,
  ): Promise<void> {
    if (batch.itemCount > 0) {
      this.countDrops(batch);
      await output.emit(batch);
      return;
    }
    if (!this.countDrops(batch)) sayEmpty(batch, events);
    batch.release();
  }

  /** Answers whether there was one. */
  private countDrops(batch: AnyBatch): boolean {
    const drops = batch.takeDrops();
    for (const [reason, items] of drops) this.context.counts.drop(batch.signal, reason, items);
    return drops.size > 0;
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
      batch: take,
      unreadable: nothing,
      notice: nothing,
      empty: nothing,
      progress: () => !this.isStopped,
    };
    await readSource(
      { name: file.path, facts, bytes: chunksOf(file.absolute, facts) },
      this.settings,
      events,
    );
  }

  private progress({ readBytes }: ReadFacts): boolean {
    this.context.counts.progress.readBytes = this.doneBytes + readBytes;
    return !this.isStopped;
  }

  private finish(bytes: number): void {
    this.doneBytes += bytes;
    this.context.counts.progress.readBytes = this.doneBytes;
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

/** A batch without items goes nowhere, for there is nothing that could be counted on its way; it is said. */
function sayEmpty(batch: AnyBatch, { notice }: Pick<ReadEvents, 'notice'>): void {
  const metrics = batch.signal === 'metrics' ? batch.metrics().length : 0;
  if (metrics > 0) notice('metrics without data points are left out', metrics);
  else if (batch.resources().length > 0)
    notice(`resources without ${itemNouns[batch.signal].many} are left out`, batch.resources().length);
}
