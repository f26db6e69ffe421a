/** What becomes of items that a backend does not take: poison, dead letters, on_error, and what may be there twice. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyBatch } from '../../src/model/batches.ts';
import { longestRetryAfterMs } from '../../src/pipeline/retry.ts';
import type { Exporter, ExportPolicy, Outcome } from '../../src/pipeline/component.ts';
import { total, type ExportCounts } from '../../src/pipeline/counts.ts';
import type { DeadLetterFacts, DeadLetters } from '../../src/pipeline/dead-letters.ts';
import { ExportError, InterruptedError } from '../../src/pipeline/errors.ts';
import { Exporting } from '../../src/pipeline/exporting.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  FakeExporter,
  namesIn,
  quickPolicy,
  spansNamed,
  type FakeRequest,
} from '../support/fake-components.ts';

class Letters implements DeadLetters {
  readonly names: string[] = [];
  readonly facts: DeadLetterFacts[] = [];
  readonly origins: (string | undefined)[] = [];
  failure: Error | undefined;

  async write(batch: AnyBatch, facts: DeadLetterFacts): Promise<void> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    this.names.push(...namesIn(batch));
    this.facts.push(facts);
    this.origins.push(batch.origin);
  }
}

type Answer = (request: FakeRequest, attempt: number) => Outcome | Promise<Outcome>;

interface Setup {
  readonly policy?: Partial<ExportPolicy>;
  readonly letters?: Letters | undefined;
  readonly exporter?: Exporter;
}

function setUp(answer: Answer, { policy = {}, letters, exporter: given }: Setup = {}) {
  const clock = new FakeClock({ auto: true });
  const exporter = new FakeExporter(answer);
  const kill = new AbortController();
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const subject = new Exporting({
    id: 'out',
    exporter: given ?? exporter,
    policy: { ...quickPolicy, ...policy },
    clock,
    logger: { debug() {}, info() {}, warn: say, error: say },
    kill: kill.signal,
    random: () => 0.5,
    deadLetters: letters,
    onIdle: () => {},
  });
  return { subject, exporter, clock, kill, said, counts: subject.tallyOf('traces').current };
}

const names = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, at) => `s${at + from}`);
const delivered: Outcome = { verdict: 'delivered' };
const bad: Outcome = { verdict: 'bisect', reason: 'bad', status: 400 };
const large: Outcome = { verdict: 'split', reason: 'large', status: 413 };
const stop: Outcome = { verdict: 'stop', reason: 'who are you', status: 401 };

/** Takes requests without poison. */
const against =
  (poison: ReadonlySet<string>, refusal: Outcome = bad): Answer =>
  ({ names: sent }) =>
    sent.some((name) => poison.has(name)) ? refusal : delivered;

function balance(counts: ExportCounts): void {
  const { handed, failed, uncertain, abandoned } = counts;
  expect(handed).toBe(
    counts.delivered + total(counts.refused) + total(counts.deadLettered) + failed + uncertain + abandoned,
  );
}

