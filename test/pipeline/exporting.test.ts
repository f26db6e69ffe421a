import { describe, expect, it } from 'vitest';
import type { ExportPolicy, Outcome } from '../../src/pipeline/component.ts';
import { ExportError, InterruptedError } from '../../src/pipeline/errors.ts';
import { Exporting } from '../../src/pipeline/exporting.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeExporter, quickPolicy, spansNamed, type FakeRequest } from '../support/fake-components.ts';

function exporting(
  answer: (request: FakeRequest, attempt: number) => Outcome | Promise<Outcome>,
  policy: Partial<ExportPolicy> = {},
) {
  const clock = new FakeClock({ auto: true });
  const exporter = new FakeExporter(answer);
  const kill = new AbortController();
  const warnings: string[] = [];
  const logger = { debug() {}, info() {}, warn: (text: string) => void warnings.push(text), error() {} };
  const subject = new Exporting({
    id: 'out',
    exporter,
    policy: { ...quickPolicy, ...policy },
    clock,
    logger,
    kill: kill.signal,
    random: () => 0.5,
    onIdle: () => {},
  });
  return { subject, exporter, clock, kill, warnings, counts: subject.tallyOf('traces').current };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `s${at}`);

describe('what an answer does to the ledger', () => {
  const cases: [string, Outcome, object][] = [
    ['delivered', { verdict: 'delivered' }, { delivered: 4, failed: 0 }],
    ['partly refused', { verdict: 'delivered', refused: 1, reason: 'too old' }, { delivered: 3 }],
    ['partly uncertain', { verdict: 'delivered', uncertain: 2 }, { delivered: 2, uncertain: 2 }],
    ['refused', { verdict: 'refused', reason: 'bad', status: 400 }, { delivered: 0 }],
    [
      'refused, some stored all the same',
      { verdict: 'refused', reason: 'bad', delivered: 3 },
      { delivered: 3 },
    ],
    [
      'refused, none knows how many',
      { verdict: 'refused', reason: 'bad', uncertain: 4 },
      { delivered: 0, uncertain: 4 },
    ],
    ['a count beyond the request', { verdict: 'delivered', refused: 99, reason: 'x' }, { delivered: 0 }],
  ];
  it.each(cases)('%s', async (_name, outcome, expected) => {
    const { subject, counts } = exporting(() => outcome);
    await subject.consume(spansNamed(names(4)));
    expect(counts).toMatchObject({ handed: 4, requests: 1, ...expected });
    const { handed, delivered, failed, uncertain, abandoned, refused } = counts;
    expect(handed).toBe(
      delivered + failed + uncertain + abandoned + [...refused.values()].reduce((a, b) => a + b, 0),
    );
  });
});

describe('a retry', () => {
  it('waits longer each time, and at least as long as the backend asks', async () => {
    const { subject, clock, counts } = exporting((_request, attempt) =>
      attempt < 4
        ? { verdict: 'retry', reason: 'busy', ...(attempt === 2 ? { retryAfterMs: 700 } : {}) }
        : { verdict: 'delivered' },
    );
    await subject.consume(spansNamed(['a']));
    expect(clock.sleeps).toEqual([100, 700, 100]); // the floor of 100 ms holds for intervals of 10 to 40 ms
    expect(counts).toMatchObject({ delivered: 1, retries: 3, requests: 4 });
  });

  it('says what it waits for, while it waits', async () => {
    const { subject, clock } = exporting((_request, attempt) =>
      attempt < 3 ? { verdict: 'retry', reason: 'down', status: 503 } : { verdict: 'delivered' },
    );
    const seen: unknown[] = [];
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (ms, signal) => {
      seen.push(subject.waiting);
      return sleep(ms, signal);
    };
    await subject.consume(spansNamed(['a']));
    expect(seen).toEqual([
      { target: 'memory', attempt: 2, reason: 'down', status: 503 },
      { target: 'memory', attempt: 3, reason: 'down', status: 503 },
    ]);
    expect(subject.waiting).toBeUndefined();
  });

  it('ends as a stop after max_elapsed_time', async () => {
    const { subject, counts } = exporting(() => ({ verdict: 'retry', reason: 'down', status: 503 }), {
      retry: { ...quickPolicy.retry, maxElapsedMs: 250 },
    });
    await expect(subject.consume(spansNamed(names(2)))).rejects.toThrow('gave up after 4 attempts: down');
    expect(counts).toMatchObject({ handed: 2, failed: 2 });
  });

  it('ends as a refusal where the answer bounds its attempts', async () => {
    const { subject, counts } = exporting(() => ({
      verdict: 'retry',
      reason: 'poison',
      status: 500,
      maxAttempts: 3,
    }));
    await subject.consume(spansNamed(names(2)));
    expect(counts.requests).toBe(3);
    expect([...counts.refused]).toEqual([['poison', 2]]);
  });

  it('is a stop where retry_on_failure is off', async () => {
    const { subject } = exporting(() => ({ verdict: 'retry', reason: 'down' }), {
      retry: { ...quickPolicy.retry, enabled: false },
    });
    await expect(subject.consume(spansNamed(['a']))).rejects.toThrow(ExportError);
  });

  it('is abandoned when the run is killed while it waits', async () => {
    const setup = exporting(() => ({ verdict: 'retry', reason: 'down' }));
    const sleep = setup.clock.sleep.bind(setup.clock);
    setup.clock.sleep = (ms, signal) => {
      setup.kill.abort();
      return sleep(ms, signal);
    };
    await expect(setup.subject.consume(spansNamed(names(3)))).rejects.toThrow(InterruptedError);
    expect(setup.counts).toMatchObject({ handed: 3, abandoned: 3, uncertain: 0 });
  });

  it('stops waiting when another request meets a stop', async () => {
    const setup = exporting((request) =>
      request.names.includes('s0')
        ? { verdict: 'retry', reason: 'busy', retryAfterMs: 300_000 }
        : { verdict: 'stop', reason: 'who are you', status: 401 },
    );
    const both = [spansNamed(['s0']), spansNamed(['s1'])].map((batch) => setup.subject.consume(batch));
    await Promise.allSettled(both);
    expect(setup.clock.monotonicMs()).toBeLessThan(300_000);
    expect(setup.counts).toMatchObject({ handed: 2, failed: 2 });
  });
});

