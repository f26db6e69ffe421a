/**
 * Jaeger's own JSON: what `/api/traces` answers and the page of a trace saves. A document holds traces, a trace holds its
 * spans and the processes they ran in. One trace, or several in an array, without what is around them, are read too.
 *
 * Ids are padded with zeros on the left. Times are microseconds. The first CHILD_OF reference to the span's own trace is
 * its parent, all others are links. Tags that stand for a field of OTLP become that field: `span.kind`, `error`,
 * `otel.status_code`, `otel.status_description`, `otel.scope.*`, `w3c.tracestate`. Logs become events. Integers stay
 * int64, and floating-point numbers double, as their tags say.
 */
import type { DecoderOptions, Detection, Encoding } from './encoding.ts';
import { ProcessesOfTrace } from './jaeger/processes.ts';
import { readJaegerSpan } from './jaeger/span.ts';
import { headOf, type Outline } from './outline.ts';
import {
  JsonShapeDecoder,
  type JsonShape,
  type Piece,
  type PieceReader,
  type ReaderContext,
} from './shared/json-decoder.ts';
import { asObject } from './shared/members.ts';
import type { Plan } from './shared/plan.ts';
import { TelemetryOutput } from './shared/telemetry-output.ts';

export const jaegerUi: Encoding = {
  name: 'jaeger_ui',
  title: "Jaeger's UI and query API (JSON)",
  readable: true,
  lost: [
    'parts of a microsecond',
    'lists and maps, which are JSON in text',
    'attributes, trace state and flags of links',
    'dropped counts, schema URLs, attributes of scopes',
  ],
  writtenBy: "Jaeger's page of a trace (Trace JSON), and its API `/api/traces`",
  better: 'ask `/api/v3/traces` of the same Jaeger, whose answers are OTLP to the nanosecond',
  detect: (head) => detect(headOf(head).outline),
  decoder: (options) => new JsonShapeDecoder(shape, options),
};

function detect(outline: Outline | undefined): Detection | undefined {
  if (outline === undefined) return undefined;
  for (const path of ['data[].', 'data.', '', '[].']) {
    if (!outline.has(`${path}spans[].operationName`)) continue;
    const reason = `spans with operationName in ${path}spans`;
    return { confidence: 0.95, reason, signals: ['traces'] };
  }
  const data = outline.get('data');
  const isAnswer = outline.has('total') && outline.has('limit') && outline.has('errors');
  if (!isAnswer || (data !== '[' && data !== 'null') || outline.has('data[]')) return undefined;
  return { confidence: 0.8, reason: 'an answer with data, total and limit, and no traces' };
}

const span: Plan = { name: 'span', piece: true };
const traceMembers: readonly (readonly [string, Plan])[] = [
  ['spans', { name: 'spans', elements: span }],
  ['processes', { name: 'processes', piece: true }],
];
const trace: Plan = { name: 'trace', members: new Map(traceMembers) };
const traces: Plan = { name: 'traces', elements: trace, ...(trace.members && { members: trace.members }) };
const document: Plan = { name: 'trace', members: new Map([...traceMembers, ['data', traces]]) };

const shape: JsonShape<TelemetryOutput> = {
  root: { ...document, elements: document },
  alien: {
    one: 'no traces with spans: not what Jaeger answers',
    many: (count) => `${count} documents without traces that have spans: not what Jaeger answers`,
  },
  output: (options: DecoderOptions) => new TelemetryOutput(options),
  reader: (output, context) => new JaegerReader(output, context),
};

class JaegerReader implements PieceReader {
  private readonly output: TelemetryOutput;
  private readonly context: ReaderContext;
  private readonly processes: ProcessesOfTrace;

  constructor(output: TelemetryOutput, context: ReaderContext) {
    this.output = output;
    this.context = context;
    this.processes = new ProcessesOfTrace(output, context);
  }

  piece(name: string, piece: Piece): void {
    if (name === 'processes') {
      this.processes.name(asObject('processes', piece.json()));
      return;
    }
    const read = readJaegerSpan(piece.json(), (text) => this.context.notice(text));
    this.output.check(read.span);
    this.processes.add(read);
  }

  closed(name: string): void {
    if (name === 'trace' || name === 'traces') this.processes.settle();
  }

  ended(): void {
    this.processes.settle();
  }
}
