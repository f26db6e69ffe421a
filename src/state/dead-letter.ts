/**
 * The dead-letter file: OTLP JSON lines, one item a line with its resource and scope, that the receiver `file` reads back.
 * Why an item is there stands in three of its attributes, which are replaced when it comes here again.
 *
 * The file is made when the first letter comes, and only its owner may read it. Letters are on the disk before they count
 * as such, so that no checkpoint says more than what is safe; a run that is killed may write the letters since its last
 * checkpoint again. A write that fails is taken back, for half a letter cannot be read.
 */
import { constants } from 'node:fs';
import { access, mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Attributes } from '../model/attributes.ts';
import { splitBatch, type AnyBatch } from '../model/batches.ts';
import { dataTypeOf } from '../model/schema.ts';
import { toJson } from '../model/to-json.ts';
import type { DeadLetterFacts, DeadLetters } from '../pipeline/dead-letters.ts';
import { messageOf } from '../pipeline/errors.ts';
import { codeOf, StateError } from './error.ts';

/** Attributes of an item in the file. */
export const deadLetterAttributes = {
  /** Why the backend did not take it. */
  reason: 'respool.dead_letter.reason',
  /** The exporter that could not deliver it, or the processor that failed on it, as `traces/in/mine`. */
  exporter: 'respool.dead_letter.exporter',
  /** Where it was read first. */
  origin: 'respool.dead_letter.origin',
} as const;

/** So much is written at once. */
const chunkBytes = 1_048_576;

export class DeadLetterFile implements DeadLetters {
  readonly path: string;
  /** Items written by this run. */
  letters = 0;
  private handle: Promise<FileHandle> | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  /** Finds what the first letter would fail of, and makes nothing. @throws StateError */
  async check(): Promise<void> {
    try {
      if (await exists(this.path)) await access(this.path, constants.R_OK | constants.W_OK);
      else await access(`${await nearestFolder(this.path)}/.`, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw new StateError(
        `dead letters cannot be written to ${this.path}: ${messageOf(error)}`,
        'name a file that can be written',
      );
    }
  }

  write(batch: AnyBatch, facts: DeadLetterFacts): Promise<void> {
    const mine = this.last.then(() => this.append(batch, facts));
    this.last = mine.catch(() => {}); // its caller has the error
    return mine;
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.last;
    const { handle } = this;
    this.handle = undefined;
    await (await handle)?.close();
  }

  private async append(batch: AnyBatch, facts: DeadLetterFacts): Promise<void> {
    const handle = await this.opened();
    const { size } = await handle.stat();
    try {
      for (const text of chunksOf(batch, facts)) await handle.writeFile(text);
      await sync(handle);
    } catch (error) {
      // Where this fails too (a pipe, a dead disk), the first error is the one to report.
      await handle.truncate(size).catch(() => {});
      throw error;
    }
    this.letters += batch.itemCount;
  }

  private async opened(): Promise<FileHandle> {
    this.handle ??= openForLetters(this.path);
    try {
      return await this.handle;
    } catch (error) {
      this.handle = undefined;
      throw error;
    }
  }
}

async function openForLetters(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const handle = await open(path, 'a+', 0o600);
  const { size } = await handle.stat();
  if (size === 0) return handle;
  // A line that an earlier run left in the middle.
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer[0] !== 0x0a) await handle.writeFile('\n');
  return handle;
}

/** A device or a pipe cannot be synced, and need not be. */
async function sync(handle: FileHandle): Promise<void> {
  try {
    await handle.datasync();
  } catch (error) {
    if (codeOf(error) !== 'EINVAL') throw error;
  }
}

function* chunksOf(batch: AnyBatch, facts: DeadLetterFacts): Generator<string> {
  let chunk = '';
  for (const item of splitBatch(batch, { maxItems: 1 })) {
    if (item.itemCount > 0) chunk += lineOf(item, facts);
    item.release();
    if (chunk.length < chunkBytes) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

function lineOf(item: AnyBatch, { reason, exporter }: DeadLetterFacts): string {
  for (const attributes of attributesIn(item)) {
    // What was a dead letter before still comes from where it was read first.
    const origin = attributes.get(deadLetterAttributes.origin) ?? item.origin;
    const names: readonly string[] = Object.values(deadLetterAttributes);
    attributes.deleteKeys((key) => names.includes(key));
    attributes.set(deadLetterAttributes.reason, reason);
    attributes.set(deadLetterAttributes.exporter, exporter);
    if (origin !== undefined) attributes.set(deadLetterAttributes.origin, origin);
  }
  const bytes = item.encode();
  return `${toJson(bytes, 0, bytes.length, dataTypeOf(item.signal))}\n`;
}

function attributesIn(batch: AnyBatch): Attributes[] {
  switch (batch.signal) {
    case 'traces':
      return batch.spans().map(({ attributes }) => attributes);
    case 'logs':
      return batch.logRecords().map(({ attributes }) => attributes);
    case 'metrics':
      return batch
        .metrics()
        .flatMap((metric) => metric.dataPoints())
        .map(({ attributes }) => attributes);
  }
}

async function nearestFolder(path: string): Promise<string> {
  let folder = dirname(path);
  while (!(await exists(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
