/**
 * The OTLP messages as data (opentelemetry-proto 1.10). The transcoder, the check and the JSON writer are driven by
 * these tables, and the views take their field numbers from the same place.
 */

import type { Signal } from './signal.ts';

export type Kind =
  | 'string'
  | 'id'
  | 'bytes'
  | 'bool'
  | 'double'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'uint32'
  | 'sint32'
  | 'int64'
  | 'enum'
  | 'message'
  | 'strings'
  | 'doubles'
  | 'fixed64s'
  | 'uint64s';

/** One way to write a field's name in JSON. */
export interface Spelling {
  readonly field: Field;
  readonly name: string;
  /** `"name":` as little-endian words; the last word ends where the text ends. */
  readonly quoted: Int32Array;
  /** Bytes of `"name":`. */
  readonly length: number;
  /** What came after this one last time; a guess that saves the search for the next name. */
  next: Spelling | null;
}

export interface Field {
  readonly name: string;
  readonly number: number;
  readonly kind: Kind;
  /** The tag that a writer writes: repeated numbers are packed. */
  readonly tag: number;
  /** The tag of one number that is not packed; the same as `tag` for all but repeated numbers. */
  readonly loneTag: number;
  readonly repeated: boolean;
  /** Written even when it is zero: a member of a oneof, or `optional`. */
  readonly explicit: boolean;
  /** Which singular field of its message it is, as one bit; the members of a oneof share one. 0 if repeated. */
  readonly bit: number;
  /** The message type, for fields of kind message. */
  readonly type: MessageType | null;
  /** The names of an enum. */
  readonly values: ReadonlyMap<string, number> | null;
  /** How many bytes an id has. */
  readonly size: number;
  /** `"name":` as little-endian words, for the JSON writer; the last word ends where the text ends. */
  readonly label: Int32Array;
}

export interface MessageType {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly spellings: readonly Spelling[];
  readonly byName: ReadonlyMap<string, Spelling>;
  readonly byNumber: readonly (Field | undefined)[];
  /** How many bytes its length usually takes. */
  readonly width: number;
  /** The message can hold itself, so its nesting is counted against the limit of depth. */
  readonly nests: boolean;
  /** The name that came first last time. */
  first: Spelling | null;
}

interface Options {
  repeated?: boolean;
  explicit?: boolean;
  /** Fields of one message with the same letter here are a oneof. */
  oneof?: string;
  type?: MessageType;
  values?: ReadonlyMap<string, number>;
  /** Names from older versions of OTLP. */
  aliases?: readonly string[];
  size?: number;
}
type Definition = readonly [number: number, kind: Kind, options?: Options];

/** How deeply values may be nested in values unless a limit is given. */
export const defaultMaxDepth = 64;

const length = 2;
const wireTypes: Record<Kind, number> = {
  string: length,
  id: length,
  bytes: length,
  bool: 0,
  double: 1,
  fixed32: 5,
  fixed64: 1,
  sfixed64: 1,
  uint32: 0,
  sint32: 0,
  int64: 0,
  enum: 0,
  message: length,
  strings: length,
  doubles: length,
  fixed64s: length,
  uint64s: length,
};
const loneWireTypes: Partial<Record<Kind, number>> = { doubles: 1, fixed64s: 1, uint64s: 0 };

/** A type while it is put together; the tables are only read after this file has run. */
class TypeBuilder implements MessageType {
  readonly name: string;
  readonly width: number;
  readonly nests: boolean;
  readonly fields: Field[] = [];
  readonly spellings: Spelling[] = [];
  readonly byName = new Map<string, Spelling>();
  readonly byNumber: (Field | undefined)[] = [];
  first: Spelling | null = null;
  private readonly oneofs = new Map<string, number>();
  private bits = 0;

  constructor(name: string, width: number, nests: boolean) {
    this.name = name;
    this.width = width;
    this.nests = nests;
  }

