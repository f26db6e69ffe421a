/** Spans as trees, with their durations, and logs beside their span. What is kept is text and numbers, never a view. */
import type { LogRecord } from '../../model/logs.ts';
import type { Span } from '../../model/traces.ts';
import { valueText } from '../../model/value.ts';
import {
  clockText,
  dateText,
  durationText,
  kindNames,
  plural,
  printable,
  serviceOf,
  severityText,
} from './text.ts';

interface SpanFacts {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly service: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly line: string;
  /** Events, links. */
  readonly notes: readonly { readonly time: bigint; readonly text: string }[];
}

interface LogFacts {
  readonly spanId: string;
  readonly time: bigint;
  readonly text: string;
}

interface Trace {
  readonly traceId: string;
  readonly spans: SpanFacts[];
  readonly logs: LogFacts[];
}

const longestName = 200;
const deepest = 40;

/** Spans and logs that wait to be printed together. */
export class Forest {
  items = 0;
  private traces = new Map<string, Trace>();
  private loose: LogFacts[] = [];

  addSpan(span: Span): void {
    this.items++;
    this.trace(span.traceId).spans.push(spanFacts(span));
  }

  addLog(record: LogRecord): void {
    this.items++;
    const facts = logFacts(record);
    if (/[^0]/.test(record.traceId)) this.trace(record.traceId).logs.push(facts);
    else this.loose.push(facts);
  }

  /** All that was added, as text; the forest is empty then. */
  take(): string {
    const lines: string[] = [];
    for (const trace of this.traces.values()) lines.push(...traceLines(trace));
    if (this.loose.length > 0) {
      lines.push(
        `${plural(this.loose.length, 'log record')} without a trace, from ${dateText(this.loose[0]?.time ?? 0n)}`,
      );
      for (const log of this.loose) lines.push(`  ${logLine(log)}`);
    }
    this.traces = new Map();
    this.loose = [];
    this.items = 0;
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  private trace(traceId: string): Trace {
    let trace = this.traces.get(traceId);
    if (trace === undefined) this.traces.set(traceId, (trace = { traceId, spans: [], logs: [] }));
    return trace;
  }
}

function spanFacts(span: Span): SpanFacts {
  const start = span.startTimeUnixNano;
  const notes = [];
  for (const { timeUnixNano, name } of span.events) {
    notes.push({
      time: timeUnixNano,
      text: `+${durationText(timeUnixNano - start)} ${printable(name, longestName)}`,
    });
  }
  for (const link of span.links)
    notes.push({ time: start, text: `link to span ${link.spanId} of trace ${link.traceId}` });
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    service: serviceOf(span.resource),
    start,
    end: span.endTimeUnixNano,
    line: spanLine(span),
    notes,
  };
}

function spanLine(span: Span): string {
  const { code, message } = span.status;
  const parts = [
    printable(span.name, longestName) || '(no name)',
    durationText(span.endTimeUnixNano - span.startTimeUnixNano),
  ];
  const kind = kindNames[span.kind] ?? `kind ${span.kind}`;
  if (kind !== '') parts.push(kind);
  if (code === 2) parts.push(message === '' ? 'ERROR' : `ERROR: ${printable(message, longestName)}`);
  return parts.join('  ');
}

function logFacts(record: LogRecord): LogFacts {
  const severity = severityText(record);
  const body = printable(valueText(record.bodyExact), 500);
  const name = record.eventName === '' ? '' : `[${printable(record.eventName, longestName)}]`;
  return {
    spanId: record.spanId,
    time: record.timeUnixNano || record.observedTimeUnixNano,
    text: [severity, name, body].filter((part) => part !== '').join(' '),
  };
}

function logLine(log: LogFacts): string {
  return `${clockText(log.time)} ${log.text}`;
}

interface Node {
  readonly span: SpanFacts;
  readonly children: Node[];
  readonly logs: LogFacts[];
}

function traceLines(trace: Trace): string[] {
  const { roots, looseLogs } = nodesOf(trace);
  const lines = [heading(trace)];
  for (const log of looseLogs) lines.push(`  ${logLine(log)}`);
  const seen = new Set<Node>();
  for (const root of roots) render(root, lines, seen);
  return lines;
}

