/** The body of an OTLP/HTTP request: one message, of a signal that its path tells. */
import { batchOf, type AnyBatch } from '../model/batches.ts';
import { MessageCheck } from '../model/check.ts';
import { JsonError } from '../model/json-error.ts';
import { salvage } from '../model/salvage.ts';
import { dataTypeOf } from '../model/schema.ts';
import type { Signal } from '../model/signal.ts';
import { Transcoder } from '../model/transcode.ts';
import { bytesOf, type Bytes } from '../wire/bytes.ts';
import { WireError } from '../wire/errors.ts';
import { Writer } from '../wire/writer.ts';
import { notOtlp, roots } from './otlp-json-reader.ts';

export interface RequestFacts {
  readonly format: 'protobuf' | 'json';
  readonly signal: Signal;
  /** How deeply values may be nested in values. */
  readonly maxDepth: number;
  /** How many attributes an item may have. */
  readonly maxAttributes: number;
}

export interface DecodedRequest {
  readonly batch: AnyBatch;
  /** Items that cannot be read, while the others can, and what is wrong with the first of them. */
  readonly left: number;
  readonly reason: string;
}

/** Nothing of a request can be read. The message says why, and at which byte. */
export class UnreadableRequest extends Error {
  override readonly name = 'UnreadableRequest';
}

/** The batch takes the bytes over. @throws UnreadableRequest */
export function decodeRequest(body: Uint8Array, facts: RequestFacts): DecodedRequest {
  try {
    return facts.format === 'json' ? fromJson(bytesOf(body), facts) : fromProto(bytesOf(body), facts);
  } catch (error) {
    if (!(error instanceof WireError || error instanceof JsonError)) throw error;
    throw new UnreadableRequest(error.message, { cause: error });
  }
}

function fromProto(bytes: Bytes, { signal, maxDepth, maxAttributes }: RequestFacts): DecodedRequest {
  const check = new MessageCheck(maxDepth, maxAttributes);
  try {
    check.check(bytes, 0, bytes.length, dataTypeOf(signal));
    return { batch: batchOf(signal, bytes, { trusted: true }), left: 0, reason: '' };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const { bytes: rest, left, reason } = salvage(signal, bytes, check);
    const batch = batchOf(signal, rest, { trusted: true });
    if (batch.itemCount === 0) throw error;
    return { batch, left, reason };
  }
}

function fromJson(bytes: Bytes, { signal, maxDepth, maxAttributes }: RequestFacts): DecodedRequest {
  const writer = new Writer(bytes.length + 64);
  const transcoder = new Transcoder({ maxDepth, maxAttributes });
  transcoder.message(bytes, 0, bytes.length, dataTypeOf(signal), writer);
  if (writer.pos === 0 && !isOf(signal, bytes)) throw new UnreadableRequest(notOtlp.one);
  return { batch: batchOf(signal, writer.bytes(), { trusted: true }), left: 0, reason: '' };
}

/** Whether a document in which nothing was found is an empty request, and not a request of something else. */
function isOf(signal: Signal, bytes: Bytes): boolean {
  const document: unknown = JSON.parse(bytes.toString());
  const names = typeof document === 'object' && document !== null ? Object.keys(document) : [];
  return names.length === 0 || names.some((name) => roots.get(name)?.signal === signal);
}
