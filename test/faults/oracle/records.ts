/** What a backend stores: one span or log record with all that it says, as text that can be compared. */
import { createHash } from 'node:crypto';
import { fieldsOf, messagesOf } from './protobuf.ts';

export type StoredSignal = 'traces' | 'logs';

export interface StoredRecord {
  /** The same for each copy of it: ids for a span, the attribute `record.id` or the body for a log record. */
  readonly id: string;
  /** Everything that the record, its scope and its resource say. */
  readonly content: string;
  /** Of the bytes of the record itself. */
  readonly hash: string;
  readonly size: number;
  readonly signal: StoredSignal;
}

/** A value of OTLP: an int64 is a bigint, so that no digit is lost and a double stays a double. */
export type PlainValue =
  | null
  | string
  | boolean
  | bigint
  | number
  | Buffer
  | PlainValue[]
  | Map<string, PlainValue>;

export interface PlainRecord {
  readonly signal: StoredSignal;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
  readonly severity: string;
  readonly body: PlainValue;
  readonly attributes: readonly (readonly [string, PlainValue])[];
  readonly resource: readonly (readonly [string, PlainValue])[];
  readonly scope: string;
}

const blank: PlainRecord = {
  signal: 'traces',
  traceId: '',
  spanId: '',
  parentSpanId: '',
  name: '',
  kind: 0,
  startUnixNano: 0n,
  endUnixNano: 0n,
  severity: '',
  body: null,
  attributes: [],
  resource: [],
  scope: '',
};

export function plainRecord(facts: Partial<PlainRecord>): PlainRecord {
  return { ...blank, ...facts };
}

/** The records of an export request (OTLP protobuf). */
export function recordsOf(signal: StoredSignal, request: Buffer): { plain: PlainRecord; bytes: Buffer }[] {
  return messagesOf(request, 1).flatMap((group) => {
    const resource = messagesOf(group, 1).flatMap((message) => attributesOf(message, 1));
    return messagesOf(group, 2).flatMap((scopeGroup) => {
      const scope =
        messagesOf(scopeGroup, 1)
          .flatMap((message) => messagesOf(message, 1))
          .map(String)[0] ?? '';
      return messagesOf(scopeGroup, 2).map((bytes) => ({
        plain: { ...(signal === 'traces' ? spanOf(bytes) : logOf(bytes)), resource, scope },
        bytes,
      }));
    });
  });
}

export function stored({ plain, bytes }: { plain: PlainRecord; bytes: Buffer }): StoredRecord {
  const hash = createHash('sha1').update(bytes).digest('base64');
  return { id: idOf(plain), content: contentOf(plain), hash, size: bytes.length, signal: plain.signal };
}

export function idOf(plain: PlainRecord): string {
  if (plain.signal === 'traces') return `${plain.traceId}-${plain.spanId}`;
  const named = plain.attributes.find(([key]) => key === 'record.id');
  return textOf(named === undefined ? plain.body : named[1]);
}

/** Independent of the order of fields, and of nothing else. */
export function contentOf(plain: PlainRecord): string {
  return JSON.stringify(plain, (_, value: unknown) => (isPlainLeaf(value) ? textOf(value) : value));
}

function isPlainLeaf(value: unknown): value is PlainValue {
  return typeof value === 'bigint' || typeof value === 'number' || value instanceof Map;
}

/** Tells a double from an integer and -0 from 0. */
export function textOf(value: PlainValue): string {
  if (typeof value === 'bigint') return `int ${value}`;
  if (typeof value === 'number') return `double ${Object.is(value, -0) ? '-0' : value}`;
  if (Buffer.isBuffer(value)) return `bytes ${value.toString('hex')}`;
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (value instanceof Map)
    return `{${[...value].map(([key, inner]) => `${JSON.stringify(key)}: ${textOf(inner)}`).join(', ')}}`;
  return typeof value === 'string' ? value : String(value);
}

function spanOf(bytes: Buffer): PlainRecord {
  const facts: Record<string, unknown> = {};
  for (const { number, value } of fieldsOf(bytes)) {
    if (number === 1) facts['traceId'] = hex(value);
    else if (number === 2) facts['spanId'] = hex(value);
    else if (number === 4) facts['parentSpanId'] = hex(value);
    else if (number === 5) facts['name'] = String(value);
    else if (number === 6) facts['kind'] = Number(value);
    else if (number === 7) facts['startUnixNano'] = value;
    else if (number === 8) facts['endUnixNano'] = value;
  }
  return plainRecord({ ...facts, signal: 'traces', attributes: attributesOf(bytes, 9) });
}

function logOf(bytes: Buffer): PlainRecord {
  const facts: Record<string, unknown> = {};
  for (const { number, value } of fieldsOf(bytes)) {
    if (number === 1) facts['startUnixNano'] = value;
    else if (number === 3) facts['severity'] = String(value);
    else if (number === 5 && Buffer.isBuffer(value)) facts['body'] = valueOf(value);
    else if (number === 9) facts['traceId'] = hex(value);
    else if (number === 10) facts['spanId'] = hex(value);
  }
  return plainRecord({ ...facts, signal: 'logs', attributes: attributesOf(bytes, 6) });
}

function hex(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('hex') : '';
}

function attributesOf(message: Buffer, number: number): [string, PlainValue][] {
  return messagesOf(message, number).map((pair) => {
    const [value] = messagesOf(pair, 2);
    return [String(messagesOf(pair, 1)[0] ?? ''), value === undefined ? null : valueOf(value)];
  });
}

function valueOf(message: Buffer): PlainValue {
  let result: PlainValue = null;
  for (const { number, value } of fieldsOf(message)) {
    if (Buffer.isBuffer(value)) {
      if (number === 1) result = value.toString();
      else if (number === 5) result = messagesOf(value, 1).map(valueOf);
      else if (number === 6) result = new Map(attributesOf(value, 1));
      else if (number === 7) result = value;
    } else if (number === 2) result = value !== 0n;
    else if (number === 3) result = BigInt.asIntN(64, BigInt(value));
    else if (number === 4) {
      const bits = Buffer.alloc(8);
      bits.writeBigUInt64LE(BigInt(value));
      result = bits.readDoubleLE();
    }
  }
  return result;
}
