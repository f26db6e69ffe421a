import { JsonError } from '../model/json-error.ts';
import { JsonScanner } from '../model/json-scanner.ts';
import { bytesOf, sameBytes, type Bytes } from '../wire/bytes.ts';
import {
  defaultMaxAttributes,
  type Decoded,
  type Decoder,
  type DecoderOptions,
  type DecoderStart,
} from './encoding.ts';
import { ByteWindow, piecesOf } from './byte-window.ts';
import { BigDocument, type Broken } from './otlp-json-big-document.ts';
import { notOtlp, OtlpJsonReader, type ReadDocument } from './otlp-json-reader.ts';
import { OtlpOutput } from './otlp-output.ts';
import { UnreadableRegions, type RegionKind } from './unreadable-regions.ts';

/** Without a line feed in this many bytes, the end of a document is looked for by its brackets. */
const longLine = 1 << 20;
/** Documents up to this size are read as a whole or not at all; larger ones are cut at their elements. */
const wholeDocument = 4 << 20;
/** Stands at the beginning of a file, and within one that was put together of several. */
const byteOrderMark = bytesOf(Buffer.from('\uFEFF'));

const text: RegionKind = {
  one: 'a line that is not JSON',
  many: (count) => `${count} lines that are not JSON`,
};
const lineCutOff = 'the line ends inside a document (cut off while it was written?)';
const arrayCutOff = 'the file ends inside an array of documents (cut off while it was written?)';
const fileCutOff = 'the file ends inside a document (cut off while it was written?)';

/** No more of a line of text is looked through for a document. */
const longestPrefix = 1024;
const behindPrefix = 'documents behind a prefix on their line';

type InArray = 'no' | 'perhaps' | 'opened' | 'yes';

/** What is known where a document ends: the line, and whether it is in an array of documents. */
interface Ended {
  readonly line: number;
  readonly inArray: InArray;
}

/** Where the decoder is: between documents, in a line of text, in a document, or looking for the next one. */
type State = 'between' | 'text' | 'document' | 'big' | 'lost';

/**
 * Reads OTLP JSON however it lies in a file: a document a line, indented, run together, in an array. What is no OTLP
 * JSON is named and left out, and what stands around it is read.
 *
 * A document on one line is transcoded at once. One that goes over several lines, or whose line is long, is first cut
 * by its brackets. One larger than 4 MiB is read element by element, and each element that cannot be read is left out
 * by itself. After a document whose brackets do not match, reading goes on at the next line that begins with {.
 */
export class OtlpJsonDecoder implements Decoder {
  readonly notices = new Map<string, number>();
  private readonly options: DecoderOptions;
  private readonly wholeDocument: number;
  private readonly longLine: number;
  private readonly window: ByteWindow;
  private readonly scanner: JsonScanner;
  private readonly reader: OtlpJsonReader;
  private readonly output: OtlpOutput;
  private readonly regions = new UnreadableRegions();
  private readonly ready: Decoded[] = [];
  private state: State = 'between';
  private big: BigDocument | undefined;
  private broken: Broken | undefined;
  /** The broken document was read by its elements. */
  private isBrokenBig = false;
  private inArray: InArray;
  /** Where a bracket was passed that may have been text, or a line of text began, and its line. */
  private textOffset = 0;
  private textLine = 1;
  /** No document was looked for on the line of text yet. */
  private isTextNew = false;
  /** Up to here no line feed was found after the beginning of the document, or no next line while lost. */
  private searchedTo = 0;

  constructor(options: DecoderOptions) {
    this.options = options;
    this.wholeDocument = Math.min(wholeDocument, options.maxDocumentBytes);
    this.longLine = Math.min(longLine, this.wholeDocument);
    const { start } = options;
    const { line, inArray } = endedAt(start?.state ?? '');
    this.window = new ByteWindow({ offset: start?.offset ?? 0, line }, (distance) => this.moved(distance));
    this.inArray = inArray;
    const { maxDepth, maxAttributes = defaultMaxAttributes } = options;
    this.reader = new OtlpJsonReader({ maxDepth, maxAttributes });
    this.scanner = new JsonScanner(16 + options.maxDepth * 5);
    this.output = new OtlpOutput(options.batchBytes, start);
  }

  *push(chunk: Bytes): Iterable<Decoded> {
    for (const piece of piecesOf(chunk)) {
      this.window.append(piece);
      yield* this.read(false);
    }
  }

