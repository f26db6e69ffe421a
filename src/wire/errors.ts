/** Bytes that are not a well-formed message. `offset` is the byte where it shows. */
export class WireError extends Error {
  override readonly name = 'WireError';
  /** What is wrong, without the place. */
  readonly reason: string;
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(`${reason}, at byte ${offset}`);
    this.reason = reason;
    this.offset = offset;
  }
}
