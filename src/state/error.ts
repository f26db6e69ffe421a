/** State that cannot be read or written, or that belongs to another run. `remedy` says what to do. */
export class StateError extends Error {
  override readonly name = 'StateError';
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** The code of a system error, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a file system knows no second names (hard links). */
export function hasNoSecondNames(error: unknown): boolean {
  return ['EPERM', 'ENOTSUP', 'ENOSYS'].includes(codeOf(error) ?? '');
}
