/** One plain file that grows: reads what was added, and knows when it is not the same any more. */
import { open, type FileHandle } from 'node:fs/promises';
import { chunksIn, isInputFailure, type ReadFacts } from './chunks.ts';
import { Decoding, type DecodedEvents } from './decoding.ts';
import { ContentWatch, holds } from './identity.ts';
import type { InputFile } from './inputs.ts';
import { nowhere, type Place, type SavedFile } from './position.ts';
import { readableEncoding, recognise } from './recognise.ts';
import type { FileSettings } from './settings.ts';

/** How much of a file is needed to say that it is no recording. */
const headBytes = 1 << 16;
const mostRemembered = 32;

/** What a look at a file found; `replaced` when it has other content than it had. */
export type Found = 'nothing' | 'more' | 'replaced';

export interface TailEvents extends DecodedEvents {
  /** It is no recording. */
  strange(reason: string): void;
  notice(text: string, times: number): void;
  progress(bytes: number): void;
  isStopped(): boolean;
}

export class Tail {
  /** As it was listed last. */
  file: InputFile;
  /** Behind everything that was handed over. */
  place: Place;
  /** How far the file was read. */
  readTo: number;
  /** When it had something new, by the monotonic clock. */
  grewAtMs = 0;
  /** Whether nothing of it was unreadable. */
  isSound: boolean;
  /** When it was last written to, as far as that was looked at. */
  private modifiedMs = 0;
  /** It is no recording and will be none. */
  isStrange = false;
  /** What was known of it at the ends of the last looks that found something, latest first. */
  history: readonly SavedFile[] = [];
  private readonly settings: FileSettings;
  private readonly events: TailEvents;
  private watch: ContentWatch;
  private handle: FileHandle | undefined;
  /** What was there and is not complete. */
  private decoding: Decoding | undefined;
  /** What stands before is not wanted. */
  private wantedFrom = 0;

  constructor(file: InputFile, saved: SavedFile | undefined, { settings, events }: TailOptions) {
    this.file = file;
    this.settings = settings;
    this.events = events;
    this.place = saved?.place ?? nowhere;
    this.readTo = this.place.offset;
    this.isSound = saved?.isSound ?? true;
    this.watch = new ContentWatch(saved?.head, saved?.mark);
    this.isStrange = saved?.isDone === true && this.place.encoding === '' && this.place.ended !== undefined;
  }

  get isOpen(): boolean {
    return this.handle !== undefined;
  }

  /** Leaves out what is there now, whole documents of it. */
  skipTo(offset: number): void {
    this.wantedFrom = offset;
  }

  /** Everything that was there is handed over. */
  get isCaughtUp(): boolean {
    return this.place.offset === this.readTo || this.place.ended !== undefined;
  }

  /** What a later run, or the same content under another name, has to know. */
  saved(): SavedFile {
    const { file, place, watch, isSound, readTo } = this;
    const { path, device, inode } = file;
    const mark = watch.mark(place.ended ?? place.offset);
    const known = { path, device, inode, isCompressed: false, head: watch.head, mark, place };
    return { ...known, size: readTo, isDone: this.isCaughtUp, isSound };
  }

  /** Opens the file so that it can be read on whatever becomes of its name; false when it is another one by now. */
  async open(): Promise<boolean> {
    if (this.handle !== undefined) return true;
    const handle = await open(this.file.absolute, 'r').catch(() => undefined);
    if (handle === undefined) return false;
    const { dev, ino } = await handle.stat();
    if (dev === this.file.device && ino === this.file.inode) this.handle = handle;
    else await handle.close();
    return this.handle !== undefined;
  }

  async close(): Promise<void> {
    await this.handle?.close();
    this.handle = undefined;
  }