describe('poison', () => {
  it('is found and left alone; the others are delivered', async () => {
    const letters = new Letters();
    const { subject, exporter, counts } = setUp(against(new Set(['s70'])), { letters });
    await subject.consume(spansNamed(names(100)));
    expect(exporter.taken).toEqual(names(100).filter((name) => name !== 's70'));
    expect(letters.names).toEqual(['s70']);
    expect(letters.facts).toEqual([{ reason: 'bad', exporter: 'out' }]);
    expect([...counts.deadLettered]).toEqual([['bad', 1]]);
    expect(counts.requests).toBeLessThanOrEqual(1 + 2 * 7);
    balance(counts);
  });

  it('counts as refused where there is no file for it', async () => {
    const { subject, counts } = setUp(against(new Set(['s1', 's5'])));
    await subject.consume(spansNamed(names(9)));
    expect(counts).toMatchObject({ delivered: 7, refused: new Map([['bad', 2]]) });
    expect(counts.deadLettered.size).toBe(0);
  });

  it('keeps the origin of its batch', async () => {
    const letters = new Letters();
    const { subject } = setUp(against(new Set(['s1'])), { letters });
    const batch = spansNamed(names(4));
    batch.origin = 'traces.jsonl';
    await subject.consume(batch);
    expect(letters.origins).toEqual(['traces.jsonl']);
  });

  it('anywhere: exactly that is dead-lettered, at the price of a few requests for each', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 0, max: 299 }), { maxLength: 5 }), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.boolean(),
        async (poisons, isSize) => {
          const letters = new Letters();
          const poison = new Set(
            poisons.flatMap((places, at) => places.map((place) => `s${at * 300 + place}`)),
          );
          const refusal = isSize ? large : bad;
          const { subject, exporter, counts } = setUp(against(poison, refusal), { letters });
          const all = poisons.map((_, at) => names(300, at * 300));
          await Promise.all(all.map((part) => subject.consume(spansNamed(part))));
          expect(letters.names.toSorted()).toEqual([...poison].toSorted());
          expect(exporter.taken.toSorted()).toEqual(
            all
              .flat()
              .filter((name) => !poison.has(name))
              .toSorted(),
          );
          expect(counts.requests).toBeLessThanOrEqual(poisons.length + 2 * 9 * poison.size);
          balance(counts);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['400', bad, /check that the backend takes this kind of data/],
    ['413', large, /raise the limit/],
  ])('everything, answered %s: not a request for each item', async (_status, refusal, remedy) => {
    const letters = new Letters();
    const { subject, said, counts } = setUp(() => refusal, { letters, policy: { consumers: 1 } });
    const batches = Array.from({ length: 200 }, (_, at) => spansNamed(names(64, at * 64)));
    for (const batch of batches) await subject.consume(batch);
    expect(letters.names.toSorted()).toEqual(names(200 * 64).toSorted());
    // 200 requests, 16 offenders of the first, and the few that are tried in parts again.
    expect(counts.requests).toBeLessThan(200 + 2 * 16 + 6 + 10 * 12);
    expect(said).toEqual([expect.stringMatching(remedy)]);
    balance(counts);
  });

  it('everything and then none: what comes after is delivered and searched again', async () => {
    const letters = new Letters();
    const poison = new Set([...names(640), 's1000']);
    const { subject, exporter, counts } = setUp(against(poison), { letters, policy: { consumers: 1 } });
    for (let at = 0; at < 20; at++) await subject.consume(spansNamed(names(64, at * 64)));
    expect(letters.names.toSorted()).toEqual([...poison].toSorted());
    expect(exporter.taken).toHaveLength(20 * 64 - poison.size);
    balance(counts);
  });

  it('counts what a part may have twice, where a part of the whole was stored before it was split', async () => {
    const partly: Outcome = { ...large, mayBeStored: true };
    const { subject, counts } = setUp(({ names: sent }) => (sent.length > 2 ? partly : delivered));
    await subject.consume(spansNamed(names(4)));
    expect(counts).toMatchObject({ delivered: 4, possiblyDuplicated: 4 });
    balance(counts);
  });

  it('makes uncertain what was delivered before, where the backend may have lost it', async () => {
    const gone: Outcome = { verdict: 'retry', reason: 'gone', doubted: 5 };
    const { subject, counts } = setUp(({ names: [first] }, attempt) =>
      first === 's0' || attempt > 1 ? delivered : gone,
    );
    await subject.consume(spansNamed(names(4)));
    subject.tallyOf('traces').beginEpoch();
    await subject.consume(spansNamed(names(3, 4)));
    expect(counts).toMatchObject({ delivered: 0, uncertain: 4 });
    expect(subject.tallyOf('traces').total()).toMatchObject({ delivered: 3, uncertain: 4 });
    balance(counts);
  });

  it('is what answers a request that cannot be split', async () => {
    const letters = new Letters();
    const exporter = new FakeExporter(() => bad);
    const whole: Exporter<FakeRequest> = {
      target: 'memory',
      requests: (batch) => exporter.requests(batch),
      send: (request) => exporter.send(request),
    };
    const { subject, counts } = setUp(() => bad, { letters, exporter: whole });
    await subject.consume(spansNamed(names(4)));
    expect(letters.names).toEqual(names(4));
    balance(counts);
  });
});

describe('an answer that does not say which items it means', () => {
  it('dead-letters nothing, but all where it means all', async () => {
    const letters = new Letters();
    const { subject, counts } = setUp(
      ({ names: sent }) => ({
        verdict: 'delivered',
        refused: sent.includes('s0') ? 1 : 9,
        reason: 'zero id',
      }),
      { letters },
    );
    await subject.consume(spansNamed(names(3)));
    await subject.consume(spansNamed(names(2, 5)));
    expect(counts).toMatchObject({ delivered: 2, refused: new Map([['zero id', 1]]) });
    expect(letters.names).toEqual(['s5', 's6']);
    balance(counts);
  });

  it('keeps no more than fifty reasons', async () => {
    const { subject, counts } = setUp(({ names: sent }) => ({ verdict: 'refused', reason: sent.join() }));
    for (const name of names(80)) await subject.consume(spansNamed([name]));
    expect(counts.refused.size).toBe(51);
    expect(counts.refused.get('other reasons')).toBe(30);
  });
});

