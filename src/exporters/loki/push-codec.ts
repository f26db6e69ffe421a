/**
 * The two bodies of Loki's push API, entry by entry, so that requests of any size are put together from encoded entries.
 * @see https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs
 */
import type { Bytes } from '../../wire/bytes.ts';
import { Writer } from '../../wire/writer.ts';
import type { Stream } from './labels.ts';
import type { Metadata } from './metadata.ts';

export interface Entry {
  readonly timeUnixNano: bigint;
  readonly line: string;
  readonly metadata: Metadata;
}

/** An encoded entry: a range of its batch's arena. */
export interface EncodedEntry {
  readonly timeUnixNano: bigint;
  readonly start: number;
  readonly end: number;
  /** Which record of the batch it is. */
  readonly place: number;
}

/** Entries of one stream, in the order in which they are sent. */
export interface StreamPart {
  readonly stream: Stream;
  readonly arena: Bytes;
  readonly entries: readonly EncodedEntry[];
}

export interface PushCodec {
  readonly contentType: string;
  /** Appends an entry; what is appended is the range to keep. */
  entry(entry: Entry, arena: Writer): void;
  /** Bytes that a stream adds to a request besides its entries. */
  overhead(stream: Stream): number;
  /** The body of a request. Valid until the next call. */
  body(parts: readonly StreamPart[]): Bytes;
}

/** Field numbers of logproto's PushRequest, Stream, Entry and LabelPair, with their wire types. */
const tag = {
  streams: 0x0a,
  labels: 0x0a,
  entries: 0x12,
  timestamp: 0x0a,
  line: 0x12,
  metadata: 0x1a,
  name: 0x0a,
  value: 0x12,
};
const timestampTag = { seconds: 0x08, nanos: 0x10 };

export class ProtobufCodec implements PushCodec {
  readonly contentType = 'application/x-protobuf';
  private readonly scratch = new Writer();

  entry({ timeUnixNano, line, metadata }: Entry, to: Writer): void {
    to.varint(tag.entries);
    const entry = to.begin(2);
    to.varint(tag.timestamp);
    const timestamp = to.begin(1);
    to.varint(timestampTag.seconds);
    to.int64(timeUnixNano / 1_000_000_000n);
    to.varint(timestampTag.nanos);
    to.varint(Number(timeUnixNano % 1_000_000_000n));
    to.end(timestamp, 1);
    to.varint(tag.line);
    to.text(line);
    for (let i = 0; i + 1 < metadata.length; i += 2) {
      to.varint(tag.metadata);
      const pair = to.begin(1);
      to.varint(tag.name);
      to.text(metadata[i] ?? '');
      to.varint(tag.value);
      to.text(metadata[i + 1] ?? '');
      to.end(pair, 1);
    }
    to.end(entry, 2);
  }

  overhead(stream: Stream): number {
    return stream.text.length * 3 + 12;
  }

  body(parts: readonly StreamPart[]): Bytes {
    const to = this.scratch.reset();
    for (const { stream, arena, entries } of parts) {
      to.varint(tag.streams);
      const mark = to.begin(3);
      to.varint(tag.labels);
      to.text(stream.text);
      for (const { start, end } of entries) to.copy(arena, start, end);
      to.end(mark, 3);
    }
    return to.bytes();
  }
}

export class JsonCodec implements PushCodec {
  readonly contentType = 'application/json';
  private readonly scratch = new Writer();

  entry({ timeUnixNano, line, metadata }: Entry, to: Writer): void {
    let text = `["${timeUnixNano}",${quoted(line)}`;
    for (let i = 0; i + 1 < metadata.length; i += 2) {
      text += `${i === 0 ? ',{' : ','}${quoted(metadata[i] ?? '')}:${quoted(metadata[i + 1] ?? '')}`;
    }
    append(metadata.length === 0 ? `${text}]` : `${text}}]`, to);
  }

  overhead(stream: Stream): number {
    return stream.text.length * 3 + 40;
  }

  body(parts: readonly StreamPart[]): Bytes {
    const to = this.scratch.reset();
    append('{"streams":[', to);
    for (const [place, { stream, arena, entries }] of parts.entries()) {
      const labels = JSON.stringify(Object.fromEntries(stream.labels));
      append(`${place === 0 ? '' : ','}{"stream":${labels},"values":[`, to);
      let first = true;
      for (const { start, end } of entries) {
        if (!first) append(',', to);
        first = false;
        to.copy(arena, start, end);
      }
      append(']}', to);
    }
    append(']}', to);
    return to.bytes();
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

function append(text: string, to: Writer): void {
  to.reserve(text.length * 3);
  to.pos += to.buf.write(text, to.pos, 'utf8');
}
