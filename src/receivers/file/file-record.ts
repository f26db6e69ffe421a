/** What is noted of one file while it is read, so that a later run can go on. */
import { ContentWatch, printOf, type Look } from './identity.ts';
import { lookAtInput } from './input-bytes.ts';
import type { InputFile } from './inputs.ts';
import { nowhere, type Place, type SavedFile } from './position.ts';
import type { From } from './reading.ts';

export class FileRecord {
  readonly watch: ContentWatch;
  /** Whether everything was handed over by an earlier run, and nothing was added. */
  readonly isDone: boolean;
  /** What was said of it last. */
  latest: SavedFile | undefined;
  private readonly file: InputFile;
  private readonly saved: SavedFile | undefined;
  private readonly look: Look | undefined;

  private constructor(file: InputFile, saved: SavedFile | undefined, look: Look | undefined) {
    this.file = file;
    this.saved = saved;
    this.look = look;
    this.watch = new ContentWatch(...(saved?.isCompressed === false ? [saved.head, saved.mark] : []));
    this.latest = saved;
    this.isDone = saved?.isDone === true && (!this.isGrown || saved.place.encoding === '');
  }

  /** Of a file that cannot be opened nothing is known but its name. */
  static async of(file: InputFile, saved: SavedFile | undefined): Promise<FileRecord> {
    return new FileRecord(file, saved, await lookAtInput(file).catch(() => undefined));
  }

  /** What an earlier run knew of it. */
  get before(): SavedFile | undefined {
    return this.saved;
  }

  /** The same once more, under the name that it has now. */
  get again(): SavedFile {
    const { path, device, inode } = this.file;
    const done = this.at(nowhere, { isDone: true, isSound: true });
    return { ...(this.saved ?? done), path, device, inode };
  }

  /**
   * Where to read on, one after the other: what a file is that ended once depends on where it ended. Who reads the whole of
   * it again has to cut it there as it was cut.
   */
  *parts(placeNow: () => Place, isWhole = false): Generator<From | undefined> {
    const { saved, isCompressed } = this;
    if (saved === undefined) {
      yield undefined;
      return;
    }
    const { ended } = saved.place;
    if (ended === undefined || !this.isGrown) {
      yield { place: saved.place, isCompressed };
      return;
    }
    if (!saved.isDone) yield { place: saved.place, isCompressed, to: ended };
    const place = saved.isDone ? saved.place : placeNow();
    yield { place: isWhole ? { ...place, drained: ended } : place, isCompressed, grownFrom: ended };
  }

  /** What is to be noted once everything before the place is handed over. */
  at(place: Place, { isDone, isSound }: Pick<SavedFile, 'isDone' | 'isSound'>): SavedFile {
    const { file, look, watch, isCompressed } = this;
    const { path, device, inode } = file;
    const prints =
      look?.isCompressed === true
        ? { head: printOf(look.head, look.head.length), mark: look.tail }
        : { head: watch.head, mark: watch.mark(place.ended ?? place.offset) };
    const size = look?.size ?? file.size;
    const sound = isSound && this.saved?.isSound !== false;
    this.latest = { path, device, inode, size, isCompressed, ...prints, place, isDone, isSound: sound };
    return this.latest;
  }

  private get isCompressed(): boolean {
    return this.look?.isCompressed ?? false;
  }

  /** Or perhaps grown: how much there is in what was compressed since shows on the way. */
  private get isGrown(): boolean {
    const { saved, look } = this;
    if (saved === undefined || look === undefined) return false;
    if (look.isCompressed !== saved.isCompressed) return true;
    return look.size > (saved.isCompressed ? saved.size : (saved.place.ended ?? 0));
  }
}