describe('on_error', () => {
  const down: Outcome = { verdict: 'retry', reason: 'down', status: 503 };
  const gives = { ...quickPolicy.retry, maxElapsedMs: 250 };

  it('fail stops the run, and dead-letters only what the backend will never take', async () => {
    const letters = new Letters();
    const { subject, counts } = setUp(
      ({ names: sent }) => (sent.includes('s9') ? stop : { verdict: 'refused', reason: 'no' }),
      {
        letters,
      },
    );
    await subject.consume(spansNamed(names(2)));
    await expect(subject.consume(spansNamed(['s9']))).rejects.toThrow('who are you');
    await expect(subject.consume(spansNamed(['s8']))).rejects.toThrow('who are you');
    expect(letters.names).toEqual(['s0', 's1']);
    expect(counts).toMatchObject({ failed: 2 });
    expect(subject.failure).toBeInstanceOf(ExportError);
    balance(counts);
  });

  it('dead_letter goes on without the exporter, and asks it no more', async () => {
    const letters = new Letters();
    const { subject, counts, said } = setUp(() => stop, { letters, policy: { onError: 'dead_letter' } });
    for (let at = 0; at < 5; at++) await subject.consume(spansNamed(names(3, at * 3)));
    expect(letters.names).toEqual(names(15));
    expect(counts.requests).toBe(1);
    expect([...counts.deadLettered]).toEqual([['who are you', 15]]);
    expect(subject.failure).toBeUndefined();
    expect(said).toEqual(['what it does not deliver goes to the dead-letter file: who are you']);
    balance(counts);
  });

  it('dead_letter in order as well', async () => {
    const letters = new Letters();
    const ordered = new FakeExporter(
      () => stop,
      () => 'one',
    );
    const { subject, counts } = setUp(() => stop, {
      letters,
      policy: { onError: 'dead_letter' },
      exporter: ordered,
    });
    await Promise.all([0, 1, 2].map((at) => subject.consume(spansNamed(names(3, at * 3)))));
    expect(letters.names.toSorted()).toEqual(names(9).toSorted());
    balance(counts);
  });

  it('dead_letter without a file, or without the way back to the items, fails as ever', async () => {
    const { subject, counts } = setUp(() => stop, { policy: { onError: 'dead_letter' } });
    await expect(subject.consume(spansNamed(names(3)))).rejects.toThrow('who are you');
    expect(counts).toMatchObject({ failed: 3 });
  });

  it('dead_letter asks again after it gave up, once for each request, until the backend is back', async () => {
    const letters = new Letters();
    let isUp = false;
    const { subject, counts } = setUp(() => (isUp ? delivered : down), {
      letters,
      policy: { onError: 'dead_letter', retry: gives, consumers: 1 },
    });
    for (let at = 0; at < 5; at++) await subject.consume(spansNamed(names(2, at * 2)));
    expect(counts).toMatchObject({ requests: 4 + 4, delivered: 0 });
    expect(total(counts.deadLettered)).toBe(10);
    isUp = true;
    await subject.consume(spansNamed(names(2, 10)));
    isUp = false;
    await subject.consume(spansNamed(names(2, 12)));
    expect(counts).toMatchObject({ requests: 8 + 1 + 4, delivered: 2 });
    balance(counts);
  });

  it('drop refuses both, whatever file there is', async () => {
    const letters = new Letters();
    const { subject, counts } = setUp(({ names: sent }) => (sent.includes('s1') ? bad : stop), {
      letters,
      policy: { onError: 'drop' },
    });
    await subject.consume(spansNamed(['s1']));
    await subject.consume(spansNamed(['s2']));
    await subject.consume(spansNamed(['s3']));
    expect([...counts.refused]).toEqual([
      ['bad', 1],
      ['who are you', 2],
    ]);
    expect(letters.names).toEqual([]);
    expect(subject.failure).toBeUndefined();
    balance(counts);
  });

  it('wakes who waits when the exporter cannot go on', async () => {
    const letters = new Letters();
    const setup = setUp(
      ({ names: sent }) =>
        sent.includes('s0') ? { verdict: 'retry', reason: 'busy', retryAfterMs: longestRetryAfterMs } : stop,
      { letters, policy: { onError: 'dead_letter' } },
    );
    await Promise.all(['s0', 's1'].map((name) => setup.subject.consume(spansNamed([name]))));
    expect(setup.clock.monotonicMs()).toBeLessThan(longestRetryAfterMs);
    expect(letters.names.toSorted()).toEqual(['s0', 's1']);
  });
});

