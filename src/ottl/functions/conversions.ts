import { checkUnits } from '../budget.ts';
import { converter } from '../function.ts';
import { boolLike, bytesLike, floatLike, intLike, stringLike } from '../parameters.ts';

/** Text that is no decimal int64 gives nil; a float is cut toward zero. */
export const int = converter('Int', { target: intLike() }, ({ target }) => target.read);

export const double = converter('Double', { target: floatLike() }, ({ target }) => target.read);

export const string = converter('String', { target: stringLike() }, ({ target }) => target.read);

export const bool = converter('Bool', { target: boolLike() }, ({ target }) => target.read);

/** Numbers as their 8 bytes, big-endian; nil gives an empty text. */
export const hex = converter('Hex', { target: bytesLike() }, ({ target }) => {
  return (record) => {
    const bytes = Buffer.from(target.read(record) ?? []);
    checkUnits(bytes.length * 2);
    return bytes.toString('hex');
  };
});