  /** Reads what was added since. What was replaced is not read on. Without a handle there is nothing. */
  async readOn(): Promise<Found> {
    const { handle } = this;
    if (handle === undefined || this.isStrange) return 'nothing';
    const { size, mtimeMs } = await handle.stat();
    const isWritten = mtimeMs !== this.modifiedMs;
    this.modifiedMs = mtimeMs;
    if (size < this.readTo) return 'replaced';
    if (size === this.readTo) return isWritten && !(await this.isSame(handle)) ? 'replaced' : 'nothing';
    if (!(await this.recognise(handle, size))) return 'nothing';
    if (this.readTo < this.wantedFrom) {
      await this.readTill(handle, Math.min(this.wantedFrom, size));
      this.wantedFrom = 0;
    }
    return (await this.readTill(handle, size)) ? 'more' : 'replaced';
  }

  /** The end of a file that will have no more: what is not complete is unreadable, or complete without a line feed. */
  async finish(): Promise<void> {
    const { decoding } = this;
    this.decoding = undefined;
    await this.close();
    if (decoding === undefined) {
      this.place = { ...this.place, ended: this.readTo };
      return;
    }
    await decoding.end();
    this.place = decoding.place;
  }

  /** Whether what was handed over still stands before the rest. */
  private async isSame(handle: FileHandle): Promise<boolean> {
    const { head, mark } = this.saved();
    return (await holds(handle, head)) && (await holds(handle, mark));
  }

  /** Answers false when what there is follows something else than what was read. */
  private async readTill(handle: FileHandle, to: number): Promise<boolean> {
    const facts: ReadFacts = { sizeAtOpen: 0, readBytes: 0 };
    const decoding = (this.decoding ??= await this.decode());
    try {
      for await (const chunk of chunksIn(handle, facts, { from: decoding.pushed, to })) {
        if (this.events.isStopped()) return true;
        // Looked at when the chunk is read: a file may be cut, and filled anew, at any time.
        if (!(await this.isSame(handle))) return false;
        await decoding.push(chunk);
        this.events.progress(chunk.length);
        this.readTo = decoding.pushed;
        this.place = decoding.place;
        // While the chunk is still there, whether or not anything of it was handed over.
        this.watch.mark(this.place.offset);
      }
    } catch (error) {
      // It may be readable again at the next look; what was read is read.
      if (!isInputFailure(error)) throw error;
      this.events.notice(`could not be read for a while: ${error.message}`, 1);
    }
    const isComplete = await decoding.drain();
    this.place = decoding.place;
    this.watch.release();
    this.history = [this.saved(), ...this.history].slice(0, mostRemembered);
    if (!isComplete) return true;
    for (const [text, times] of decoding.notices) this.events.notice(text, times);
    this.decoding = undefined;
    return true;
  }

  private async decode(): Promise<Decoding> {
    const encoding = await readableEncoding(this.place.encoding, this.settings.encodings);
    if (encoding === undefined) throw new Error(`no encoding of ${this.file.path}`);
    const { settings, events, place, watch } = this;
    const isWanted = () => this.wantedFrom === 0;
    const own: DecodedEvents = {
      batch: (batch, at) => {
        this.place = at;
        if (isWanted()) return events.batch(batch, at);
        batch.release();
      },
      unreadable: (region) => {
        if (!isWanted()) return;
        this.isSound = false;
        return events.unreadable(region);
      },
    };
    const { ended, ...at } = place;
    // What was handed over at the end that it had is cut in the same way.
    const from = { ...at, drained: ended ?? at.drained };
    const options = { settings, events: own, from, grownFrom: ended, watch };
    return new Decoding(this.file.path, encoding, options);
  }

  /** Which encoding it has, once there is enough of it. */
  private async recognise(handle: FileHandle, size: number): Promise<boolean> {
    if (this.place.encoding !== '') return true;
    const head = Buffer.alloc(Math.min(size, headBytes));
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    const recognised = await recognise(head.subarray(0, bytesRead) as never, false, this.settings);
    if (recognised.kind === 'readable') {
      this.place = { ...nowhere, encoding: recognised.encoding.name };
      return true;
    }
    if (bytesRead < headBytes || recognised.kind === 'empty') return false;
    this.isStrange = true;
    this.events.strange(recognised.reason);
    this.place = { ...nowhere, ended: size };
    this.readTo = size;
    return false;
  }
}

export interface TailOptions {
  readonly settings: FileSettings;
  readonly events: TailEvents;
}
