/**
 * What the console exporters of the SDKs for JavaScript, Python and Go print: spans and log records, indented or one a
 * line, coloured or not, alone in a file or among the lines of other programs, also behind what `docker compose`,
 * `kubectl` or a CI system puts before each line. Metrics are not read, and counted.
 */
import type { Bytes } from '../wire/bytes.ts';
import { piecesOf } from './byte-window.ts';
import { looksLikePrintOut, readPrintOut } from './console/print-out.ts';
import type { PrintedItem } from './console/item.ts';
import { Lanes, type Lane } from './console/lanes.ts';
import type { Decoded, Decoder, DecoderOptions, DecoderStart, Encoding, Unreadable } from './encoding.ts';
import { detectPrintOuts } from './console/detect.ts';
import { withoutColours } from './plain-text.ts';
import { LineCutter, type LineSpan, type LineStart } from './plain-lines.ts';
import { ShapeError } from './shared/shape-error.ts';
import { TelemetryOutput } from './shared/telemetry-output.ts';

export const consoleEncoding: Encoding = {
  name: 'console',
  title: 'print-outs of the console exporters of the SDKs',
  readable: true,
  lost: [
    'JavaScript and Python: times are microseconds, by way of a binary fraction',
    'JavaScript: what is nested deeper than three levels, items of arrays after the hundredth, flags',
    'JavaScript: whether a whole number was a double',
    'Python: scopes, flags, dropped counts',
    'Go: the schema URL of the resource',
    'metrics',
  ],
  writtenBy:
    "`ConsoleSpanExporter` and `ConsoleLogRecordExporter` of JavaScript and Python, Go's `stdouttrace` and `stdoutlog`",
  better: 'export OTLP to the Collector, or to a file of OTLP JSON',
  detect: (head) => detectPrintOuts(head),
  decoder: (options) => new ConsoleDecoder(options),
};

/** A print-out is no larger; what is, is no print-out. */
const mostPrintOut = 4 << 20;
const cutOff = 'the file ends inside a print-out (cut off while it was written?)';
const interrupted = 'a print-out that does not end';

class ConsoleDecoder implements Decoder {
  readonly notices = new Map<string, number>();
  private readonly options: DecoderOptions;
  private readonly largest: number;
  private readonly cutter: LineCutter;
  private readonly output: TelemetryOutput;
  private readonly lanes = new Lanes();
  /** What is unreadable while something before it is still open. */
  private broken: Unreadable[] = [];
  /** Behind what was handed over as unreadable. */
  private brokenTo = 0;
  /** A block that begins here cannot be read as a whole: it is read line by line. */
  private brokenBlock = -1;

  constructor(options: DecoderOptions) {
    const { start, maxDocumentBytes } = options;
    const number = start === undefined || start.state === '' ? 1 : Number(start.state);
    this.options = options;
    this.largest = Math.min(mostPrintOut, maxDocumentBytes);
    this.cutter = new LineCutter({ offset: start?.offset ?? 0, number }, maxDocumentBytes);
    this.output = new TelemetryOutput(options);
  }

  *push(chunk: Bytes): Generator<Decoded> {
    for (const piece of piecesOf(chunk)) {
      this.cutter.append(piece);
      yield* this.read(false);
    }
  }

  *end(): Generator<Decoded> {
    yield* this.read(true);
    for (const lane of this.lanes.close()) this.addBroken(lane, cutOff);
    yield* this.sound();
    yield* this.output.flush(this.start());
    this.output.close();
  }

  *drain(): Generator<Decoded, DecoderStart | undefined> {
    const start = this.start();
    if (start !== undefined) yield* this.output.drain(start);
    return start;
  }

  private *read(atEnd: boolean): Generator<Decoded> {
    for (;;) {
      const block = this.block(atEnd);
      if (block === 'more') return;
      if (block === 'taken') yield* this.flushIfFull();
      else {
        const line = this.cutter.next(atEnd);
        if (line === undefined) return;
        if ('kind' in line) this.broken.push(line);
        else this.line(line);
        yield* this.sound();
        yield* this.flushIfFull();
      }
    }
  }

