/** Follows files: reads what they get, under whatever name, until the run is stopped. */
import { stat } from 'node:fs/promises';
import type { ReceiverContext } from '../../pipeline/component.ts';
import type { Listing, InputFile, Member } from './inputs.ts';
import { addToItems, fileAttributes } from './file-attributes.ts';
import { Arrivals, type Arrival } from './arrivals.ts';
import { FileRecord } from './file-record.ts';
import type { SavedFile } from './position.ts';
import type { FileReader, Reading } from './reader.ts';
import type { FileSettings } from './settings.ts';
import { Tail, type Found } from './tail.ts';

/** What is gone is read until it had nothing new for so long: who writes it may not know yet. */
const goneAfterMs = 2000;
/** Looking for files takes no more than this part of the time. */
const shareOfTime = 1 / 5;

export interface FollowOptions {
  readonly context: ReceiverContext;
  readonly reader: FileReader;
  readonly reading: Reading;
  /** What is there now. */
  readonly list: () => Promise<Listing>;
  /** What was said of the first listing. */
  readonly notes: readonly string[];
}

/** A compressed file that was read. */
interface Whole {
  readonly file: InputFile;
  readonly version: string;
  readonly saved: SavedFile | undefined;
  /** What it holds was read, each member for itself. */
  readonly isArchive?: boolean;
}

export class Follower {
  private readonly settings: FileSettings;
  private readonly options: FollowOptions;
  /** By device and inode. */
  private readonly tails = new Map<string, Tail>();
  /** Compressed files, which seldom grow, by device and inode. */
  private readonly whole = new Map<string, Whole>();
  private readonly arrivals: Arrivals;
  private readonly said: Set<string>;

  constructor(settings: FileSettings, options: FollowOptions) {
    this.settings = settings;
    this.options = options;
    this.arrivals = new Arrivals(settings, options.context.clock);
    for (const gone of options.reading.gone) this.arrivals.remember(gone);
    this.said = new Set(options.notes);
  }

  /** Ends when the run is stopped; what is not complete then is not read, and the position says so. */
  async run(): Promise<void> {
    try {
      await this.begin();
      await this.poll();
      for (const tail of this.tails.values()) this.note(tail);
      this.advance();
    } finally {
      for (const tail of this.tails.values()) await tail.close();
    }
  }

  private async poll(): Promise<void> {
    const { context, reader, list } = this.options;
    const { clock, signal } = context;
    while (!reader.isStopped) {
      const startedMs = clock.monotonicMs();
      const { files, notes } = await list();
      for (const note of notes) this.say(note);
      await this.look(files);
      const lookedMs = clock.monotonicMs() - startedMs;
      if (!reader.isStopped)
        await clock.sleep(Math.max(this.settings.poll_interval, lookedMs / shareOfTime), signal);
    }
  }

  /** What is there at the beginning, in the order of time; all of it is open before the first is read. */
  private async begin(): Promise<void> {
    const { reading } = this.options;
    const arrivals: Arrival[] = [];
    for (const { file } of reading.files) {
      const saved = reading.known.get(file);
      if (file.member !== undefined) {
        await this.readMember(file, file.member);
        continue;
      }
      const arrival = await this.arrivals.first(file, saved);
      if (arrival === undefined) continue;
      const tail = await this.take(arrival);
      if (saved === undefined && this.isStartAtEnd) tail?.skipTo(file.size);
      if (tail === undefined) arrivals.push(arrival);
    }
    for (const arrival of arrivals)
      await this.readWhole(arrival, arrival.saved === undefined && this.isStartAtEnd);
    for (const { file } of reading.files) await this.readOn(this.tails.get(keyOf(file)));
    this.advance();
  }

  private get isStartAtEnd(): boolean {
    return this.settings.start_at === 'end';
  }

  private async look(files: readonly InputFile[]): Promise<void> {
    const listed = new Set<string>();
    const unknown: InputFile[] = [];
    for (const file of files) {
      const key = keyOf(file);
      listed.add(key);
      const tail = this.tails.get(key);
      if (tail !== undefined) tail.file = file;
      else if (this.whole.get(key)?.version !== versionOf(file)) unknown.push(file);
    }
    this.forgetGone(listed);
    for (const [key, tail] of this.tails) {
      if (this.options.reader.isStopped) return;
      await this.visit(key, tail, listed.has(key));
      await this.limitOpen(listed);
    }
    for (const file of unknown) {
      if (this.options.reader.isStopped) return;
      const known = this.whole.get(keyOf(file))?.saved;
      const arrival = await this.arrivals.look(file, [...this.tails.values()], known);
      if (arrival === undefined) continue;
      const tail = await this.take(arrival);
      if (tail === undefined) await this.readWhole(arrival);
      else await this.readOn(tail);
    }
    await this.limitOpen(listed);
  }

  /** Reads on in a file that is known; what was replaced or is gone is over. */
  private async visit(key: string, tail: Tail, isListed: boolean): Promise<void> {
    const { clock } = this.options.context;
    if (isListed && !tail.isOpen && !(await tail.open())) return;
    if ((await this.readOn(tail)) === 'replaced') {
      await this.end(key, tail);
      if (!isListed) return;
      const next = await this.take({ file: tail.file, isCompressed: false });
      await this.readOn(next);
      return;
    }
    const isQuiet = clock.monotonicMs() - tail.grewAtMs >= goneAfterMs;
    if (!isListed && (isQuiet || !tail.isOpen)) await this.end(key, tail);
  }

