/** How much memory a run may take, whatever it reads and however slow its backend is. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBomb, writeLines, writeLongLine, type LongLine } from './inputs.ts';
import { measure, type Measured } from './measure.ts';

export interface Sizes {
  /** Bytes of ordinary input. */
  readonly input: number;
  /** Bytes of the line that is too long. */
  readonly line: number;
  /** What is held of one document at most; undefined for the default. */
  readonly maxDocument?: string;
  /** Bytes that the bombs decompress to. */
  readonly bomb: number;
  readonly answerAfterMs: number;
  readonly program?: string;
}

export interface Case {
  readonly name: string;
  readonly mostMiB: number;
  run(folder: string, sizes: Sizes): Promise<Measured>;
  /** What is wrong with what came out, if anything is. */
  wrong(measured: Measured): string | undefined;
}

export const cases: readonly Case[] = [
  {
    name: 'slow backend',
    mostMiB: 200,
    run: async (folder, sizes) => {
      await writeLines(join(folder, 'input.jsonl'), sizes.input);
      return await run(folder, sizes, { answerAfterMs: sizes.answerAfterMs });
    },
    wrong: ({ exitCode }) => (exitCode === 0 ? undefined : `exit code ${exitCode}`),
  },
  {
    name: 'fast backend',
    mostMiB: 200,
    run: async (folder, sizes) => {
      await writeLines(join(folder, 'input.jsonl'), sizes.input);
      return await run(folder, sizes);
    },
    wrong: ({ exitCode }) => (exitCode === 0 ? undefined : `exit code ${exitCode}`),
  },
  longLine('text in a span', 'max_document_size'),
  longLine('brackets', 'expected {'),
  longLine('no JSON', 'not JSON'),
  bomb('gzip', '', 'max_decompression_ratio'),
  bomb('zstd', '', 'max_decompression_ratio'),
  bomb('gzip', ', max_decompressed_size: 8MiB', 'max_decompressed_size'),
  bomb('zstd', ', max_decompressed_size: 8MiB', 'max_decompressed_size'),
];

function longLine(kind: LongLine, reason: string): Case {
  return {
    name: `long line: ${kind}`,
    // What is held of the document, and what the rest of a run takes.
    mostMiB: 256 + 150,
    run: async (folder, sizes) => {
      await writeLongLine(join(folder, 'input.jsonl'), sizes.line, kind);
      const keys = sizes.maxDocument === undefined ? '' : `, max_document_size: ${sizes.maxDocument}`;
      return await run(folder, sizes, { keys });
    },
    wrong: (measured) => refusedButRest(measured, reason, 7),
  };
}

function bomb(format: 'gzip' | 'zstd', keys: string, limit: string): Case {
  return {
    name: `${format} bomb: ${limit}`,
    mostMiB: 200,
    run: async (folder, sizes) => {
      await writeBomb(join(folder, 'input.jsonl'), sizes.bomb, format);
      return await run(folder, sizes, { keys });
    },
    wrong: (measured) => refusedButRest(measured, limit, 3),
  };
}

function refusedButRest({ exitCode, stderr, delivered }: Measured, limit: string, spans: number) {
  if (exitCode !== 3) return `exit code ${exitCode}`;
  if (!stderr.includes(limit)) return `nothing is said of ${limit}`;
  return delivered === spans ? undefined : `${delivered} spans delivered`;
}

async function run(
  folder: string,
  sizes: Sizes,
  { keys = '', answerAfterMs = 0 }: { keys?: string; answerAfterMs?: number } = {},
): Promise<Measured> {
  const config = `receivers:
  file: {include: [input.jsonl]${keys}}
exporters:
  otlp_http: {endpoint: "{endpoint}", sending_queue: {num_consumers: 100}}
service:
  pipelines:
    traces: {receivers: [file], exporters: [otlp_http]}
`;
  const program = sizes.program === undefined ? {} : { program: sizes.program };
  return await measure({ folder, config, answerAfterMs, ...program });
}

/** Calls back with a folder of its own, if there is room for so many bytes beside a reserve. */
export async function withFolder<T>(bytes: number, work: (folder: string) => Promise<T>): Promise<T> {
  const { bavail, bsize } = statfsSync(tmpdir());
  const reserve = 2 * 2 ** 30;
  if (bavail * bsize < bytes + reserve)
    throw new Error(`${tmpdir()} has room for ${bavail * bsize} bytes, and ${bytes + reserve} are needed`);
  const folder = mkdtempSync(join(tmpdir(), 'respool-memory-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
