import { afterVarint, skipValue, varintAt, type Bytes } from '../wire/bytes.ts';
import type { MessageType } from './schema.ts';

/**
 * Leaves only the last of each singular field (or oneof) in the message `[start, end)`, in place, and none of those
 * whose bit is in `unwanted`. Answers the new end.
 */
export function withoutDuplicates(
  buf: Bytes,
  start: number,
  end: number,
  rule: { type: MessageType; unwanted: number },
): number {
  const last = new Map<number, number>();
  forEachField(buf, start, end, (number, begin) => {
    const bit = rule.type.byNumber[number]?.bit ?? 0;
    if (bit !== 0) last.set(bit, begin);
  });
  let pos = start;
  forEachField(buf, start, end, (number, begin, next) => {
    const bit = rule.type.byNumber[number]?.bit ?? 0;
    if (bit !== 0 && (last.get(bit) !== begin || (bit & rule.unwanted) !== 0)) return;
    if (pos !== begin) buf.copyWithin(pos, begin, next);
    pos += next - begin;
  });
  return pos;
}

type Visit = (number: number, begin: number, next: number) => void;

function forEachField(buf: Bytes, start: number, end: number, visit: Visit): void {
  for (let at = start; at < end;) {
    const tag = varintAt(buf, at);
    const next = skipValue(buf, afterVarint(buf, at), tag & 7);
    visit(tag >>> 3, at, next);
    at = next;
  }
}
