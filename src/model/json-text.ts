/** What the texts and bytes of JSON are made of: escapes, UTF-8, base64, hex. */
import type { Bytes } from '../wire/bytes.ts';

export const hexDigits = new Uint8Array(256).fill(255);
for (const [digit, letter] of Array.from('0123456789abcdef').entries()) {
  hexDigits[letter.charCodeAt(0)] = digit;
  hexDigits[letter.toUpperCase().charCodeAt(0)] = digit;
}

/** What the letter after a backslash stands for; 0 for those that stand for nothing and for u. */
export const escapes = new Uint8Array(256);
for (const [letter, byte] of Object.entries({
  n: 10,
  t: 9,
  r: 13,
  b: 8,
  f: 12,
  '"': 34,
  '\\': 92,
  '/': 47,
})) {
  escapes[letter.charCodeAt(0)] = byte;
}

/** The four hex digits at `at`; -1 if they are none. */
export function hex4(buf: Bytes, at: number): number {
  let code = 0;
  for (let i = 0; i < 4; i++) {
    const digit = hexDigits[buf[at + i] ?? 0]!;
    if (digit > 15) return -1;
    code = code * 16 + digit;
  }
  return code;
}

/** Writes a code point as UTF-8; answers where it ends. A lone surrogate becomes U+FFFD. */
export function putCodePoint(code: number, buf: Bytes, at: number): number {
  if (code < 0x80) {
    buf[at++] = code;
    return at;
  }
  if (code < 0x800) buf[at++] = 0xc0 | (code >> 6);
  else {
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    if (code < 0x10000) buf[at++] = 0xe0 | (code >> 12);
    else {
      buf[at++] = 0xf0 | (code >> 18);
      buf[at++] = 0x80 | ((code >> 12) & 63);
    }
    buf[at++] = 0x80 | ((code >> 6) & 63);
  }
  buf[at++] = 0x80 | (code & 63);
  return at;
}

/** Whether the bytes are UTF-8. A native call would cost more than most texts are long. */
export function validUtf8(buf: Bytes, start: number, end: number): boolean {
  for (let at = start; at < end;) {
    const first = buf[at++]!;
    if (first < 0x80) continue;
    const length = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (first < 0xc2 || first > 0xf4 || at + length > end) return false;
    const second = buf[at]!;
    const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let i = 1; i < length; i++) if ((buf[at + i]! & 0xc0) !== 0x80) return false;
    at += length;
  }
  return true;
}

const base64Digits = new Uint8Array(256).fill(255);
for (const [alphabet, from] of [
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 0],
  ['-_', 62],
] as const) {
  for (let i = 0; i < alphabet.length; i++) base64Digits[alphabet.charCodeAt(i)] = from + i;
}

/**
 * The base64 in a text, in the usual alphabet or that of URLs, padded or not, decoded to `to` at `pos`.
 * Answers how many bytes it is, or -1 if it is not base64.
 */
// oxlint-disable-next-line max-params -- a text and its bounds, and where it goes
export function decodeBase64(from: Bytes, start: number, end: number, to: Bytes, pos: number): number {
  let stop = end;
  while (stop > start && end - stop < 2 && from[stop - 1] === 61) stop--;
  if ((stop - start) % 4 === 1 || (stop !== end && (end - start) % 4 !== 0)) return -1;
  let bits = 0;
  let count = 0;
  const begin = pos;
  for (let at = start; at < stop; at++) {
    const digit = base64Digits[from[at]!]!;
    if (digit > 63) return -1;
    bits = ((bits << 6) | digit) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    to[pos++] = bits >> count;
  }
  return pos - begin;
}
