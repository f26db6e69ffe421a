import { copyBytes, type Bytes } from './bytes.ts';

/** Appends protobuf to a buffer that grows. A message length is reserved first and patched after. */
export class Writer {
  /** What was written is `[0, pos)`. Growing puts another buffer here. */
  buf: Bytes;
  view: DataView;
  pos = 0;

  /** Starts with a new buffer of this size, or writes over the one given. */
  constructor(room: number | Bytes = 1 << 16) {
    this.buf = typeof room === 'number' ? (Buffer.allocUnsafeSlow(room) as Bytes) : room;
    this.view = new DataView(this.buf.buffer, this.buf.byteOffset, this.buf.length);
  }

  reset(): this {
    this.pos = 0;
    return this;
  }

  /** What was written; valid until the next `reset`. */
  bytes(): Bytes {
    return this.buf.subarray(0, this.pos) as Bytes;
  }

  /** Makes room for `size` more bytes. */
  reserve(size: number): void {
    if (this.pos + size <= this.buf.length) return;
    const old = this.buf;
    this.buf = Buffer.allocUnsafeSlow(Math.max(old.length * 2, this.pos + size)) as Bytes;
    this.view = new DataView(this.buf.buffer, this.buf.byteOffset, this.buf.length);
    old.copy(this.buf, 0, 0, this.pos);
  }

  /** Non-negative and below 2^53. */
  varint(value: number): void {
    this.reserve(10);
    if (value < 128) {
      this.buf[this.pos++] = value;
      return;
    }
    while (value > 0x7fffffff) {
      this.buf[this.pos++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    while (value > 127) {
      this.buf[this.pos++] = (value & 127) | 128;
      value >>>= 7;
    }
    this.buf[this.pos++] = value;
  }

  /** The low 64 bits of `value`, as int64 and uint64 are written. */
  int64(value: bigint): void {
    if (value >= 0n && value < 0x20000000000000n) {
      this.varint(Number(value));
      return;
    }
    this.reserve(10);
    let rest = BigInt.asUintN(64, value);
    for (; rest > 127n; rest >>= 7n) this.buf[this.pos++] = Number(rest & 127n) | 128;
    this.buf[this.pos++] = Number(rest);
  }

  fixed64(value: bigint): void {
    this.reserve(8);
    this.view.setBigUint64(this.pos, value, true);
    this.pos += 8;
  }

  fixed32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.pos, value, true);
    this.pos += 4;
  }

  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.pos, value, true);
    this.pos += 8;
  }

  /** The bytes [start, end) of `from`, as they are. */
  copy(from: Bytes, start: number, end: number): void {
    const length = end - start;
    this.reserve(length);
    copyBytes(from, start, end, this.buf, this.pos);
    this.pos += length;
  }

  /** Length and UTF-8. A lone surrogate becomes U+FFFD. */
  text(text: string): void {
    const length = text.length;
    this.reserve(length * 3 + 5);
    const width = lengthWidth(length);
    const mark = this.begin(width);
    let i = 0;
    if (length < 48) {
      const { buf, pos } = this;
      for (let code; i < length && (code = text.charCodeAt(i)) < 128; i++) buf[pos + i] = code;
      this.pos = pos + i;
    }
    if (i < length) this.pos += this.buf.write(i === 0 ? text : text.slice(i), this.pos, 'utf8');
    this.end(mark, width);
  }

  /** Length and the bytes that an even number of hex digits stands for. */
  hex(text: string): void {
    this.varint(text.length >> 1);
    this.reserve(text.length >> 1);
    const { buf } = this;
    let { pos } = this;
    for (let i = 0; i < text.length; i += 2)
      buf[pos++] = (hexDigits[text.charCodeAt(i)]! << 4) | hexDigits[text.charCodeAt(i + 1)]!;
    this.pos = pos;
  }

  /** Leaves `width` bytes for a length; returns where they are. */
  begin(width: number): number {
    this.reserve(width);
    const mark = this.pos;
    this.pos += width;
    return mark;
  }

  /** Fills in the length left by `begin`, moving the body when the guess was wrong. */
  end(mark: number, width: number): void {
    let length = this.pos - mark - width;
    const needed = lengthWidth(length);
    if (needed !== width) {
      this.reserve(needed);
      this.buf.copyWithin(mark + needed, mark + width, this.pos);
      this.pos += needed - width;
    }
    for (; length > 127; length >>>= 7) this.buf[mark++] = (length & 127) | 128;
    this.buf[mark] = length;
  }
}

/** How many bytes a length takes as a varint. */
export function lengthWidth(length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : length < 0x10000000 ? 4 : 5;
}

const hexDigits = new Uint8Array(128);
for (const [value, digit] of Array.from('0123456789abcdef').entries()) {
  hexDigits[digit.charCodeAt(0)] = value;
  hexDigits[digit.toUpperCase().charCodeAt(0)] = value;
}
