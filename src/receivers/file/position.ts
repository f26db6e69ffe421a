/** How far the files are read, as a checkpoint keeps it: small, for there may be thousands of them. */
import { z } from 'zod';
import type { JsonValue } from '../../pipeline/checkpoint.ts';
import { InputError } from './errors.ts';
import type { Print } from './identity.ts';

/** Where reading goes on in the content of a file, compression taken off. */
export interface Place {
  /** By name; empty for what is no recording. */
  readonly encoding: string;
  /** What stands before is handed over. What a decoder has to know that begins there is its `state`. */
  readonly offset: number;
  readonly state: string;
  /** How many batches and unreadable regions from behind the offset are handed over too. */
  readonly events: number;
  /** How many of them are batches. */
  readonly batches: number;
  /** Some of those came because nothing more was there, behind this offset. */
  readonly drained?: number | undefined;
  /** Some of those came because the file ended here. */
  readonly ended?: number | undefined;
}

/** What is known of a file that was read, or partly read. */
export interface SavedFile {
  /** As a person knows it. */
  readonly path: string;
  readonly device: number;
  readonly inode: number;
  /** How large it was. */
  readonly size: number;
  readonly isCompressed: boolean;
  /** Of the bytes as they lie on the disk: the first, and the last that are read (compressed: the last of all). */
  readonly head: Print;
  readonly mark: Print;
  readonly place: Place;
  /** Everything that was there is handed over. */
  readonly isDone: boolean;
  /** Nothing was unreadable. */
  readonly isSound: boolean;
  /** Read too, behind the place and apart from it, where several threads read: in ascending order. */
  readonly ranges?: readonly SavedRange[];
}

/** A part of a file between two cuts. */
export interface SavedRange {
  readonly from: number;
  readonly to: number;
  /** How many line feeds are in it. */
  readonly lines: number;
  /** Where it goes to the end of the file: where a later run would go on if that grew. */
  readonly place?: Place | undefined;
}

const count = z.int().nonnegative();
const print = z.tuple([count, count, z.string()]);
const place = z.tuple([z.string(), count, z.string(), count, count, count.nullable(), count.nullable()]);
const range = z.tuple([count, count, count, place.nullable()]);
const savedFile = z.tuple([
  z.string(),
  count,
  count,
  count,
  count,
  print,
  print,
  place,
  z.array(range).optional(),
]);
const schema = z.strictObject({
  version: z.literal(2),
  /** When the files were listed, which says what is too old to be read. */
  listedAtMs: z.number(),
  gone: z.array(savedFile),
  files: z.array(z.array(savedFile)),
});

const flags = { compressed: 1, done: 2, sound: 4 } as const;

function toJson({ path, device, inode, size, head, mark, place, ...file }: SavedFile): JsonValue {
  const bits =
    (file.isCompressed ? flags.compressed : 0) +
    (file.isDone ? flags.done : 0) +
    (file.isSound ? flags.sound : 0);
  const { ranges = [] } = file;
  return [
    path,
    bits,
    device,
    inode,
    size,
    [head.end, head.bytes, head.hash],
    [mark.end, mark.bytes, mark.hash],
    placeToJson(place),
    ...(ranges.length === 0 ? [] : [ranges.map(rangeToJson)]),
  ];
}

function placeToJson({ encoding, offset, state, events, batches, drained, ended }: Place): JsonValue {
  return [encoding, offset, state, events, batches, drained ?? null, ended ?? null];
}

function rangeToJson({ from, to, lines, place: at }: SavedRange): JsonValue {
  return [from, to, lines, at === undefined ? null : placeToJson(at)];
}

function placeFromJson([encoding, offset, state, events, batches, ...ends]: z.output<typeof place>): Place {
  const [drained, ended] = ends;
  return {
    encoding,
    offset,
    state,
    events,
    batches,
    drained: drained ?? undefined,
    ended: ended ?? undefined,
  };
}

