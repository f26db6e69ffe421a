/** Trace events as spans: begins are joined with their ends, and what lies within another on its thread is its child. */
import type { EventParts } from '../../model/item-writer.ts';
import { JsonObject, valueOfJson } from '../shared/json.ts';
import type { ExactValue } from '../../model/value.ts';
import type { TraceEvent } from './event.ts';

/** A span whose parent is not known yet. */
export interface OpenSpan {
  /** The number of the event that began it, from 0. */
  readonly index: number;
  readonly event: TraceEvent;
  end: bigint;
  /** `args` of its end. */
  endArgs: JsonObject | undefined;
  readonly events: EventParts[];
  /** Of an asynchronous operation: the index of the one around it; -1 for none. */
  parent: number;
  /** Bytes of its JSON. */
  readonly size: number;
}

/** A span that is around what comes next. */
interface Around {
  readonly index: number;
  readonly end: bigint;
  /** Undefined once the span was handed over. */
  readonly events: EventParts[] | undefined;
  readonly isOpen: boolean;
}

/** Spans and instants of one thread. */
interface Thread {
  /** Begun and not ended. */
  readonly begun: OpenSpan[];
  ended: OpenSpan[];
  instants: TraceEvent[];
  /** The innermost last. */
  around: Around[];
  latest: bigint;
}

/** Phases: an instant, in the older and the newer letter. */
const instants = new Set(['i', 'I', 'R']);
const asyncBegins = new Set(['b', 'S']);
const asyncEnds = new Set(['e', 'F']);
const names: Readonly<Record<string, string>> = {
  C: 'counters',
  s: 'flows',
  t: 'flows',
  f: 'flows',
  n: 'instants of asynchronous operations',
  T: 'steps of asynchronous operations',
  p: 'steps of asynchronous operations',
  N: 'objects',
  O: 'objects',
  D: 'objects',
  P: 'samples',
  v: 'memory dumps',
  V: 'memory dumps',
  c: 'clock synchronisations',
};

/** Deeper than this spans have no children. */
const deepest = 1000;
/** Of threads that have nothing open no more are remembered. */
const mostIdle = 10_000;
/** What is begun and not ended is held, up to so many bytes of JSON. */
const mostOpen = 64 << 20;

export interface Nested {
  readonly span: OpenSpan;
  /** The index of the span around it; -1 for none. */
  readonly parent: number;
}

export class Timeline {
  /** Bytes of what is complete and not handed over. */
  private waiting = 0;
  /** Bytes of what is begun and not ended. */
  private open = 0;
  private readonly notice: (text: string) => void;
  private readonly threads = new Map<string, Thread>();
  private last: { readonly key: string; readonly thread: Thread } | undefined;
  private readonly operations = new Map<string, OpenSpan[]>();
  private asyncEnded: OpenSpan[] = [];

  constructor(notice: (text: string) => void) {
    this.notice = notice;
  }

  /** Bytes of JSON that wait to be handed over. */
  get size(): number {
    return this.waiting;
  }

  /** `size` is how many bytes of JSON the event has. */
  add(index: number, event: TraceEvent, size: number): void {
    const { phase, time, duration } = event;
    const thread = this.threadOf(event);
    const end = time + duration;
    if (end > thread.latest) thread.latest = end;
    if (phase === 'X') this.end(thread.ended, opened(index, event, size, end));
    else if (phase === 'E') this.endOf(thread, event);
    else if (asyncEnds.has(phase)) this.asyncEnd(event);
    else if (instants.has(phase)) {
      thread.instants.push(event);
      this.waiting += size;
    } else if (phase === 'B' || asyncBegins.has(phase)) this.begin(thread, opened(index, event, size));
    else if (phase !== 'M') this.leaveOut(phase);
  }

  /** Hands over the spans that are complete; `atEnd` all that there are. */
  *settle(atEnd: boolean): Generator<Nested> {
    if (atEnd) this.endAll();
    this.last = undefined;
    for (const [key, thread] of this.threads) {
      yield* nested(thread, this.notice);
      const isIdle = thread.begun.length === 0 && this.threads.size > mostIdle;
      if (isIdle) this.threads.delete(key);
    }
    for (const span of this.asyncEnded) yield { span, parent: span.parent };
    this.asyncEnded = [];
    this.waiting = 0;
  }

  private leaveOut(phase: string): void {
    const kind = Object.hasOwn(names, phase) ? names[phase] : undefined;
    this.notice(kind === undefined ? 'events of an unknown phase are left out' : `${kind} are left out`);
  }

  private begin(thread: Thread, span: OpenSpan): void {
    if (this.open + span.size > mostOpen) {
      this.notice('spans are left out while too many others are open');
      return;
    }
    this.open += span.size;
    const { phase, operation } = span.event;
    if (phase === 'B') {
      thread.begun.push(span);
      return;
    }
    const open = this.operations.get(operation) ?? [];
    this.operations.set(operation, open);
    open.push({ ...span, parent: open.at(-1)?.index ?? -1 });
  }

