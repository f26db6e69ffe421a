import type { Bytes } from '../wire/bytes.ts';
import { WireError } from '../wire/errors.ts';
import { tooDeep, tooManyAttributes } from './limits.ts';
import { defaultMaxDepth, isAttributes, type Field, type MessageType } from './schema.ts';

/**
 * Throws a WireError unless `[start, end)` is a well-formed message of this type, all the way down, with values nested
 * at most 64 deep; the views and the JSON writer then need no checks of their own.
 *
 * Unknown fields pass, groups do not. Repeated numbers may be packed or not. Refused although protobuf allows them,
 * since a reader that takes the first occurrence would differ from one that takes the last: a singular field that
 * comes twice, two members of one oneof, and a tag that is longer than it need be. An id is empty or of its size, as in
 * the Go Collector: JSON has no other ones. Strings are not checked for UTF-8, as there.
 */
export function checkMessage(bytes: Bytes, start: number, end: number, type: MessageType): void {
  new MessageCheck(defaultMaxDepth).check(bytes, start, end, type);
}

const longestVarint = 10;

/** `checkMessage` with other limits: how deeply values may be nested in values, and how many attributes an item may have. */
export class MessageCheck {
  private readonly maxDepth: number;
  private readonly maxAttributes: number;
  private buf = Buffer.alloc(0) as Bytes;
  private depth = 0;
  /** Where the last `varint` ended. */
  private after = 0;

  constructor(maxDepth: number, maxAttributes = Infinity) {
    this.maxDepth = maxDepth;
    this.maxAttributes = maxAttributes;
  }

  check(bytes: Bytes, start: number, end: number, type: MessageType): void {
    if (start < 0 || end > bytes.length || start > end)
      throw new WireError('the message is not in the buffer', start);
    this.buf = bytes;
    this.depth = 0;
    this.message(start, end, type);
  }

  private message(start: number, end: number, type: MessageType): void {
    const { buf } = this;
    let once = 0;
    let attributes = 0;
    let at = start;
    while (at < end) {
      const begin = at;
      let tag = buf[at++]!;
      if (tag > 127) {
        tag = this.longTag(begin, end);
        at = this.after;
      }
      let next: number;
      let from = at;
      const wireType = tag & 7;
      if (wireType === 2) {
        let length = buf[at]!;
        if (at >= end || length > 127) {
          length = this.varint(at, end);
          from = this.after;
        } else from = at + 1;
        next = from + length;
      } else if (wireType === 0) {
        if (at >= end || buf[at]! > 127) {
          this.varint(at, end);
          next = this.after;
        } else next = at + 1;
      } else if (wireType === 1) next = at + 8;
      else if (wireType === 5) next = at + 4;
      else throw new WireError(`wire type ${wireType} is not used by protobuf 3`, begin);
      if (next > end) throw new WireError(`a field of ${type.name} runs past the end of its message`, begin);
      if (tag < 8) throw new WireError('field number 0', begin);
      const field = type.byNumber[tag >>> 3];
      if (field !== undefined) {
        if ((once & field.bit) !== 0) throw new WireError(twice(type, field), begin);
        once |= field.bit;
        if (tag !== field.tag) checkLone(type, field, tag, begin);
        else if (field.type !== null) attributes += this.child(type, field, from, next);
        else this.content(type, field, from, next);
      }
      at = next;
    }
    if (attributes > this.maxAttributes) throw new WireError(tooManyAttributes(this.maxAttributes), start);
  }

  /** Answers how many attributes of the item it is: one or none. */
  private child(type: MessageType, field: Field, start: number, end: number): number {
    const child = field.type!;
    if (!child.nests) {
      this.message(start, end, child);
      return isAttributes(type, field) ? 1 : 0;
    }
    if (++this.depth > this.maxDepth) throw new WireError(tooDeep(this.maxDepth), start);
    this.message(start, end, child);
    this.depth--;
    return 0;
  }

  /** What is no message. */
  private content(type: MessageType, field: Field, start: number, end: number): void {
    if (field.loneTag !== field.tag) this.packed(start, end, field);
    const size = end - start;
    if (field.size > 0 && size !== field.size && size !== 0)
      throw new WireError(`${type.name}.${field.name} has ${size} bytes and not ${field.size}`, start);
  }

  private packed(start: number, end: number, field: Field): void {
    if ((field.loneTag & 7) === 1) {
      if ((end - start) % 8 !== 0)
        throw new WireError(`${field.name} is not a whole number of 8-byte values`, start);
      return;
    }
    for (let at = start; at < end; at = this.after) this.varint(at, end);
  }

  /** The varint at `at`, which must end before `end`; exact up to 2^53, and larger values stay larger. */
  private varint(at: number, end: number): number {
    const { buf } = this;
    const begin = at;
    let value = 0;
    let scale = 1;
    for (;;) {
      if (at >= end) throw new WireError('a number runs past the end of its message', begin);
      const byte = buf[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) break;
      scale *= 128;
      if (at - begin === longestVarint) throw new WireError('a number of more than ten bytes', begin);
    }
    this.after = at;
    return value;
  }

  private longTag(begin: number, end: number): number {
    const tag = this.varint(begin, end);
    if (tag > 0xffffffff) throw new WireError('a field number beyond 2^29', begin);
    if (this.buf[this.after - 1] === 0) throw new WireError('a tag longer than it need be', begin);
    return tag;
  }
}

function checkLone(type: MessageType, field: Field, tag: number, begin: number): void {
  if (tag !== field.loneTag)
    throw new WireError(`${type.name}.${field.name} has wire type ${tag & 7}`, begin);
}

function twice(type: MessageType, field: Field): string {
  const rivals = type.fields.filter((other) => other.bit === field.bit);
  if (rivals.length === 1) return `${type.name}.${field.name} comes twice`;
  return `${type.name} has more than one of ${rivals.map((other) => other.name).join(', ')}`;
}
