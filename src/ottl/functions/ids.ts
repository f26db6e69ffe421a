import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import type { FunctionSpec } from '../function.ts';
import { RefusedArgument, bytesLike } from '../parameters.ts';
import type { Argument } from '../parameters.ts';
import { OttlId } from '../values.ts';

export const traceId = idConverter('TraceID', 'trace', 16);
export const spanId = idConverter('SpanID', 'span', 8);
export const profileId = idConverter('ProfileID', 'profile', 16);

/** An id from its bytes, or from its hex digits as text. A literal that is no id is refused at once. */
function idConverter(name: string, of: OttlId['of'], bytes: number): FunctionSpec {
  return converter(name, { target: bytesLike() }, ({ target }) => {
    if (target.constant !== undefined) {
      const id = literalId(target, (value) => idOf(of, bytes, value));
      return () => id;
    }
    return (record) => idOf(of, bytes, target.read(record));
  });
}

function literalId(
  target: Argument<Uint8Array | undefined>,
  make: (value: Uint8Array | undefined) => OttlId,
): OttlId {
  try {
    return make(target.constant?.value);
  } catch (error) {
    if (error instanceof OttlFailure) throw new RefusedArgument(error.message, target);
    throw error;
  }
}

function idOf(of: OttlId['of'], bytes: number, value: Uint8Array | undefined): OttlId {
  const found = Buffer.from(value ?? []);
  if (found.length === bytes) return new OttlId(of, found.toString('hex'));
  if (found.length !== bytes * 2) {
    throw new OttlFailure(`an id is ${bytes} bytes or ${bytes * 2} hex digits, found ${found.length} bytes`, [
      value,
    ]);
  }
  const text = found.toString('latin1');
  if (!/^[0-9a-fA-F]+$/.test(text)) throw new OttlFailure(`${JSON.stringify(text)} is not hex`, [text]);
  return new OttlId(of, text.toLowerCase());
}
