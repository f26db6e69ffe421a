/**
 * OTLP protobuf to plain objects and back, slowly, from a table, sharing no code with `src`: the oracle of the tests.
 *
 * A message is an object of its fields in camelCase. Fields that are absent or have their default are left out, but
 * members of a oneof are kept. Ids and bytes are hex, 64-bit numbers bigints, unknown fields are hex under `?`.
 */

export type Plain = { [field: string]: unknown };
/** An AnyValue: at most one of stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue. */
export type PlainValue = Plain;
export interface PlainAttribute extends Plain {
  key?: string;
  value?: PlainValue;
}

type Kind =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'double'
  | 'fixed32'
  | 'fixed64'
  | 'int64'
  | 'uint64'
  | 'uint32'
  | 'sint32';
type Row = [number: number, name: string, kind: string, form?: 'many' | 'packed' | 'oneof'];

const attributes = (number: number): Row => [number, 'attributes', 'KeyValue', 'many'];

const tables: { [type: string]: Row[] } = {
  AnyValue: [
    [1, 'stringValue', 'string', 'oneof'],
    [2, 'boolValue', 'bool', 'oneof'],
    [3, 'intValue', 'int64', 'oneof'],
    [4, 'doubleValue', 'double', 'oneof'],
    [5, 'arrayValue', 'ArrayValue', 'oneof'],
    [6, 'kvlistValue', 'KeyValueList', 'oneof'],
    [7, 'bytesValue', 'bytes', 'oneof'],
  ],
  ArrayValue: [[1, 'values', 'AnyValue', 'many']],
  KeyValueList: [[1, 'values', 'KeyValue', 'many']],
  KeyValue: [
    [1, 'key', 'string'],
    [2, 'value', 'AnyValue'],
  ],
  Resource: [attributes(1), [2, 'droppedAttributesCount', 'uint32']],
  Scope: [
    [1, 'name', 'string'],
    [2, 'version', 'string'],
    attributes(3),
    [4, 'droppedAttributesCount', 'uint32'],
  ],
  TracesData: [[1, 'resourceSpans', 'ResourceSpans', 'many']],
  ResourceSpans: [
    [1, 'resource', 'Resource'],
    [2, 'scopeSpans', 'ScopeSpans', 'many'],
    [3, 'schemaUrl', 'string'],
  ],
  ScopeSpans: [
    [1, 'scope', 'Scope'],
    [2, 'spans', 'Span', 'many'],
    [3, 'schemaUrl', 'string'],
  ],
  Span: [
    [1, 'traceId', 'bytes'],
    [2, 'spanId', 'bytes'],
    [3, 'traceState', 'string'],
    [4, 'parentSpanId', 'bytes'],
    [5, 'name', 'string'],
    [6, 'kind', 'uint32'],
    [7, 'startTimeUnixNano', 'fixed64'],
    [8, 'endTimeUnixNano', 'fixed64'],
    attributes(9),
    [10, 'droppedAttributesCount', 'uint32'],
    [11, 'events', 'SpanEvent', 'many'],
    [12, 'droppedEventsCount', 'uint32'],
    [13, 'links', 'Link', 'many'],
    [14, 'droppedLinksCount', 'uint32'],
    [15, 'status', 'Status'],
    [16, 'flags', 'fixed32'],
  ],
  SpanEvent: [
    [1, 'timeUnixNano', 'fixed64'],
    [2, 'name', 'string'],
    attributes(3),
    [4, 'droppedAttributesCount', 'uint32'],
  ],
  Link: [
    [1, 'traceId', 'bytes'],
    [2, 'spanId', 'bytes'],
    [3, 'traceState', 'string'],
    attributes(4),
    [5, 'droppedAttributesCount', 'uint32'],
    [6, 'flags', 'fixed32'],
  ],
  Status: [
    [2, 'message', 'string'],
    [3, 'code', 'uint32'],
  ],
  LogsData: [[1, 'resourceLogs', 'ResourceLogs', 'many']],
  ResourceLogs: [
    [1, 'resource', 'Resource'],
    [2, 'scopeLogs', 'ScopeLogs', 'many'],
    [3, 'schemaUrl', 'string'],
  ],
  ScopeLogs: [
    [1, 'scope', 'Scope'],
    [2, 'logRecords', 'LogRecord', 'many'],
    [3, 'schemaUrl', 'string'],
  ],
  LogRecord: [
    [1, 'timeUnixNano', 'fixed64'],
    [2, 'severityNumber', 'uint32'],
    [3, 'severityText', 'string'],
    [5, 'body', 'AnyValue'],
    attributes(6),
    [7, 'droppedAttributesCount', 'uint32'],
    [8, 'flags', 'fixed32'],
    [9, 'traceId', 'bytes'],
    [10, 'spanId', 'bytes'],
    [11, 'observedTimeUnixNano', 'fixed64'],
    [12, 'eventName', 'string'],
  ],
  MetricsData: [[1, 'resourceMetrics', 'ResourceMetrics', 'many']],
  ResourceMetrics: [
    [1, 'resource', 'Resource'],
    [2, 'scopeMetrics', 'ScopeMetrics', 'many'],
    [3, 'schemaUrl', 'string'],
  ],
  ScopeMetrics: [
    [1, 'scope', 'Scope'],
    [2, 'metrics', 'Metric', 'many'],
    [3, 'schemaUrl', 'string'],
  ],
  Metric: [
    [1, 'name', 'string'],
    [2, 'description', 'string'],
    [3, 'unit', 'string'],
    [5, 'gauge', 'Gauge', 'oneof'],
    [7, 'sum', 'Sum', 'oneof'],
    [9, 'histogram', 'Histogram', 'oneof'],
    [10, 'exponentialHistogram', 'ExponentialHistogram', 'oneof'],
    [11, 'summary', 'Summary', 'oneof'],
    [12, 'metadata', 'KeyValue', 'many'],
  ],
  Gauge: [[1, 'dataPoints', 'NumberDataPoint', 'many']],
  Sum: [
    [1, 'dataPoints', 'NumberDataPoint', 'many'],
    [2, 'aggregationTemporality', 'uint32'],
    [3, 'isMonotonic', 'bool'],
  ],
  Histogram: [
    [1, 'dataPoints', 'HistogramDataPoint', 'many'],
    [2, 'aggregationTemporality', 'uint32'],
  ],
  ExponentialHistogram: [
    [1, 'dataPoints', 'ExponentialHistogramDataPoint', 'many'],
    [2, 'aggregationTemporality', 'uint32'],
  ],
  Summary: [[1, 'dataPoints', 'SummaryDataPoint', 'many']],
  NumberDataPoint: [
    [2, 'startTimeUnixNano', 'fixed64'],
    [3, 'timeUnixNano', 'fixed64'],
    [4, 'asDouble', 'double', 'oneof'],
    [6, 'asInt', 'fixed64', 'oneof'],
    attributes(7),
    [8, 'flags', 'uint32'],
  ],
  HistogramDataPoint: [
    [2, 'startTimeUnixNano', 'fixed64'],
    [3, 'timeUnixNano', 'fixed64'],
    [4, 'count', 'fixed64'],
    [5, 'sum', 'double', 'oneof'],
    [6, 'bucketCounts', 'fixed64', 'packed'],
    [7, 'explicitBounds', 'double', 'packed'],
    attributes(9),
    [10, 'flags', 'uint32'],
    [11, 'min', 'double', 'oneof'],
    [12, 'max', 'double', 'oneof'],
  ],
  ExponentialHistogramDataPoint: [
    attributes(1),
    [2, 'startTimeUnixNano', 'fixed64'],
    [3, 'timeUnixNano', 'fixed64'],
    [4, 'count', 'fixed64'],
    [5, 'sum', 'double', 'oneof'],
    [6, 'scale', 'sint32'],
    [7, 'zeroCount', 'fixed64'],
    [8, 'positive', 'Buckets'],
    [9, 'negative', 'Buckets'],
    [10, 'flags', 'uint32'],
  ],
  Buckets: [
    [1, 'offset', 'sint32'],
    [2, 'bucketCounts', 'uint64', 'packed'],
  ],
  SummaryDataPoint: [
    [2, 'startTimeUnixNano', 'fixed64'],
    [3, 'timeUnixNano', 'fixed64'],
    [4, 'count', 'fixed64'],
    [5, 'sum', 'double'],
    [6, 'quantileValues', 'ValueAtQuantile', 'many'],
    attributes(7),
    [8, 'flags', 'uint32'],
  ],
  ValueAtQuantile: [
    [1, 'quantile', 'double'],
    [2, 'value', 'double'],
  ],
};

