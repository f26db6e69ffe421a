import { describe, expect, it } from 'vitest';
import {
  lokiAnswers,
  networkAnswers,
  otlpAnswers,
  sdkAnswers,
  statusAnswers,
  type Meaning,
} from '../../src/pipeline/answer-table.ts';
import { backoffMs, outcomeOf, outcomeOfError, outcomeOfStatus } from '../../src/pipeline/retry.ts';

const now = Date.UTC(2026, 10, 22, 12, 0, 0);

describe('outcomeOfStatus', () => {
  it.each([
    [200, 'delivered'],
    [202, 'delivered'],
    [204, 'delivered'],
    [301, 'stop'],
    [307, 'stop'],
    [400, 'bisect'],
    [401, 'stop'],
    [403, 'stop'],
    [404, 'stop'],
    [405, 'stop'],
    [407, 'stop'],
    [408, 'retry'],
    [413, 'split'],
    [410, 'refused'],
    [415, 'stop'],
    [422, 'refused'],
    [429, 'retry'],
    [500, 'refused'],
    [501, 'refused'],
    [502, 'retry'],
    [503, 'retry'],
    [504, 'retry'],
  ])('%i means %s', (status, verdict) => {
    expect(outcomeOfStatus({ status, reason: 'r' }, now).verdict).toBe(verdict);
  });

  it.each([401, 403])('says of %i where headers are given, in a config and to an import', (status) => {
    expect(outcomeOfStatus({ status, reason: 'r' }, now)).toMatchObject({
      remedy: expect.stringContaining('`headers` (with `respool import`: --header, --tenant)'),
    });
  });

  it.each([
    ['7', 7000],
    [' 7 ', 7000],
    ['0', 0],
    ['Sun, 22 Nov 2026 12:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['99999999', 300_000],
    ['soon', undefined],
    ['-3', undefined],
    ['1.5', undefined],
  ])('reads Retry-After %s as %s ms', (retryAfter, expected) => {
    const outcome = outcomeOfStatus({ status: 503, reason: 'r', retryAfter }, now);
    expect(outcome).toMatchObject({ verdict: 'retry' });
    expect('retryAfterMs' in outcome ? outcome.retryAfterMs : undefined).toBe(expected);
  });
});

describe('outcomeOfError', () => {
  it.each([
    ['ECONNREFUSED', 'retry'],
    ['ECONNRESET', 'retry'],
    ['ENOTFOUND', 'retry'],
    ['UND_ERR_SOCKET', 'retry'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'stop'],
    ['CERT_HAS_EXPIRED', 'stop'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'stop'],
  ])('%s means %s', (code, verdict) => {
    expect(outcomeOfError(Object.assign(new Error('x'), { code })).verdict).toBe(verdict);
    expect(
      outcomeOfError(new Error('outer', { cause: Object.assign(new Error('x'), { code }) })).verdict,
    ).toBe(verdict);
  });

  it('takes an aborted attempt for a timeout', () => {
    expect(outcomeOfError(new DOMException('aborted', 'AbortError'))).toMatchObject({
      verdict: 'retry',
      reason: 'no answer came within `timeout`',
    });
  });
});

describe('what may be stored', () => {
  it.each([
    [408, false],
    [429, false],
    [502, true],
    [503, true],
    [504, true],
  ])('after %i: %s', (status, mayBeStored) => {
    expect('mayBeStored' in outcomeOfStatus({ status, reason: 'r' }, now)).toBe(mayBeStored);
  });

  it.each([
    [{ code: 'ECONNREFUSED' }, false],
    [{ code: 'ENOTFOUND' }, false],
    [{ code: 'ECONNRESET' }, true],
    [{ code: 'UND_ERR_SOCKET' }, true],
    [{ code: 'ETIMEDOUT' }, true],
    [{ code: 'ETIMEDOUT', syscall: 'connect' }, false],
    [{ name: 'TimeoutError' }, true],
  ])('after %o: %s', (facts, mayBeStored) => {
    const outcome = outcomeOfError(Object.assign(new Error('x'), facts));
    expect(outcome.verdict).toBe('retry');
    expect('mayBeStored' in outcome).toBe(mayBeStored);
  });

  it('and what slows', () => {
    const slow = [408, 429, 502, 503, 504].filter(
      (status) => 'slows' in outcomeOfStatus({ status, reason: 'r' }, now),
    );
    expect(slow).toEqual([429, 503]);
    expect(outcomeOfError(new DOMException('aborted', 'TimeoutError'))).toHaveProperty('slows');
  });
});

const tables = { statusAnswers, networkAnswers, otlpAnswers, lokiAnswers, sdkAnswers };

describe('the table', () => {
  const rows = Object.entries(tables).flatMap(([name, table]) =>
    Object.values<Meaning>(table).map((meaning): [string, Meaning] => [
      `${name}: ${meaning.answer}`,
      meaning,
    ]),
  );

  it.each(rows)('%s is consistent', (_name, { stored, next, attempts, slows, remedy }) => {
    // What is searched for in parts must not be there already; what may be is counted, as possibly duplicated.
    if (next === 'bisect') expect(stored).toBe('none');
    if (next === 'split') expect(['none', 'unknown']).toContain(stored);
    if (next === 'go on') expect(['all', 'some']).toContain(stored);
    if (next === 'retry') expect(['none', 'unknown']).toContain(stored);
    if (attempts !== undefined || slows !== undefined) expect(next).toBe('retry');
    if (remedy !== undefined) expect(next).toBe('stop');
  });

  it.each(rows)('%s becomes an outcome', (_name, meaning) => {
    const outcome = outcomeOf(meaning, { reason: 'r', status: 499 });
    const verdicts = { 'go on': 'delivered', refuse: 'refused' } as const;
    const { next } = meaning;
    expect(outcome.verdict).toBe(next === 'go on' || next === 'refuse' ? verdicts[next] : next);
  });
});

describe('backoffMs', () => {
  const policy = {
    enabled: true,
    initialIntervalMs: 1000,
    maxIntervalMs: 5000,
    maxElapsedMs: 0,
    multiplier: 2,
    randomizationFactor: 0.5,
  };

  it('grows up to its bound, with jitter on both sides', () => {
    expect([1, 2, 3, 4, 5].map((attempt) => backoffMs(policy, attempt, 0.5))).toEqual([
      1000, 2000, 4000, 5000, 5000,
    ]);
    expect(backoffMs(policy, 1, 0)).toBe(500);
    expect(backoffMs(policy, 1, 1)).toBe(1500);
  });

  it('is full jitter with a factor of 1: from nothing, but for the floor, to twice the interval', () => {
    const full = { ...policy, randomizationFactor: 1 };
    expect([0, 0.25, 0.5, 1].map((random) => backoffMs(full, 1, random))).toEqual([100, 500, 1000, 2000]);
  });

  it('has a floor', () => {
    expect(backoffMs({ ...policy, initialIntervalMs: 0 }, 1, 0)).toBe(100);
  });
});
