import { describe, expect, it } from 'vitest';
import { batchOf, firstTimesOf, type AnyBatch } from '../../src/model/batches.ts';
import type { TracesBatch } from '../../src/model/traces.ts';
import { TimeUnits } from '../../src/receivers/file/time-units.ts';
import { spansNamed } from '../support/fake-components.ts';
import { folderWith, receiverIn } from './support.ts';

const start = 1_700_000_000_000_000_000n;

function spansAt(...times: readonly bigint[]): AnyBatch {
  const batch = spansNamed(times.map(String)) as TracesBatch;
  for (const [at, span] of batch.spans().entries()) {
    span.startTimeUnixNano = times[at] ?? 0n;
    span.endTimeUnixNano = times[at] ?? 0n;
  }
  return batchOf('traces', Buffer.from(batch.encode()));
}

describe('times in the wrong unit', () => {
  it.each([
    ['microseconds', 1000n],
    ['milliseconds', 1_000_000n],
    ['seconds', 1_000_000_000n],
  ])('are told by their magnitude: %s', (unit, nanos) => {
    const units = new TimeUnits();
    const time = start / nanos;
    expect(units.look(spansAt(0n, time, time + 7n))).toBe(
      `the times of spans look like ${unit} instead of nanoseconds: ${time} is ${as(time)} as it stands, and ` +
        `2023-11-14T22:13:20Z in ${unit}. They are passed on as they are; a \`transform\` mends them with ` +
        `set(span.start_time_unix_nano, span.start_time_unix_nano * ${nanos}) and the same for span.end_time_unix_nano`,
    );
    expect(units.look(spansAt(time)), 'said again').toBeUndefined();
  });

  it.each([
    ['nanoseconds', [start]],
    ['no times', [0n, 0n]],
    ['small numbers', [1n, 1_000_000n, 86_400_000_000_000n]],
    ['one odd time among right ones', [start / 1000n, start]],
    ['two units', [start / 1000n, start / 1_000_000n]],
    ['the largest number', [2n ** 64n - 1n]],
  ])('are not suspected in %s', (_, times) => {
    expect(new TimeUnits().look(spansAt(...times))).toBeUndefined();
  });

  it('are not suspected in a recording that counts from its own start', () => {
    const units = new TimeUnits();
    const minutes = (count: bigint) => spansAt(count * 60_000_000_000n);
    expect([minutes(1n), minutes(28n)].map((batch) => units.look(batch))).toEqual([undefined, undefined]);
    expect(new TimeUnits().look(minutes(28n))).toMatch(/look like milliseconds/u);
  });

  it('are looked for at the beginning of a batch only', () => {
    const times = Array.from({ length: 100 }, (_, at) => start + BigInt(at));
    expect(firstTimesOf(spansAt(...times), 3)).toEqual(times.slice(0, 3));
    expect(firstTimesOf(spansAt(0n, start), 2)).toEqual([start]);
  });

  it('are told at once and once, with the input, for logs and for data points too', async () => {
    const log = (time: bigint) => ({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: `${time}` }] }] }],
    });
    const points = [{ timeUnixNano: `${start / 1000n}`, asInt: '1' }];
    const metric = {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: points } }] }] }],
    };
    const lines = [log(start / 1_000_000n), log(start / 1_000_000n + 1n), metric, metric];
    const folder = folderWith({ 'a.jsonl': lines.map((line) => JSON.stringify(line)).join('\n') });
    const { receiver, log: said } = await receiverIn(folder, { include: ['a.jsonl'], batch_bytes: '1KiB' });
    const saidBefore: number[] = [];
    await receiver.start({
      emit: async (batch) => {
        saidBefore.push(said.filter((line) => line.includes('instead of nanoseconds')).length);
        batch.release();
        return Promise.resolve();
      },
      advance: () => {},
    });
    const warnings = said.filter((line) => line.includes('instead of nanoseconds'));
    expect(warnings).toEqual([
      expect.stringMatching(
        /^warn the times of log records look like milliseconds .* log\.time_unix_nano \* 1000000\), in a\.jsonl$/u,
      ),
      expect.stringMatching(/^warn the times of data points look like microseconds .*, in a\.jsonl$/u),
    ]);
    expect(saidBefore[0]).toBe(1);
  });
});

function as(time: bigint): string {
  return `${new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19)}Z`;
}
