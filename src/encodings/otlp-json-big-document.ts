import { JsonError } from '../model/json-error.ts';
import { beyondLimit } from '../model/limits.ts';
import type { JsonScanner } from '../model/json-scanner.ts';
import type { Decoded } from './encoding.ts';
import type { ByteWindow } from './byte-window.ts';
import { notOtlp, roots, type OtlpJsonReader, type Root } from './otlp-json-reader.ts';
import type { OtlpOutput } from './otlp-output.ts';
import type { Region, UnreadableRegions } from './unreadable-regions.ts';

export interface BigDocumentParts {
  readonly window: ByteWindow;
  readonly scanner: JsonScanner;
  readonly reader: OtlpJsonReader;
  readonly output: OtlpOutput;
  readonly regions: UnreadableRegions;
  readonly maxElementBytes: number;
  readonly handOver: (decoded: Decoded) => void;
  /** Hands over everything before this place behind the document. */
  readonly flushTo: (at: number) => void;
}

/** What comes next in the document. */
type Place =
  | 'member'
  | 'name'
  | 'colon'
  | 'value'
  | 'unknown'
  | 'element'
  | 'within'
  | 'afterElement'
  | 'afterMember';

/** A document that cannot be read on. Offsets are those of the file. */
export interface Broken {
  /** Where that begins which is lost. */
  readonly offset: number;
  readonly line: number;
  readonly reason: string;
  /** Where it shows. */
  readonly at: number;
}

export type BigStep = 'more' | 'going' | 'done' | Broken;

/** The end of an element of which there is so much is looked for by its brackets. */
const patience = 1 << 20;
/** Longer names are no names. */
const longestName = 1 << 16;

const tooLarge = (limit: number) =>
  beyondLimit(`an element of more than ${limit} bytes`, 'max_document_size');

/** A document that is too large to be held: it is read element by element, from its first bracket on. */
export class BigDocument {
  private readonly parts: BigDocumentParts;
  private readonly startOffset: number;
  private readonly startLine: number;
  private place: Place = 'member';
  private root: Root | undefined;
  private isOtlp = false;
  private isFirst = true;
  /** Where the element or value began that is being passed. */
  private unitOffset = 0;
  private unitLine = 0;

  /** So many bytes of an element are waited for before it is tried again. */
  private enough = 0;

  constructor(parts: BigDocumentParts) {
    const { window } = parts;
    this.parts = parts;
    this.startOffset = window.offsetOf(window.start);
    this.startLine = window.lineAt(window.start);
    window.start++;
  }

  /** Goes one step on; `atEnd` when nothing will follow what is in the window. */
  step(atEnd: boolean): BigStep {
    if (this.place === 'name') return this.name();
    if (this.place === 'unknown') return this.unknown();
    if (this.place === 'within') return this.within();
    const { window } = this.parts;
    const { bytes, end } = window;
    let at = window.start;
    while (at < end && (bytes[at] === 32 || bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 9)) at++;
    window.start = at;
    if (at >= end) return 'more';
    return this.token(bytes[at] ?? 0, atEnd);
  }

  /** The file ends here. */
  cutOff(reason: string): void {
    const { window } = this.parts;
    const isWithin = this.place === 'within' || this.place === 'unknown';
    const offset = isWithin ? this.unitOffset : window.offsetOf(window.start);
    const line = isWithin ? this.unitLine : window.lineAt(window.start);
    this.unreadable(reason, { offset, end: window.offsetOf(window.end), line });
  }

  private token(byte: number, atEnd: boolean): BigStep {
    switch (this.place) {
      case 'member':
        if (byte === 34) return this.scan('name');
        return byte === 125 && this.isFirst ? this.done() : this.broken('a member name');
      case 'colon':
        return byte === 58 ? this.pass('value') : this.broken(':');
      case 'value':
        return this.value(byte);
      case 'element':
        return this.element(byte, atEnd);
      default:
        return this.separator(byte);
    }
  }

  private element(byte: number, atEnd: boolean): BigStep {
    if (byte === 93 && this.isFirst) return this.pass('afterMember');
    if (isBetween(byte)) return this.broken('{');
    return this.wholeElement(atEnd) ?? this.scan('within');
  }

  private value(byte: number): BigStep {
    this.isFirst = true;
    if (this.root === undefined || byte === 110) return this.scan('unknown');
    return byte === 91 ? this.pass('element') : this.broken('[');
  }

  private separator(byte: number): BigStep {
    const isElement = this.place === 'afterElement';
    if (byte === 44) return this.pass(isElement ? 'element' : 'member');
    if (isElement) return byte === 93 ? this.pass('afterMember') : this.broken(', or ]');
    return byte === 125 ? this.done() : this.broken(', or }');
  }

