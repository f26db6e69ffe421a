/**
 * Trace events of Chrome, Node.js, and everything that writes for `chrome://tracing` and Perfetto: an object with
 * `traceEvents`, or an array of events, which may lack its end.
 *
 * A document is one trace. Complete events, begins with their ends and asynchronous operations are spans; on a thread, what
 * lies within another span is its child, and an instant is an event of the span around it. Counters, flows and samples are
 * left out, and counted. Processes are resources. Times count from some start: that of the first event is `base_time`.
 */
import { createHash } from 'node:crypto';
import { tooManyAttributes } from '../model/limits.ts';
import { traceIdDigits } from '../model/ids.ts';
import type { AttributeList } from '../model/item-writer.ts';
import { SpanKind } from '../model/traces.ts';
import type { ExactValue } from '../model/value.ts';
import { readEvent, type TraceEvent } from './chrome-trace/event.ts';
import { SpanIds } from './chrome-trace/span-ids.ts';
import { Timeline, type OpenSpan } from './chrome-trace/timeline.ts';
import { defaultMaxAttributes, type DecoderOptions, type Detection, type Encoding } from './encoding.ts';
import { hasAll, headOf, type Outline } from './outline.ts';
import {
  JsonShapeDecoder,
  type JsonShape,
  type Piece,
  type PieceReader,
  type ReaderContext,
} from './shared/json-decoder.ts';
import { JsonNumber, valueOfJson, type Json, type JsonObject } from './shared/json.ts';
import type { Plan } from './shared/plan.ts';
import { ShapeError } from './shared/shape-error.ts';
import { TelemetryOutput } from './shared/telemetry-output.ts';

export const chromeTrace: Encoding = {
  name: 'chrome_trace',
  title: 'Chrome trace events (JSON)',
  readable: true,
  lost: [
    'times are microseconds since some start: no calendar time',
    'trace and span ids; parents, but for those that lie around a span on its thread',
    'resources, but for the process',
    'here: counters, flows, samples, and times of the clock of the thread',
  ],
  writtenBy: 'Chrome, `node --trace-events-enabled`, and tools that write for chrome://tracing and Perfetto',
  better: 'trace with an OpenTelemetry SDK',
  needs: ['`base_time`, the time of the first event, since its times count from some start'],
  detect: (head) => detect(headOf(head).outline),
  decoder: (options) => new JsonShapeDecoder(shape, options),
};

function detect(outline: Outline | undefined): Detection | undefined {
  if (outline === undefined) return undefined;
  const signals = ['traces'] as const;
  if (outline.get('traceEvents') === '[')
    return { confidence: 0.95, reason: 'a member traceEvents', signals };
  const isArray = hasAll(outline, '[].ph', '[].pid') || hasAll(outline, '[].ph', '[].ts');
  return isArray ? { confidence: 0.9, reason: 'events with ph and ts', signals } : undefined;
}

const event: Plan = { name: 'event', piece: true };

const shape: JsonShape<TelemetryOutput> = {
  root: {
    name: 'trace',
    elements: event,
    members: new Map<string, Plan>([
      ['traceEvents', { name: 'events', elements: event }],
      ['baseTimeNanoseconds', { name: 'base', piece: true }],
    ]),
  },
  alien: {
    one: 'no array of events and no object with traceEvents: no Chrome trace',
    many: (count) => `${count} documents without events: no Chrome traces`,
  },
  isOpenEnded: true,
  output: (options: DecoderOptions) => new TelemetryOutput(options),
  reader: (output, context) => new ChromeReader(output, context),
};

/** So many bytes of JSON are looked at together. Of more, spans that stand before the ones around them are roots. */
const together = 32 << 20;
/** Names of so many processes and threads are remembered. */
const mostNames = 100_000;
const latest = (1n << 64n) - 1n;
/** What is later is no time since the start of a machine, but since 1970. */
const calendarTime = 1_000_000_000_000_000_000n;

class ChromeReader implements PieceReader {
  private readonly output: TelemetryOutput;
  private readonly context: ReaderContext;
  private timeline: Timeline;
  private index = 0;
  private traceId = '';
  private spanIds = new SpanIds('');
  /** What is to be added to each time, once the first is known. */
  private shift: bigint | undefined;
  private stated: bigint | undefined;
  private resource: Resource | undefined;
  /** The thread of the last span. */
  private thread: { readonly text: string; readonly attribute: readonly [string, ExactValue] } = noThread;
  private readonly processes = new Map<string, string>();
  private readonly threads = new Map<string, string>();

  constructor(output: TelemetryOutput, context: ReaderContext) {
    this.output = output;
    this.context = context;
    this.timeline = new Timeline((text) => context.notice(text));
  }

  piece(name: string, piece: Piece): void {
    const json = piece.json();
    if (name === 'base') this.stated = nanosIn(json);
    else this.event(readEvent(json), piece);
  }

  ended(): void {
    this.settle(true);
    this.timeline = new Timeline((text) => this.context.notice(text));
    this.index = 0;
    this.traceId = '';
    this.shift = undefined;
    this.stated = undefined;
    this.processes.clear();
    this.threads.clear();
  }

