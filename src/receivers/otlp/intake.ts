/** The body of a request, without its compression, within bounds that no client can make us pass. */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { isGzip } from '../../encodings/compression/gzip.ts';
import { isZstd } from '../../encodings/compression/zstd.ts';
import { decompress, DecompressError } from '../../encodings/decompress.ts';
import { messageOf } from '../../pipeline/errors.ts';
import { codes, type Refusal } from './answer.ts';

/** Why a request is not taken. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** The client hung up: nobody waits for an answer. */
export class Gone extends Error {
  override readonly name = 'Gone';
  constructor() {
    super('the client went away');
  }
}

/** Bytes that all requests together may hold while they are read. */
export class Budget {
  private readonly most: number;
  private held = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** Throws a Refused when there is no room. */
  take(bytes: number): void {
    if (this.held + bytes > this.most) throw new Refused(busy('max_buffered is reached'));
    this.held += bytes;
  }

  give(bytes: number): void {
    this.held -= bytes;
  }

  get bytes(): number {
    return this.held;
  }
}

/** Seconds after which a client may try again. */
const retryAfter = 1;

export function busy(message: string): Refusal {
  return { status: 429, code: codes.resourceExhausted, message, retryAfter };
}

export interface IntakeLimits {
  readonly maxBytes: number;
  readonly algorithms: readonly string[];
}

/** A body, and how much of the budget it takes until `release`. */
export interface Body {
  readonly bytes: Buffer;
  /** As it came. */
  readonly size: number;
  release(): void;
}

/** @throws Refused, and Gone */
export async function readBody(
  request: IncomingMessage,
  limits: IntakeLimits,
  budget: Budget,
): Promise<Body> {
  const algorithm = algorithmOf(request, limits);
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes) throw tooLarge(limits);
  const received = await collected(chunksOf(request), limits, budget);
  if (algorithm === '') return bodyOf(received, received.size);
  try {
    const plain = await collected(decompressed(received.bytes, algorithm, limits), limits, budget);
    return bodyOf(plain, received.size);
  } finally {
    received.release();
  }
}

function bodyOf(collector: Collector, size: number): Body {
  return { bytes: collector.bytes, size, release: () => collector.release() };
}

async function collected(
  chunks: AsyncIterable<Buffer>,
  limits: IntakeLimits,
  budget: Budget,
): Promise<Collector> {
  const collector = new Collector(limits, budget);
  try {
    for await (const chunk of chunks) collector.add(chunk);
    return collector;
  } catch (error) {
    collector.release();
    throw error;
  }
}

/** Leaves the request open when it is not read to its end, so that it can still be answered. */
async function* chunksOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch {
    throw new Gone();
  }
}

function algorithmOf({ headers }: IncomingMessage, { algorithms }: IntakeLimits): string {
  const named = (headers['content-encoding'] ?? '').trim().toLowerCase();
  const algorithm = named === 'identity' ? '' : named;
  if (algorithms.includes(algorithm)) return algorithm;
  const known = algorithms.filter((one) => one !== '').join(', ');
  throw new Refused({
    status: 415,
    code: codes.invalidArgument,
    message: `a body with this Content-Encoding is not taken; known: ${known === '' ? 'none' : known}`,
  });
}

const firstBytes = 1 << 16;

/** A body as it grows. One buffer and not a list: chunks of one byte each would take a hundred times their size. */
class Collector {
  size = 0;
  private readonly limits: IntakeLimits;
  private readonly budget: Budget;
  private buffer = Buffer.alloc(0);
  private taken = 0;

  constructor(limits: IntakeLimits, budget: Budget) {
    this.limits = limits;
    this.budget = budget;
  }

  add(chunk: Buffer): void {
    const size = this.size + chunk.length;
    if (size > this.limits.maxBytes) throw tooLarge(this.limits);
    if (size > this.buffer.length) this.grow(size);
    chunk.copy(this.buffer, this.size);
    this.size = size;
  }

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.size);
  }

  release(): void {
    this.budget.give(this.taken);
    this.taken = 0;
  }

  private grow(atLeast: number): void {
    const length = Math.min(Math.max(firstBytes, atLeast, this.buffer.length * 2), this.limits.maxBytes);
    this.budget.take(length - this.taken);
    this.taken = length;
    const old = this.buffer;
    this.buffer = Buffer.allocUnsafeSlow(length);
    old.copy(this.buffer, 0, 0, this.size);
  }
}

const inflateAsync = promisify(inflate);

/** Off the main thread. */
async function* decompressed(body: Buffer, algorithm: string, limits: IntakeLimits): AsyncGenerator<Buffer> {
  if (body.length === 0) return;
  try {
    if (algorithm === 'gzip' || algorithm === 'zstd') {
      const begins = algorithm === 'gzip' ? isGzip : isZstd;
      if (!begins(body as never)) throw undecodable(`the body is not ${algorithm}`);
      yield* decompress(once(body) as never, {
        maxDecompressedSize: limits.maxBytes,
        maxZstdWindow: Math.max(limits.maxBytes, 1 << 20),
      });
    } else yield await inflateAsync(body, { maxOutputLength: limits.maxBytes });
  } catch (error) {
    if (error instanceof Refused) throw error;
    if (error instanceof RangeError) throw tooLarge(limits);
    if (error instanceof DecompressError && error.decompressedBytes > limits.maxBytes) throw tooLarge(limits);
    throw undecodable(messageOf(error));
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function undecodable(message: string): Refused {
  return new Refused({ status: 400, code: codes.invalidArgument, message });
}

function tooLarge({ maxBytes }: IntakeLimits): Refused {
  return new Refused({
    status: 413,
    code: codes.invalidArgument,
    message: `the request has more than ${maxBytes} bytes (max_request_body_size)`,
  });
}