  /** The way of most print-outs: lines from { to } at their beginnings, with nothing between. */
  private block(atEnd: boolean): 'taken' | 'more' | undefined {
    const { cutter } = this;
    if (!this.lanes.isEmpty || cutter.position?.offset === this.brokenBlock) return undefined;
    const block = cutter.block(this.largest, atEnd);
    if (block === undefined || block === 'more') return block;
    this.brokenBlock = block.offset;
    const isRead = this.attempt(withoutColours(block.text));
    if (isRead !== 'read') return undefined;
    cutter.pass(block);
    return 'taken';
  }

  private line(line: LineSpan): void {
    const text = withoutColours(line.text);
    const added = this.lanes.add(line, text);
    if (added !== undefined) {
      if (added.isEnd) this.finish(added.lane);
    } else {
      const gone = this.lanes.open(line, text);
      for (const lane of gone ?? []) this.addBroken(lane, interrupted);
      if (gone === undefined) this.lineAlone(line, text);
    }
    for (const lane of this.lanes.overdue(line.number, this.largest)) this.addBroken(lane, interrupted);
  }

  /** A print-out on one line, behind whatever its line begins with; or a line of someone else. */
  private lineAlone(line: LineSpan, text: string): void {
    const stripped = text.trimEnd();
    const from = stripped.endsWith('}') && looksLikePrintOut(stripped) ? stripped.search(/\{ ?["\w]/) : -1;
    const read = from < 0 ? 'other' : this.attempt(stripped.slice(from));
    if (read instanceof ShapeError) {
      const { offset, after, number } = line;
      const bytes = after - offset;
      this.broken.push({ kind: 'unreadable', offset, bytes, line: number, reason: read.message });
    } else if (read === 'other' && stripped !== '') {
      this.notice('lines that are no print-out of an exporter are passed');
    }
  }

  /** All lines of a lane are there. */
  private finish(lane: Lane): void {
    const read = this.attempt(lane.lines.join('\n'));
    if (read instanceof ShapeError) this.addBroken(lane, read.message);
    else if (read === 'other') this.passLane(lane);
  }

  private passLane({ lines }: Lane): void {
    for (let i = 0; i < lines.length; i++)
      this.notice('lines that are no print-out of an exporter are passed');
  }

  /** Why it cannot be read; `other` for what is no print-out. */
  private attempt(text: string): 'read' | 'other' | ShapeError {
    const { output, options } = this;
    output.mark();
    try {
      const item = readPrintOut(text, { maxDepth: options.maxDepth, notice: this.notice });
      if (item === undefined) return 'other';
      this.add(item);
      return 'read';
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      output.rollback();
      return error;
    }
  }

  private add(item: PrintedItem): void {
    const { output } = this;
    if (item.kind === 'metrics') {
      this.notice('print-outs of metrics are not read');
      return;
    }
    if (item.kind === 'span') output.addSpan(output.group('traces', item.resource, item.scope), item.span);
    else output.addLogRecord(output.group('logs', item.resource, item.scope), item.log);
    output.documents++;
  }

  private addBroken(lane: Lane, reason: string): void {
    if (!looksLikePrintOut(lane.lines.join('\n'))) {
      this.passLane(lane);
      return;
    }
    const { offset, number: line } = lane.first;
    this.broken.push({ kind: 'unreadable', offset, bytes: lane.end - offset, line, reason });
  }

  /** Hands over what is unreadable, in the order of the file, as far as nothing before it is open. */
  private *sound(): Generator<Decoded> {
    if (this.broken.length === 0) return;
    const { earliest } = this.lanes;
    this.broken.sort((one, other) => one.offset - other.offset);
    while ((this.broken[0]?.offset ?? earliest) < earliest) {
      const region = this.broken.shift();
      if (region === undefined) return;
      // Those of interleaved print-outs overlap.
      const offset = Math.max(region.offset, this.brokenTo);
      const bytes = Math.max(0, region.offset + region.bytes - offset);
      this.brokenTo = offset + bytes;
      yield { ...region, offset, bytes };
    }
  }

  private *flushIfFull(): Generator<Decoded> {
    if (this.output.isFull()) yield* this.output.flush(this.start());
  }

  /** Where another decoder may begin: between print-outs. */
  private start(): DecoderStart | undefined {
    const at: LineStart | undefined = this.cutter.position;
    const isBetween = this.lanes.isEmpty && this.broken.length === 0;
    return at !== undefined && isBetween ? { offset: at.offset, state: String(at.number) } : undefined;
  }

  private readonly notice = (text: string): void => {
    this.notices.set(text, (this.notices.get(text) ?? 0) + 1);
  };
}