  add(name: string, [number, kind, options = {}]: Definition): this {
    const tag = (number << 3) | wireTypes[kind];
    const loneType = loneWireTypes[kind];
    const repeated = options.repeated ?? (loneType !== undefined || kind === 'strings');
    const label = wordsOf(`"${name}":`);
    const field: Field = {
      name,
      number,
      kind,
      tag,
      loneTag: loneType === undefined ? tag : (number << 3) | loneType,
      repeated,
      explicit: options.explicit ?? options.oneof !== undefined,
      bit: repeated ? 0 : this.bitFor(options.oneof),
      type: options.type ?? null,
      values: options.values ?? null,
      size: options.size ?? 0,
      label,
    };
    this.fields.push(field);
    this.byNumber[number] = field;
    for (const alias of new Set(
      [name, ...(options.aliases ?? [])].flatMap((each) => [each, snakeCase(each)]),
    )) {
      const spelling = {
        field,
        name: alias,
        quoted: alias === name ? label : wordsOf(`"${alias}":`),
        length: alias.length + 3,
        next: null,
      };
      this.spellings.push(spelling);
      this.byName.set(alias, spelling);
      this.first ??= spelling;
    }
    return this;
  }

  private bitFor(oneof: string | undefined): number {
    const known = oneof === undefined ? undefined : this.oneofs.get(oneof);
    if (known !== undefined) return known;
    const bit = 1 << this.bits++;
    if (oneof !== undefined) this.oneofs.set(oneof, bit);
    return bit;
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => '_' + letter.toLowerCase());
}

function wordsOf(text: string): Int32Array {
  const words = new Int32Array(Math.ceil(text.length / 4));
  for (let i = 0; i < words.length; i++) words[i] = wordAt(text, Math.min(i * 4, text.length - 4));
  return words;
}

function wordAt(text: string, at: number): number {
  let word = 0;
  for (let i = 3; i >= 0; i--) word = (word << 8) | text.charCodeAt(at + i);
  return word;
}

function message(
  name: string,
  width: number,
  definitions: Record<string, Definition>,
  nests = false,
): TypeBuilder {
  const type = new TypeBuilder(name, width, nests);
  for (const [fieldName, definition] of Object.entries(definitions)) type.add(fieldName, definition);
  return type;
}

const many = (type: MessageType): Options => ({ type, repeated: true });
const one = (type: MessageType): Options => ({ type });
const optional: Options = { explicit: true };
const value: Options = { oneof: 'value' };
const choice = (prefix: string, names: readonly string[]): Options => ({
  values: new Map(names.map((name, number) => [prefix + name, number])),
});
const traceId: Options = { size: 16 };
const spanId: Options = { size: 8 };

export const AnyValueType = message('AnyValue', 1, {}, true);
const ArrayValueType = message('ArrayValue', 1, { values: [1, 'message', many(AnyValueType)] });
export const KeyValueType = message('KeyValue', 1, {
  key: [1, 'string'],
  value: [2, 'message', one(AnyValueType)],
});
const KeyValueListType = message('KeyValueList', 1, { values: [1, 'message', many(KeyValueType)] });
AnyValueType.add('stringValue', [1, 'string', value])
  .add('boolValue', [2, 'bool', value])
  .add('intValue', [3, 'int64', value])
  .add('doubleValue', [4, 'double', value])
  .add('arrayValue', [5, 'message', { ...value, type: ArrayValueType }])
  .add('kvlistValue', [6, 'message', { ...value, type: KeyValueListType }])
  .add('bytesValue', [7, 'bytes', value]);

const EntityRefType = message('EntityRef', 1, {
  schemaUrl: [1, 'string'],
  type: [2, 'string'],
  idKeys: [3, 'strings'],
  descriptionKeys: [4, 'strings'],
});
const ResourceType = message('Resource', 2, {
  attributes: [1, 'message', many(KeyValueType)],
  droppedAttributesCount: [2, 'uint32'],
  entityRefs: [3, 'message', many(EntityRefType)],
});
const ScopeType = message('InstrumentationScope', 1, {
  name: [1, 'string'],
  version: [2, 'string'],
  attributes: [3, 'message', many(KeyValueType)],
  droppedAttributesCount: [4, 'uint32'],
});

