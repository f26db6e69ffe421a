/** Batches as bodies of OTLP requests: encoded, bounded in size, compressed; and taken apart again when refused as too large. */
import { batchOf, splitBatch, type AnyBatch } from '../../model/batches.ts';
import { dataTypeOf } from '../../model/schema.ts';
import { toJson } from '../../model/to-json.ts';
import { Transcoder } from '../../model/transcode.ts';
import type { ExportRequest } from '../../pipeline/component.ts';
import { bytesOf } from '../../wire/bytes.ts';
import { Writer } from '../../wire/writer.ts';
import { compress, decompress, encodingHeader, type CompressionKeys } from './compress.ts';
import type { OtlpExample } from './otlp-hints.ts';
import type { TraceSizes } from './tempo-memory.ts';

export interface OtlpRequest extends ExportRequest {
  /** Encoded and compressed. */
  readonly body: Uint8Array;
  readonly example: OtlpExample | undefined;
  /** Where it goes to Tempo. */
  readonly traces?: TraceSizes | undefined;
}

/** What is to be known of a request when it is answered. */
export type OtlpFacts = Pick<OtlpRequest, 'example' | 'traces'>;

export interface OtlpBodyConfig extends CompressionKeys {
  readonly encoding: 'proto' | 'json';
  /** Bytes before compression. */
  readonly max_request_size: number;
}

/** Without parameters: Loki compares them to the letter. */
const contentTypes = { proto: 'application/x-protobuf', json: 'application/json' };

export class OtlpBodies {
  /** The headers of every request. */
  readonly headers: Readonly<Record<string, string>>;
  private readonly config: OtlpBodyConfig;
  private readonly factsOf: (batch: AnyBatch) => OtlpFacts;

  /** @param factsOf called with what each request holds */
  constructor(config: OtlpBodyConfig, factsOf: (batch: AnyBatch) => OtlpFacts) {
    this.config = config;
    this.factsOf = factsOf;
    this.headers = { 'content-type': contentTypes[config.encoding], ...encodingHeader(config.compression) };
  }

  /** As few requests as the bound of their size allows. */
  async *requests(batch: AnyBatch): AsyncGenerator<OtlpRequest> {
    const maxBytes = this.config.max_request_size;
    // Also where nothing is to be split, splitBatch would share the buffer with a batch that nobody releases.
    const whole = batch.encode().length <= maxBytes;
    for (const part of whole ? [batch] : splitBatch(batch, { maxBytes })) yield* this.bounded(part);
  }

  /**
   * One request, or several where JSON makes of a batch within bounds a body beyond them. Where it is the resource that
   * is so large, it is not repeated for each item, and the body stays beyond them.
   */
  private async *bounded(batch: AnyBatch): AsyncGenerator<OtlpRequest> {
    const payload = this.encode(batch);
    if (payload.length > this.config.max_request_size && batch.itemCount > 1) {
      const halves = [...halvesOf(batch)];
      if (!areMostlyGroups(halves, batch)) {
        for (const half of halves) yield* this.bounded(half);
        return;
      }
    }
    const { compression, compression_params: parameters } = this.config;
    const facts = this.factsOf(batch);
    const body = await compress(payload, compression, parameters.level);
    yield { signal: batch.signal, items: batch.itemCount, bytes: body.length, body, ...facts };
  }

  /** Two requests that are the given one together; the same one alone when it holds a single item. */
  async halves(request: OtlpRequest): Promise<OtlpRequest[]> {
    if (request.items < 2) return [request];
    const parts: OtlpRequest[] = [];
    const batch = await this.itemsOf(request);
    for (const half of halvesOf(batch)) {
      for await (const part of this.requests(half)) parts.push(part);
    }
    return parts;
  }

  /** What the request holds, read back from its body, so that no second copy is kept for the rare case. */
  async itemsOf({ body, signal }: OtlpRequest): Promise<AnyBatch> {
    const payload = bytesOf(await decompress(body, this.config.compression));
    if (this.config.encoding === 'proto') return batchOf(signal, payload, { trusted: true });
    const writer = new Writer();
    new Transcoder().message(payload, 0, payload.length, dataTypeOf(signal), writer);
    return batchOf(signal, writer.bytes(), { trusted: true });
  }

  private encode(batch: AnyBatch): Uint8Array {
    const bytes = batch.encode();
    if (this.config.encoding === 'proto') return bytes;
    return Buffer.from(toJson(bytes, 0, bytes.length, dataTypeOf(batch.signal)));
  }
}

function halvesOf(batch: AnyBatch): Iterable<AnyBatch> {
  return splitBatch(batch, { maxItems: Math.ceil(batch.itemCount / 2) });
}

/** Whether what both halves repeat is more than four fifths of the whole: the bound that `splitBatch` has. */
function areMostlyGroups(halves: readonly AnyBatch[], whole: AnyBatch): boolean {
  return halves.reduce((sum, half) => sum + half.byteLength, 0) > whole.byteLength * 1.8;
}
