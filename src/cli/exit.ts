/** What the exit code of `respool` says. */
export const exitCodes = {
  /** Everything is settled and delivered. */
  ok: 0,
  /** The command line is wrong. */
  usage: 1,
  /** A failure stopped the run: items are not safe. */
  stopped: 2,
  /** The run came to its end, and items were refused, are uncertain, or could not be read. */
  incomplete: 3,
  /** The config is invalid. */
  config: 78,
  /** SIGINT, SIGTERM. */
  interrupted: 130,
  terminated: 143,
} as const;

/** A mistake on the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
