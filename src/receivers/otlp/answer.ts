/**
 * What a client is answered, in the encoding of its request.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
 */
import type { Signal } from '../../model/signal.ts';

export type BodyFormat = 'protobuf' | 'json';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

const contentTypes: Record<BodyFormat, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** `application/json; charset=utf-8` as its format; undefined for any other type. */
export function formatOf(contentType: string | undefined): BodyFormat | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === contentTypes.protobuf) return 'protobuf';
  return type === contentTypes.json ? 'json' : undefined;
}

/** Items of a request that cannot be read, while the others were taken. */
export interface Rejected {
  readonly items: number;
  readonly message: string;
}

const rejectedNames: Record<Signal, string> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
};

/** ExportTraceServiceResponse and its siblings. */
export function taken(format: BodyFormat, signal: Signal, rejected?: Rejected): Answer {
  const body = format === 'json' ? takenJson(signal, rejected) : takenProto(rejected);
  return { status: 200, type: contentTypes[format], body };
}

function takenJson(signal: Signal, rejected: Rejected | undefined): Uint8Array {
  if (rejected === undefined) return Buffer.from('{}');
  const { items, message } = rejected;
  return Buffer.from(
    JSON.stringify({ partialSuccess: { [rejectedNames[signal]]: String(items), errorMessage: message } }),
  );
}

function takenProto(rejected: Rejected | undefined): Uint8Array {
  if (rejected === undefined) return Buffer.alloc(0);
  const partial = Buffer.concat([
    Buffer.from([0x08]),
    varint(rejected.items),
    Buffer.from([0x12]),
    delimited(Buffer.from(rejected.message)),
  ]);
  return Buffer.concat([Buffer.from([0x0a]), delimited(partial)]);
}

/** Codes of google.rpc.Status. */
export const codes = { invalidArgument: 3, resourceExhausted: 8, unavailable: 14 } as const;

export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  /** Seconds after which the client may try again. */
  readonly retryAfter?: number;
}

/** A google.rpc.Status. */
export function refused(format: BodyFormat, { status, code, message, retryAfter }: Refusal): Answer {
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  const body =
    format === 'json'
      ? Buffer.from(JSON.stringify({ code, message }))
      : Buffer.concat([Buffer.from([0x08, code, 0x12]), delimited(Buffer.from(message))]);
  return { status, type: contentTypes[format], body, headers };
}

/** For a client of which it is not known what it reads. */
export function plain(status: number, message: string, headers: Record<string, string> = {}): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: Buffer.from(message), headers };
}

function delimited(bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
