import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  existsSync,
  rmSync,
  mkdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { file } from '../../src/exporters/file.ts';
import { emptyBatch, type AnyBatch } from '../../src/model/batches.ts';
import { LogsData, TracesData } from '../../src/model/schema.ts';
import { Transcoder } from '../../src/model/transcode.ts';
import type { Exporter } from '../../src/pipeline/component.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { Writer } from '../../src/wire/writer.ts';
import { exporterContext, sendBatch, startExporter, type TestContext } from '../support/exporter-context.ts';

let directory: string;
let context: TestContext;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'respool-file-'));
  context = exporterContext({ directory });
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function start(config: Record<string, unknown> = {}): Promise<Exporter> {
  return startExporter(file, { path: 'out.jsonl', ...config }, context);
}

function spans(...names: string[]): AnyBatch {
  const batch = emptyBatch('traces');
  const group = batch.addResource();
  group.resource.attributes.set('service.name', 'checkout');
  const scope = group.addScope();
  for (const name of names) {
    const span = scope.addSpan();
    span.name = name;
    span.traceId = '0af7651916cd43dd8448eb211c80319c';
    span.startTimeUnixNano = 1_800_000_000_123_456_789n;
    span.attributes.set('n', 2 ** 40);
    span.attributes.set('f', 1.5);
  }
  return batch;
}

function read(name = 'out.jsonl'): Buffer {
  return readFileSync(join(directory, name));
}

async function writeAll(config: Record<string, unknown>, ...batches: AnyBatch[]): Promise<void> {
  const exporter = await start(config);
  for (const batch of batches) expect(await sendBatch(exporter, batch)).toEqual([{ verdict: 'delivered' }]);
  await exporter.shutdown?.();
}

/** OTLP JSON back to protobuf. */
function transcoded(json: Buffer, type = TracesData): Buffer {
  const writer = new Writer();
  const bytes = bytesOf(json);
  new Transcoder().message(bytes, 0, bytes.length, type, writer);
  return Buffer.from(writer.bytes());
}

