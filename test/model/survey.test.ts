/** What WebAssembly says of the items of a batch is what is found without it, also where the bytes are damaged. */
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { batchOf, timeRangeOf } from '../../src/model/batches.ts';
import { countItems } from '../../src/model/count.ts';
import type { Signal } from '../../src/model/signal.ts';
import { surveyOf } from '../../src/model/survey.ts';
import { timeRangeIn } from '../../src/model/time-range.ts';
import { traceIdsByHand, traceIdsOf } from '../../src/model/trace-ids.ts';
import { TracesBatch } from '../../src/model/traces.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { logsBytes, metricsBytes, tracesBytes } from '../support/arbitrary-otlp.ts';

const anyBytes: fc.Arbitrary<readonly [Signal, Buffer]> = fc.oneof(
  fc.tuple(fc.constant('traces' as const), tracesBytes),
  fc.tuple(fc.constant('logs' as const), logsBytes),
  fc.tuple(fc.constant('metrics' as const), metricsBytes),
);

function outcome<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    return String(error);
  }
}

function byHand(signal: Signal, buf: Bytes) {
  const range = { buf, start: 0, end: buf.length };
  return { items: countItems(signal, range), range: timeRangeIn(signal, range) };
}

afterEach(() => vi.restoreAllMocks());

test('items, times and traces', () => {
  fc.assert(
    fc.property(anyBytes, fc.nat(20), ([signal, buffer], most) => {
      const bytes = buffer as Bytes;
      expect(surveyOf(signal, bytes)).toEqual(byHand(signal, bytes));
      const batch = batchOf(signal, Buffer.from(bytes), { trusted: true });
      if (batch instanceof TracesBatch) expect(traceIdsOf(batch, most)).toEqual(traceIdsByHand(bytes, most));
    }),
    { numRuns: 2000 },
  );
});

test('of damaged bytes too', () => {
  const damaged = fc.tuple(anyBytes, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), fc.nat());
  fc.assert(
    fc.property(damaged, ([[signal, buffer], changes, cut]) => {
      const bytes = Buffer.from(buffer.subarray(0, Math.max(buffer.length - (cut % 16), 0))) as Bytes;
      for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      expect(outcome(() => surveyOf(signal, bytes))).toEqual(outcome(() => byHand(signal, bytes)));
    }),
    { numRuns: 4000 },
  );
});

test('the times are those after an edit, where it is made in place, and those of a clone stay', () => {
  const batch = batchOf('traces', Buffer.from('\x0a\x0d\x12\x0b\x12\x09\x39\x01\0\0\0\0\0\0\0', 'latin1'));
  const at = (time: bigint) => ({ startUnixNano: time, endUnixNano: time });
  expect(batch.itemCount).toBe(1);
  expect(timeRangeOf(batch)).toEqual(at(1n));
  const clone = batch.clone();
  for (const span of clone.spans()) span.startTimeUnixNano = 7n;
  expect(timeRangeOf(batch)).toEqual(at(1n));
  expect(timeRangeOf(clone)).toEqual(at(7n));
  batch.release();
  for (const span of clone.spans()) span.startTimeUnixNano = 8n;
  expect(timeRangeOf(clone)).toEqual(at(8n));
  for (const span of clone.spans()) span.drop('no reason');
  expect(timeRangeOf(clone)).toBeUndefined();
});

test('where there is no memory for it, nothing changes', () => {
  const some = Buffer.concat(fc.sample(tracesBytes, { numRuns: 100, seed: 1 }));
  const atLeast = (size: number): Bytes =>
    Buffer.concat(Array.from({ length: Math.ceil(size / some.length) }, () => some)) as Bytes;
  const bytes = atLeast(1 << 20);
  const expected = byHand('traces', bytes);
  const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
    throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory');
  });
  expect(surveyOf('traces', bytes)).toEqual(expected);
  expect(grow).toHaveBeenCalled();
  vi.restoreAllMocks();
  expect(surveyOf('traces', bytes)).toEqual(expected);
  const tooLarge = atLeast(9 << 20);
  expect(surveyOf('traces', tooLarge)).toEqual(byHand('traces', tooLarge));
});
