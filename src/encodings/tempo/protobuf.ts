/** What Tempo answers in protobuf: field 1 holds the trace, the others say how it was found. */
import { bytesOf, type Bytes } from '../../wire/bytes.ts';
import type { Decoded, DecodedBatch, Decoder, DecoderOptions } from '../encoding.ts';
import { OtlpProtoDecoder } from '../otlp-proto-decoder.ts';

/** A tag and a length. */
const longestHead = 20;
/** Of fields 1 to 15, in the wire types that there are. */
const fieldTags: ReadonlySet<number> = new Set(
  Array.from({ length: 15 }, (_, index) => [0, 1, 2, 5].map((wireType) => (index + 1) * 8 + wireType)).flat(),
);
const traceTag = 0x0a;
const statusTag = 0x18;

interface State {
  /** Where the trace ends, and what its decoder has to know. */
  readonly traceEnd: number;
  readonly state: string;
}

/** Undefined for the state of a decoder of JSON. */
export function answerState(state: string): State | undefined {
  const known: unknown = state === '' ? undefined : JSON.parse(state);
  return typeof known === 'object' && known !== null && 'traceEnd' in known ? (known as State) : undefined;
}

/** Passes the bytes of the trace on to a decoder of OTLP, and all others by. */
export class AnswerDecoder implements Decoder {
  readonly notices = new Map<string, number>();
  private readonly options: DecoderOptions;
  /** Where in the file the next byte is. */
  private offset: number;
  /** Bytes of a tag and what belongs to it, as far as they are there. */
  private head: number[] = [];
  private trace: { readonly decoder: OtlpProtoDecoder; readonly end: number } | undefined;
  private skipping = 0;
  private lostAt: number | undefined;

  constructor(options: DecoderOptions) {
    this.options = options;
    const { offset, state } = options.start ?? { offset: 0, state: '' };
    this.offset = offset;
    const known = answerState(state);
    if (known !== undefined) this.beginTrace(known.traceEnd, known.state);
  }

  *push(chunk: Bytes): Iterable<Decoded> {
    let at = 0;
    while (at < chunk.length) {
      const { trace } = this;
      const left = trace === undefined ? this.skipping : trace.end - this.offset;
      const size = Math.min(left, chunk.length - at);
      if (trace !== undefined) {
        const part = bytesOf(chunk.subarray(at, at + size));
        if (size > 0) yield* this.mapped(trace.decoder.push(part));
        this.advance(size);
        if (this.offset === trace.end) yield* this.endTrace();
      } else if (size > 0) {
        this.skipping -= size;
        this.advance(size);
      } else if (this.lostAt !== undefined) {
        this.advance(chunk.length - at);
        return;
      } else {
        this.head.push(chunk[at] ?? 0);
        this.advance(1);
        this.field();
      }
      at += trace === undefined && size === 0 ? 1 : size;
    }
  }

  *end(): Iterable<Decoded> {
    if (this.trace !== undefined) yield* this.endTrace();
    const isCut = this.head.length > 0 || this.skipping > 0;
    const offset = this.lostAt ?? this.offset - this.head.length;
    if (this.lostAt === undefined && !isCut) return;
    const reason =
      this.lostAt === undefined
        ? 'the file ends inside a message (cut off while it was written?)'
        : 'no field of an answer of Tempo begins here';
    yield { kind: 'unreadable', offset, bytes: Math.max(0, this.offset - offset), line: undefined, reason };
  }

  private advance(size: number): void {
    this.offset += size;
  }

  /** Looks whether the head is complete, and begins with what it stands before. */
  private field(): void {
    const { head } = this;
    const [tag = 0] = head;
    const wireType = tag & 7;
    if (!fieldTags.has(tag) || head.length > longestHead) this.lostAt = this.offset - head.length;
    else if (wireType === 1 || wireType === 5) this.begin(tag, wireType === 1 ? 8 : 4);
    else if (head.length > 1 && (head.at(-1) ?? 0) < 128)
      this.begin(
        tag,
        head.slice(1).reduceRight((sum, byte) => sum * 128 + (byte & 127), 0),
      );
  }

  private begin(tag: number, value: number): void {
    this.head = [];
    if (tag === traceTag) this.beginTrace(this.offset + value, '{"framing":"bare","signal":"traces"}');
    else if (tag === statusTag && value === 1) this.notice('traces of which Tempo answered a part (PARTIAL)');
    else if ((tag & 7) !== 0) this.skipping = value;
  }

  private beginTrace(end: number, state: string): void {
    const options: DecoderOptions = {
      ...this.options,
      signal: 'traces',
      start: { offset: this.offset, state },
    };
    this.trace = { decoder: new OtlpProtoDecoder(options), end };
  }

  private *endTrace(): Iterable<Decoded> {
    const { trace } = this;
    if (trace === undefined) return;
    yield* this.mapped(trace.decoder.end());
    for (const [text, count] of trace.decoder.notices) this.notice(text, count);
    this.trace = undefined;
  }

  private *mapped(all: Iterable<Decoded>): Iterable<Decoded> {
    const traceEnd = this.trace?.end ?? 0;
    for (const each of all) {
      if (each.kind === 'unreadable') yield each;
      else yield { ...each, endState: stateOf(each, traceEnd) };
    }
  }

  private notice(text: string, count = 1): void {
    this.notices.set(text, (this.notices.get(text) ?? 0) + count);
  }
}

function stateOf({ endOffset, endState }: DecodedBatch, traceEnd: number): string {
  const state: State = { traceEnd, state: endState };
  return endOffset === 0 && endState === '' ? '' : JSON.stringify(state);
}

/** Whether a text stands five messages deep, the first field of each: the key of an attribute of a resource in a trace. */
export function isAnswerInProtobuf(bytes: Bytes): boolean {
  let at = 0;
  for (let depth = 1; depth < 8; depth++) {
    if (bytes[at] !== traceTag) return false;
    const length = lengthAt(bytes, at + 1);
    if (length === undefined) return false;
    at = length.after;
    if (isKey(bytes.latin1Slice(at, Math.min(at + length.value, bytes.length)))) return depth === 5;
  }
  return false;
}

function isKey(text: string): boolean {
  return /^[\w.-]{2,}$/.test(text);
}

function lengthAt(bytes: Bytes, start: number): { value: number; after: number } | undefined {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    value += (byte & 127) * 128 ** i;
    if (byte < 128) return { value, after: start + i + 1 };
  }
  return undefined;
}