/** Messages with four bytes of length before each. */
function frames(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    expect(at + 4 + length).toBeLessThanOrEqual(bytes.length);
    found.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

/** All frames of a file; Node reads only the first. */
function unzstd(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const { buffer, engine } = zstdDecompressSync(bytes.subarray(at), { info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    parts.push(buffer);
    at += engine.bytesWritten;
  }
  return Buffer.concat(parts);
}

describe('what is written', () => {
  it('is a line of OTLP JSON a request', async () => {
    await writeAll({}, spans('a'), spans('b'));
    const lines = read().toString().split('\n');
    expect(
      lines.map((line) =>
        line === ''
          ? ''
          : (JSON.parse(line) as { resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[] })
              .resourceSpans[0]?.scopeSpans[0]?.spans[0],
      ),
    ).toEqual([
      {
        traceId: '0af7651916cd43dd8448eb211c80319c',
        name: 'a',
        startTimeUnixNano: '1800000000123456789',
        attributes: expect.any(Array),
      },
      {
        traceId: '0af7651916cd43dd8448eb211c80319c',
        name: 'b',
        startTimeUnixNano: '1800000000123456789',
        attributes: expect.any(Array),
      },
      '',
    ]);
  });

  it.each([
    ['none', (bytes: Buffer) => bytes],
    ['gzip', gunzipSync],
    ['zstd', unzstd],
  ])('comes back byte for byte, json with %s', async (compression, plain) => {
    const batches = [spans('a', 'b'), spans('c')];
    await writeAll({ compression }, ...batches);
    const lines = plain(read()).toString().trimEnd().split('\n');
    expect(lines.map((line) => transcoded(Buffer.from(line)))).toEqual(
      batches.map((batch) => Buffer.from(batch.encode())),
    );
  });

  it.each([
    ['none', (bytes: Buffer) => bytes],
    ['gzip', gunzipSync],
    ['zstd', unzstd],
  ])('comes back byte for byte, proto with %s', async (compression, plain) => {
    const batches = [spans('a', 'b'), spans('c')];
    await writeAll({ format: 'proto', compression }, ...batches);
    expect(frames(plain(read()))).toEqual(batches.map((batch) => Buffer.from(batch.encode())));
  });

  it.each(['json', 'proto'])(
    "has the framing of the Collector's file exporter on demand: %s",
    async (format) => {
      const batches = [spans('a', 'b'), spans('c')];
      await writeAll({ format, compression: 'zstd', compression_framing: 'message' }, ...batches);
      const messages = frames(read()).map((frame) => zstdDecompressSync(frame));
      expect(format === 'proto' ? messages : messages.map((json) => transcoded(json))).toEqual(
        batches.map((batch) => Buffer.from(batch.encode())),
      );
      if (format === 'json') expect(messages.every((json) => !json.includes(0x0a))).toBe(true);
    },
  );

  it('is what gzip and zstd read', async () => {
    await writeAll({ path: 'out.jsonl.gz', compression: 'gzip' }, spans('a'), spans('b'));
    expect(
      execFileSync('gzip', ['-dc', join(directory, 'out.jsonl.gz')])
        .toString()
        .split('\n'),
    ).toHaveLength(3);
  });

  it('comes back whatever the logs say', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            body: text,
            key: text,
            value: fc.oneof(text, fc.double(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
          }),
          { minLength: 1 },
        ),
        async (records) => {
          const batch = emptyBatch('logs');
          const scope = batch.addResource().addScope();
          for (const { body, key, value } of records) {
            const record = scope.addLogRecord();
            record.body = body;
            record.attributes.set(key, value);
          }
          await writeAll({}, batch);
          expect(transcoded(read(), LogsData).toString('hex')).toBe(
            Buffer.from(batch.encode()).toString('hex'),
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the file', () => {
  it('has another name until it is complete', async () => {
    writeFileSync(join(directory, 'out.jsonl'), 'before');
    const exporter = await start();
    expect(context.messages).toEqual(['warn: out.jsonl exists and will be replaced when the run completes']);
    await sendBatch(exporter, spans('a'));
    expect(read().toString()).toBe('before');
    expect(read('out.jsonl.partial').toString()).toContain('"a"');
    await exporter.shutdown?.();
    expect(readdirSync(directory)).toEqual(['out.jsonl']);
    expect(read().toString()).toContain('"a"');
    expect(exporter.whereToLook?.()).toEqual([join(directory, 'out.jsonl')]);
  });

  it('keeps that name when the run is interrupted, and the next run keeps the file', async () => {
    const exporter = await start();
    await sendBatch(exporter, spans('a'));
    context.stop();
    await exporter.shutdown?.();
    expect(readdirSync(directory)).toEqual(['out.jsonl.partial']);
    expect(context.messages).toEqual([expect.stringContaining('out.jsonl.partial')]);
    expect(exporter.whereToLook?.()).toEqual([join(directory, 'out.jsonl.partial')]);

    context = exporterContext({ directory });
    await writeAll({}, spans('b'));
    expect(readdirSync(directory)).toEqual(['out.jsonl', 'out.jsonl.partial']);
    expect(read('out.jsonl.partial').toString()).toContain('"a"');
  });

  it('finds before the start what would fail, and makes nothing', async () => {
    writeFileSync(join(directory, 'a-file'), 'x');
    const prepare = async (keys: object) => {
      const exporter = await file.create(file.schema.parse(keys), context);
      await exporter.prepare?.();
    };
    await expect(prepare({ path: 'none/out.jsonl' })).rejects.toThrow('does not exist');
    await expect(prepare({ path: 'a-file/out.jsonl' })).rejects.toThrow('ENOTDIR');
    await expect(prepare({ path: '.' })).rejects.toThrow('is a directory');
    await prepare({ path: 'out.jsonl' });
    await prepare({ path: 'none/deeper/out.jsonl', create_directory: true });
    await prepare({ path: '/dev/null' });
    await expect(prepare({ path: 'a-file/x/out.jsonl', create_directory: true })).rejects.toThrow('ENOTDIR');
    await prepare({ path: 'a-file', append: true });
    expect(readdirSync(directory)).toEqual(['a-file']);
  });

  it('leaves nothing behind when nothing was written', async () => {
    writeFileSync(join(directory, 'out.jsonl'), 'as it was');
    for (const config of [{}, { compression: 'gzip' }]) {
      const exporter = await start(config);
      context.stop();
      await exporter.shutdown?.();
      expect(exporter.whereToLook?.()).toEqual([]);
    }
    expect(context.messages.join()).not.toContain('partial');
    expect(readdirSync(directory)).toEqual(['out.jsonl']);
    expect(read().toString()).toBe('as it was');
  });

  it('grows with `append`, behind a line that was left in the middle', async () => {
    writeFileSync(join(directory, 'out.jsonl'), '{"torn":');
    await writeAll({ append: true }, spans('a'));
    await writeAll({ append: true }, spans('b'));
    const lines = read().toString().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe('{"torn":');
    expect(context.messages).toEqual([]);
  });

  it('is not replaced when something else wrote it meanwhile', async () => {
    const exporter = await start();
    await sendBatch(exporter, spans('a'));
    writeFileSync(join(directory, 'out.jsonl'), 'other');
    await expect(exporter.shutdown?.()).rejects.toThrow('written by something else');
    expect(read().toString()).toBe('other');
    expect(read('out.jsonl.partial').toString()).toContain('"a"');
  });

  it('behind a link replaces what the link points to', async () => {
    writeFileSync(join(directory, 'real.jsonl'), 'before');
    symlinkSync('real.jsonl', join(directory, 'out.jsonl'));
    await writeAll({}, spans('a'));
    expect(read('real.jsonl').toString()).toContain('"a"');
  });

  it('that is no regular file is written as it is', async () => {
    await writeAll({ path: '/dev/null', rotation: { max_megabytes: 0.0001 } }, spans('a'), spans('b'));
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(context.messages).toEqual([]);
  });

  it('wants its directory, or makes it', async () => {
    await expect(start({ path: 'a/b/out.jsonl' })).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringContaining('does not exist'),
        remedy: expect.stringContaining('create_directory'),
      }) as Error,
    );
    await writeAll(
      { path: 'a/b/out.jsonl', create_directory: true, directory_permissions: '0700' },
      spans('a'),
    );
    expect(statSync(join(directory, 'a/b')).mode & 0o777).toBe(0o700);
    mkdirSync(join(directory, 'folder'));
    await expect(start({ path: 'folder' })).rejects.toThrow('is a directory');
  });

  it('stops the run when the disk is full', async () => {
    if (!existsSync('/dev/full')) return;
    const exporter = await start({ path: '/dev/full' });
    expect(await sendBatch(exporter, spans('a'))).toEqual([
      expect.objectContaining({ verdict: 'stop', reason: expect.stringContaining('ENOSPC') }),
    ]);
    await exporter.shutdown?.();
  });

  it('rotates by size, with the time in the names of full files', async () => {
    await writeAll({ rotation: { max_megabytes: 0.0001 } }, spans('a'), spans('b'), spans('c'));
    expect(readdirSync(directory)).toEqual([
      'out-2027-01-15T08-00-00.000.jsonl',
      'out-2027-01-15T08-00-00.001.jsonl',
      'out.jsonl',
    ]);
    const all = readdirSync(directory).map((name) => /"name":"(.)"/.exec(read(name).toString())?.[1]);
    expect(all).toEqual(['a', 'b', 'c']);
    expect(context.messages).toEqual([]);
  });
});

describe('a config', () => {
  const problems = (config: Record<string, unknown>, signals: ('traces' | 'logs')[]) =>
    file.check?.(file.schema.parse({ path: 'x', ...config }), {
      writtenType: 'file',
      has: (key) => String(key) in config,
      signals,
    }) ?? [];

  it('of protobuf for two signals is refused: nobody could read it', () => {
    expect(problems({ format: 'proto' }, ['traces', 'logs'])).toEqual([
      expect.objectContaining({ severity: 'error', path: ['format'] }),
    ]);
    expect(problems({ format: 'proto' }, ['traces'])).toEqual([]);
    expect(problems({}, ['traces', 'logs'])).toEqual([]);
  });

  it('of append and rotation is refused, of framing without compression noticed', () => {
    expect(problems({ append: true, rotation: {} }, ['logs'])).toEqual([
      expect.objectContaining({ severity: 'error', path: ['rotation'] }),
    ]);
    expect(problems({ compression_framing: 'message' }, ['logs'])).toEqual([
      expect.objectContaining({ severity: 'notice' }),
    ]);
  });
});
