/**
 * How fast each encoding is decoded: `npm run bench:encodings [-- NAME]`. The largest recording of each kind, over and
 * over, in chunks as a receiver reads them; the best of several rounds, in megabytes of input per second of processor time.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { detect } from '../../src/encodings/detect.ts';
import { defaultDecoderOptions, type Decoder, type Encoding } from '../../src/encodings/encoding.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { readManifest, type Entry } from '../recordings/manifest.ts';

const folder = resolve(import.meta.dirname, '../../../shared/samples/recordings');
const chunkBytes = 1 << 18;
const inputBytes = 16e6;
const rounds = 7;
const baseTimeUnixNano = 1_700_000_000_000_000_000n;
const [, , only = ''] = process.argv;

/** The largest plain file of each encoding of the manifest. */
function samples(): Map<string, { readonly entry: Entry; readonly content: Buffer }> {
  const largest = new Map<string, { readonly entry: Entry; readonly content: Buffer }>();
  for (const entry of readManifest(folder)) {
    if (entry.compression !== 'none' || !entry.encoding.includes(only)) continue;
    const content = readFileSync(join(folder, entry.file));
    const known = largest.get(entry.encoding);
    if (known === undefined || known.content.length < content.length)
      largest.set(entry.encoding, { entry, content });
  }
  return largest;
}

/** Megabytes per second, of one round. */
function speedOf(decoder: Decoder, input: Buffer): number {
  const before = process.cpuUsage();
  for (let at = 0; at < input.length; at += chunkBytes)
    take(decoder.push(bytesOf(input.subarray(at, at + chunkBytes))));
  take(decoder.end());
  return input.length / process.cpuUsage(before).user;
}

function take(decoded: ReturnType<Decoder['push']>): void {
  for (const each of decoded) {
    if (each.kind === 'unreadable') throw new Error(`line ${each.line}: ${each.reason}`);
    each.batch.release();
  }
}

function best(encoding: Encoding, input: Buffer): number {
  let most = 0;
  for (let round = 0; round < rounds; round++) {
    const decoder = encoding.decoder?.({ ...defaultDecoderOptions, baseTimeUnixNano });
    if (decoder !== undefined) most = Math.max(most, speedOf(decoder, input));
  }
  return most;
}

/** What can stand behind itself in one file; one message of protobuf can as well. */
function repeated(content: Buffer): Buffer {
  const isText = !content.includes(0);
  const one = isText ? Buffer.concat([content, Buffer.from('\n')]) : content;
  return Buffer.concat(Array.from({ length: Math.ceil(inputBytes / one.length) }, () => one));
}

for (const [name, { entry, content }] of samples()) {
  const found = detect(bytesOf(content), { atEnd: true });
  if (found === undefined || !('encoding' in found) || !found.encoding.readable) {
    console.log(`${name.padEnd(18)} cannot be read`);
    continue;
  }
  try {
    const speed = best(found.encoding, repeated(content));
    console.log(`${name.padEnd(18)} ${speed.toFixed(0).padStart(5)} MB/s  ${entry.file}`);
  } catch (error) {
    console.log(`${name.padEnd(18)} ${String(error)}`);
  }
}