export const plainTypes: readonly string[] = Object.keys(tables);

const wireTypes: { [kind in Kind]: number } = {
  string: 2,
  bytes: 2,
  bool: 0,
  double: 1,
  fixed32: 5,
  fixed64: 1,
  int64: 0,
  uint64: 0,
  uint32: 0,
  sint32: 0,
};

function rowsOf(type: string): Row[] {
  const rows = tables[type];
  if (rows === undefined) throw new Error(`there is no message ${type}`);
  return rows;
}

/** Decodes a message of this type. Throws when it is not well-formed. */
export function decodePlain(type: string, bytes: Uint8Array): Plain {
  const message: Plain = {};
  const reader = new Reader(bytes);
  while (!reader.atEnd) {
    const begin = reader.at;
    const tag = Number(reader.varint());
    const row = rowsOf(type).find(([number]) => number === tag >> 3);
    if (row === undefined) {
      reader.skip(tag & 7);
      ((message['?'] ??= []) as string[]).push(hex(bytes.subarray(begin, reader.at)));
    } else decodeField(message, row, tag & 7, reader);
  }
  for (const [, name, kind, form] of rowsOf(type)) {
    if (form !== 'oneof' && isDefault(message[name]) && !(kind in tables)) delete message[name];
  }
  return message;
}

