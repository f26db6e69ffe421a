/**
 * Plain text logs: a line, or a line with those that continue it, is a log record, and the text is its body.
 *
 * The time is the one at the beginning of the line, in one of the usual forms, or a field of a line that is JSON or
 * logfmt; so are the severity and the ids of trace and span. All of that can be configured. Times without a year, or
 * without a date, are those nearest to `base_time`; lines without a time get `base_time` and a nanosecond a line, or
 * none. A time without a zone is UTC.
 */
import type { LogRecordParts } from '../model/item-writer.ts';
import { piecesOf } from './byte-window.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { Decoded, Decoder, DecoderOptions, DecoderStart, Detection, Encoding } from './encoding.ts';
import { detectLines } from './lines/detect.ts';
import { Calendar } from './lines/moment.ts';
import { LineRules, type LineFacts } from './lines/rules.ts';
import { LineCutter, type LineSpan, type LineStart } from './plain-lines.ts';
import { ShapeError } from './shared/shape-error.ts';
import { TelemetryOutput } from './shared/telemetry-output.ts';

export const lines: Encoding = {
  name: 'lines',
  title: 'plain lines of text',
  readable: true,
  lost: [
    'resource, scope and attributes',
    'types: all of it is text',
    'times and severities, unless the lines spell them',
  ],
  writtenBy: 'programs that log to files and standard output',
  better:
    'log through an OpenTelemetry SDK or the bridge of the logging library, to the Collector or a file of OTLP',
  needs: [
    '`base_time`, where lines have no time, no date or no year',
    '`lines`, where times or levels are unusual',
  ],
  detect: (head, facts): Detection | undefined => detectLines(head, facts.atEnd),
  decoder: (options) => new LinesDecoder(options),
};

/** What is longer is cut into several records: text that looked like a log may not be one. */
const mostLines = 1000;
const mostRecordBytes = 1 << 20;
/** Beyond this, counts of lines decide nothing any more. */
const countsEnd = 1_000_000;

/** Lines that began a record, with a time and without. */
interface Counts {
  readonly timed: number;
  readonly untimed: number;
}

/** What a decoder knows between records. */
interface Known extends Counts {
  readonly line: number;
  /** Of the last time without a date. */
  readonly latest?: string;
}

/** A record that may go on. */
interface Pending {
  readonly first: LineSpan;
  text: string;
  bytes: number;
  lines: number;
  /** Line breaks that belong to it only if something follows. */
  breaks: number;
  readonly facts: LineFacts;
  /** Before it was counted. */
  readonly before: Counts;
}

class LinesDecoder implements Decoder {
  readonly notices = new Map<string, number>();
  private readonly options: DecoderOptions;
  private readonly rules: LineRules;
  private readonly calendar: Calendar;
  private readonly cutter: LineCutter;
  private readonly output: TelemetryOutput;
  private counts: Counts;
  private pending: Pending | undefined;

  constructor(options: DecoderOptions) {
    const { start, lines: rules = new LineRules(), baseTimeUnixNano: base } = options;
    const { line: number, latest, timed, untimed } = knownAt(start?.state ?? '');
    this.options = options;
    this.rules = rules;
    this.calendar = new Calendar(rules.zone, base, latest === undefined ? base : BigInt(latest));
    this.cutter = new LineCutter({ offset: start?.offset ?? 0, number }, options.maxDocumentBytes);
    this.output = new TelemetryOutput(options);
    this.counts = { timed, untimed };
  }

  *push(chunk: Bytes): Generator<Decoded> {
    for (const piece of piecesOf(chunk)) {
      this.cutter.append(piece);
      yield* this.read(false);
    }
  }

  *end(): Generator<Decoded> {
    yield* this.read(true);
    yield* this.finish();
    yield* this.output.flush(this.start());
    this.output.close();
  }

  *drain(): Generator<Decoded, DecoderStart | undefined> {
    const start = this.start();
    if (start !== undefined) yield* this.output.drain(start);
    return start;
  }

  private *read(atEnd: boolean): Generator<Decoded> {
    for (let line = this.cutter.next(atEnd); line !== undefined; line = this.cutter.next(atEnd)) {
      if (!('kind' in line)) {
        yield* this.take(line);
        continue;
      }
      yield* this.finish();
      yield* this.output.flush(
        startAt({ offset: line.offset, number: line.line ?? 1 }, this.counts, this.calendar),
      );
      yield line;
    }
  }