  private pass(next: Place): BigStep {
    this.parts.window.start++;
    this.place = next;
    return 'going';
  }

  /** Begins to look for the end of what stands here. */
  private scan(next: Place): BigStep {
    const { window, scanner } = this.parts;
    this.unitOffset = window.offsetOf(window.start);
    this.unitLine = window.lineAt(window.start);
    scanner.begin(window.start);
    this.isFirst = false;
    this.place = next;
    return 'going';
  }

  private broken(wanted: string): BigStep {
    const { window } = this.parts;
    const offset = window.offsetOf(window.start);
    return { offset, line: window.lineAt(window.start), reason: `expected ${wanted}`, at: offset };
  }

  private brokenUnit(): BigStep {
    const { window, scanner } = this.parts;
    const at = window.offsetOf(scanner.at);
    return { offset: this.unitOffset, line: this.unitLine, reason: scanner.reason, at };
  }

  private name(): BigStep {
    const { window, scanner } = this.parts;
    const result = scanner.scan(window.bytes, window.end);
    if (scanner.at - window.start > longestName) return this.broken('a member name');
    if (result === 'more') return 'more';
    if (result === 'broken') return this.brokenUnit();
    const name = window.bytes.latin1Slice(window.start + 1, scanner.at - 1);
    this.root = roots.get(name);
    if (this.root !== undefined) this.isOtlp = true;
    window.start = scanner.at;
    this.place = 'colon';
    return 'going';
  }

  /** Passes a value that is not held. */
  private unknown(): BigStep {
    const { window, scanner } = this.parts;
    const result = scanner.scan(window.bytes, window.end);
    window.start = scanner.at;
    if (result === 'more') return 'more';
    if (result === 'broken') return this.brokenUnit();
    this.place = 'afterMember';
    return 'going';
  }

  /**
   * Reads an element without looking for its end before, if nothing is odd about it; undefined if that has to be done. One
   * that is perhaps not all there is waited for, and tried again when there is much more of it.
   */
  private wholeElement(atEnd: boolean): BigStep | undefined {
    const { window, reader, output, maxElementBytes } = this.parts;
    const size = window.end - window.start;
    if (this.root === undefined) return undefined;
    if (!atEnd && size < this.enough) return 'more';
    const stop = window.start + Math.min(size, maxElementBytes);
    const end = reader.wholeElement(window.bytes, window.start, stop, this.root, output);
    if (end >= 0) {
      this.enough = 0;
      this.elementRead(end);
      return 'going';
    }
    if (atEnd || size >= patience) {
      this.enough = 0;
      return undefined;
    }
    this.enough = size * 1.5;
    return 'more';
  }

  private elementRead(end: number): void {
    const { window, output, handOver } = this.parts;
    window.start = end;
    this.place = 'afterElement';
    this.isFirst = false;
    if (output.isFull()) for (const batch of output.flush()) handOver(batch);
  }

  /** Looks for the end of an element, and reads it then. One that is too large is passed without being held. */
  private within(): BigStep {
    const { window, scanner, maxElementBytes } = this.parts;
    const result = scanner.scan(window.bytes, window.end);
    const isTooLarge = window.offsetOf(scanner.at) - this.unitOffset > maxElementBytes;
    if (isTooLarge) window.start = scanner.at;
    if (result === 'more') return 'more';
    if (result === 'broken') return this.brokenUnit();
    if (isTooLarge) this.leaveOut(tooLarge(maxElementBytes));
    else this.foundElement();
    this.elementRead(scanner.at);
    return 'going';
  }

  private foundElement(): void {
    const { window, scanner, reader, output } = this.parts;
    if (this.root === undefined) return;
    try {
      reader.element(window.bytes, window.start, scanner.at, this.root, output);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      this.leaveOut(error.reason);
    }
  }

  private leaveOut(reason: string): void {
    const { window, scanner } = this.parts;
    this.unreadable(reason, {
      offset: this.unitOffset,
      end: window.offsetOf(scanner.at),
      line: this.unitLine,
    });
  }

  private unreadable(reason: string, region: Region): void {
    this.parts.regions.addOne(reason, region, this.parts.handOver);
  }

  private done(): BigStep {
    const { window, output, handOver, flushTo } = this.parts;
    window.start++;
    const end = window.offsetOf(window.start);
    if (this.isOtlp) output.documents++;
    else this.parts.regions.add(notOtlp, { offset: this.startOffset, end, line: this.startLine }, handOver);
    if (output.isFull()) flushTo(window.start);
    return 'done';
  }
}

/** What stands between values and can begin none. */
function isBetween(byte: number): boolean {
  return byte === 44 || byte === 58 || byte === 93 || byte === 125;
}
