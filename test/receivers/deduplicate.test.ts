/** `deduplicate`: what inputs have in common is dropped once it was there, and counted. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { appendFileSync, unlinkSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/pipeline/checkpoint.ts';
import { file } from '../../src/receivers/file.ts';
import { SeenItems } from '../../src/receivers/file/seen-items.ts';
import { gzipSync } from 'node:zlib';
import { tarOf } from '../support/archives.ts';
import { folderWith, logLine, read, receiverIn, spanLine } from './support.ts';

const settings = { include: ['.'], deduplicate: true };
const reasonsOf = ({ counts }: Awaited<ReturnType<typeof read>>) =>
  Object.fromEntries(
    Array.from(counts.flows, ([signal, flow]) => [signal, Object.fromEntries(flow.dropped)]),
  );

describe('deduplicate', () => {
  const trace = spanLine('a', 1) + spanLine('b', 2);
  const log = logLine('x', 3) + logLine('x', 3) + logLine('y', 4);

  it('drops a trace that was saved twice, and a rotated copy, and counts it', async () => {
    const folder = folderWith({ '1.jsonl': trace, '2.jsonl': trace, log: log, 'log.1': gzipSync(log) });
    const result = await read(folder, settings);
    expect(result.items).toEqual(['a', 'b', 'x', 'x', 'y']);
    expect(reasonsOf(result)).toEqual({ traces: { duplicate: 2 }, logs: { duplicate: 3 } });
    const all = await read(folder, { include: ['.'] });
    expect(all.items).toHaveLength(10);
    expect(all.dropped).toEqual({});
  });

  it('keeps what a file says more often than the others, and spans of the same ids with other content', async () => {
    const folder = folderWith({
      '1': spanLine('a') + spanLine('a') + logLine('x'),
      '2': logLine('x') + logLine('x') + logLine('x') + spanLine('a', 1, 'other service'),
    });
    const { items } = await read(folder, settings);
    expect(items.toSorted(compare)).toEqual(['a', 'a', 'x', 'x', 'x']);
  });

  it('looks into archives, and at standard input', async () => {
    const folder = folderWith({
      'b.tar': tarOf([
        { name: '1', content: trace },
        { name: '2', content: trace },
      ]),
      c: trace,
    });
    const { items } = await read(folder, settings);
    expect(items).toEqual(['a', 'b']);
    const stdin = await read(
      folder,
      { include: ['b.tar', '-'], deduplicate: true },
      { stdin: [spanLine('c'), trace] },
    );
    expect(stdin.items).toEqual(['a', 'b', 'c']);
  });

  it('is a config error with --follow', () => {
    const config = file.schema.parse(settings);
    const facts = { follow: true, has: () => false, writtenType: 'file', signals: [] };
    expect(file.check?.(config, facts)).toMatchObject([{ severity: 'error', path: ['deduplicate'] }]);
    expect(file.check?.(config, { ...facts, follow: false })).toEqual([]);
  });

  it('says when there is more than is remembered, and then keeps what it cannot tell', async () => {
    const many = Array.from({ length: 1200 }, (_, at) => spanLine(`s${at}`, at + 1)).join('');
    const folder = folderWith({ '1': many, '2': many });
    const { items, log: said } = await read(folder, { ...settings, max_remembered_items: 1000 });
    expect(items.length).toBeGreaterThan(1200);
    expect(said.filter((line) => line.includes('max_remembered_items'))).toHaveLength(1);
    const all = await read(folder, settings);
    expect(all.items).toHaveLength(1200);
  });

  it('goes on after an interruption as if there had been none', async () => {
    const own = (names: string) => Array.from(names, (name, at) => spanLine(name, at + 1)).join('');
    const folder = folderWith({ '1': own('abcd'), '2': own('abxy'), '3': own('yzd') });
    const config = { ...settings, batch_bytes: 1024 };
    const whole = await read(folder, config);
    for (let stop = 0; stop <= whole.items.length; stop++) {
      const first = await readUntil(folder, config, stop);
      const second = await read(folder, config, { position: first.position });
      expect([...first.items, ...second.items], `stopped after ${stop}`).toEqual(whole.items);
    }
  });

  it('knows what a file had that grew, and does without one that is gone', async () => {
    const folder = folderWith({ '1': spanLine('a', 1), '2': spanLine('b', 2) });
    const first = await readUntil(folder, settings, 99);
    appendFileSync(join(folder, '2'), spanLine('a', 1) + spanLine('c', 3));
    expect((await read(folder, settings, { position: first.position })).items).toEqual(['c']);
    unlinkSync(join(folder, '1'));
    expect((await read(folder, settings, { position: first.position })).items).toEqual(['a', 'c']);
  });
});

/** By text, in any order of signals. */
function compare(one: unknown, other: unknown): number {
  return String(one) < String(other) ? -1 : 1;
}

async function readUntil(folder: string, config: object, stop: number) {
  const stopping = new AbortController();
  if (stop === 0) stopping.abort();
  const { receiver } = await receiverIn(folder, config, { signal: stopping.signal });
  const items: string[] = [];
  let position: JsonValue | undefined;
  await receiver.start({
    emit: (batch, at) => {
      if (batch.signal === 'traces') items.push(...batch.spans().map((span) => span.name));
      position = at;
      if (items.length >= stop) stopping.abort();
      return Promise.resolve();
    },
    advance: (at) => {
      position = at;
    },
  });
  return { items, position };
}

describe('the items that were seen', () => {
  const digestOf = (name: number) => createHash('sha256').update(String(name)).digest();

  it('are counted as a map of them would, below the limit', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(3))), (steps) => {
        const seen = new SeenItems(1000);
        const model = new Map<number, { input: number; here: number; most: number }>();
        let input = 1;
        for (const [name, step] of steps) {
          input += step === 0 ? 1 : 0;
          const known = model.get(name) ?? { input, here: 0, most: 0 };
          const here = known.input === input ? known.here : 0;
          expect(seen.see(digestOf(name), input)).toEqual({ before: known.most, here });
          model.set(name, { input, here: here + 1, most: Math.max(known.most, here + 1) });
        }
      }),
    );
  });

  it('are half of the limit at least', () => {
    const seen = new SeenItems(4000);
    for (let name = 0; name < 10_000; name++) expect(seen.see(digestOf(name), 1).before).toBe(0);
    expect(seen.isFull).toBe(true);
    for (let name = 8000; name < 10_000; name++) expect(seen.see(digestOf(name), 2).before).toBe(1);
    expect(seen.see(digestOf(0), 2).before).toBe(0);
  });
});
