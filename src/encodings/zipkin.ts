/**
 * Zipkin's JSON of version 2: spans in an array, as clients push them and `/api/v2/trace/ID` answers; arrays of spans, as
 * `/api/v2/traces` does; spans a line.
 *
 * Ids are padded with zeros on the left. Times are microseconds, read to the last digit of a fraction. The service of the
 * local endpoint becomes the resource, `otel.scope.*` tags the scope, `otel.status_*` and `error` tags the status,
 * annotations events. A span that shares its id with that of its client gets an id of its own: see `shared-ids.ts`.
 */
import type { DecoderOptions, Detection, Encoding } from './encoding.ts';
import { hasAll, headOf, type Outline } from './outline.ts';
import {
  JsonShapeDecoder,
  type JsonShape,
  type Piece,
  type PieceReader,
  type ReaderContext,
} from './shared/json-decoder.ts';
import type { Plan } from './shared/plan.ts';
import { TelemetryOutput } from './shared/telemetry-output.ts';
import { readZipkinSpan } from './zipkin/span.ts';
import { SharedIds } from './zipkin/shared-ids.ts';

export const zipkin: Encoding = {
  name: 'zipkin',
  title: 'Zipkin v2 (JSON)',
  readable: true,
  lost: [
    'parts of a microsecond, which most producers cut off',
    'types of attributes, which are all text',
    'attributes of events, links, flags and dropped counts',
    'resources, whose attributes stand among those of the span',
  ],
  writtenBy:
    "Zipkin's API (`/api/v2/trace/ID`, `/api/v2/traces`), and clients that push to `/api/v2/spans`: Brave, OpenTelemetry SDKs, the Collector",
  better: 'send OTLP, or let the Collector write it to a file beside what goes to Zipkin',
  detect: (head) => detect(headOf(head).outline),
  decoder: (options) => new JsonShapeDecoder(shape, options),
};

function detect(outline: Outline | undefined): Detection | undefined {
  if (outline === undefined) return undefined;
  for (const path of ['[].', '[][].', '']) {
    if (!hasAll(outline, `${path}traceId`, `${path}id`)) continue;
    const told = ['localEndpoint', 'timestamp', 'kind', 'name'].find((key) => outline.has(path + key));
    // The console exporters of JavaScript have a traceId and an id too, but more besides.
    if (told === undefined || outline.has(`${path}instrumentationScope.name`)) continue;
    const reason = `spans with ${path}traceId, ${path}id and ${path}${told}`;
    return { confidence: told === 'name' ? 0.6 : 0.9, reason, signals: ['traces'] };
  }
  return undefined;
}

const span: Plan = { name: 'span', piece: true };
const list: Plan = { name: 'list', piece: true, elements: span };

const shape: JsonShape<TelemetryOutput> = {
  root: { ...list, elements: list },
  alien: {
    one: 'no array of spans with traceId and id: not Zipkin',
    many: (count) => `${count} documents without spans that have traceId and id: not Zipkin`,
  },
  output: (options: DecoderOptions) => new TelemetryOutput(options),
  reader: (output, context) => new ZipkinReader(output, context),
};

class ZipkinReader implements PieceReader {
  private readonly output: TelemetryOutput;
  private readonly context: ReaderContext;
  private readonly spans: SharedIds;

  constructor(output: TelemetryOutput, context: ReaderContext) {
    this.output = output;
    this.context = context;
    this.spans = new SharedIds(output, context);
  }

  piece(_name: string, piece: Piece): void {
    const read = readZipkinSpan(piece.json(), (text) => this.context.notice(text));
    this.output.check(read.span);
    this.spans.add(read);
  }

  ended(): void {
    this.spans.settle();
  }
}
