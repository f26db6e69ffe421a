/** What the user named cannot be read: found before anything is sent. `remedy` says what to do. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** An unreadable region under `on_error: fail`. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
  readonly remedy = 'set `on_error: drop` on the receiver to count such regions and read on';
}

/** The error code of a failed file operation, `ENOENT` for one. */
export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

const fileFailures: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file any more: it was there when the files were listed',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EIO: 'the disk reports an input/output error',
  EISDIR: 'it is a directory by now',
  EMFILE: 'too many files are open; raise the limit (`ulimit -n`)',
  ENFILE: 'too many files are open on this machine',
  ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'the path is too long',
  ESTALE: 'the network file system lost it',
};

/** A failed file operation in words. */
export function fileFailure(error: unknown): string {
  const code = codeOf(error);
  return fileFailures[code] ?? (error instanceof Error ? error.message : String(error));
}