function decodeField(message: Plain, [, name, kind, form]: Row, wireType: number, reader: Reader): void {
  if (kind in tables) {
    const inner = decodePlain(kind, reader.block());
    if (form === 'many') ((message[name] ??= []) as Plain[]).push(inner);
    else message[name] = inner;
  } else if (form === 'packed') {
    const list = (message[name] ??= []) as unknown[];
    if (wireType !== 2) list.push(decodeScalar(kind as Kind, reader));
    else
      for (const from = new Reader(reader.block()); !from.atEnd;) list.push(decodeScalar(kind as Kind, from));
  } else message[name] = decodeScalar(kind as Kind, reader);
}

function decodeScalar(kind: Kind, reader: Reader): unknown {
  if (kind === 'string') return new TextDecoder().decode(reader.block());
  if (kind === 'bytes') return hex(reader.block());
  if (kind === 'double') return reader.fixed(8).getFloat64(0, true);
  if (kind === 'fixed32') return reader.fixed(4).getUint32(0, true);
  if (kind === 'fixed64') return reader.fixed(8).getBigUint64(0, true);
  const varint = reader.varint();
  if (kind === 'bool') return varint !== 0n;
  if (kind === 'int64') return BigInt.asIntN(64, varint);
  if (kind === 'uint64') return varint;
  if (kind === 'sint32') return Number(varint % 2n === 0n ? varint / 2n : -(varint + 1n) / 2n);
  return Number(BigInt.asUintN(32, varint));
}

function isDefault(value: unknown): boolean {
  return (
    value === 0 ||
    value === 0n ||
    value === '' ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}

/** Encodes a message of this type, fields in the order of the object, unknown ones (`?`) where they stand. */
export function encodePlain(type: string, message: Plain): Buffer {
  const parts: Uint8Array[] = [];
  for (const [name, value] of Object.entries(message)) {
    if (name === '?') {
      parts.push(...(value as string[]).map((text) => Buffer.from(text, 'hex')));
      continue;
    }
    const row = rowsOf(type).find(([, known]) => known === name);
    if (row === undefined) throw new Error(`${type} has no field ${name}`);
    if (value !== undefined) parts.push(...encodeField(row, value));
  }
  return Buffer.concat(parts);
}

function encodeField([number, , kind, form]: Row, value: unknown): Uint8Array[] {
  if (kind in tables) {
    const messages = form === 'many' ? (value as Plain[]) : [value as Plain];
    return messages.flatMap((message) => [
      varint(BigInt(number * 8 + 2)),
      ...block(encodePlain(kind, message)),
    ]);
  }
  if (form === 'packed') {
    const body = Buffer.concat((value as unknown[]).flatMap((item) => encodeScalar(kind as Kind, item)));
    return [varint(BigInt(number * 8 + 2)), ...block(body)];
  }
  return [varint(BigInt(number * 8 + wireTypes[kind as Kind])), ...encodeScalar(kind as Kind, value)];
}

function encodeScalar(kind: Kind, value: unknown): Uint8Array[] {
  const fixed = Buffer.alloc(8);
  if (kind === 'string') return block(new TextEncoder().encode(value as string));
  if (kind === 'bytes') return block(Buffer.from(value as string, 'hex'));
  if (kind === 'double') {
    fixed.writeDoubleLE(value as number);
    return [fixed];
  }
  if (kind === 'fixed64') {
    fixed.writeBigUInt64LE(value as bigint);
    return [fixed];
  }
  if (kind === 'fixed32') {
    fixed.writeUInt32LE(value as number);
    return [fixed.subarray(0, 4)];
  }
  if (kind === 'sint32') {
    const number = value as number;
    return [varint(BigInt(number < 0 ? -2 * number - 1 : 2 * number))];
  }
  return [varint(BigInt.asUintN(64, BigInt(value as number | bigint | boolean)))];
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (; value >= 128n; value /= 128n) bytes.push(Number(value % 128n) + 128);
  return Buffer.from([...bytes, Number(value)]);
}

function block(body: Uint8Array): Uint8Array[] {
  return [varint(BigInt(body.length)), body];
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

class Reader {
  at = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.take(1)[0] ?? 0;
      value += BigInt(byte % 128) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
  }

  block(): Uint8Array {
    return this.take(Number(this.varint()));
  }

  fixed(size: number): DataView {
    const bytes = this.take(size);
    return new DataView(bytes.buffer, bytes.byteOffset, size);
  }

  skip(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.take(8);
    else if (wireType === 2) this.block();
    else if (wireType === 5) this.take(4);
    else throw new Error(`wire type ${wireType}`);
  }

  private take(size: number): Uint8Array {
    if (this.at + size > this.bytes.length) throw new Error(`${size} bytes at ${this.at} run past the end`);
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }
}