const EventType = message('Span.Event', 1, {
  timeUnixNano: [1, 'fixed64'],
  name: [2, 'string'],
  attributes: [3, 'message', many(KeyValueType)],
  droppedAttributesCount: [4, 'uint32'],
});
const LinkType = message('Span.Link', 1, {
  traceId: [1, 'id', traceId],
  spanId: [2, 'id', spanId],
  traceState: [3, 'string'],
  attributes: [4, 'message', many(KeyValueType)],
  droppedAttributesCount: [5, 'uint32'],
  flags: [6, 'fixed32'],
});
const StatusType = message('Status', 1, {
  message: [2, 'string'],
  code: [3, 'enum', choice('STATUS_CODE_', ['UNSET', 'OK', 'ERROR'])],
});
const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
export const SpanType = message('Span', 2, {
  traceId: [1, 'id', traceId],
  spanId: [2, 'id', spanId],
  traceState: [3, 'string'],
  parentSpanId: [4, 'id', spanId],
  flags: [16, 'fixed32'],
  name: [5, 'string'],
  kind: [6, 'enum', choice('SPAN_KIND_', kinds)],
  startTimeUnixNano: [7, 'fixed64'],
  endTimeUnixNano: [8, 'fixed64'],
  attributes: [9, 'message', many(KeyValueType)],
  droppedAttributesCount: [10, 'uint32'],
  events: [11, 'message', many(EventType)],
  droppedEventsCount: [12, 'uint32'],
  links: [13, 'message', many(LinkType)],
  droppedLinksCount: [14, 'uint32'],
  status: [15, 'message', one(StatusType)],
});

const severities = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) => [
  name,
  `${name}2`,
  `${name}3`,
  `${name}4`,
]);
export const LogRecordType = message('LogRecord', 2, {
  timeUnixNano: [1, 'fixed64'],
  observedTimeUnixNano: [11, 'fixed64'],
  severityNumber: [2, 'enum', choice('SEVERITY_NUMBER_', ['UNSPECIFIED', ...severities])],
  severityText: [3, 'string'],
  body: [5, 'message', one(AnyValueType)],
  attributes: [6, 'message', many(KeyValueType)],
  droppedAttributesCount: [7, 'uint32'],
  flags: [8, 'fixed32'],
  traceId: [9, 'id', traceId],
  spanId: [10, 'id', spanId],
  eventName: [12, 'string'],
});

const ExemplarType = message('Exemplar', 1, {
  filteredAttributes: [7, 'message', many(KeyValueType)],
  timeUnixNano: [2, 'fixed64'],
  asDouble: [3, 'double', value],
  asInt: [6, 'sfixed64', value],
  spanId: [4, 'id', spanId],
  traceId: [5, 'id', traceId],
});
const point: Record<string, Definition> = {
  startTimeUnixNano: [2, 'fixed64'],
  timeUnixNano: [3, 'fixed64'],
};
const NumberDataPointType = message('NumberDataPoint', 1, {
  attributes: [7, 'message', many(KeyValueType)],
  ...point,
  asDouble: [4, 'double', value],
  asInt: [6, 'sfixed64', value],
  exemplars: [5, 'message', many(ExemplarType)],
  flags: [8, 'uint32'],
});
const HistogramDataPointType = message('HistogramDataPoint', 2, {
  attributes: [9, 'message', many(KeyValueType)],
  ...point,
  count: [4, 'fixed64'],
  sum: [5, 'double', optional],
  bucketCounts: [6, 'fixed64s'],
  explicitBounds: [7, 'doubles'],
  exemplars: [8, 'message', many(ExemplarType)],
  flags: [10, 'uint32'],
  min: [11, 'double', optional],
  max: [12, 'double', optional],
});
const BucketsType = message('ExponentialHistogramDataPoint.Buckets', 1, {
  offset: [1, 'sint32'],
  bucketCounts: [2, 'uint64s'],
});
const ExponentialHistogramDataPointType = message('ExponentialHistogramDataPoint', 2, {
  attributes: [1, 'message', many(KeyValueType)],
  ...point,
  count: [4, 'fixed64'],
  sum: [5, 'double', optional],
  scale: [6, 'sint32'],
  zeroCount: [7, 'fixed64'],
  positive: [8, 'message', one(BucketsType)],
  negative: [9, 'message', one(BucketsType)],
  flags: [10, 'uint32'],
  exemplars: [11, 'message', many(ExemplarType)],
  min: [12, 'double', optional],
  max: [13, 'double', optional],
  zeroThreshold: [14, 'double'],
});
const ValueAtQuantileType = message('SummaryDataPoint.ValueAtQuantile', 1, {
  quantile: [1, 'double'],
  value: [2, 'double'],
});
const SummaryDataPointType = message('SummaryDataPoint', 2, {
  attributes: [7, 'message', many(KeyValueType)],
  ...point,
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  quantileValues: [6, 'message', many(ValueAtQuantileType)],
  flags: [8, 'uint32'],
});