describe('a dead letter that cannot be written', () => {
  it.each(['fail', 'dead_letter'] as const)(
    'stops the run (%s), and its items are not lost in silence',
    async (onError) => {
      const letters = new Letters();
      letters.failure = new Error('ENOSPC: no space left on device');
      const { subject, counts } = setUp(against(new Set(['s1'])), {
        letters,
        policy: { onError, consumers: 1 },
      });
      await expect(subject.consume(spansNamed(names(4)))).rejects.toThrow(
        'cannot write a dead letter: ENOSPC: no space left on device',
      );
      expect(counts).toMatchObject({ delivered: 1, failed: 3 });
      expect(counts.deadLettered.size).toBe(0);
      await expect(subject.consume(spansNamed(names(4)))).rejects.toThrow(ExportError);
      balance(counts);
    },
  );
});

describe('what may be there twice', () => {
  const cut: Outcome = { verdict: 'retry', reason: 'cut', mayBeStored: true };

  it('is what is delivered after an attempt that may have stored it', async () => {
    const { subject, counts } = setUp(({ names: sent }, attempt) => {
      if (attempt > 1) return { verdict: 'delivered', refused: 1, reason: 'x' };
      return sent.includes('s0') ? cut : { verdict: 'retry', reason: 'busy', status: 429 };
    });
    await subject.consume(spansNamed(names(4)));
    await subject.consume(spansNamed(names(4, 4)));
    expect(counts).toMatchObject({ delivered: 6, possiblyDuplicated: 3 });
  });

  it('holds for the parts of a request too', async () => {
    const { subject, counts } = setUp(({ names: sent }, attempt) =>
      sent.length < 4 ? delivered : attempt === 1 ? cut : large,
    );
    await subject.consume(spansNamed(names(4)));
    expect(counts).toMatchObject({ delivered: 4, possiblyDuplicated: 4 });
  });
});

describe('a backend that is busy', () => {
  it('gets fewer requests at a time', async () => {
    let busy = true;
    const { subject, exporter } = setUp(
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return busy ? { verdict: 'retry', reason: 'busy', status: 429, slows: true } : delivered;
      },
      { policy: { consumers: 8 } },
    );
    const all = names(60).map((name) => subject.consume(spansNamed([name])));
    for (let at = 0; at < 40; at++) await new Promise((resolve) => setImmediate(resolve));
    expect(exporter.busiest).toBe(8);
    exporter.busiest = 0;
    busy = false;
    for (let at = 0; at < 6; at++) await new Promise((resolve) => setImmediate(resolve));
    expect(exporter.busiest).toBeLessThan(4);
    await Promise.all(all);
    expect(exporter.taken).toHaveLength(60);
    expect(exporter.busiest).toBeGreaterThan(4);
  });

  it('is not waited for longer than max_elapsed_time has left', async () => {
    const { subject, clock } = setUp(() => ({ verdict: 'retry', reason: 'busy', retryAfterMs: 60_000 }), {
      policy: { retry: { ...quickPolicy.retry, maxElapsedMs: 30_000 } },
    });
    await expect(subject.consume(spansNamed(['a']))).rejects.toThrow('gave up after 1 attempts: busy');
    expect(clock.monotonicMs()).toBe(0);
  });
});

describe('an exporter that does not heed its deadline', () => {
  it('is not waited for', async () => {
    const clock = new FakeClock();
    const exporter = new FakeExporter();
    let sent = 0;
    exporter.send = () => (++sent > 1 ? Promise.resolve(delivered) : new Promise(() => {}));
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
    expect(subject.tallyOf('traces').current).toMatchObject({
      delivered: 1,
      possiblyDuplicated: 1,
      retries: 1,
    });
  });
});

/** Answers at random, and what a backend that gives them really stored. */
type Scripted =
  | 'take'
  | 'half'
  | 'refuse'
  | 'busy'
  | 'cut'
  | 'cut, stored'
  | 'split'
  | 'bisect'
  | 'stop'
  | 'throw';

const scripted: readonly Scripted[] = [
  'take',
  'take',
  'half',
  'refuse',
  'busy',
  'cut',
  'cut, stored',
  'split',
  'bisect',
  'stop',
  'throw',
];

