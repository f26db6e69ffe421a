/** Large inputs and hostile ones, written piece by piece: none of them is held. */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { jsonLines } from '../recordings.ts';

const piece = 1 << 20;

/** A line with this many spans. */
export function spansLine(count: number): string {
  const spans = Array.from({ length: count }, (_, at) => ({
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: (at + 1).toString(16).padStart(16, '0'),
    name: 'GET /',
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000001000000000',
  }));
  return `${JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })}\n`;
}

/** OTLP JSON lines of about this many bytes: the same few megabytes again and again. */
export async function writeLines(path: string, bytes: number): Promise<void> {
  const block = jsonLines('traces', Math.min(bytes, 16 << 20));
  await write(path, function* () {
    for (let size = 0; size < bytes; size += block.length) yield block;
  });
}

/** What stands in the line that is too large: a text within a span, nested brackets, or no JSON at all. */
export type LongLine = 'text in a span' | 'brackets' | 'no JSON';

/** Three spans, a line of so many bytes, and four spans. */
export async function writeLongLine(path: string, bytes: number, kind: LongLine): Promise<void> {
  const [before, within, after] = longLines[kind];
  const filling = Buffer.alloc(piece, within);
  await write(path, function* () {
    yield spansLine(3) + before;
    for (let size = 0; size < bytes; size += piece) yield filling;
    yield `${after}\n${spansLine(4)}`;
  });
}

const longLines: Record<LongLine, readonly [before: string, within: string, after: string]> = {
  'text in a span': ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"', 'a', '"}]}]}]}'],
  brackets: ['{"resourceSpans":[{"scopeSpans":', '[', ''],
  'no JSON': ['', 'a', ''],
};

/** Three spans and then so many line feeds, compressed as well as it can be. */
export async function writeBomb(path: string, bytes: number, format: 'gzip' | 'zstd'): Promise<void> {
  const filling = Buffer.alloc(piece, '\n');
  await write(
    path,
    function* () {
      yield spansLine(3);
      for (let size = 0; size < bytes; size += piece) yield filling;
    },
    format === 'gzip' ? createGzip({ level: 9 }) : createZstdCompress(),
  );
}

async function write(
  path: string,
  parts: () => Iterable<string | Uint8Array>,
  compress?: NodeJS.ReadWriteStream,
): Promise<void> {
  await (compress === undefined
    ? pipeline(parts, createWriteStream(path))
    : pipeline(parts, compress, createWriteStream(path)));
}
