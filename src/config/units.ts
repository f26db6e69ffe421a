/**
 * Durations as Go writes them and sizes in bytes, both ways.
 */

const millisecondsPer: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** `1h2m3.5s`, `100us`, `-5m`, `0` in milliseconds; undefined if it is none. Go knows no unit above `h`. */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[-+]/u, '');
  if (body === '0') return 0;
  const part = /([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)/uy;
  let milliseconds = 0;
  let end = 0;
  while (end < body.length) {
    const match = part.exec(body);
    if (match === null) return undefined;
    milliseconds += Number(match[1]) * (millisecondsPer[match[2] ?? ''] ?? 0);
    end = part.lastIndex;
  }
  return end === 0 ? undefined : sign * milliseconds;
}

/** The shortest text that `parseDuration` reads as this: `90000` is `1m30s`, `1500` is `1.5s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  if (milliseconds < 0) return `-${formatDuration(-milliseconds)}`;
  if (milliseconds < 0.001) return `${Math.round(milliseconds * 1e6)}ns`;
  if (milliseconds < 1) return `${round(milliseconds * 1000)}us`;
  if (milliseconds < 1000) return `${round(milliseconds)}ms`;
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor((milliseconds % 3_600_000) / 60_000);
  const seconds = round((milliseconds % 60_000) / 1000);
  return `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${seconds > 0 ? `${seconds}s` : ''}`;
}

function round(value: number): number {
  return Number(value.toFixed(6));
}

const bytesPer: Record<string, number> = { '': 1, b: 1, byte: 1, bytes: 1 };
for (const [index, letter] of ['k', 'm', 'g', 't'].entries()) {
  bytesPer[letter] = 1000 ** (index + 1);
  bytesPer[`${letter}b`] = 1000 ** (index + 1);
  bytesPer[`${letter}i`] = 1024 ** (index + 1);
  bytesPer[`${letter}ib`] = 1024 ** (index + 1);
}

/** `4MiB`, `1GB`, `64kb`, `512` in bytes; undefined if it is none. k, M, G, T are powers of 1000, Ki, Mi, ... of 1024. */
export function parseByteSize(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)$/iu.exec(text.trim());
  const factor = bytesPer[(match?.[2] ?? '?').toLowerCase()];
  if (match === null || factor === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** `4194304` is `4MiB`, `1000000` is `1MB`, `1234` is `1234B`. */
export function formatByteSize(bytes: number): string {
  const units: [string, number][] = [];
  for (const [index, letter] of ['T', 'G', 'M', 'K'].entries()) {
    units.push(
      [`${letter}iB`, 1024 ** (4 - index)],
      [letter === 'K' ? 'kB' : `${letter}B`, 1000 ** (4 - index)],
    );
  }
  const unit = units.find(([, size]) => bytes >= size && bytes % size === 0);
  return unit === undefined ? `${bytes}B` : `${bytes / unit[1]}${unit[0]}`;
}