  private endOf(thread: Thread, event: TraceEvent): void {
    const span = thread.begun.pop();
    if (span === undefined) this.notice('ends without a begin are left out');
    else this.end(thread.ended, { ...span, end: event.time, endArgs: event.args }, true);
  }

  private asyncEnd({ operation, name, time, args }: TraceEvent): void {
    const open = this.operations.get(operation) ?? [];
    const at = open.findLastIndex((each) => each.event.name === name);
    const [span] = open.splice(at < 0 ? open.length - 1 : at, 1);
    if (open.length === 0) this.operations.delete(operation);
    if (span === undefined) this.notice('ends without a begin are left out');
    else this.end(this.asyncEnded, { ...span, end: time, endArgs: args }, true);
  }

  private end(list: OpenSpan[], span: OpenSpan, wasOpen = false): void {
    list.push(span);
    this.waiting += span.size;
    if (wasOpen) this.open -= span.size;
  }

  /** What never ended ends with the latest of its thread. */
  private endAll(): void {
    const spans: [OpenSpan[], OpenSpan, bigint][] = [];
    for (const { begun, ended, latest } of this.threads.values())
      for (const span of begun.splice(0)) spans.push([ended, span, latest]);
    for (const open of this.operations.values())
      for (const span of open) spans.push([this.asyncEnded, span, this.threadOf(span.event).latest]);
    this.operations.clear();
    for (const [list, span, latest] of spans) {
      this.notice('spans that never end: they end with the last event of their thread');
      this.end(list, { ...span, end: latest }, true);
    }
  }

  private threadOf({ threadKey: key }: TraceEvent): Thread {
    if (this.last?.key === key) return this.last.thread;
    let found = this.threads.get(key);
    if (found === undefined) {
      found = { begun: [], ended: [], instants: [], around: [], latest: 0n };
      this.threads.set(key, found);
    }
    this.last = { key, thread: found };
    return found;
  }
}

/** One of what happened on a thread, in the order of time. */
type Step =
  | { readonly kind: 'open' | 'span'; readonly span: OpenSpan }
  | { readonly kind: 'instant'; readonly instant: TraceEvent };

/** The spans of a thread that ended, each with the innermost one around it. */
function nested(thread: Thread, notice: (text: string) => void): Nested[] {
  const found: Nested[] = [];
  const { around } = thread;
  for (const step of stepsOf(thread)) {
    const time = timeOf(step);
    while ((around.at(-1)?.end ?? time + 1n) <= time) around.pop();
    if (step.kind === 'instant') {
      mark(around.at(-1)?.events, step.instant, notice);
      continue;
    }
    const { index, events } = step.span;
    const isOpen = step.kind === 'open';
    const end = isOpen ? longest : step.span.end;
    if (!isOpen)
      found.push({ span: step.span, parent: around.findLast((each) => each.end >= end)?.index ?? -1 });
    if (around.length < deepest) around.push({ index, end, events, isOpen });
  }
  // Those that are open come again.
  thread.around = around.filter(({ isOpen }) => !isOpen).map((each) => ({ ...each, events: undefined }));
  thread.ended = [];
  thread.instants = [];
  return found;
}

function stepsOf({ begun, ended, instants: marks }: Thread): Step[] {
  const steps: Step[] = [
    ...begun.map((span): Step => ({ kind: 'open', span })),
    ...ended.map((span): Step => ({ kind: 'span', span })),
    ...marks.map((instant): Step => ({ kind: 'instant', instant })),
  ];
  return steps.sort(byTime);
}

function timeOf(step: Step): bigint {
  return step.kind === 'instant' ? step.instant.time : step.span.event.time;
}

/** Of two spans that begin together, the longer one is around the other; an instant there is within both. */
function byTime(one: Step, other: Step): number {
  const time = timeOf(one);
  const otherTime = timeOf(other);
  if (time !== otherTime) return time < otherTime ? -1 : 1;
  if (one.kind === 'instant' || other.kind === 'instant')
    return Number(one.kind === 'instant') - Number(other.kind === 'instant');
  if (one.kind !== other.kind) return one.kind === 'open' ? -1 : 1;
  if (one.span.end !== other.span.end) return one.span.end > other.span.end ? -1 : 1;
  return one.span.index - other.span.index;
}

function mark(
  events: EventParts[] | undefined,
  { name, time, args }: TraceEvent,
  notice: (text: string) => void,
): void {
  if (events === undefined) notice('instants outside of any span are left out');
  else events.push({ timeUnixNano: time, name, attributes: attributesOf(args) });
}

const longest = 1n << 64n;

function opened(index: number, event: TraceEvent, size: number, end = event.time): OpenSpan {
  return { index, event, end, endArgs: undefined, events: [], parent: -1, size };
}

function attributesOf({ names, values }: JsonObject): [string, ExactValue][] {
  return names.map((name, index) => [name, valueOfJson(values[index] ?? null)]);
}
