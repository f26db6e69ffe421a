/** The greatest position up to `end` at which a character begins (or the text ends). */
export function safeEnd(bytes: Uint8Array, end: number, start = 0): number {
  let to = end;
  while (to > start && isInside(bytes, to)) to--;
  return to;
}

/** The least position from `start` to `end` at which a character begins. */
export function safeStart(bytes: Uint8Array, start: number, end: number): number {
  let from = start;
  while (from < end && isInside(bytes, from)) from++;
  return from;
}

function isInside(bytes: Uint8Array, position: number): boolean {
  return ((bytes[position] ?? 0) & 0xc0) === 0x80;
}
