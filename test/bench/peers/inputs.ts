/** The recordings that are read, made once and kept in the system's folder for temporary files. */
import { spawnSync } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { shared } from './programs.ts';

const folder = join(tmpdir(), 'respool-bench');

export interface Recording {
  readonly path: string;
  readonly megabytes: number;
  readonly items: number;
}

function recordingAt(path: string): Recording {
  return { path, megabytes: statSync(path).size / 1e6, items: Number(readFileSync(`${path}.items`, 'utf8')) };
}

/** OTLP JSON, a document a line. */
export function lines(kind: 'traces' | 'logs', megabytes: number): Recording {
  const path = join(folder, `${kind}-${megabytes}.jsonl`);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(`${path}.items`)) {
    const args = [join(shared, 'generate.mjs'), kind, path, String(megabytes)];
    const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 2, 2] });
    if (status !== 0) throw new Error(`no recording could be made at ${path}`);
  }
  return recordingAt(path);
}

/** The same recording several times over, for sizes that would take long to make. */
export async function repeated(base: Recording, times: number): Promise<Recording> {
  const path = `${base.path}.x${times}`;
  if (!existsSync(`${path}.items`)) {
    for (let turn = 0; turn < times; turn++)
      await pipeline(createReadStream(base.path), createWriteStream(path, { flags: turn === 0 ? 'w' : 'a' }));
    writeFileSync(`${path}.items`, String(base.items * times));
  }
  return recordingAt(path);
}

export async function gzipped(base: Recording): Promise<Recording> {
  const path = `${base.path}.gz`;
  if (!existsSync(`${path}.items`)) {
    await pipeline(createReadStream(base.path), createGzip(), createWriteStream(path));
    writeFileSync(`${path}.items`, String(base.items));
  }
  return recordingAt(path);
}

/** One document, indented, of at least this size: of a recording with a document a line, as many lines as that takes. */
export async function indented(base: Recording, megabytes: number): Promise<Recording> {
  const path = `${base.path}.indented-${megabytes}.json`;
  if (!existsSync(`${path}.items`)) {
    let items = 0;
    const write = async function* (): AsyncGenerator<string> {
      yield '{\n  "resourceSpans": [';
      let size = 0;
      for await (const line of createInterface({ input: createReadStream(base.path) })) {
        if (size >= megabytes * 1e6) break;
        const { resourceSpans } = JSON.parse(line) as {
          resourceSpans: { scopeSpans: { spans: unknown[] }[] }[];
        };
        for (const each of resourceSpans) {
          for (const { spans } of each.scopeSpans) items += spans.length;
          const text = JSON.stringify(each, null, 2).replaceAll('\n', '\n    ');
          yield `${size === 0 ? '' : ','}\n    ${text}`;
          size += text.length;
        }
      }
      yield '\n  ]\n}\n';
    };
    await pipeline(write, createWriteStream(path));
    writeFileSync(`${path}.items`, String(items));
  }
  return recordingAt(path);
}

/** Gives the room back of what is large. */
export function remove({ path }: Recording): void {
  rmSync(path, { force: true });
  rmSync(`${path}.items`, { force: true });
}
