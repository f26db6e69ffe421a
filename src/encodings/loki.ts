/**
 * Loki's JSON: answers of its query API (`query_range`, `query`) and of `tail`, and bodies that clients push.
 *
 * A line is the body of a record. Severity, ids, scope and the observed time come from the metadata that Loki makes of
 * them; labels and metadata whose names are resource attributes of the semantic conventions get their dots back and go to
 * the resource, as do all other labels of a stream; the rest are attributes. Fields that the query parsed from the line
 * are left out. Answers of metric queries (matrix, vector, scalar) hold no lines and are refused by name.
 */
import type { DecoderOptions, Detection, Encoding } from './encoding.ts';
import { LokiStream, type LokiEntry, type Pairs } from './loki/entry.ts';
import { pairsOf } from './loki/pairs.ts';
import { labelsAt } from './loki/selector.ts';
import { parseIsoTime } from '../model/time.ts';
import { hasAll, headOf, type Outline } from './outline.ts';
import {
  JsonShapeDecoder,
  type JsonShape,
  type Piece,
  type PieceReader,
  type ReaderContext,
} from './shared/json-decoder.ts';
import { JsonObject, type Json } from './shared/json.ts';
import { asObject, fail, listMember, objectMember, textMember, timeOf } from './shared/members.ts';
import type { Plan } from './shared/plan.ts';
import { ShapeError } from './shared/shape-error.ts';
import { TelemetryOutput } from './shared/telemetry-output.ts';

export const loki: Encoding = {
  name: 'loki',
  title: 'Loki (JSON)',
  readable: true,
  lost: [
    'all attributes are text, and the dots in their names underscores',
    'nested maps are flattened, and bodies that are no text are JSON text',
    'schema URLs, dropped counts of events and links',
    'which attributes were those of the resource, the scope or the record',
    'labels and metadata are not told apart, unless the answer is categorised',
  ],
  writtenBy:
    "Loki's API `/loki/api/v1/query_range`, `query` and `tail`; clients that push to it, such as pino-loki",
  better:
    'record OTLP before it goes to Loki; or ask with the header `X-Loki-Response-Encoding-Flags: categorize-labels`',
  detect: (head) => detect(headOf(head).outline),
  decoder: (options) => new JsonShapeDecoder(shape, options),
};

function detect(outline: Outline | undefined): Detection | undefined {
  if (outline === undefined) return undefined;
  const type = outline.get('data.resultType');
  if (type === 'streams') {
    return {
      confidence: 0.95,
      reason: 'data.resultType is streams',
      signals: ['logs'],
      detail: 'an answer of its query API',
    };
  }
  if (type !== undefined) {
    const reason = `data.resultType is ${type}: numbers over time, which hold no log lines`;
    return { confidence: 0.95, reason, signals: ['logs'], detail: `an answer with a ${type}` };
  }
  const isPush = hasAll(outline, 'streams[].stream', 'streams[].values');
  if (!isPush && !hasAll(outline, 'streams[].labels', 'streams[].entries')) return undefined;
  return {
    confidence: 0.95,
    reason: 'streams with their values',
    signals: ['logs'],
    detail: 'a body of its push API',
  };
}

const stream = (name: string): Plan => ({ name: 'streams', elements: { name, piece: true } });

const shape: JsonShape<TelemetryOutput> = {
  root: {
    name: 'answer',
    members: new Map<string, Plan>([
      [
        'data',
        {
          name: 'data',
          members: new Map<string, Plan>([
            ['resultType', { name: 'resultType', piece: true }],
            ['encodingFlags', { name: 'encodingFlags', piece: true }],
            ['result', stream('result')],
          ]),
        },
      ],
      ['streams', stream('pushed')],
      ['dropped_entries', { name: 'dropped_entries', elements: { name: 'dropped', piece: true } }],
    ]),
  },
  alien: {
    one: 'no object with streams: not of Loki',
    many: (count) => `${count} documents without streams: not of Loki`,
  },
  output: (options: DecoderOptions) => new TelemetryOutput(options),
  reader: (output, context) => new LokiReader(output, context),
};

class LokiReader implements PieceReader {
  private readonly output: TelemetryOutput;
  private readonly context: ReaderContext;
  private resultType = '';
  private isCategorised = false;

  constructor(output: TelemetryOutput, context: ReaderContext) {
    this.output = output;
    this.context = context;
  }

  piece(name: string, piece: Piece): void {
    const json = piece.json();
    if (name === 'resultType') this.resultType = typeof json === 'string' ? json : '';
    else if (name === 'encodingFlags')
      this.isCategorised = Array.isArray(json) && json.includes('categorize-labels');
    else if (name === 'dropped') this.context.notice('entries that Loki dropped while they were followed');
    else this.stream(json, name === 'result');
  }

  ended(): void {
    this.resultType = '';
    this.isCategorised = false;
  }

  private stream(json: Json, isAnswer: boolean): void {
    const { resultType } = this;
    if (isAnswer && resultType !== '' && resultType !== 'streams') {
      throw new ShapeError(
        `it is a ${resultType}, the answer to a metric query: numbers over time, which hold no log lines`,
      );
    }
    const object = asObject('a stream', json);
    const labels = labelsOf(object);
    const entries = listMember(object, 'values').map((each) => this.entry(each));
    for (const each of listMember(object, 'entries')) entries.push(legacyEntry(each));
    const isMixed = isAnswer && !this.isCategorised && entries.every(({ metadata }) => metadata.length === 0);
    const found = new LokiStream(labels, isMixed);
    for (const entry of entries) found.add(this.output, entry);
  }

  /** `["nanoseconds", "line", {metadata}]`, or with the metadata and what was parsed apart. */
  private entry(json: Json): LokiEntry {
    const [time, line, extra] = Array.isArray(json) ? json : [];
    if (typeof line !== 'string') return fail('an entry', '[nanoseconds, line]', json);
    const timeUnixNano = timeOf(time, 'a time', 'ns') ?? fail('a time', 'nanoseconds', time);
    return { timeUnixNano, line, metadata: extra instanceof JsonObject ? this.metadata(extra) : [] };
  }

  private metadata(object: JsonObject): Pairs {
    const own = object.get('structuredMetadata');
    const parsed = object.get('parsed');
    if (!(own instanceof JsonObject) && !(parsed instanceof JsonObject)) {
      return object.names.length === 0 ? [] : pairsOf(object);
    }
    if (parsed instanceof JsonObject && parsed.names.length > 0) {
      this.context.notice('entries with fields that the query parsed from the line, which are left out');
    }
    return own instanceof JsonObject ? pairsOf(own) : [];
  }
}

/** `stream` as an object, or in the old form `labels` as text. */
function labelsOf(object: JsonObject): Pairs {
  const labels = object.get('labels');
  if (typeof labels !== 'string') return pairsOf(objectMember(object, 'stream') ?? new JsonObject());
  return labelsAt(labels.trim(), 0)?.labels ?? fail('labels', '{name="value", …}', labels);
}

/** `{ts, line}`, as the first version of the push API had it. */
function legacyEntry(json: Json): LokiEntry {
  const object = asObject('an entry', json);
  const time = textMember(object, 'ts');
  const timeUnixNano = parseIsoTime(time);
  if (timeUnixNano === undefined || timeUnixNano < 0n) return fail('ts', 'a time of RFC 3339', time);
  return { timeUnixNano, line: textMember(object, 'line'), metadata: [] };
}
