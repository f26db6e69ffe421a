import { open } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBuffers, Reads, type ReadPlan } from '../../src/receivers/file/reads.ts';
import { folderWith } from './support.ts';

const content = Buffer.from(Array.from({ length: 2000 }, (_, at) => (at * 7919) % 251));

const fileOfContent = (): string => join(folderWith({ input: content }), 'input');

/** A clock by which reads take as long as the list says, and those behind it as long as its last; and how many it saw. */
function clockOf(tookMs: readonly number[]): { clock: NonNullable<ReadPlan['clock']>; seen: () => number } {
  let nowMs = 0;
  let looks = 0;
  const monotonicMs = (): number => {
    if (looks % 2 === 1) nowMs += tookMs[Math.min(looks >> 1, tookMs.length - 1)] ?? 0;
    looks++;
    return nowMs;
  };
  return { clock: { monotonicMs }, seen: () => looks >> 1 };
}

const plans = fc.record({
  from: fc.nat(2100),
  length: fc.option(fc.nat(2100), { nil: Infinity }),
  room: fc.integer({ min: 1, max: 700 }),
  isFile: fc.boolean(),
  tookMs: fc.array(fc.constantFrom(0, 100), { maxLength: 5 }),
});

test('the bytes are the same whoever reads them, and a chunk stays until the next one is asked for', async () => {
  const path = fileOfContent();
  await fc.assert(
    fc.asyncProperty(plans, async ({ from, length, room, isFile, tookMs }) => {
      const handle = await open(path);
      const to = from + length;
      const { clock } = clockOf(tookMs);
      const reads = new Reads(handle, { from, to, buffers: readBuffers(room), isFile, clock });
      const parts: Buffer[] = [];
      for (let read = await reads.next(); read.length > 0; read = await reads.next()) {
        // What is read ahead has its time to come where it should not.
        await new Promise((resolve) => setImmediate(resolve));
        parts.push(Buffer.from(read));
      }
      await handle.close();
      expect(Buffer.concat(parts)).toStrictEqual(content.subarray(from, to));
    }),
    { numRuns: 200 },
  );
});

test.each([
  { what: 'all are made here while none waits', isFile: true, tookMs: 0, here: 41 },
  { what: 'sixteen are made by another thread after one that waited', isFile: true, tookMs: 100, here: 3 },
  { what: 'none is made here of what is no file', isFile: false, tookMs: 0, here: 0 },
])('$what', async ({ isFile, tookMs, here }) => {
  const handle = await open(fileOfContent());
  const { clock, seen } = clockOf([tookMs]);
  const reads = new Reads(handle, { from: 0, to: Infinity, buffers: readBuffers(50), isFile, clock });
  let all = 0;
  for (let read = await reads.next(); read.length > 0; read = await reads.next()) all++;
  await handle.close();
  expect([all, seen()]).toStrictEqual([40, here]);
});
