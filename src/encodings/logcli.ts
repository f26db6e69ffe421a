/**
 * What Loki's command line prints: `logcli query -o jsonl`, and its default output, a time, labels and a line. Labels and
 * metadata become what they are in `loki`. In the default output a line without a time goes on with the one before.
 */
import { parseIsoTime } from '../model/time.ts';
import { piecesOf } from './byte-window.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { Decoded, Decoder, DecoderOptions, DecoderStart, Detection, Encoding } from './encoding.ts';
import { LokiStream, type LokiEntry, type Pairs } from './loki/entry.ts';
import { pairsOf } from './loki/pairs.ts';
import { labelsAt } from './loki/selector.ts';
import { hasAll, headOf, type Head } from './outline.ts';
import { LineCutter, type LineSpan, type LineStart } from './plain-lines.ts';
import { withoutColours } from './plain-text.ts';
import { JsonObject, parseJson } from './shared/json.ts';
import { asObject, fail, objectMember, textMember } from './shared/members.ts';
import { ShapeError } from './shared/shape-error.ts';
import { TelemetryOutput } from './shared/telemetry-output.ts';
import { UnreadableRegions } from './unreadable-regions.ts';

export const logcli: Encoding = {
  name: 'logcli',
  title: 'what logcli prints (JSON lines, or text)',
  readable: true,
  lost: [
    'all attributes are text, and the dots in their names underscores',
    'nested maps are flattened, and bodies that are no text are JSON text',
    'labels that all entries share, unless it was run with `--include-common-labels`',
    'which attributes were those of the resource, the scope or the record',
    'in the text: times are whole seconds, and lines are without blanks at their ends',
  ],
  writtenBy: '`logcli query`, with `-o jsonl` or `-o default`',
  better: 'run `logcli query -o jsonl --include-common-labels`, or record OTLP before it goes to Loki',
  detect: (head, { atEnd }) => detect(headOf(head), atEnd),
  decoder: (options) => new LogcliDecoder(options),
};

/** So many entries tell it. */
const mostLooked = 50;

function detect({ text, outline }: Head, atEnd: boolean): Detection | undefined {
  const signals = ['logs'] as const;
  if (outline !== undefined && hasAll(outline, 'line', 'timestamp')) {
    const isEntry = [...outline.keys()].every((path) => /^(?:line|timestamp|labels(?:\..*)?)$/.test(path));
    const isTime = parseIsoTime(outline.get('timestamp') ?? '') !== undefined;
    if (!isEntry || !isTime) return undefined;
    return { confidence: 0.9, reason: 'lines with line and timestamp', signals, detail: '-o jsonl' };
  }
  const lines = text.split('\n', mostLooked);
  if (!atEnd) lines.pop();
  const entries = lines.filter((line) => (textEntry(line)?.labels.length ?? 0) > 0).length;
  if (entries === 0 || entries < lines.filter((line) => /^\S/.test(line)).length / 2) return undefined;
  return { confidence: 0.9, reason: 'lines with a time and labels', signals, detail: '-o default' };
}

/** Labels that logcli printed at the beginning, since all entries have them. */
interface Known {
  readonly line: number;
  readonly common: Pairs;
}

interface Entry extends LokiEntry {
  readonly labels: Pairs;
}

/** An entry of text, which may go on. */
interface Pending {
  readonly first: LineSpan;
  readonly entry: Entry;
  line: string;
  lines: number;
  /** Where its last line ends. */
  end: number;
}

/** What is longer is cut. */
const mostLines = 1000;
const notOfLogcli = {
  one: 'a line that is not of logcli',
  many: (count: number): string => `${count} lines that are not of logcli`,
};

class LogcliDecoder implements Decoder {
  readonly notices = new Map<string, number>();
  private readonly options: DecoderOptions;
  private readonly cutter: LineCutter;
  private readonly output: TelemetryOutput;
  private readonly regions = new UnreadableRegions();
  private readonly ready: Decoded[] = [];
  private common: Pairs;
  private pending: Pending | undefined;

  constructor(options: DecoderOptions) {
    const { start, maxDocumentBytes } = options;
    const state = start?.state ?? '';
    const known: Known = state === '' ? { line: 1, common: [] } : (JSON.parse(state) as Known);
    this.options = options;
    this.common = known.common;
    this.cutter = new LineCutter({ offset: start?.offset ?? 0, number: known.line }, maxDocumentBytes);
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
    this.finish();
    this.regions.close(this.handOver);
    this.ready.push(...this.output.flush(this.start()));
    yield* this.ready.splice(0);
    this.output.close();
  }

