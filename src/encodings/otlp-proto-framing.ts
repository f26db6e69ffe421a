/** How messages lie in a file: one alone, or each with its length before it. Told by the structure of the beginning. */
import type { Bytes } from '../wire/bytes.ts';
import { guessSignal } from './otlp-proto-signal.ts';
import { isZstd } from './compression/zstd.ts';

/** One message; messages with a length of 4 bytes, the highest first; or with a varint as protobuf's own streams. */
export type Framing = 'bare' | 'length' | 'varint';

export interface FramingGuess {
  readonly framing: Framing;
  /** How much speaks for it; above zero when it is likely. */
  readonly score: number;
  /** What is in the first message. */
  readonly content: Content;
}

export type Content = 'protobuf' | 'json' | 'zstd' | 'nothing';

/** What stands at the beginning of a frame, or of a list in a bare message. */
export interface FrameHead {
  /** Where the content begins and ends. */
  readonly start: number;
  readonly end: number;
}

const mostFrames = 16;
/** A larger length is something else that is read as one. */
const largestLikely = 1 << 28;
/** A frame is at least this likely by what is in it. */
const byContent: Record<Exclude<Content, 'protobuf'>, number> = { zstd: 8, json: 8, nothing: 0 };
/** What an empty message says: the first bytes of a length of 4 bytes look like several with a varint. */
const empty = { length: 0, varint: -2 };

/** The head of the frame at `at`; undefined when it takes more bytes, 'none' when there can be none. */
export function frameAt(
  framing: Framing,
  bytes: Bytes,
  at: number,
  end: number,
): FrameHead | 'none' | undefined {
  if (framing === 'length') {
    if (end - at < 4) return undefined;
    return { start: at + 4, end: at + 4 + bytes.readUInt32BE(at) };
  }
  const tagBytes = framing === 'bare' ? 1 : 0;
  if (tagBytes > 0 && at < end && bytes[at] !== 0x0a) return 'none';
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const from = at + tagBytes + i;
    if (from >= end) return undefined;
    const byte = bytes[from] ?? 0;
    length += (byte & 127) * 128 ** i;
    if (byte < 128) return { start: from + 1, end: from + 1 + length };
  }
  return 'none';
}

export function contentAt(bytes: Bytes, start: number, end: number): Content {
  if (start >= end) return 'nothing';
  const first = bytes[start];
  if (first === 123 || first === 91) return 'json';
  return first === 0x28 && isZstd(bytes.subarray(start, Math.min(end, start + 4)) as Bytes)
    ? 'zstd'
    : 'protobuf';
}

/** The likeliest framing of a file that begins like this; `atEnd` says that the head is all of it. */
export function guessFraming(head: Bytes, atEnd: boolean): FramingGuess | undefined {
  const bare = guessBare(head, atEnd);
  // A message alone that is read as frames is one frame of 160 MiB or more, or one of ten bytes that fits nowhere.
  if (bare !== undefined && bare.score > 0) return bare;
  const guesses = [guessFrames('length', head, atEnd), guessFrames('varint', head, atEnd), guessCut(head)];
  return guesses
    .filter((guess) => guess !== undefined)
    .sort((one, other) => other.score - one.score)
    .at(0);
}

function guessFrames(framing: 'length' | 'varint', head: Bytes, atEnd: boolean): FramingGuess | undefined {
  let score = 0;
  let content: Content = 'nothing';
  let at = 0;
  for (let count = 0; count < mostFrames && at < head.length; count++) {
    const frame = frameAt(framing, head, at, head.length);
    if (frame === 'none') return undefined;
    if (frame === undefined) break;
    const found = frame.end - frame.start > largestLikely ? unlikely : frameScore(head, frame);
    // What follows a frame that is likely may be damaged; what does not begin like one is none.
    if (found.score < 0) return count === 0 ? undefined : { framing, score: score / 2, content };
    if (content === 'nothing') content = found.content;
    score += found.content === 'nothing' ? empty[framing] : found.score + 1;
    at = frame.end;
  }
  // A file that is whole ends where a frame does.
  return { framing, score: atEnd && at !== head.length ? score / 2 : score, content };
}

interface FrameScore {
  readonly score: number;
  readonly content: Content;
}

const unlikely: FrameScore = { score: -1, content: 'nothing' };

function frameScore(head: Bytes, frame: FrameHead): FrameScore {
  const content = contentAt(head, frame.start, Math.min(frame.end, head.length));
  if (content === 'json' && !mentionsRoot(head, frame)) return unlikely;
  if (content !== 'protobuf') return { score: byContent[content], content };
  // All that a message has is its list; in the midst of one anything may look like a message that begins otherwise.
  if (head[frame.start] !== 0x0a) return unlikely;
  const isCut = frame.end > head.length;
  const end = Math.min(frame.end, head.length);
  const found = guessSignal({ bytes: head, start: frame.start, end, isCut });
  return { score: found.records === 0 && found.score === 0 ? (isCut ? 0 : 0.5) : found.score, content };
}

/** Other formats may begin with a letter that is a length, and a bracket. */
function mentionsRoot(head: Bytes, { start, end }: FrameHead): boolean {
  const text = head.latin1Slice(start, Math.min(end, head.length, start + 256));
  return text.includes('"resource') || text.includes('"batches"');
}

function guessBare(head: Bytes, atEnd: boolean): FramingGuess | undefined {
  if (head[0] !== 0x0a) return undefined;
  const { score } = guessSignal({ bytes: head, start: 0, end: head.length, isCut: !atEnd });
  return score < 0 ? undefined : { framing: 'bare', score: score + 1, content: 'protobuf' };
}

/** A message that was cut off while it was written is still a message. */
function guessCut(head: Bytes): FramingGuess | undefined {
  if (head[0] !== 0x0a) return undefined;
  const { score } = guessSignal({ bytes: head, start: 0, end: head.length, isCut: true });
  return score > 0 ? { framing: 'bare', score: score / 2, content: 'protobuf' } : undefined;
}
