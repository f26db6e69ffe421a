import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodings } from '../../src/encodings/list.ts';
import { batchOf, emptyBatch, splitBatch, type AnyBatch } from '../../src/model/batches.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import type { Signal } from '../../src/model/signal.ts';
import { toJson } from '../../src/model/to-json.ts';
import { DeadLetterFile } from '../../src/state/dead-letter.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { logsBytes, metricsBytes, tracesBytes } from '../support/arbitrary-otlp.ts';
import { decoderOf } from '../encodings/decoding.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'respool-letters-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const facts = { reason: 'http://host/ answered 400: bad "thing"\nsecond line', exporter: 'otlp_http/a' };

function spans(names: readonly string[], origin?: string): AnyBatch {
  const batch = emptyBatch('traces');
  const group = batch.addResource();
  group.resource.attributes.set('service.name', 'checkout');
  const scope = group.addScope();
  scope.scope.name = 'lib';
  for (const name of names) scope.addSpan().name = name;
  batch.origin = origin;
  return batch;
}

/** What Respool reads of the file. */
function readBack(path: string): AnyBatch[] {
  const encoding = encodings.find(({ name }) => name === 'otlp_json');
  if (encoding === undefined) throw new Error('otlp_json is not there');
  const decoder = decoderOf(encoding);
  const decoded = [...decoder.push(readFileSync(path) as unknown as Bytes), ...decoder.end()];
  return decoded.map((each) => {
    if (each.kind === 'unreadable') throw new Error(each.reason);
    return each.batch;
  });
}

const lines = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('the dead-letter file', () => {
  it('has one item a line, with resource and scope and why it is there', async () => {
    const path = join(folder, 'state', 'letters.jsonl');
    const file = new DeadLetterFile(path);
    await file.check();
    await file.write(spans(['a', 'b'], 'traces.jsonl'), facts);
    await file.close();
    const attributes = [
      { key: 'respool.dead_letter.reason', value: { stringValue: facts.reason } },
      { key: 'respool.dead_letter.exporter', value: { stringValue: 'otlp_http/a' } },
      { key: 'respool.dead_letter.origin', value: { stringValue: 'traces.jsonl' } },
    ];
    const line = (name: string) => ({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] },
          scopeSpans: [{ scope: { name: 'lib' }, spans: [{ name, attributes }] }],
        },
      ],
    });
    expect(lines(path)).toEqual([line('a'), line('b')]);
    expect(file.letters).toBe(2);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is not there without a letter', async () => {
    const path = join(folder, 'letters.jsonl');
    const file = new DeadLetterFile(path);
    await file.check();
    await file.close();
    expect(() => statSync(path)).toThrow('ENOENT');
  });

  it('keeps the order in which letters came, and leaves their batches as they are', async () => {
    const path = join(folder, 'letters.jsonl');
    const file = new DeadLetterFile(path);
    const batches = Array.from({ length: 30 }, (_, at) => spans([`${at}`]));
    const before = batches.map((batch) => Buffer.from(batch.encode()).toString('hex'));
    await Promise.all(batches.map((batch) => file.write(batch, facts)));
    await file.close();
    const names = readBack(path).flatMap((batch) =>
      batch.signal === 'traces' ? batch.spans().map(({ name }) => name) : [],
    );
    expect(names).toEqual(batches.map((_, at) => `${at}`));
    expect(batches.map((batch) => Buffer.from(batch.encode()).toString('hex'))).toEqual(before);
  });

  it('goes on where an earlier run stopped, in the middle of a line or not', async () => {
    const path = join(folder, 'letters.jsonl');
    writeFileSync(path, '{"resourceSpans":[{"sco');
    const file = new DeadLetterFile(path);
    await file.write(spans(['a']), facts);
    await file.close();
    const again = new DeadLetterFile(path);
    await again.write(spans(['b']), facts);
    await again.close();
    const text = readFileSync(path, 'utf8').split('\n');
    expect(text[0]).toBe('{"resourceSpans":[{"sco');
    expect(text.slice(1)).toEqual([expect.stringContaining('"a"'), expect.stringContaining('"b"'), '']);
  });

  it('does not pile up attributes on what is a dead letter again, and keeps where it was read first', async () => {
    const first = new DeadLetterFile(join(folder, '1.jsonl'));
    await first.write(spans(['a'], 'traces.jsonl'), facts);
    await first.close();
    const second = new DeadLetterFile(join(folder, '2.jsonl'));
    for (const batch of readBack(first.path)) {
      batch.origin = '1.jsonl';
      await second.write(batch, { reason: 'again', exporter: 'loki' });
    }
    await second.close();
    const [batch] = readBack(second.path);
    if (batch?.signal !== 'traces') throw new Error('a span was expected');
    expect(batch.spans()[0]?.attributes.entries()).toEqual([
      ['respool.dead_letter.reason', 'again'],
      ['respool.dead_letter.exporter', 'loki'],
      ['respool.dead_letter.origin', 'traces.jsonl'],
    ]);
  });

  it('fails when the disk is full, and takes letters again when it is not', async () => {
    const full = new DeadLetterFile('/dev/full');
    await expect(full.write(spans(['a']), facts)).rejects.toThrow('ENOSPC');
    expect(full.letters).toBe(0);
    await full.close();
  });

  it('says before the run that it cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '');
    const file = new DeadLetterFile(join(folder, 'file', 'letters.jsonl'));
    await expect(file.check()).rejects.toMatchObject({
      name: 'StateError',
      message: expect.stringContaining('ENOTDIR'),
      remedy: expect.stringContaining('name a file'),
    });
    await expect(file.write(spans(['a']), facts)).rejects.toThrow('EEXIST');
    await file.close();
  });
});

describe('any telemetry', () => {
  const any: fc.Arbitrary<{ signal: Signal; bytes: Buffer }> = fc.oneof(
    tracesBytes.map((bytes) => ({ signal: 'traces' as const, bytes })),
    logsBytes.map((bytes) => ({ signal: 'logs' as const, bytes })),
    metricsBytes.map((bytes) => ({ signal: 'metrics' as const, bytes })),
  );

  /** Each item alone as JSON, without the attributes of dead letters. */
  const items = (batches: readonly AnyBatch[]): string[] =>
    batches
      .flatMap((batch) => [...splitBatch(batch, { maxItems: 1 })])
      .filter((batch) => batch.itemCount > 0)
      .map((batch) => {
        const bytes = batch.encode();
        const text = toJson(bytes, 0, bytes.length, dataTypeOf(batch.signal));
        return text
          .replaceAll(/,?\{"key":"respool\.dead_letter\.\w+","value":\{"stringValue":"[^"]*"\}\}/g, '')
          .replaceAll(/,?"attributes":\[\]/g, '');
      });

  it('comes back as it was', async () => {
    let at = 0;
    await fc.assert(
      fc.asyncProperty(any, async ({ signal, bytes }) => {
        const batch = batchOf(signal, bytes);
        fc.pre(batch.itemCount > 0);
        const file = new DeadLetterFile(join(folder, `${at++}.jsonl`));
        await file.write(batch, { reason: 'r', exporter: 'e' });
        await file.close();
        const back = readBack(file.path);
        expect(back.reduce((sum, { itemCount }) => sum + itemCount, 0)).toBe(batch.itemCount);
        const normal = (text: string): string => text.replaceAll(/[{,]+(?=[}\]])|,(?=,)|(?<=\{),/g, '');
        expect(items(back).map(normal)).toEqual(items([batch]).map(normal));
      }),
      { numRuns: 100 },
    );
  });
});
