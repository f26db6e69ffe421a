import type { Bytes } from '../wire/bytes.ts';
import { WireError } from '../wire/errors.ts';
import { defaultMaxDepth, type Field, type MessageType } from './schema.ts';

/**
 * Throws a WireError unless `[start, end)` is a well-formed message of this type, all the way down, with values nested
 * at most 64 deep; the views and the JSON writer then need no checks of their own.
 *
 * Unknown fields pass, groups do not. Repeated numbers may be packed or not. Refused although protobuf allows them,
 * since a reader that takes the first occurrence would differ from one that takes the last: a singular field that
 * comes twice, two members of one oneof, and a tag that is longer than it need be. Strings are not checked for UTF-8
 * and ids not for their size, as in the Go Collector.
 */
export function checkMessage(bytes: Bytes, start: number, end: number, type: MessageType): void {
  new MessageCheck(defaultMaxDepth).check(bytes, start, end, type);
}

const longestVarint = 10;

/** `checkMessage` with another limit to how deeply values may be nested in values. */
export class MessageCheck {
  private readonly maxDepth: number;
  private buf = Buffer.alloc(0) as Bytes;
  private depth = 0;
  /** Where the last `varint` ended. */
  private after = 0;

  constructor(maxDepth: number) {
    this.maxDepth = maxDepth;
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
        else if (field.type !== null) this.child(from, next, field.type);
        else if (field.loneTag !== tag) this.packed(from, next, field);
      }
      at = next;
    }
  }

  private child(start: number, end: number, type: MessageType): void {
    if (!type.nests) {
      this.message(start, end, type);
      return;
    }
    if (++this.depth > this.maxDepth) throw new WireError(tooDeep(this.maxDepth), start);
    this.message(start, end, type);
    this.depth--;
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

/** What a value nested too deeply is refused with; the same words for protobuf and JSON. */
export function tooDeep(maxDepth: number): string {
  return `values are nested deeper than ${maxDepth} (max_depth)`;
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