  private event(found: TraceEvent, { bytes, start, end }: Piece): void {
    // A begin and its end give attributes to one span.
    const { maxAttributes = defaultMaxAttributes } = this.context.options;
    if (found.args.names.length > maxAttributes / 2 - 3)
      throw new ShapeError(tooManyAttributes(maxAttributes));
    const index = this.index++;
    if (this.traceId === '') {
      this.traceId = createHash('sha256')
        .update(bytes.subarray(start, end))
        .digest('hex')
        .slice(0, traceIdDigits);
      this.spanIds = new SpanIds(this.traceId);
    }
    if (found.phase === 'M') this.metadata(found);
    else this.shift ??= this.shiftFrom(found.time);
    this.timeline.add(index, found, end - start);
    if (this.timeline.size >= Math.min(together, this.context.options.maxDocumentBytes)) this.settle(false);
  }

  private shiftFrom(first: bigint): bigint {
    const { baseTimeUnixNano: base } = this.context.options;
    if (first >= calendarTime) return 0n;
    if (base !== undefined) return base - first;
    if (this.stated !== undefined) return this.stated;
    this.context.notice('times that count from some start are read as if that were 1970: set base_time');
    return 0n;
  }

  private metadata({ name, process, threadKey, args }: TraceEvent): void {
    const text = args.get('name');
    if (typeof text !== 'string') return;
    if (this.processes.size + this.threads.size >= mostNames) return;
    if (name === 'process_name') this.processes.set(process, text);
    if (name === 'thread_name') this.threads.set(threadKey, text);
  }

  private settle(atEnd: boolean): void {
    for (const { span, parent } of this.timeline.settle(atEnd)) {
      this.context.flushIfFull();
      this.add(span, parent);
    }
  }

  private add(span: OpenSpan, parent: number): void {
    const { output } = this;
    const { process, name, time } = span.event;
    const group = output.group('traces', this.resourceOf(process));
    const start = this.at(time);
    const end = this.at(span.end);
    output.addSpan(group, {
      traceId: this.traceId,
      spanId: this.spanIds.of(span.index),
      parentSpanId: parent < 0 ? '' : this.spanIds.of(parent),
      name,
      kind: SpanKind.INTERNAL,
      startTimeUnixNano: start,
      endTimeUnixNano: end > start ? end : start,
      attributes: this.attributesOf(span),
      events:
        span.events.length === 0
          ? []
          : span.events.map((each) => ({ ...each, timeUnixNano: this.at(each.timeUnixNano) })),
    });
  }

  private attributesOf({ event: { thread, threadKey, category, args }, endArgs }: OpenSpan): AttributeList {
    const attributes: (readonly [string, ExactValue])[] = [];
    if (category !== '') attributes.push(['category', category]);
    if (thread !== '') attributes.push(this.threadId(thread));
    const threadName = this.threads.get(threadKey);
    if (threadName !== undefined) attributes.push(['thread.name', threadName]);
    if (endArgs !== undefined) addArguments(attributes, endArgs);
    addArguments(attributes, args, endArgs);
    return attributes;
  }

  private threadId(thread: string): readonly [string, ExactValue] {
    if (this.thread.text !== thread) {
      const id = /^\d{1,15}$/.test(thread) ? BigInt(thread) : thread;
      this.thread = { text: thread, attribute: ['thread.id', id] };
    }
    return this.thread.attribute;
  }

  private at(time: bigint): bigint {
    const moved = time + (this.shift ?? 0n);
    return moved < 0n ? 0n : moved > latest ? latest : moved;
  }

  /** The process, by the name that is known by now. */
  private resourceOf(process: string): Resource {
    const name = this.processes.get(process) ?? '';
    if (this.resource?.process === process && this.resource.name === name) return this.resource;
    const attributes: [string, ExactValue][] = [];
    if (name !== '') attributes.push(['service.name', name]);
    if (/^\d{1,15}$/.test(process)) attributes.push(['process.pid', BigInt(process)]);
    this.resource = { process, name, key: JSON.stringify([process, name]), make: () => ({ attributes }) };
    return this.resource;
  }
}

interface Resource {
  readonly process: string;
  readonly name: string;
  readonly key: string;
  readonly make: () => { readonly attributes: [string, ExactValue][] };
}

const noThread = { text: '', attribute: ['thread.id', ''] } as const;

/** Attributes that spans have of their own; arguments of these names are left out. */
const ownNames = new Set(['category', 'thread.id', 'thread.name']);

/** Adds what `taken` has none of. */
function addArguments(
  to: (readonly [string, ExactValue])[],
  { names, values }: JsonObject,
  taken?: JsonObject,
): void {
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? '';
    if (!ownNames.has(name) && taken?.get(name) === undefined)
      to.push([name, valueOfJson(values[i] ?? null)]);
  }
}

function nanosIn(json: Json): bigint | undefined {
  const text = json instanceof JsonNumber ? json.text : json;
  return typeof text === 'string' && /^\d{1,19}$/.test(text) ? BigInt(text) : undefined;
}