  private async readOn(tail: Tail | undefined): Promise<Found> {
    const found = (await tail?.readOn()) ?? 'nothing';
    if (tail === undefined || found === 'nothing') return found;
    tail.grewAtMs = this.options.context.clock.monotonicMs();
    this.note(tail);
    this.advance();
    return found;
  }

  private async end(key: string, tail: Tail): Promise<void> {
    await tail.finish();
    this.tails.delete(key);
    const saved = tail.saved();
    this.arrivals.remember(saved, tail.history);
    this.options.reading.noteGone(tail, saved);
    this.advance();
  }

  /** Begins to follow; undefined for what is compressed. */
  private async take({ file, saved, isCompressed }: Arrival): Promise<Tail | undefined> {
    if (isCompressed) return undefined;
    const { context, reader, reading } = this.options;
    const events = reader.reporter.eventsFor(file.path);
    const tail: Tail = new Tail(file, saved, {
      settings: this.settings,
      events: {
        batch: (batch) => {
          addToItems(batch, fileAttributes(this.settings, tail.file));
          batch.origin = tail.file.path;
          return reading.handover.batch(batch, this.note(tail), events.notice);
        },
        unreadable: events.unreadable,
        notice: events.notice,
        strange: (reason) => this.strange(tail, reason),
        progress: (bytes) => reader.progress.finish(bytes),
        isStopped: () => reader.isStopped,
      },
    });
    tail.grewAtMs = context.clock.monotonicMs();
    this.tails.set(keyOf(file), tail);
    reading.forget(file);
    if (this.tails.size <= this.settings.max_concurrent_files) await tail.open();
    if (saved !== undefined) this.note(tail);
    return tail;
  }

  /** An archive that was there when the run began is not looked at again until it changes. */
  private async readMember(file: InputFile, { archive }: Member): Promise<void> {
    const { reader, reading } = this.options;
    const saved = reading.known.get(file);
    const record = await FileRecord.of(file, saved);
    const isSkipped = saved === undefined && this.isStartAtEnd;
    if (record.isDone || isSkipped) reading.note(file, () => record.again);
    else await reader.readFile({ file, record, reading, repetitions: undefined });
    this.whole.set(keyOf(archive), {
      file: archive,
      version: versionOf(archive),
      saved: undefined,
      isArchive: true,
    });
  }

  private async readWhole({ file, saved }: Arrival, isSkipped = false): Promise<void> {
    const { reader, reading } = this.options;
    const key = keyOf(file);
    // Renamed since it was listed: the next look finds it under its other name, and what stands here under its own.
    const now = await stat(file.absolute).catch(() => undefined);
    if (now === undefined || key !== `${now.dev}:${now.ino}`) return;
    const record = await FileRecord.of(file, saved);
    const before = this.whole.get(key);
    if (before !== undefined) reading.forget(before.file);
    if (record.isDone || isSkipped) reading.note(file, () => record.again);
    else await reader.readFile({ file, record, reading, repetitions: undefined });
    this.whole.set(key, { file, version: versionOf(file), saved: record.latest });
  }

  /** Compressed files that are not there any more. */
  private forgetGone(listed: ReadonlySet<string>): void {
    const { reading } = this.options;
    for (const [key, { file, saved, isArchive }] of this.whole) {
      if (listed.has(key)) continue;
      this.whole.delete(key);
      if (isArchive === true) continue;
      if (saved === undefined) reading.forget(file);
      else reading.noteGone(file, saved);
    }
  }

  /** What a folder holds beside its recordings is not lost telemetry. */
  private strange(tail: Tail, reason: string): void {
    const { path, origin, size } = tail.file;
    if (origin === 'directory') this.say(`${path} is no recording and is skipped (${reason})`);
    else this.options.reader.reporter.unreadable({ input: path, offset: 0, bytes: size, reason });
  }

  /** Those that were read last are kept open, and those that cannot be opened again. */
  private async limitOpen(listed: ReadonlySet<string>): Promise<void> {
    if (this.tails.size <= this.settings.max_concurrent_files) return;
    const open = [...this.tails].filter(([, tail]) => tail.isOpen);
    const tooMany = open.length - this.settings.max_concurrent_files;
    if (tooMany <= 0) return;
    const order = open.sort(
      ([key, a], [other, b]) =>
        Number(!listed.has(key)) - Number(!listed.has(other)) || a.grewAtMs - b.grewAtMs,
    );
    for (const [, tail] of order.slice(0, tooMany)) await tail.close();
  }

  private note(tail: Tail) {
    return this.options.reading.note(tail, () => tail.saved());
  }

  private advance(): void {
    const { reading } = this.options;
    reading.handover.advance(reading.position);
  }

  private say(note: string): void {
    if (this.said.has(note)) return;
    this.said.add(note);
    this.options.context.logger.warn(note);
  }
}

/** Compressed files are looked at anew when it changes: numbers of inodes are used again. */
function versionOf({ size, modifiedMs }: InputFile): string {
  return `${size}:${modifiedMs}`;
}

function keyOf({ device, inode }: InputFile): string {
  return `${device}:${inode}`;
}
