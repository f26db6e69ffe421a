/** Compressed data that is not what it should be. */
export class Damage extends Error {
  override readonly name = 'Damage';
  /** What it was: cut off, or followed by something else, or with more to look back at than is allowed, or none of these. */
  readonly kind: 'cut off' | 'other data' | 'large window' | 'damaged';

  constructor(kind: Damage['kind'], detail = '') {
    super(detail);
    this.kind = kind;
  }
}

/** What zlib's message means. */
export function damageOf(error: Error): Damage {
  if (error.message === 'unexpected end of file') return new Damage('cut off');
  if (error.message === 'Unknown frame descriptor') return new Damage('other data');
  if (error.message.startsWith('Frame requires too much memory')) return new Damage('large window');
  return new Damage('damaged', error.message);
}
