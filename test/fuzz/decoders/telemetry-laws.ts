/** What must hold of everything that a decoder of telemetry hands over. */
import { isDeepStrictEqual } from 'node:util';
import {
  defaultDecoderOptions,
  type DecoderOptions,
  type Encoding,
} from '../../../src/encodings/encoding.ts';
import { PositionedDecoder, type Placed, type Position } from '../../../src/encodings/position.ts';
import type { Attributes } from '../../../src/model/attributes.ts';
import { batchOf, splitBatch, timeRangeOf, type AnyBatch } from '../../../src/model/batches.ts';
import { dataTypeOf } from '../../../src/model/schema.ts';
import type { Signal } from '../../../src/model/signal.ts';
import { toJson } from '../../../src/model/to-json.ts';
import { Transcoder } from '../../../src/model/transcode.ts';
import { bytesOf, type Bytes } from '../../../src/wire/bytes.ts';
import { Writer } from '../../../src/wire/writer.ts';
import type { Random } from '../ottl/random.ts';
import { cutAnywhere, must } from './target.ts';

/** As much of a thing handed over as can be compared. */
interface Seen {
  readonly position: Position;
  readonly [fact: string]: unknown;
}

/**
 * So many batches are looked into, and of more a part, and those once that have to be the same: with thousands of one line each
 * the laws took fifty times as long as the decoder, which is what is watched for being slow.
 */
const mostChecked = 100;

/** Decodes whole, in pieces and from a position, and looks at all of it. */
export function checkDecoder(encoding: Encoding, bytes: Buffer, random: Random): void {
  const options: DecoderOptions = {
    ...defaultDecoderOptions,
    batchBytes: random.pick([1, 300, 1 << 20]),
    maxDocumentBytes: random.pick([100, 3000, 1 << 20]),
    ...(random.chance(0.3) ? { maxDepth: 8 } : {}),
  };
  const whole = decoded(encoding, options, { bytes, pieces: [bytes] });
  const again = decoded(encoding, options, { bytes, pieces: cutAnywhere(bytes, random) });
  must(isDeepStrictEqual(again, whole), 'what comes out does not depend on how the input is cut');
  let end = 0;
  for (const each of whole) {
    if (each['kind'] !== 'unreadable') continue;
    const offset = Number(each['offset']);
    must(offset >= end && Number(each['bytes']) >= 0, 'unreadable regions are in order and apart');
    end = offset + Number(each['bytes']);
    must(end <= bytes.length, 'an unreadable region is within the file');
  }
  if (whole.length === 0) return;
  const from = random.below(whole.length);
  const rest = decoded(encoding, options, { bytes, pieces: [bytes], from: whole[from]?.position });
  must(isDeepStrictEqual(rest, whole.slice(from + 1)), 'from a position comes what came behind it');
}

interface Input {
  readonly bytes: Buffer;
  readonly pieces: readonly Buffer[];
  readonly from?: Position | undefined;
}

function decoded(encoding: Encoding, options: DecoderOptions, { bytes, pieces, from }: Input): Seen[] {
  const decoder = new PositionedDecoder(encoding, options, from);
  const seen: Seen[] = [];
  const isWhole = from === undefined && pieces.length === 1;
  const see = (placed: Placed): void => {
    const isChecked = isWhole && (seen.length < mostChecked || seen.length % mostChecked === 0);
    if (isChecked && placed.kind === 'batch') checkBatch(placed.batch, options.maxDepth);
    seen.push(seenOf(placed));
  };
  for (const piece of from === undefined ? pieces : [bytes.subarray(from.offset)]) {
    const chunk = Buffer.from(piece) as Bytes;
    for (const each of decoder.push(chunk)) see(each);
    chunk.fill(0x22);
  }
  for (const each of decoder.end()) see(each);
  return seen;
}

function seenOf(placed: Placed): Seen {
  if (placed.kind === 'unreadable') return { ...placed };
  const { batch, endOffset, documents, position } = placed;
  const telemetry = Buffer.from(batch.encode()).toString('latin1');
  batch.release();
  return { position, endOffset, documents, telemetry, signal: batch.signal };
}

/** Everything in it can be looked at, and it goes through both forms of OTLP unchanged. */
export function checkBatch(batch: AnyBatch, maxDepth = defaultDecoderOptions.maxDepth): void {
  const { signal, itemCount } = batch;
  const bytes = batch.encode();
  for (const attributes of attributesIn(batch)) attributes.exactEntries();
  timeRangeOf(batch);
  const checked = batchOf(signal, Buffer.from(bytes));
  must(checked.itemCount === itemCount, 'as many items are encoded as are there');
  if (maxDepth <= defaultDecoderOptions.maxDepth) checkJson(batch, bytes);
  const parts = splitBatch(checked, { maxItems: 1 });
  must(parts.reduce((sum, part) => sum + part.itemCount, 0) === itemCount, 'splitting loses no item');
}

/** What was written out although it is the default is not there any more after one turn. */
function checkJson({ signal, itemCount }: AnyBatch, bytes: Bytes): void {
  const first = turned(signal, bytes);
  const second = turned(signal, first);
  must(batchOf(signal, first).itemCount === itemCount, 'as many items are written as JSON as are there');
  must(second.equals(first), 'JSON that is read is written as it was');
}

function turned(signal: Signal, bytes: Bytes): Bytes {
  const type = dataTypeOf(signal);
  const json = toJson(bytes, 0, bytes.length, type);
  JSON.parse(json);
  const text = bytesOf(Buffer.from(json));
  const to = new Writer();
  new Transcoder().message(text, 0, text.length, type, to);
  return bytesOf(Buffer.from(to.bytes()));
}

function* attributesIn(batch: AnyBatch): Iterable<Attributes> {
  for (const { attributes } of batch.resources()) yield attributes;
  if (batch.signal === 'traces') {
    for (const span of batch.spans()) {
      yield span.attributes;
      must(span.scope.name.length >= 0 && span.status.message.length >= 0, 'names are texts');
      for (const event of span.events) yield event.attributes;
      for (const link of span.links) yield link.attributes;
    }
  } else if (batch.signal === 'logs') {
    for (const record of batch.logRecords()) {
      yield record.attributes;
      must(record.bodyExact !== undefined && record.traceId.length >= 0, 'a body is a value');
    }
  } else for (const metric of batch.metrics()) yield metric.metadata;
}
