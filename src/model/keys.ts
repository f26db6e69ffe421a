/** Attribute keys as small numbers: telemetry has few keys and very many attributes. */
import { bytesOf, sameBytes, viewOf, type Bytes } from '../wire/bytes.ts';
import { keyAt } from './value.ts';

/** Keys beyond are told apart by their bytes. Data decides what keys there are, so their number is bounded. */
export const mostKeys = 4096;
const longestKey = 64;
const mostProbes = 16;

const slotMask = mostKeys * 4 - 1;
/** By the hash of a key, its number; 0 for none. */
const slots = new Uint16Array(slotMask + 1);
const texts: string[] = [''];
/** The bytes of the key with the number n begin at n * longestKey, with zeros behind them. */
const kept = bytesOf(Buffer.alloc((mostKeys + 1) * longestKey));
const lengths = new Uint8Array(mostKeys + 1);
const keptWords = new DataView(kept.buffer, kept.byteOffset, kept.length);

/** A key that somebody asks for. */
export interface Key {
  readonly text: string;
  /** Its UTF-8. */
  readonly bytes: Bytes;
  /** 0 when it has no number. */
  readonly number: number;
}

const known = new Map<string, Key>();

/** Kept: a pipeline asks for the same few keys for ever. */
export function keyOf(text: string): Key {
  let key = known.get(text);
  if (key === undefined) {
    if (known.size >= mostKeys) known.clear();
    const bytes = bytesOf(Buffer.from(text));
    key = { text, bytes, number: numberOf(bytes, 0, bytes.length) };
    known.set(text, key);
  }
  return key;
}

/** Whether the KeyValue in [start, end) has this key. Most keys differ in their length or at their end. */
export function isKeyAt({ bytes, text }: Key, buf: Bytes, start: number, end: number): boolean {
  if (isPlainKey(buf, start, end)) return buf[start + 1] === bytes.length && sameBytes(buf, start + 2, bytes);
  return keyAt(buf, start, end) === text;
}

/** Whether the KeyValue in [start, end) begins with its key, whose length takes one byte. */
export function isPlainKey(buf: Bytes, start: number, end: number): boolean {
  return start + 1 < end && buf[start] === 0x0a && buf[start + 1]! < 128;
}

/** The text of a key by its number. */
export function keyText(number: number): string {
  return texts[number]!;
}

/** Whether the key in [start, end) has this number. */
function isKey(number: number, buf: Bytes, start: number, end: number): boolean {
  const length = end - start;
  if (length !== lengths[number]) return false;
  const word = number * longestKey;
  if (length < 4) {
    for (let i = 0; i < length; i++) if (buf[start + i] !== kept[word + i]) return false;
    return true;
  }
  const view = viewOf(buf);
  const last = length - 4;
  // The last word may overlap the one before.
  if (view.getInt32(start + last, true) !== keptWords.getInt32(word + last, true)) return false;
  for (let i = 0; i < last; i += 4)
    if (view.getInt32(start + i, true) !== keptWords.getInt32(word + i, true)) return false;
  return true;
}

/** The number of the key in [start, end); 0 for one that is empty, long, no UTF-8 or one too many. */
function numberOf(buf: Bytes, start: number, end: number): number {
  const length = end - start;
  if (length === 0 || length > longestKey) return 0;
  const hash = hashOf(buf, start, length);
  // Keys that somebody made to have the same hash are told apart by their bytes.
  for (let slot = hash; slot < hash + mostProbes; slot++) {
    const number = slots[slot & slotMask]!;
    if (number === 0) return added(buf, start, end, slot & slotMask);
    if (isKey(number, buf, start, end)) return number;
  }
  return 0;
}

function hashOf(buf: Bytes, start: number, length: number): number {
  let hash = length;
  if (length < 4) for (let i = 0; i < length; i++) hash = Math.imul(hash ^ buf[start + i]!, 0x01000193);
  else {
    const view = viewOf(buf);
    hash = Math.imul(hash ^ view.getInt32(start, true), 0x297a2d39);
    hash = Math.imul(hash ^ view.getInt32(start + ((length - 4) >> 1), true), 0x1b56c4e9);
    hash = Math.imul(hash ^ view.getInt32(start + length - 4, true), 0x2c1b3c6d);
  }
  return (hash ^ (hash >>> 15)) & slotMask;
}

function added(buf: Bytes, start: number, end: number, slot: number): number {
  const number = texts.length;
  if (number > mostKeys) return 0;
  const text = buf.utf8Slice(start, end);
  // What is no UTF-8 reads as the same text as other bytes do.
  if (text.includes('\ufffd')) return 0;
  texts.push(text);
  buf.copy(kept, number * longestKey, start, end);
  lengths[number] = end - start;
  return (slots[slot] = number);
}

/** By the number of a key, that of the key which came behind it last time: producers write keys in their order. */
const followers = new Uint16Array(mostKeys + 1);

/** As `numberOf`, with a guess: `before` is the number of the key before, 0 for none. */
export function numberBehind(before: number, buf: Bytes, start: number, end: number): number {
  const guess = followers[before]!;
  if (guess > 0 && isKey(guess, buf, start, end)) return guess;
  return (followers[before] = numberOf(buf, start, end));
}

/** Which keys are meant: a function is asked each time. */
export type KeyCondition = ((key: string) => boolean) | KeyTest;

/** A decision about keys that depends on nothing else, so that it is made once for each. */
export class KeyTest {
  /** By the number of a key: 0 undecided, 1 no, 2 yes. */
  private decided = new Uint8Array(64);
  private readonly decide: (key: string) => boolean;

  constructor(decide: (key: string) => boolean) {
    this.decide = decide;
  }

  /** About the key with this number, which is not 0. */
  ofNumber(number: number): boolean {
    if (number >= this.decided.length) this.grow();
    const decision = this.decided[number]!;
    if (decision > 0) return decision === 2;
    const answer = this.decide(texts[number]!);
    this.decided[number] = answer ? 2 : 1;
    return answer;
  }

  ofText(text: string): boolean {
    return this.decide(text);
  }

  private grow(): void {
    const decided = new Uint8Array(mostKeys + 1);
    decided.set(this.decided);
    this.decided = decided;
  }
}