  *end(): Iterable<Decoded> {
    yield* this.read(true);
    this.finish();
    yield* this.ready.splice(0);
    this.output.close();
    this.window.close();
  }

  *drain(): Generator<Decoded, DecoderStart | undefined> {
    const start = this.restart();
    if (start === undefined) return undefined;
    this.regions.close(this.handOver);
    this.ready.push(...this.output.drain(start));
    yield* this.ready.splice(0);
    return start;
  }

  /** The beginning of what is not complete yet; undefined where a decoder cannot begin. */
  private restart(): DecoderStart | undefined {
    const { window, inArray, state } = this;
    if (state === 'big' || state === 'lost') return undefined;
    const isOpened = state === 'between' && inArray === 'opened';
    if (isOpened || state === 'text') {
      // The bracket, or the text, is read once more.
      const ended: Ended = { line: this.textLine, inArray: isOpened ? 'no' : inArray };
      return { offset: this.textOffset, state: JSON.stringify(ended) };
    }
    const ended: Ended = { line: window.lineAt(window.start), inArray };
    return { offset: window.offsetOf(window.start), state: JSON.stringify(ended) };
  }

  private *read(atEnd: boolean): Iterable<Decoded> {
    while (this.step(atEnd)) if (this.ready.length > 0) yield* this.ready.splice(0);
    this.reader.noteTo(this.notices);
    if (this.ready.length > 0) yield* this.ready.splice(0);
  }

  /** Goes one step on; false when that takes more bytes. */
  private step(atEnd: boolean): boolean {
    switch (this.state) {
      case 'between':
        return this.between(atEnd);
      case 'text':
        return this.text(atEnd);
      case 'document':
        return this.document(atEnd);
      case 'big':
        return this.bigDocument(atEnd);
      default:
        return this.lost();
    }
  }

  private finish(): void {
    const { window } = this;
    if (this.state === 'text') this.addText(window.end);
    else if (this.state === 'big' && this.big !== undefined) this.big.cutOff(fileCutOff);
    else if (this.broken !== undefined) this.endBroken(this.broken);
    else if (this.inArray === 'yes') {
      const end = window.offsetOf(window.end);
      this.regions.addOne(arrayCutOff, { offset: end, end, line: undefined }, this.handOver);
    }
    if (this.inArray === 'opened') this.output.documents++;
    this.regions.close(this.handOver);
    this.inArray = 'perhaps';
    this.flushTo(window.end);
  }

  /**
   * If the file grows, who goes on behind the last batch reads the whole of what was half there. Not of a document that was
   * read by its elements: nobody can begin at one of them.
   */
  private endBroken({ offset, line, at }: Broken): void {
    if (this.isBrokenBig || this.window.offsetOf(this.window.end) > at + 1) {
      this.addBroken(this.window.end);
      return;
    }
    this.regions.close(this.handOver);
    const begun: Ended = { line, inArray: this.inArray };
    this.ready.push(...this.output.flush({ offset, state: JSON.stringify(begun) }));
    this.addBroken(this.window.end);
  }

  /** Hands over everything before this place between documents. */
  private readonly flushTo = (at: number): void => {
    const { window, inArray, output, regions } = this;
    regions.close(this.handOver);
    const ended: Ended = { line: window.lineAt(at), inArray };
    this.ready.push(...output.flush({ offset: window.offsetOf(at), state: JSON.stringify(ended) }));
  };

  private between(atEnd: boolean): boolean {
    const { window } = this;
    if (!this.passBlanks(atEnd)) return false;
    const byte = window.bytes[window.start];
    if (byte === 123) return this.begin(atEnd);
    if (this.inArray === 'opened' && byte !== 93) return this.beginText(this.textOffset, this.textLine);
    if (!this.bracket(byte))
      return this.beginText(window.offsetOf(window.start), window.lineAt(window.start));
    window.start++;
    return true;
  }

  /** Goes to the next byte that is neither blank nor of a byte order mark; false when it is not there yet. */
  private passBlanks(atEnd: boolean): boolean {
    const { window } = this;
    const { bytes, end } = window;
    let at = window.start;
    for (;;) {
      while (at < end && isSpace(bytes[at])) at++;
      window.start = at;
      if (bytes[at] !== byteOrderMark[0] || at >= end) return at < end;
      if (end - at < byteOrderMark.length) return atEnd;
      if (!sameBytes(bytes, at, byteOrderMark)) return true;
      at += byteOrderMark.length;
    }
  }

