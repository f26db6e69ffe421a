import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { int, literalBool, optional, string } from '../parameters.ts';
import { safeEnd, safeStart } from '../utf8.ts';

const parameters = { target: string(), start: int(), length: int(), utf8Safe: optional(literalBool()) };

/**
 * Cuts `length` bytes out of the UTF-8 of a text. A cut inside a character gives U+FFFD (the reference gives
 * invalid UTF-8, which JavaScript text cannot hold); with `utf8Safe` the whole character is left out.
 */
export const substring = converter(
  'Substring',
  parameters,
  ({ target, start, length, utf8Safe }) => {
    return (record) => {
      const bytes = Buffer.from(target.read(record));
      const from = start.read(record);
      const count = length.read(record);
      if (from < 0n) throw new OttlFailure(`the start must not be negative, found ${from}`, [from]);
      if (count <= 0n) throw new OttlFailure(`the length must be positive, found ${count}`, [count]);
      if (from + count > BigInt(bytes.length)) {
        throw new OttlFailure(`${from} + ${count} is beyond the ${bytes.length} bytes of the text`, [
          from,
          count,
        ]);
      }
      const [first, last] = [Number(from), Number(from + count)];
      if (utf8Safe === true) {
        const begin = safeStart(bytes, first, last);
        return bytes.toString('utf8', begin, safeEnd(bytes, last, begin));
      }
      return bytes.toString('utf8', first, last);
    };
  },
  { isOfText: true },
);
