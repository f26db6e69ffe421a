/** Text that is not the JSON it should be. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  /** What is wrong, without the place. */
  readonly reason: string;
  /** The byte in the buffer where it shows. */
  readonly offset: number;
  /** Nothing is wrong but that the text ends too early. */
  readonly incomplete: boolean;

  constructor(reason: string, offset: number, incomplete = false) {
    // A stack would cost more than reading the text, and says nothing about it: a hostile file has millions of these.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(`${reason}, at byte ${offset}`);
    Error.stackTraceLimit = stackTraceLimit;
    this.reason = reason;
    this.offset = offset;
    this.incomplete = incomplete;
  }
}