const temporality: Definition = [
  2,
  'enum',
  choice('AGGREGATION_TEMPORALITY_', ['UNSPECIFIED', 'DELTA', 'CUMULATIVE']),
];
/** Gauge, Sum, Histogram ...: the data points of a metric and what all of them share. */
function data(name: string, of: MessageType, more: Record<string, Definition> = {}): Options {
  return { oneof: 'data', type: message(name, 2, { dataPoints: [1, 'message', many(of)], ...more }) };
}
export const MetricType = message('Metric', 2, {
  name: [1, 'string'],
  description: [2, 'string'],
  unit: [3, 'string'],
  gauge: [5, 'message', data('Gauge', NumberDataPointType)],
  sum: [
    7,
    'message',
    data('Sum', NumberDataPointType, { aggregationTemporality: temporality, isMonotonic: [3, 'bool'] }),
  ],
  histogram: [
    9,
    'message',
    data('Histogram', HistogramDataPointType, { aggregationTemporality: temporality }),
  ],
  exponentialHistogram: [
    10,
    'message',
    data('ExponentialHistogram', ExponentialHistogramDataPointType, { aggregationTemporality: temporality }),
  ],
  summary: [11, 'message', data('Summary', SummaryDataPointType)],
  metadata: [12, 'message', many(KeyValueType)],
});

/**
 * ResourceX, ScopeX, X, which traces, logs and metrics share. Before OTLP 0.16 the scopes of JSON were
 * instrumentationLibraryX and each one's scope instrumentationLibrary.
 */
function dataOf(
  signal: 'Spans' | 'Logs' | 'Metrics',
  records: string,
  record: MessageType,
  name: string,
): MessageType {
  const scopes = message(`Scope${signal}`, 3, {
    scope: [1, 'message', { type: ScopeType, aliases: ['instrumentationLibrary'] }],
    [records]: [2, 'message', { ...many(record), ...(signal === 'Logs' ? { aliases: ['logs'] } : {}) }],
    schemaUrl: [3, 'string'],
  });
  const resources = message(`Resource${signal}`, 3, {
    resource: [1, 'message', one(ResourceType)],
    [`scope${signal}`]: [2, 'message', { ...many(scopes), aliases: [`instrumentationLibrary${signal}`] }],
    schemaUrl: [3, 'string'],
  });
  return message(name, 0, {
    [`resource${signal}`]: [
      1,
      'message',
      { ...many(resources), ...(signal === 'Spans' ? { aliases: ['batches'] } : {}) },
    ],
  });
}

export const TracesData = dataOf('Spans', 'spans', SpanType, 'TracesData');
export const LogsData = dataOf('Logs', 'logRecords', LogRecordType, 'LogsData');
export const MetricsData = dataOf('Metrics', 'metrics', MetricType, 'MetricsData');

/** The message that holds a whole batch of this signal. */
export function dataTypeOf(signal: Signal): MessageType {
  return signal === 'traces' ? TracesData : signal === 'logs' ? LogsData : MetricsData;
}

/** Whether the field holds the attributes of an item, and not the members of a value that is a map. */
export function isAttributes(type: MessageType, field: Field): boolean {
  return field.type === KeyValueType && type !== KeyValueListType;
}
