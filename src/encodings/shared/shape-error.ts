/** A piece of a recording that is not what it should be; the message says what must hold and what was found. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}