describe('a kill', () => {
  it('leaves what is under way uncertain, also when the exporter does not heed it', async () => {
    const setup = exporting(() => {
      queueMicrotask(() => setup.kill.abort());
      return new Promise(() => {});
    });
    await expect(setup.subject.consume(spansNamed(names(3)))).rejects.toThrow(InterruptedError);
    expect(setup.counts).toMatchObject({ handed: 3, uncertain: 3, abandoned: 0 });
  });

  it('in the first part of a split leaves that part uncertain and abandons the other', async () => {
    const setup = exporting((request) => {
      if (request.items > 2) return { verdict: 'split', reason: 'too large' };
      queueMicrotask(() => setup.kill.abort());
      return new Promise(() => {});
    });
    await expect(setup.subject.consume(spansNamed(names(4)))).rejects.toThrow(InterruptedError);
    expect(setup.counts).toMatchObject({ handed: 4, uncertain: 2, abandoned: 2 });
  });
});

describe('a stop', () => {
  it('is not followed by further requests', async () => {
    const { subject, counts } = exporting(() => ({ verdict: 'stop', reason: 'no such path', status: 404 }));
    await expect(subject.consume(spansNamed(['a']))).rejects.toMatchObject({ status: 404, component: 'out' });
    await expect(subject.consume(spansNamed(['b', 'c']))).rejects.toThrow('no such path');
    expect(counts).toMatchObject({ handed: 3, failed: 3, requests: 1 });
  });
});

describe('a split', () => {
  it('halves a request until it fits, and loses nothing', async () => {
    const { subject, exporter, counts } = exporting((request) =>
      request.items > 3 ? { verdict: 'split', reason: 'too large', status: 413 } : { verdict: 'delivered' },
    );
    await subject.consume(spansNamed(names(17)));
    expect(exporter.taken).toEqual(names(17));
    expect(counts).toMatchObject({ handed: 17, delivered: 17 });
  });

  it('refuses the one item that is too large alone', async () => {
    const { subject, exporter, counts } = exporting((request) =>
      request.names.includes('s5')
        ? { verdict: 'split', reason: 'too large', status: 413 }
        : { verdict: 'delivered' },
    );
    await subject.consume(spansNamed(names(9)));
    expect(exporter.taken).toEqual(names(9).filter((name) => name !== 's5'));
    expect([...counts.refused]).toEqual([['too large', 1]]);
  });

  it('that meets a stop counts the parts that were not tried as failed', async () => {
    let calls = 0;
    const { subject, counts } = exporting((request) => {
      if (request.items > 2) return { verdict: 'split', reason: 'too large' };
      return ++calls === 2 ? { verdict: 'stop', reason: 'gone' } : { verdict: 'delivered' };
    });
    await expect(subject.consume(spansNamed(names(8)))).rejects.toThrow('gone');
    expect(counts).toMatchObject({ handed: 8, delivered: 2, failed: 6 });
  });
});

describe('an attempt', () => {
  it('ends at its deadline, and is tried again', async () => {
    const clock = new FakeClock();
    const exporter = new FakeExporter();
    let attempts = 0;
    exporter.send = (_request: FakeRequest, signal?: AbortSignal) =>
      ++attempts > 1
        ? Promise.resolve({ verdict: 'delivered' })
        : new Promise((_resolve, reject) =>
            signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError'))),
          );
    const subject = new Exporting({
      id: 'out',
      exporter,
      policy: { ...quickPolicy, timeoutMs: 5000 },
      clock,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      kill: new AbortController().signal,
      random: () => 0.5,
      onIdle: () => {},
    });
    const done = subject.consume(spansNamed(['a']));
    for (let at = 0; at < 20; at++) {
      clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await done;
    expect(subject.tallyOf('traces').current).toMatchObject({ delivered: 1, requests: 2, retries: 1 });
  });

  it('that throws something unknown is a stop that says it', async () => {
    const { subject } = exporting(() => {
      throw new Error('snappy broke');
    });
    await expect(subject.consume(spansNamed(['a']))).rejects.toThrow('snappy broke');
  });

  it('may say something once', async () => {
    const { subject, warnings } = exporting(() => ({ verdict: 'delivered', notice: 'deprecated path' }));
    await subject.consume(spansNamed(['a']));
    await subject.consume(spansNamed(['b']));
    expect(warnings).toEqual(['deprecated path']);
  });
});
