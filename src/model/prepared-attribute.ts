import type { Bytes } from '../wire/bytes.ts';
import { Writer } from '../wire/writer.ts';
import type { Key } from './keys.ts';
import { writeAttribute } from './value-writer.ts';

export type Scalar = string | boolean | bigint | number;

/** An attribute that is set again and again to the same value. */
export class PreparedAttribute {
  readonly key: Key;
  /** The KeyValue with its length. @internal */
  readonly bytes: Bytes;

  /** A number is a double and a bigint an int64. Throws a RangeError for one beyond. */
  constructor(key: Key, value: Scalar) {
    this.key = key;
    const writer = new Writer(256);
    writeAttribute(writer, key.text, value, true);
    this.bytes = writer.bytes();
  }
}
