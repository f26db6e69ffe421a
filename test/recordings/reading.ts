/** One recording, read by the receiver as a run reads it, and by its decoder alone. */
import { createReadStream } from 'node:fs';
import { dirname } from 'node:path';
import { decompress } from '../../src/encodings/decompress.ts';
import { detect } from '../../src/encodings/detect.ts';
import { defaultDecoderOptions, type Encoding } from '../../src/encodings/encoding.ts';
import type { AnyBatch } from '../../src/model/batches.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import { signals } from '../../src/model/signal.ts';
import { toJson } from '../../src/model/to-json.ts';
import { systemClock } from '../../src/pipeline/clock.ts';
import type { ReceiverFactory } from '../../src/pipeline/component.ts';
import { ReceiverCounts } from '../../src/pipeline/counts.ts';
import { createLogger } from '../../src/pipeline/logger.ts';
import { file } from '../../src/receivers/file.ts';
import { bytesOf, type Bytes } from '../../src/wire/bytes.ts';
import { Tally, type Document } from './tally.ts';

/** Anything will do: times that have no date are not compared. */
const baseTimeUnixNano = 1_700_000_000_000_000_000n;
const headBytes = 1 << 16;
const chunkBytes = 10_007;

export interface Reading {
  readonly tally: Tally;
  /** What was not read, in words. */
  readonly refused: readonly string[];
  readonly notices: ReadonlyMap<string, number>;
}

/** Through the receiver, as a run reads it. */
export async function received(path: string, config: object): Promise<Reading> {
  const log: string[] = [];
  const counts = new ReceiverCounts('file');
  const factory = file as ReceiverFactory<never>;
  const context = {
    id: 'file',
    logger: createLogger('debug', (level, message) => log.push(`${level} ${message}`)),
    clock: systemClock,
    position: undefined,
    acceptFileChange: false,
    configChanged: false,
    follow: false,
    signal: new AbortController().signal,
    counts,
    signals: new Set(signals),
    stdin: nothing(),
    directory: dirname(path),
    outputs: [],
  };
  const receiver = await factory.create(factory.schema.parse({ include: [path], ...config }), context);
  const tally = new Tally();
  await receiver.start({
    emit: (batch) => {
      tally.add(jsonOf(batch));
      batch.release();
      counts.commit();
      return Promise.resolve();
    },
    advance: () => counts.commit(),
  });
  counts.commit();
  const regions = counts.unreadable.kept.map(({ line, reason }) => `line ${line ?? '?'}: ${reason}`);
  return {
    tally,
    refused: [...regions, ...log.filter((text) => text.startsWith('error'))],
    notices: new Map(),
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/**
 * By its decoder, in small chunks. Where it could be several things it is read as the first of them that is among `names`,
 * as a person says it with `format`. Throws when nothing is known that looks like it.
 */
export async function decoded(
  path: string,
  names: readonly string[],
): Promise<Reading & { readonly encoding: Encoding; readonly isSure: boolean }> {
  const content = await contentOf(path);
  const head = bytesOf(content.subarray(0, headBytes));
  const found = detect(head, { atEnd: head.length === content.length });
  if (found === undefined) throw new Error('it is not told what it is');
  const isSure = 'encoding' in found;
  const guesses = isSure ? [found] : found.unsure;
  const [{ encoding } = {}] = isSure ? guesses : guesses.filter((each) => names.includes(each.encoding.name));
  if (encoding === undefined)
    throw new Error(`it could be ${guesses.map((each) => each.encoding.name).join(' or ')}`);
  const decoder = encoding.decoder?.({ ...defaultDecoderOptions, baseTimeUnixNano });
  if (decoder === undefined) throw new Error(`${encoding.name} cannot be read`);
  const tally = new Tally();
  const refused: string[] = [];
  const take = (all: ReturnType<typeof decoder.push>): void => {
    for (const each of all) {
      if (each.kind === 'unreadable') refused.push(`line ${each.line ?? '?'}: ${each.reason}`);
      else {
        tally.add(jsonOf(each.batch));
        tally.count('documents', each.documents);
      }
    }
  };
  for (let at = 0; at < content.length; at += chunkBytes)
    take(decoder.push(bytesOf(content.subarray(at, at + chunkBytes))));
  take(decoder.end());
  return { tally, refused, notices: decoder.notices, encoding, isSure };
}

/** The bytes without their compression. */
export async function contentOf(path: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of decompress(createReadStream(path) as AsyncIterable<Bytes>))
    parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

function jsonOf(batch: AnyBatch): Document {
  const bytes = batch.encode();
  return JSON.parse(toJson(bytes, 0, bytes.length, dataTypeOf(batch.signal))) as Document;
}