  private *take(line: LineSpan): Generator<Decoded> {
    const facts = this.rules.read(line.text);
    const { pending } = this;
    if (pending !== undefined && this.continues(pending, line, facts)) {
      pending.lines++;
      pending.breaks++;
      pending.bytes += line.after - line.offset;
      if (line.text.trim() !== '') {
        pending.text += '\n'.repeat(pending.breaks) + line.text;
        pending.breaks = 0;
      }
    } else {
      yield* this.finish();
      if (this.output.isFull()) yield* this.output.flush(startAt(line, this.counts, this.calendar));
      const { text, after, offset } = line;
      this.pending = {
        first: line,
        text,
        bytes: after - offset,
        lines: 1,
        breaks: 0,
        facts,
        before: this.counts,
      };
      this.count(facts);
    }
    if (this.isOver(line)) yield* this.finish();
  }

  private count({ time }: LineFacts): void {
    const { timed, untimed } = this.counts;
    if (timed + untimed === countsEnd) return;
    this.counts = time === undefined ? { timed, untimed: untimed + 1 } : { timed: timed + 1, untimed };
  }

  /** Whether a line belongs to the record before it. */
  private continues(pending: Pending, line: LineSpan, { time, fits }: LineFacts): boolean {
    const { text, after, offset } = line;
    const { kind, starts } = this.rules.multiline;
    if (kind === 'auto' && this.rules.hasRegex) {
      if (fits) return false;
    } else if (kind === 'auto') {
      if (time !== undefined) return false;
      // Where most records begin without a time, only what is indented goes on with one that has one.
      if (this.counts.timed < this.counts.untimed && !/^\s/.test(text)) return false;
    } else if (starts?.test(text) === true) return false;
    if (pending.lines < mostLines && pending.bytes + after - offset <= mostRecordBytes) return true;
    this.notice('records of more lines than belong together are cut');
    return false;
  }

  /** Whether nothing can go on with the record that the line ends. */
  private isOver({ text }: LineSpan): boolean {
    const { kind, ends } = this.rules.multiline;
    if (kind === 'patterns') return ends?.test(text) === true;
    return kind === 'none' || (!this.rules.hasRegex && this.pending?.facts.time === undefined);
  }

  /** The pending record is complete. */
  private *finish(): Generator<Decoded> {
    const { pending, output } = this;
    if (pending === undefined) return;
    this.pending = undefined;
    if (output.isFull()) yield* output.flush(this.startBefore(pending));
    output.mark();
    try {
      output.addLogRecord(output.group('logs', noResource), this.record(pending));
      output.documents++;
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      output.rollback();
      const { offset, number: line } = pending.first;
      yield* output.flush(this.startBefore(pending));
      yield { kind: 'unreadable', offset, bytes: pending.bytes, line, reason: error.message };
    }
  }

  private record(pending: Pending): LogRecordParts {
    const { facts, first, text } = pending;
    if (text.includes('\uFFFD')) this.notice('records with U+FFFD, which stands for what is not UTF-8');
    const severity = facts.severity ?? this.severityBelow(pending);
    return {
      timeUnixNano: this.timeOf(facts, first.number),
      ...(severity !== undefined && { severityNumber: severity.number, severityText: severity.text }),
      body: text,
      attributes: facts.attributes,
      traceId: facts.traceId,
      spanId: facts.spanId,
    };
  }

  /** As java.util.logging has it, the level may stand on the second line. */
  private severityBelow({ text, lines: count }: Pending): LineFacts['severity'] {
    if (count === 1) return undefined;
    const second = text.indexOf('\n') + 1;
    return this.rules.read(text.slice(second, second + 200).split('\n', 1)[0] ?? '').severity;
  }

  private timeOf({ time }: LineFacts, number: number): bigint {
    const { baseTimeUnixNano: base } = this.options;
    const found = typeof time === 'object' ? this.calendar.nanosOf(time) : time;
    if (found !== undefined && found < 1n << 64n) return found;
    if (base !== undefined) this.notice('records without a time: they get base_time and a nanosecond a line');
    else if (time === undefined) this.notice('records without a time');
    else this.notice('records whose time has no date or no year: set base_time');
    return base === undefined ? 0n : base + BigInt(number - 1);
  }

  /** Where a decoder may go on: at the record that is pending, or the next line. */
  private start(): DecoderStart | undefined {
    const { pending, cutter, counts, calendar } = this;
    if (pending !== undefined) return this.startBefore(pending);
    return cutter.position && startAt(cutter.position, counts, calendar);
  }

  private startBefore({ first, before }: Pending): DecoderStart {
    return startAt(first, before, this.calendar);
  }

  private notice(text: string): void {
    this.notices.set(text, (this.notices.get(text) ?? 0) + 1);
  }
}

const noResource = { key: '', make: () => ({ attributes: [] }) };

function startAt({ offset, number }: LineStart, counts: Counts, { latest }: Calendar): DecoderStart {
  const known: Known = {
    line: number,
    ...counts,
    ...(latest === undefined ? {} : { latest: String(latest) }),
  };
  return { offset, state: JSON.stringify(known) };
}

function knownAt(state: string): Known {
  return state === '' ? { line: 1, timed: 0, untimed: 0 } : (JSON.parse(state) as Known);
}
