/** Recordings of known content: every record has an id of its own, and what it says is known to the last digit. */
import { createHash } from 'node:crypto';
import { lokiContent } from './oracle/loki.ts';
import { contentOf, idOf, plainRecord, textOf, type PlainRecord, type PlainValue } from './oracle/records.ts';

export interface RecordingOptions {
  readonly signal?: 'traces' | 'logs';
  /** Ids are made of it: recordings of the same name and size are the same. */
  readonly name?: string;
  readonly records?: number;
  readonly perLine?: number;
  /** Bytes of text in each record besides the rest. */
  readonly padding?: number;
  readonly startUnixNano?: bigint;
  readonly service?: string;
}

export class Recording {
  readonly signal: 'traces' | 'logs';
  readonly records: readonly PlainRecord[];
  /** OTLP JSON, without line ends. */
  readonly lines: readonly string[];

  constructor(signal: 'traces' | 'logs', records: readonly PlainRecord[], perLine = 10) {
    this.signal = signal;
    this.records = records;
    this.lines = Array.from({ length: Math.ceil(records.length / perLine) }, (_, at) =>
      lineOf(records.slice(at * perLine, (at + 1) * perLine)),
    );
  }

  get text(): string {
    return this.lines.map((line) => `${line}\n`).join('');
  }

  /** What a backend has to hold: the content of each record by its id. */
  get issued(): Map<string, string> {
    return new Map(this.records.map((record) => [idOf(record), contentOf(record)]));
  }

  /** The same for a Loki, which holds lines. */
  get issuedLines(): Map<string, string> {
    return new Map(
      this.records.map((record) => [idOf(record), lokiContent(record.startUnixNano, textOf(record.body))]),
    );
  }
}

export function recorded(options: RecordingOptions = {}): Recording {
  const { signal = 'traces', records = 200, perLine = 10 } = options;
  const list = Array.from({ length: records }, (_, at) => recordAt(at, options));
  return new Recording(signal, list, perLine);
}

/** Begins an hour ago, so that no backend calls it too old. */
const anHourAgo = BigInt(Date.now() - 3_600_000) * 1_000_000n;

function recordAt(at: number, options: RecordingOptions): PlainRecord {
  const { signal = 'traces', name = 'a', padding = 0, startUnixNano = anHourAgo, service = 'shop' } = options;
  const id = createHash('sha1').update(`${signal} ${name} ${at}`).digest('hex');
  const start = startUnixNano + BigInt(at) * 1_000_003n;
  const pad: [string, PlainValue][] = padding === 0 ? [] : [['padding', paddingOf(id, padding)]];
  const common = {
    signal,
    traceId: id.slice(0, 32),
    spanId: id.slice(24),
    startUnixNano: start,
    resource: [['service.name', service] as const, ['recording', name] as const],
    scope: 'faults',
  };
  if (signal === 'logs') {
    return plainRecord({
      ...common,
      severity: 'INFO',
      body: `${name} line ${at} of the recording`,
      attributes: [['record.id', `${name}-${id}`], ['at', BigInt(at)], ...pad],
    });
  }
  return plainRecord({
    ...common,
    name: `${name} span ${at}`,
    kind: 1 + (at % 5),
    endUnixNano: start + 5_000_001n,
    attributes: [...attributesAt(at), ...pad],
  });
}

/** One of each kind of value, among them what a JavaScript number cannot hold. */
function attributesAt(at: number): [string, PlainValue][] {
  return [
    ['large', 9_007_199_254_740_993n + BigInt(at)],
    ['whole double', at],
    ['share', at / 7],
    ['text', `grüße ${at} \u2028 "quoted"`],
    ['list', [true, -1n, 'x']],
    ['map', new Map<string, PlainValue>([['inner', Buffer.from([0, 255, at & 255])]])],
  ];
}

/** Text that does not compress to nothing. */
function paddingOf(id: string, bytes: number): string {
  let text = '';
  for (let at = 0; text.length < bytes; at++)
    text += createHash('sha1').update(`${id} ${at}`).digest('base64');
  return text.slice(0, bytes);
}

/** One line of OTLP JSON; all records share the resource and scope of the first. */
export function lineOf(records: readonly PlainRecord[]): string {
  const [first] = records;
  if (first === undefined) return '{}';
  const resource = { attributes: first.resource.map(attributeJson) };
  const scope = { name: first.scope };
  return JSON.stringify(
    first.signal === 'traces'
      ? { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: records.map(spanJson) }] }] }
      : { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: records.map(logJson) }] }] },
  );
}

function spanJson(record: PlainRecord): object {
  const { traceId, spanId, parentSpanId, name, kind, startUnixNano, endUnixNano, attributes } = record;
  return {
    traceId,
    spanId,
    ...(parentSpanId === '' ? {} : { parentSpanId }),
    name,
    kind,
    startTimeUnixNano: String(startUnixNano),
    endTimeUnixNano: String(endUnixNano),
    attributes: attributes.map(attributeJson),
  };
}

function logJson({ traceId, spanId, startUnixNano, severity, body, attributes }: PlainRecord): object {
  return {
    timeUnixNano: String(startUnixNano),
    severityText: severity,
    body: valueJson(body),
    attributes: attributes.map(attributeJson),
    traceId,
    spanId,
  };
}

function attributeJson([key, value]: readonly [string, PlainValue]): object {
  return { key, value: valueJson(value) };
}

/** Whether JSON.stringify writes it as it is: it knows no NaN and no Infinity, and makes 0 of -0. */
function isPlain(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

export function valueJson(value: PlainValue): object {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: isPlain(value) ? value : textOf(value).slice(7) };
  if (Buffer.isBuffer(value)) return { bytesValue: value.toString('base64') };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(valueJson) } };
  return { kvlistValue: { values: [...value].map(attributeJson) } };
}
