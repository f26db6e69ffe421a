import { describe, expect, it } from 'vitest';
import type { Consumer } from '../../src/pipeline/component.ts';
import { memoryLimiter, softLimitOf } from '../../src/processors/memory-limiter.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { spansNamed } from '../support/fake-components.ts';
import { processorContext } from '../support/processors.ts';

const mebibyte = 1 << 20;

/** A consumer that settles what it got when the test says so. */
function slowBackend() {
  const open: (() => void)[] = [];
  const next: Consumer = { consume: () => new Promise((resolve) => open.push(resolve)) };
  return { next, open };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function limiter(config: object) {
  const clock = new FakeClock();
  const warnings: string[] = [];
  const logger = { debug() {}, info() {}, warn: (text: string) => void warnings.push(text), error() {} };
  const context = processorContext({ clock, logger });
  return {
    subject: await memoryLimiter.create(memoryLimiter.schema.parse(config), context),
    clock,
    warnings,
  };
}

describe('memory_limiter', () => {
  it('lets everything pass at once below the limit', async () => {
    const { subject, warnings } = await limiter({ limit_mib: 100_000 });
    const { next, open } = slowBackend();
    for (const name of ['a', 'b', 'c']) void subject.consume(spansNamed([name]), next);
    await turns();
    expect(open).toHaveLength(3);
    expect(warnings).toEqual([]);
  });

  it('hands on one batch at a time above it, in order, and loses none', async () => {
    const { subject, warnings } = await limiter({ limit_mib: 1 });
    const { next, open } = slowBackend();
    const settled: string[] = [];
    const consumed = ['a', 'b', 'c'].map(async (name) => {
      await subject.consume(spansNamed([name]), next);
      settled.push(name);
    });
    for (let at = 0; at < 3; at++) {
      await turns();
      expect(open).toHaveLength(at + 1);
      open[at]?.();
    }
    await Promise.all(consumed);
    expect(settled).toEqual(['a', 'b', 'c']);
    expect(warnings).toEqual([expect.stringMatching(/^the process takes \d+ MiB, more than 1 MiB/u)]);
  });

  it('goes on when the next measurement finds less', async () => {
    const { subject, clock } = await limiter({ limit_mib: 1, check_interval: '1s' });
    const { next, open } = slowBackend();
    void subject.consume(spansNamed(['a']), next);
    void subject.consume(spansNamed(['b']), next);
    await turns();
    expect(open).toHaveLength(1);
    const { rss } = process.memoryUsage;
    process.memoryUsage.rss = () => 1;
    clock.advance(1000);
    await turns();
    process.memoryUsage.rss = rss;
    expect(open).toHaveLength(2);
  });

  it.each([
    [{ limit_mib: 100 }, 80 * mebibyte],
    [{ limit_mib: 100, spike_limit_mib: 30 }, 70 * mebibyte],
    [{ limit_percentage: 50 }, 400],
    [{ limit_percentage: 50, spike_limit_percentage: 25 }, 250],
    [{ limit_mib: 100, limit_percentage: 50 }, 80 * mebibyte],
  ])('has its soft limit as the Collector has: %j', (config, expected) => {
    expect(softLimitOf(memoryLimiter.schema.parse(config), 1000)).toBeCloseTo(expected);
  });

  it.each([
    {},
    { limit_mib: 10, spike_limit_mib: 10 },
    { limit_percentage: 101 },
    { limit_mib: 10, check_interval: '0s' },
  ])('refuses %j', (config) => {
    expect(memoryLimiter.schema.safeParse(config).success).toBe(false);
  });
});