  /** Whether it is a bracket or comma of an array of documents. */
  private bracket(byte: number | undefined): boolean {
    const { window, inArray } = this;
    if (byte === 91 && inArray !== 'yes') {
      this.inArray = 'opened';
      this.textOffset = window.offsetOf(window.start);
      this.textLine = window.lineAt(window.start);
      return true;
    }
    if (inArray === 'no' || (byte !== 44 && byte !== 93)) return false;
    if (inArray === 'opened') this.output.documents++;
    this.inArray = byte === 44 ? 'yes' : 'no';
    return true;
  }

  private beginText(offset: number, line: number): boolean {
    this.textOffset = offset;
    this.textLine = line;
    this.isTextNew = true;
    this.state = 'text';
    if (this.inArray !== 'yes') this.inArray = 'no';
    return true;
  }

  /** Passes a line of text, or the prefix of a document on it. */
  private text(atEnd: boolean): boolean {
    const { window } = this;
    const found = window.lineEnd(window.start);
    if (this.isTextNew && found < 0 && !atEnd && window.end - window.start < longestPrefix) return false;
    const stop = found < 0 ? window.end : found;
    const behind = this.isTextNew ? documentBehind(window.bytes, window.start, stop) : -1;
    this.isTextNew = false;
    if (behind >= 0) {
      this.notices.set(behindPrefix, (this.notices.get(behindPrefix) ?? 0) + 1);
      window.start = behind;
      this.state = 'between';
      return true;
    }
    if (found < 0) {
      window.start = window.end;
      return false;
    }
    this.addText(found + 1);
    window.start = found + 1;
    this.state = 'between';
    return true;
  }

  private addText(end: number): void {
    const region = { offset: this.textOffset, end: this.window.offsetOf(end), line: this.textLine };
    this.regions.add(text, region, this.handOver);
  }

  /** At the first bracket of a document: a line is tried as a document by itself. */
  private begin(atEnd: boolean): boolean {
    const { window } = this;
    const { start, end } = window;
    // Counted here, the line feeds before it are not looked for once more.
    window.lineAt(start);
    let lineEnd = window.lineEnd(Math.max(start, this.searchedTo));
    if (lineEnd < 0) {
      if (!atEnd && end - start < this.longLine) {
        this.searchedTo = end;
        return false;
      }
      if (atEnd) lineEnd = end;
    }
    this.searchedTo = 0;
    this.inArray = this.inArray === 'opened' ? 'yes' : this.inArray === 'perhaps' ? 'no' : this.inArray;
    if (lineEnd >= 0 && lineEnd - start <= this.wholeDocument) {
      const read = this.attempt(lineEnd);
      if (!(read instanceof JsonError)) {
        this.accept(read);
        return true;
      }
    }
    this.scanner.begin(start);
    this.state = 'document';
    return true;
  }

  private attempt(stop: number): ReadDocument | JsonError {
    this.output.mark();
    try {
      return this.reader.document(this.window.bytes, this.window.start, stop, this.output);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      this.output.rollback();
      return error;
    }
  }

  private accept({ isOtlp, end }: ReadDocument): void {
    const { window, output } = this;
    const { start } = window;
    const endOffset = window.offsetOf(end);
    this.state = 'between';
    if (isOtlp) {
      this.regions.close(this.handOver);
      output.documents++;
    } else {
      const region = { offset: window.offsetOf(start), end: endOffset, line: window.lineAt(start) };
      this.regions.add(notOtlp, region, this.handOver);
    }
    window.start = end;
    if (output.isFull()) this.flushTo(end);
  }

  /** Looks for the end of a document by its brackets, and reads it then. */
  private document(atEnd: boolean): boolean {
    const { window, scanner } = this;
    const { start } = window;
    const limit = start + this.wholeDocument;
    const result = scanner.scan(window.bytes, Math.min(window.end, limit));
    if (result === 'more') {
      if (scanner.at >= limit) return this.beginBig();
      if (!atEnd) return false;
      return this.lose(fileCutOff, window.end);
    }
    const read = this.attempt(result === 'complete' ? scanner.at : Math.min(scanner.at + 1, window.end));
    if (!(read instanceof JsonError)) {
      this.accept(read);
      return true;
    }
    if (result === 'broken') return this.lose(read.incomplete ? scanner.reason : read.reason, scanner.at);
    if (this.hasLineStart(scanner.at)) return this.lose(read.reason, read.offset);
    const region = {
      offset: window.offsetOf(start),
      end: window.offsetOf(scanner.at),
      line: window.lineAt(start),
    };
    this.regions.addOne(read.reason, region, this.handOver);
    window.start = scanner.at;
    this.state = 'between';
    return true;
  }