  *drain(): Generator<Decoded, DecoderStart | undefined> {
    const start = this.start();
    if (start === undefined) return undefined;
    this.regions.close(this.handOver);
    this.ready.push(...this.output.drain(start));
    yield* this.ready.splice(0);
    return start;
  }

  private *read(atEnd: boolean): Generator<Decoded> {
    for (let line = this.cutter.next(atEnd); line !== undefined; line = this.cutter.next(atEnd)) {
      if ('kind' in line) {
        this.finish();
        this.regions.close(this.handOver);
        this.ready.push(line);
      } else this.line(line);
      yield* this.ready.splice(0);
    }
  }

  private line(line: LineSpan): void {
    const text = withoutColours(line.text);
    const isJson = text.startsWith('{') && (this.pending === undefined || text.includes('"timestamp":'));
    if (isJson) {
      this.finish();
      this.attempt(line, () => jsonEntry(text, this.options.maxDepth));
    } else this.textLine(line, text);
  }

  private textLine(line: LineSpan, text: string): void {
    const { pending } = this;
    const entry = textEntry(text);
    if (entry !== undefined) {
      this.finish();
      this.pending = { first: line, entry, line: entry.line, lines: 1, end: line.after };
    } else if (pending !== undefined && pending.lines < mostLines) {
      pending.line += `\n${text}`;
      pending.lines++;
      pending.end = line.after;
    } else if (text.trim() !== '' && !this.header(text)) {
      this.finish();
      const { offset, after: end, number } = line;
      this.regions.add(notOfLogcli, { offset, end, line: number }, this.handOver);
    }
  }

  /** What logcli says on standard error, which may have gone to the same file. */
  private header(text: string): boolean {
    const common = /Common labels:\s*(\{.*)$/.exec(text)?.[1];
    if (common !== undefined) this.common = labelsAt(common, 0)?.labels ?? [];
    return common !== undefined || /^(?:https?:\/\/|\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )/.test(text);
  }

  /** The pending entry is complete. */
  private finish(): void {
    const { pending } = this;
    if (pending === undefined) return;
    this.pending = undefined;
    const span = { ...pending.first, after: pending.end };
    this.attempt(span, () => ({ ...pending.entry, line: pending.line.trimEnd() }));
  }

  private attempt(line: LineSpan, read: () => Entry): void {
    const { output, common } = this;
    if (output.isFull()) this.flush(line);
    output.mark();
    try {
      const entry = read();
      new LokiStream([...common, ...entry.labels], true).add(output, entry);
      output.documents++;
      this.regions.close(this.handOver);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      output.rollback();
      const { offset, after: end, number } = line;
      this.regions.addOne(error.message, { offset, end, line: number }, this.handOver);
    }
  }

  /** Everything before the line is handed over. */
  private flush(line: LineSpan): void {
    this.regions.close(this.handOver);
    this.ready.push(...this.output.flush(this.startAt(line)));
  }

  private start(): DecoderStart | undefined {
    const at = this.pending?.first ?? this.cutter.position;
    return at && this.startAt(at);
  }

  private startAt({ offset, number }: LineStart): DecoderStart {
    const known: Known = { line: number, common: this.common };
    return { offset, state: JSON.stringify(known) };
  }

  private readonly handOver = (decoded: Decoded): void => {
    this.ready.push(decoded);
  };
}

/** Throws a ShapeError. */
function jsonEntry(text: string, maxDepth: number): Entry {
  const object = asObject('an entry', parseJson(text, maxDepth));
  const time = textMember(object, 'timestamp');
  const timeUnixNano = parseIsoTime(time);
  if (timeUnixNano === undefined || timeUnixNano < 0n) return fail('timestamp', 'a time of RFC 3339', time);
  const line = object.get('line');
  if (typeof line !== 'string') return fail('line', 'text', line);
  const labels = objectMember(object, 'labels') ?? new JsonObject();
  return { timeUnixNano, line, metadata: [], labels: pairsOf(labels) };
}

const timeAtStart = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) /;

/** `2026-03-14T09:26:53Z {app="shop"}   line`, or without labels. */
function textEntry(text: string): Entry | undefined {
  const found = timeAtStart.exec(text);
  const timeUnixNano = found === null ? undefined : parseIsoTime(found[1] ?? '');
  if (found === null || timeUnixNano === undefined || timeUnixNano < 0n) return undefined;
  const after = found[0].length;
  const labels = labelsAt(text, after);
  const isFollowed = labels !== undefined && (text[labels.end] ?? ' ') === ' ';
  const line = text.slice(isFollowed ? labels.end : after).trim();
  return { timeUnixNano, line, metadata: [], labels: isFollowed ? labels.labels : [] };
}