function heading({ traceId, spans, logs }: Trace): string {
  const parts = [`trace ${traceId === '' ? '(no id)' : traceId}`];
  const times = [...spans.map(({ start }) => start), ...logs.map(({ time }) => time)].filter(
    (time) => time !== 0n,
  );
  const ends = spans.map(({ end }) => end);
  const first = times.reduce((a, b) => (b < a ? b : a), times[0] ?? 0n);
  const last = ends.reduce((a, b) => (b > a ? b : a), first);
  if (spans.length > 0) parts.push(plural(spans.length, 'span'));
  if (logs.length > 0) parts.push(plural(logs.length, 'log record'));
  if (spans.length > 0) parts.push(durationText(last - first));
  parts.push(`from ${dateText(first)}`);
  return parts.join('  ');
}

/** Roots are spans without a parent, spans whose parent is not here, and one span of every circle. */
function nodesOf({ spans, logs }: Trace): { roots: Node[]; looseLogs: LogFacts[] } {
  const nodes = new Map<string, Node>();
  const all = spans
    .toSorted((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
    .map((span): Node => ({ span, children: [], logs: [] }));
  for (const node of all) if (!nodes.has(node.span.spanId)) nodes.set(node.span.spanId, node);
  const looseLogs: LogFacts[] = [];
  for (const log of logs.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)))
    (nodes.get(log.spanId)?.logs ?? looseLogs).push(log);
  const roots: Node[] = [];
  for (const node of all) {
    const parent = nodes.get(node.span.parentSpanId);
    if (parent === undefined || parent === node) roots.push(node);
    else parent.children.push(node);
  }
  const reached = new Set<Node>();
  for (const root of roots) reach(root, reached);
  for (const node of all) {
    if (reached.has(node)) continue;
    roots.push(node);
    reach(node, reached);
  }
  return { roots, looseLogs };
}

function reach(root: Node, reached: Set<Node>): void {
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    waiting.push(...node.children);
  }
}

interface Place {
  readonly node: Node;
  readonly prefix: string;
  readonly isLast: boolean;
  readonly depth: number;
  /** Of the span above: named only where it changes. */
  readonly service: string;
}

/** Without recursion: a trace may be as deep as it has spans. */
function render(root: Node, lines: string[], seen: Set<Node>): void {
  const waiting: Place[] = [{ node: root, prefix: '  ', isLast: true, depth: 0, service: '' }];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (seen.has(place.node)) continue;
    seen.add(place.node);
    const below = place.depth === 0 ? place.prefix : place.prefix + (place.isLast ? '   ' : '│  ');
    const children = place.node.children.filter((child) => !seen.has(child)).toReversed();
    lines.push(nodeLine(place));
    for (const note of notesOf(place.node))
      lines.push(`${below}${children.length > 0 ? '│  ' : '   '}${note}`);
    // Deeper spans stand below each other: no screen is wider.
    const prefix = place.depth < deepest ? below : place.prefix;
    const { service } = place.node.span;
    for (const [at, node] of children.entries())
      waiting.push({ node, prefix, isLast: at === 0, depth: place.depth + 1, service });
  }
}

function nodeLine({ node: { span }, prefix, isLast, depth, service }: Place): string {
  const branch = depth === 0 ? '' : isLast ? '└─ ' : '├─ ';
  const named =
    span.service === service || span.service === '' ? '' : `  ${printable(span.service, longestName)}`;
  return `${prefix}${branch}${span.line}${named}${orphanNote(span, depth)}`;
}

function orphanNote({ parentSpanId }: SpanFacts, depth: number): string {
  return depth === 0 && /[^0]/.test(parentSpanId) ? `  (below span ${parentSpanId}, which is not here)` : '';
}

/** Events, links and logs of a span in the order of time. */
function notesOf({ span, logs }: Node): string[] {
  const notes = [...span.notes, ...logs.map((log) => ({ time: log.time, text: logLine(log) }))];
  return notes.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)).map(({ text }) => text);
}
