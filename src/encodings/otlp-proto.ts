import { zstdDecompressSync } from 'node:zlib';
import { bytesOf, type Bytes } from '../wire/bytes.ts';
import type { Signal } from '../model/signal.ts';
import type { Detection, Encoding, HeadFacts } from './encoding.ts';
import { OtlpProtoDecoder } from './otlp-proto-decoder.ts';
import { contentAt, frameAt, guessFraming, type Framing, type FramingGuess } from './otlp-proto-framing.ts';
import { guessSignal } from './otlp-proto-signal.ts';

/**
 * OTLP as protobuf: the body of an OTLP/HTTP request, or messages with their lengths as the Collector's file exporter
 * writes them (`format: proto`, and everything with `compression: zstd`, JSON too) and as protobuf's own streams have
 * them. Nothing in such a file names the signal, so it is told by the structure of the records.
 */
export const otlpProto: Encoding = {
  name: 'otlp_proto',
  title: 'OTLP protobuf',
  readable: true,
  lost: [],
  writtenBy:
    "the Collector's file exporter with `format: proto`, and every exporter of OTLP over HTTP, whose bodies it is",
  detect,
  decoder: (options) => new OtlpProtoDecoder(options),
};

const framings: Record<Framing, string> = {
  bare: 'one protobuf message',
  length: 'messages with a length of 4 bytes before each',
  varint: 'messages with a varint length before each',
};

/** From this on there is no doubt. */
const certain = 12;
/** The first compressed message is looked into if it is no larger. */
const mostInflated = 16 << 20;

function detect(head: Bytes, { atEnd }: HeadFacts): Detection | undefined {
  const found = guessFraming(head, atEnd);
  if (found === undefined || found.score <= 0) return undefined;
  const inside = contentOf(head, found);
  const isSure = found.score >= certain || inside.isSure;
  const compressed = found.content === 'zstd' ? ', compressed with zstd each' : '';
  return {
    confidence: isSure ? 0.95 : Math.min(0.9, 0.4 + found.score / 20),
    reason: `${framings[found.framing]}${compressed}; ${inside.reason}`,
    detail: found.framing,
    ...(inside.signal === undefined ? {} : { signals: [inside.signal] }),
  };
}

interface Inside {
  readonly reason: string;
  readonly signal: Signal | undefined;
  readonly isSure: boolean;
}

function contentOf(head: Bytes, found: FramingGuess): Inside {
  const inner = found.content === 'zstd' ? inflated(head, found.framing) : undefined;
  const content = inner === undefined ? found.content : contentAt(inner, 0, inner.length);
  if (content === 'json')
    return { reason: 'the first holds OTLP JSON', signal: undefined, isSure: inner !== undefined };
  const { signal, records } = guessSignal(innerExcerpt(head, found, inner));
  const isSure = inner !== undefined && records > 0;
  return { reason: `the first records look like ${signal ?? 'none of the signals'}`, signal, isSure };
}

function innerExcerpt(
  head: Bytes,
  { framing }: FramingGuess,
  inner: Bytes | undefined,
): Parameters<typeof guessSignal>[0] {
  if (inner !== undefined) return { bytes: inner, start: 0, end: inner.length, isCut: false };
  const frame = frameAt(framing, head, 0, head.length);
  if (framing === 'bare' || frame === 'none' || frame === undefined) {
    return { bytes: head, start: 0, end: head.length, isCut: true };
  }
  return {
    bytes: head,
    start: frame.start,
    end: Math.min(frame.end, head.length),
    isCut: frame.end > head.length,
  };
}

/** What is in the first message, if it is all there. */
function inflated(head: Bytes, framing: Framing): Bytes | undefined {
  const frame = frameAt(framing, head, 0, head.length);
  if (frame === undefined || frame === 'none' || frame.end > head.length) return undefined;
  try {
    return bytesOf(
      zstdDecompressSync(head.subarray(frame.start, frame.end), { maxOutputLength: mostInflated }),
    );
  } catch {
    return undefined;
  }
}