function fromJson(saved: z.output<typeof savedFile>): SavedFile {
  const [path, bits, device, inode, size, head, mark, at, ranges] = saved;
  const printOf = ([end, bytes, hash]: z.output<typeof print>): Print => ({ end, bytes, hash });
  return {
    path,
    device,
    inode,
    size,
    isCompressed: (bits & flags.compressed) > 0,
    isDone: (bits & flags.done) > 0,
    isSound: (bits & flags.sound) > 0,
    head: printOf(head),
    mark: printOf(mark),
    place: placeFromJson(at),
    ...(ranges && {
      ranges: ranges.map(([from, to, lines, end]) => ({
        from,
        to,
        lines,
        place: end === null ? undefined : placeFromJson(end),
      })),
    }),
  };
}

/** Where a file begins whose encoding is not known yet. */
export const nowhere: Place = { encoding: '', offset: 0, state: '', events: 0, batches: 0 };

export interface FilesPosition {
  readonly listedAtMs: number;
  /** What was said last comes first. */
  readonly files: readonly SavedFile[];
}

/** Throws an InputError when an other version wrote it. */
export function parsePosition(json: JsonValue): FilesPosition {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new InputError(
      'the checkpoint says where to go on in the files in a form that this version does not know',
      '`respool checkpoint reset` forgets it, and everything is read from the beginning',
    );
  }
  const { listedAtMs, gone, files } = parsed.data;
  return { listedAtMs, files: [...gone, ...files.flat()].map(fromJson).toReversed() };
}

/**
 * For settings that may cut the same content into other batches: what stands before the offset is handed over, and how many
 * batches behind it were says nothing any more. They come again.
 */
export function withoutEvents(file: SavedFile): SavedFile {
  if (file.isDone) return file;
  const { encoding, offset, state } = file.place;
  return { ...file, place: { encoding, offset, state, events: 0, batches: 0 } };
}

/** So many files share a part of the position, which is written anew when something is noted of one of them. */
const sharedBy = 256;

interface Part {
  readonly files: Map<object, JsonValue>;
  json: readonly JsonValue[] | undefined;
}

/**
 * Keeps what is known of all files. A file is told by any object that stands for it. A position shares with the one before
 * what did not change: there is one for each batch, and there may be a hundred thousand files.
 */
export class FileBook {
  private readonly listedAtMs: number;
  private readonly mostGone: number;
  private gone: readonly JsonValue[] = [];
  private parts: Part[] = [];
  private readonly partOf = new Map<object, Part>();

  /** Of files that are gone, no more than `mostGone` are remembered. */
  constructor(listedAtMs: number, mostGone = Infinity) {
    this.listedAtMs = listedAtMs;
    this.mostGone = mostGone;
  }

  forget(key: object): void {
    const part = this.partOf.get(key);
    if (part === undefined) return;
    this.partOf.delete(key);
    part.files.delete(key);
    part.json = undefined;
    if (part.files.size === 0) this.parts = this.parts.filter((other) => other !== part);
  }

  /** It takes the place of what was known of the file. */
  note(key: object, file: SavedFile): void {
    this.forget(key);
    let part = this.parts.at(-1);
    if (part === undefined || part.files.size >= sharedBy)
      this.parts.push((part = { files: new Map(), json: undefined }));
    part.files.set(key, toJson(file));
    part.json = undefined;
    this.partOf.set(key, part);
  }

  /** The file is not there any more; it may come again, under another name or compressed. */
  noteGone(key: object, file: SavedFile): void {
    this.forget(key);
    this.gone = [...this.gone, toJson(file)].slice(-this.mostGone);
  }

  /** It stays as it is now, whatever is noted later. */
  position(): JsonValue {
    const files = this.parts.map((part) => (part.json ??= [...part.files.values()]));
    return { version: 2, listedAtMs: this.listedAtMs, gone: this.gone, files };
  }
}
