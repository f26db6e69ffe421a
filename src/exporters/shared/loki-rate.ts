/**
 * What a 429 of Loki says of its rate limits, in the texts of its own sources. The tenant's limit is looked at before
 * anything is stored. A stream's is looked at line by line where `shard_streams` is off: what was within it is stored,
 * and takes from the limit again when it comes again. A large request would never get to its end that way, several
 * under way keep each other from it, and only smaller ones go.
 */

export interface RateLimited {
  /** Whole it may never go, in halves it may. */
  readonly isTooLarge: boolean;
  readonly mayBeStored: boolean;
}

const tenantLimit =
  /\(limit: (\d+) bytes\/sec\) while attempting to ingest '\d+' lines totaling '(\d+)' bytes/;
const streamLimit = /Per stream rate limit exceeded \(limit: (\d+[KMGTPE]?B)\/sec\)/;
const ignoredLines = /total ignored: (\d+) out of (\d+) for stream: /;

/** Undefined for a text that speaks of no rate. */
export function readRateLimit(text: string): RateLimited | undefined {
  const [, limit, bytes] = tenantLimit.exec(text) ?? [];
  if (limit !== undefined) return { isTooLarge: Number(bytes) > Number(limit), mayBeStored: false };
  const [, perStream] = streamLimit.exec(text) ?? [];
  if (perStream === undefined) return undefined;
  const [, ignored = '0', seen = '0'] = ignoredLines.exec(text) ?? [];
  const mayBeStored = Number(ignored) < Number(seen);
  return { isTooLarge: mayBeStored || Number(seen) * meanSize(text) > bytesIn(perStream), mayBeStored };
}

/** Loki names the sizes of the first ten lines. */
function meanSize(text: string): number {
  const sizes = Array.from(text.matchAll(/' totaling (\d+[KMGTPE]?B), /g), ([, size]) => bytesIn(size ?? ''));
  return sizes.length === 0 ? 0 : sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}

/** `3MB`, `100B`: powers of 1024, always whole numbers. */
function bytesIn(size: string): number {
  const exponent = ' KMGTPE'.indexOf(size.at(-2) ?? '');
  return Number.parseInt(size, 10) * 1024 ** Math.max(exponent, 0);
}
