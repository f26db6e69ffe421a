import { describe, expect, test, vi } from 'vitest';
import { batchOf, emptyBatch } from '../../src/model/batches.ts';
import type { Span, TracesBatch } from '../../src/model/traces.ts';
import { acquire, release } from '../../src/wire/pool.ts';
import { Source } from '../../src/model/ownership.ts';

function twoSpans(): Buffer {
  const batch = emptyBatch('traces');
  const scope = batch.addResource().addScope();
  for (const name of ['a', 'b']) {
    const span = scope.addSpan();
    span.name = name;
    span.startTimeUnixNano = 1n;
    span.addEvent().timeUnixNano = 2n;
  }
  return Buffer.from(batch.encode());
}

const first = (batch: TracesBatch): Span => batch.spans()[0] as Span;

describe('a batch', () => {
  test('that has one owner is written to in place', () => {
    const bytes = twoSpans();
    const batch = batchOf('traces', bytes);
    first(batch).startTimeUnixNano = 99n;
    expect(batch.encode()).toBe(bytes);
    expect(first(batchOf('traces', bytes)).startTimeUnixNano).toBe(99n);
  });

  test('shares bytes with its clone until one of the two writes', () => {
    const bytes = twoSpans();
    const before = bytes.toString('hex');
    const batch = batchOf('traces', bytes);
    const event = first(batch).events[0];
    const clone = batch.clone();
    expect(clone.encode()).toBe(batch.encode());
    if (event !== undefined) event.timeUnixNano = 5n;
    expect(bytes.toString('hex')).toBe(before);
    expect(first(batch).events[0]?.timeUnixNano).toBe(5n);
    expect(first(batchOf('traces', Buffer.from(batch.encode()))).events[0]?.timeUnixNano).toBe(5n);
    expect(first(clone).events[0]?.timeUnixNano).toBe(2n);
    // The batch has its own bytes now, so the clone is alone on the first ones.
    first(clone).startTimeUnixNano = 7n;
    expect(clone.encode()).toBe(bytes);
  });

  test('that is packed is its encoding, to be edited further', () => {
    const batch = batchOf('traces', twoSpans());
    first(batch).name = 'longer name';
    first(batch).drop('by test');
    const encoded = batch.encode();
    const clone = batch.clone();
    batch.pack();
    expect(batch.encode()).toBe(encoded);
    expect([batch.itemCount, batch.byteLength]).toStrictEqual([1, encoded.length]);
    expect(batch.takeDrops()).toStrictEqual(new Map([['by test', 1]]));
    const [span] = batch.spans();
    expect(span?.name).toBe('b');
    span?.attributes.set('k', 1);
    expect(first(batch).attributes.size).toBe(1);
    expect(first(clone).attributes.size).toBe(0);
  });

  test('gives its part of the arena back when it is packed or released', () => {
    const edited = (): TracesBatch => {
      const batch = batchOf('traces', twoSpans());
      for (let i = 0; i < 8; i++) first(batch).name = 'x'.repeat(100_000 + i);
      return batch;
    };
    edited().release();
    const packed = edited();
    packed.pack();
    const before = acquire(1 << 18);
    before.fill(0xff);
    expect(packed.encode().includes(0xff)).toBe(false);
    expect(first(packed).name).toBe('x'.repeat(100_007));
    release(before);
  });

  test('that was edited is encoded before it is cloned, and both go on', () => {
    const batch = batchOf('traces', twoSpans());
    const span = first(batch);
    span.name = 'longer name';
    const clone = batch.clone();
    const bytes = batch.encode();
    expect(clone.encode()).toBe(bytes);
    span.attributes.set('k', 1);
    first(clone).startTimeUnixNano = 55n;
    span.startTimeUnixNano = 66n;
    expect([first(clone).name, first(clone).attributes.size, first(clone).startTimeUnixNano]).toStrictEqual([
      'longer name',
      0,
      55n,
    ]);
    expect([first(batch).attributes.size, first(batch).startTimeUnixNano]).toStrictEqual([1, 66n]);
    expect(batch.spans()[0]).toBe(span);
    // The batch left these bytes at its next edit, so the clone was alone on them.
    expect(clone.encode()).toBe(bytes);
  });

  test('keeps pending drops from its clone', () => {
    const batch = batchOf('traces', twoSpans());
    first(batch).drop('why');
    const clone = batch.clone();
    expect(clone.itemCount).toBe(1);
    expect(clone.takeDrops().size).toBe(0);
    expect([...batch.takeDrops()]).toStrictEqual([['why', 1]]);
  });

  test('gives its bytes back when the last clone is released', () => {
    const release = vi.fn<() => void>();
    const batch = batchOf('traces', twoSpans(), { release });
    const clone = batch.clone();
    const cloneOfClone = clone.clone();
    clone.release();
    batch.release();
    batch.release();
    expect(release).not.toHaveBeenCalled();
    cloneOfClone.release();
    expect(release).toHaveBeenCalledOnce();
  });

  test('gives its bytes back once, also when it was edited or moved to a copy', () => {
    const release = vi.fn<() => void>();
    const batch = batchOf('traces', twoSpans(), { release });
    const clone = batch.clone();
    first(clone).startTimeUnixNano = 3n;
    clone.release();
    expect(release).not.toHaveBeenCalled();
    first(batch).name = 'other name';
    batch.encode();
    batch.release();
    expect(release).toHaveBeenCalledOnce();
  });

  test('is not to be used after its release', () => {
    const batch = batchOf('traces', twoSpans());
    batch.release();
    expect(() => batch.encode()).toThrow('after its release');
    expect(() => batch.clone()).toThrow('after its release');
    expect(() => batch.itemCount).toThrow('after its release');
    expect(batch.spans()).toStrictEqual([]);
  });

  test('estimates its size after edits', () => {
    const batch = batchOf('traces', twoSpans());
    for (const span of batch.spans()) span.attributes.set('k', 'v'.repeat(1000));
    const estimate = batch.byteLength;
    expect(Math.abs(estimate - batch.encode().length)).toBeLessThan(50);
    expect(batch.byteLength).toBe(batch.encode().length);
  });
});

test('other bytes may take all of the room behind those that an only owner has, and no more', () => {
  const buffer = acquire(1 << 17);
  let given = 0;
  const source = new Source(
    buffer.subarray(0, 1000) as typeof buffer,
    () => (given++, release(buffer)),
    buffer,
  );
  expect(source.over(buffer.length + 1)).toBeUndefined();
  const longer = source.over(2000);
  expect(longer?.bytes.buffer).toBe(buffer.buffer);
  expect(longer?.bytes.length).toBe(2000);
  source.release();
  expect(given).toBe(0);
  longer?.release();
  expect(given).toBe(1);
});

test('what is shared is not written over', () => {
  const source = Source.pooled(acquire(1 << 17), 1000);
  source.owners++;
  expect(source.over(10)).toBeUndefined();
});
