/** One file that is read in parts: which are to be read, which are read, and how that is noted. */
import type { Cuts } from '../../encodings/encoding.ts';
import { cutIn } from './cutting.ts';
import type { Print } from './identity.ts';
import type { InputFile } from './inputs.ts';
import { nowhere, type Place, type SavedFile, type SavedRange } from './position.ts';

/** A part of a file, between two cuts or from one to the end. */
export interface Part {
  readonly place: Place;
  readonly to: number;
  /** Where line 1 begins for who reads it. */
  readonly lineFrom: number;
}

/** What came of reading it. */
export interface PartRead {
  /** Behind everything that was handed over. */
  readonly place: Place;
  /** How many line feeds are in it. */
  readonly lines: number;
  readonly isSound: boolean;
}

export interface DividedFacts {
  readonly file: InputFile;
  readonly encoding: string;
  readonly cuts: Cuts;
  readonly head: Print;
  readonly tail: Print;
  /** What earlier runs read of it. */
  readonly saved: SavedFile | undefined;
}

interface Gap {
  place: Place;
  readonly to: number;
  lineFrom: number;
}

export class DividedFile {
  readonly file: InputFile;
  private readonly facts: DividedFacts;
  /** Still to be read, in order. */
  private readonly gaps: Gap[];
  /** Read, in order, never touching each other. */
  private read: readonly SavedRange[];
  /** Of what stands before the places where it was cut. */
  private readonly prints = new Map<number, Print>();
  private mark: Print;
  private isSound: boolean;

  constructor(facts: DividedFacts) {
    const { file, cuts, saved, tail } = facts;
    this.facts = facts;
    this.file = file;
    this.mark = saved?.mark ?? { end: 0, bytes: 0, hash: '' };
    this.isSound = saved?.isSound !== false;
    this.prints.set(file.size, tail);
    const { place = nowhere, ranges = [] } = saved ?? {};
    const before =
      place.offset > 0 ? [{ from: 0, to: place.offset, lines: cuts.linesBefore(place.state) }] : [];
    this.read = joined([...before, ...ranges.map((range) => this.withoutGrowth(range))], cuts);
    this.gaps = this.gapsBetween(this.read);
  }

  get leftBytes(): number {
    return this.gaps.reduce((sum, { place, to }) => sum + to - place.offset, 0);
  }

  /** The next part, of about so many bytes; undefined when all are taken. */
  async next(bytes: number): Promise<Part | undefined> {
    const [gap] = this.gaps;
    if (gap === undefined) return undefined;
    const { place, lineFrom } = gap;
    const wanted = place.offset + bytes;
    // What would be left alone for somebody else is not worth the way.
    const isRest = wanted + bytes / 2 >= gap.to;
    const cut = isRest ? undefined : await this.cutAt(wanted, gap.to);
    if (cut === undefined) {
      this.gaps.shift();
      return { place, lineFrom, to: gap.to };
    }
    gap.place = this.placeAt(cut);
    gap.lineFrom = cut;
    return { place, lineFrom, to: cut };
  }

  settle({ place: start, to }: Part, { place, lines, isSound }: PartRead): void {
    const { file, cuts } = this.facts;
    const isTail = to >= file.size;
    this.isSound &&= isSound;
    const state = cuts.stateBehind(cuts.linesBefore(place.state) - cuts.linesBefore(start.state));
    const range = { from: start.offset, to, lines, ...(isTail && { place: { ...place, state } }) };
    this.read = joined(
      [...this.read, range].toSorted((one, other) => one.from - other.from),
      cuts,
    );
    const print = this.prints.get(to);
    if (!isTail) this.prints.delete(to);
    if (print !== undefined && print.end > this.mark.end) this.mark = print;
  }

  /** As the checkpoint has it. */
  saved(): SavedFile {
    const { file, head } = this.facts;
    const { path, device, inode, size } = file;
    const prefix = this.read[0]?.from === 0 ? this.read[0] : undefined;
    const ranges = prefix === undefined ? this.read : this.read.slice(1);
    const isDone = prefix !== undefined && prefix.to >= size;
    const place = isDone ? { ...(prefix.place ?? this.behind(prefix)), ended: size } : this.behind(prefix);
    const { mark, isSound } = this;
    const known = { path, device, inode, size, isCompressed: false, head, mark, place, isDone, isSound };
    return ranges.length === 0 ? known : { ...known, ranges };
  }

  private behind(prefix: SavedRange | undefined): Place {
    const { encoding, cuts } = this.facts;
    if (prefix === undefined) return { ...nowhere, encoding };
    return { ...nowhere, encoding, offset: prefix.to, state: cuts.stateBehind(prefix.lines) };
  }

  private async cutAt(wanted: number, to: number): Promise<number | undefined> {
    const { file, cuts } = this.facts;
    // What cannot be read any more is read to the end, and told of there.
    const cut = await cutIn(file.absolute, cuts, { from: wanted, to }).catch(() => undefined);
    if (cut === undefined) return undefined;
    this.prints.set(cut.offset, cut.print);
    return cut.offset;
  }

  private placeAt(offset: number): Place {
    const { encoding, cuts } = this.facts;
    return { ...nowhere, encoding, offset, state: offset === 0 ? '' : cuts.stateBehind(0) };
  }

  /** Where a file grew, what was its end then may go on: that is read from where the last whole document ended. */
  private withoutGrowth(range: SavedRange): SavedRange {
    const { file, cuts } = this.facts;
    const { from, to, place } = range;
    if (place === undefined || to >= file.size) return range;
    return { from, to: place.offset, lines: cuts.linesBefore(place.state) };
  }

  private gapsBetween(read: readonly SavedRange[]): Gap[] {
    const { file, saved } = this.facts;
    // Where a later run goes on, with what it has to know of what stands before.
    const known = new Map<number, readonly [Place, lineFrom: number]>();
    for (const { from, place } of saved?.ranges ?? []) if (place) known.set(place.offset, [place, from]);
    if (saved !== undefined && saved.place.encoding !== '') known.set(saved.place.offset, [saved.place, 0]);
    const gaps: Gap[] = [];
    let at = 0;
    for (const { from, to } of [...read, { from: file.size, to: file.size }]) {
      const [place, lineFrom] = known.get(at) ?? [this.placeAt(at), at];
      if (from > at) gaps.push({ place, to: from, lineFrom });
      at = Math.max(at, to);
    }
    return gaps;
  }
}

/** Ranges that touch become one. */
function joined(ranges: readonly SavedRange[], cuts: Cuts): SavedRange[] {
  const all: SavedRange[] = [];
  for (const range of ranges) {
    const last = all.at(-1);
    if (last === undefined || last.to < range.from) {
      all.push(range);
      continue;
    }
    const { from, lines } = last;
    const { place } = range;
    const state = place && cuts.stateBehind(lines + cuts.linesBefore(place.state));
    const end = place && state !== undefined ? { place: { ...place, state } } : {};
    all.splice(-1, 1, { from, to: range.to, lines: lines + range.lines, ...end });
  }
  return all;
}