  /** Whether a line begins with { within a document that cannot be read: it may have swallowed the next one. */
  private hasLineStart(end: number): boolean {
    const { window } = this;
    for (let at = window.lineEnd(window.start); at >= 0 && at < end - 1; at = window.lineEnd(at + 1)) {
      if (window.bytes[at + 1] === 123) return true;
    }
    return false;
  }

  private beginBig(): boolean {
    const { window } = this;
    this.flushTo(window.start);
    this.big = new BigDocument({
      window,
      scanner: this.scanner,
      reader: this.reader,
      output: this.output,
      regions: this.regions,
      maxElementBytes: this.options.maxDocumentBytes,
      handOver: this.handOver,
      flushTo: this.flushTo,
    });
    this.state = 'big';
    return true;
  }

  private bigDocument(atEnd: boolean): boolean {
    const result = this.big?.step(atEnd) ?? 'done';
    if (result === 'more') return false;
    if (result === 'going') return true;
    this.big = undefined;
    this.state = 'between';
    if (result === 'done') return true;
    this.isBrokenBig = true;
    return this.seek(result);
  }

  /** Gives up the document that begins at the start of the window. */
  private lose(reason: string, at: number): boolean {
    const { window } = this;
    const { start } = window;
    return this.seek({
      offset: window.offsetOf(start),
      line: window.lineAt(start),
      reason,
      at: window.offsetOf(at),
    });
  }

  /** Goes to a later line. */
  private seek(broken: Broken): boolean {
    const { window, scanner } = this;
    this.broken = broken;
    // What is nested so deeply has swallowed whole lines already; looking at them again would take for ever.
    if (scanner.isTooDeep) window.start = scanner.at;
    this.searchedTo = window.start;
    this.state = 'lost';
    return true;
  }

  /** Looks for the next line that begins with {. */
  private lost(): boolean {
    const { window } = this;
    const found = window.lineEnd(Math.max(window.start, this.searchedTo));
    if (found < 0 || found + 1 >= window.end) {
      window.start = found < 0 ? window.end : found;
      this.searchedTo = window.start;
      return false;
    }
    this.searchedTo = found + 1;
    window.start = found;
    if (window.bytes[found + 1] !== 123) return true;
    window.start = found + 1;
    this.addBroken(found + 1);
    this.searchedTo = 0;
    this.state = 'between';
    return true;
  }

  private addBroken(end: number): void {
    const { broken, window } = this;
    if (broken === undefined) return;
    this.broken = undefined;
    this.isBrokenBig = false;
    const endOffset = window.offsetOf(end);
    const isCutOff = endOffset <= broken.at + 1;
    const reason = !isCutOff ? broken.reason : end < window.end ? lineCutOff : fileCutOff;
    this.regions.addOne(reason, { offset: broken.offset, end: endOffset, line: broken.line }, this.handOver);
  }

  private readonly handOver = (decoded: Decoded): void => {
    this.ready.push(decoded);
  };

  private moved(distance: number): void {
    this.scanner.moved(distance);
    this.searchedTo = Math.max(0, this.searchedTo - distance);
  }
}

/** White space, and the mark that begins each text in a sequence of JSON texts (RFC 7464). */
function isSpace(byte: number | undefined): boolean {
  return byte === 10 || byte === 32 || byte === 13 || byte === 9 || byte === 30;
}

function endedAt(state: string): Ended {
  return state === '' ? { line: 1, inArray: 'perhaps' } : (JSON.parse(state) as Ended);
}

/** Where on a line of text a document of OTLP begins, as behind the time that `kubectl` or a CI system puts there; else -1. */
function documentBehind(bytes: Bytes, start: number, end: number): number {
  const text = bytes.latin1Slice(start, Math.min(end, start + longestPrefix));
  const found = /\{ ?"resource(?:Spans|Logs|Metrics)" ?:/.exec(text)?.index ?? -1;
  return found < 0 ? -1 : start + found;
}