function scriptedBackend(script: readonly Scripted[]) {
  const stored = new Map<string, number>();
  const refused: string[] = [];
  let at = 0;
  const store = (sent: readonly string[]): void => {
    for (const name of sent) stored.set(name, (stored.get(name) ?? 0) + 1);
  };
  const answer: Answer = ({ names: sent }) => {
    switch (script[at++] ?? 'take') {
      case 'half': {
        const kept = sent.length >> 1;
        store(sent.slice(0, kept));
        refused.push(...sent.slice(kept));
        return { verdict: 'refused', reason: 'half', delivered: kept };
      }
      case 'refuse':
        return { verdict: 'refused', reason: 'no' };
      case 'busy':
        return { verdict: 'retry', reason: 'busy', slows: true };
      case 'cut':
        return { verdict: 'retry', reason: 'cut', mayBeStored: true };
      case 'cut, stored':
        store(sent);
        return { verdict: 'retry', reason: 'cut', mayBeStored: true };
      case 'split':
        return large;
      case 'bisect':
        return bad;
      case 'stop':
        return stop;
      case 'throw':
        throw Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
      case 'take':
        store(sent);
        return delivered;
    }
  };
  return { stored, refused, answer };
}

describe('any script of answers', () => {
  const runs = fc.record({
    script: fc.array(fc.constantFrom(...scripted), { maxLength: 60 }),
    sizes: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }),
    onError: fc.constantFrom('fail' as const, 'dead_letter' as const, 'drop' as const),
    hasLetters: fc.boolean(),
    consumers: fc.integer({ min: 1, max: 4 }),
    maxElapsedMs: fc.constantFrom(0, 250),
  });

  it('leaves a ledger that balances and says what the backend stored', async () => {
    await fc.assert(
      fc.asyncProperty(runs, async ({ script, sizes, onError, hasLetters, consumers, maxElapsedMs }) => {
        const letters = hasLetters ? new Letters() : undefined;
        const { stored, refused, answer } = scriptedBackend(script);
        const { subject, counts } = setUp(answer, {
          letters,
          policy: { onError, consumers, retry: { ...quickPolicy.retry, maxElapsedMs } },
        });
        const results = await Promise.allSettled(
          sizes.map((size, at) => subject.consume(spansNamed(names(size, at * 100)))),
        );
        const all = sizes.flatMap((size, at) => names(size, at * 100));
        balance(counts);
        expect(counts.handed).toBe(all.length);
        // Delivered is what is stored, but for what is there although no answer said so.
        const lettered = new Set(letters?.names);
        const twice = [...stored.values()].filter((times) => times > 1).length;
        expect(counts.delivered).toBeLessThanOrEqual(stored.size);
        // Of what was delivered in the end; the rest is not said to be there at all.
        expect(twice).toBeLessThanOrEqual(counts.possiblyDuplicated + counts.handed - counts.delivered);
        expect(total(counts.deadLettered)).toBe(lettered.size);
        expect(letters?.names.length ?? 0).toBe(lettered.size);
        const failed = results.some(({ status }) => status === 'rejected');
        expect(failed).toBe(subject.failure !== undefined);
        expect(counts.failed > 0).toBe(failed);
        // Nothing goes missing without a word.
        const gone = all.filter(
          (name) => !stored.has(name) && !lettered.has(name) && !refused.includes(name),
        );
        expect(gone.length).toBeLessThanOrEqual(counts.failed + total(counts.refused));
        if (!script.includes('cut, stored')) expect(counts.delivered).toBe(stored.size);
      }),
      { numRuns: 400 },
    );
  });

  it('ends at once when the run is killed', async () => {
    await fc.assert(
      fc.asyncProperty(runs, fc.integer({ min: 0, max: 20 }), async ({ script, sizes, consumers }, turns) => {
        const { answer } = scriptedBackend(script.filter((word) => word !== 'stop'));
        const { subject, counts, kill } = setUp(
          async (request, attempt) => {
            await new Promise((resolve) => setImmediate(resolve));
            return await answer(request, attempt);
          },
          { policy: { consumers } },
        );
        const all = Promise.allSettled(
          sizes.map((size, at) => subject.consume(spansNamed(names(size, at * 100)))),
        );
        for (let at = 0; at < turns; at++) await new Promise((resolve) => setImmediate(resolve));
        kill.abort();
        for (const result of await all)
          if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(InterruptedError);
        expect(counts.failed).toBe(0);
        balance(counts);
      }),
      { numRuns: 100 },
    );
  });
});
