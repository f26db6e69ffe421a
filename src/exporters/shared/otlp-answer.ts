/**
 * What an OTLP backend answers: ExportTraceServiceResponse and its siblings on success, google.rpc.Status on failure,
 * in protobuf or JSON. The three responses have the same fields and so are read as one.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
 */
import { bodyText, contentType, printableText } from './answer.ts';
import type { HttpAnswer } from './http-client.ts';

/** `partial_success` of a response. Absent from a response: everything was taken. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/**
 * Reads the body of a successful answer; undefined when everything was taken.
 * @throws Error when the body is not an OTLP response
 */
export function readExportResponse(answer: HttpAnswer): PartialSuccess | undefined {
  // An empty body is the protobuf of an empty response; Loki answers 204 without any.
  if (answer.body.length === 0) return undefined;
  if (answer.truncated) throw new Error('the answer is too long');
  const type = contentType(answer);
  if (type === 'application/json') return partialOfJson(answer.body.toString());
  if (type === 'application/x-protobuf' || type === '') return partialOfProto(answer.body);
  throw new Error(`the answer has the content type ${printableText(type)}`);
}

function partialOfProto(body: Uint8Array): PartialSuccess | undefined {
  const partial = readFields(body).get(1);
  if (partial === undefined) return undefined;
  if (!(partial instanceof Uint8Array)) throw new Error('partial_success is not a message');
  const fields = readFields(partial);
  return partialOf(fields.get(1), textOf(fields.get(2)));
}

const knownKeys = new Set(['partialSuccess', 'partial_success']);
const countKeys = [
  'rejectedSpans',
  'rejectedLogRecords',
  'rejectedDataPoints',
  'rejected_spans',
  'rejected_log_records',
  'rejected_data_points',
];

function partialOfJson(text: string): PartialSuccess | undefined {
  const response: unknown = JSON.parse(text);
  if (!isRecord(response)) throw new Error('the answer is not a JSON object');
  const partial = response['partialSuccess'] ?? response['partial_success'];
  if (partial === undefined || partial === null) {
    const foreign = Object.keys(response).filter((key) => !knownKeys.has(key));
    if (foreign.length > 0)
      throw new Error(`the answer is JSON with ${printableText(foreign.slice(0, 3).join(', '))}`);
    return undefined;
  }
  if (!isRecord(partial)) throw new Error('partialSuccess is not an object');
  const count = countKeys.map((key) => partial[key]).find((value) => value !== undefined && value !== null);
  return partialOf(count, textOf(partial['errorMessage'] ?? partial['error_message']));
}

function partialOf(count: unknown, text: string): PartialSuccess | undefined {
  const rejected =
    typeof count === 'string' || typeof count === 'bigint' || typeof count === 'number' ? Number(count) : 0;
  if (!Number.isSafeInteger(rejected) || rejected < 0)
    throw new Error('the number of rejected items is none');
  const message = printableText(text);
  return rejected === 0 && message === '' ? undefined : { rejected, message };
}

/** What a failure says: the message of its Status, in either encoding, or its text. One line, fit to print. */
export function failureText(answer: HttpAnswer): string {
  const status = statusMessage(answer);
  return status === undefined ? bodyText(answer) : printableText(status);
}

/** The same with all of its words. */
export function failureWords(answer: HttpAnswer): string {
  return statusMessage(answer) ?? answer.body.toString();
}

/** Loki sets the type of its Status after the head of the answer is gone: Go then takes it for octets. */
const statusTypes: ReadonlySet<string> = new Set(['application/x-protobuf', 'application/octet-stream']);

/** Undefined where the answer is no Status. */
function statusMessage(answer: HttpAnswer): string | undefined {
  const type = contentType(answer);
  try {
    if (type === 'application/json') return messageOfJson(answer.body.toString());
    if (statusTypes.has(type)) return textOf(readFields(answer.body).get(2));
  } catch {
    // A proxy's words under the backend's content type.
  }
  return undefined;
}

function messageOfJson(text: string): string | undefined {
  const status: unknown = JSON.parse(text);
  if (typeof status === 'string') return status;
  if (!isRecord(status)) return undefined;
  const words = [status['message'], status['error'], status['detail']].find(
    (value) => typeof value === 'string' && value !== '',
  );
  return typeof words === 'string' ? words : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.length).toString();
  return typeof value === 'string' ? value : '';
}

/**
 * The fields of a protobuf message by number, the last of each; varints as bigint, fixed-width values left out.
 * Checks every length, for these bytes come from the network.
 */
function readFields(bytes: Uint8Array): Map<number, bigint | Uint8Array> {
  const fields = new Map<number, bigint | Uint8Array>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
    throw new Error('the answer is not protobuf');
  };
  const slice = (length: number): Uint8Array => {
    if (length < 0 || at + length > bytes.length) throw new Error('the answer is not protobuf');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wireType = tag & 7;
    if (tag < 8) throw new Error('the answer is not protobuf');
    if (wireType === 0) fields.set(tag >>> 3, varint());
    else if (wireType === 2) fields.set(tag >>> 3, slice(Number(varint())));
    else if (wireType === 1 || wireType === 5) slice(wireType === 1 ? 8 : 4);
    else throw new Error('the answer is not protobuf');
  }
  return fields;
}
