import { describe, expect, it } from 'vitest';
import { backoffMs, outcomeOfError, outcomeOfStatus } from '../../src/pipeline/retry.ts';

const now = Date.UTC(2026, 10, 22, 12, 0, 0);

describe('outcomeOfStatus', () => {
  it.each([
    [200, 'delivered'],
    [202, 'delivered'],
    [204, 'delivered'],
    [301, 'stop'],
    [307, 'stop'],
    [400, 'refused'],
    [401, 'stop'],
    [403, 'stop'],
    [404, 'stop'],
    [405, 'stop'],
    [407, 'stop'],
    [408, 'retry'],
    [413, 'split'],
    [415, 'refused'],
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
  ])('reads Retry-After %s as %s ms', (retryAfter, expected) => {
    const outcome = outcomeOfStatus({ status: 503, reason: 'r', retryAfter }, now);
    if (retryAfter === '-3') expect(outcome).toBeDefined();
    else
      expect(outcome).toMatchObject(
        expected === undefined ? { verdict: 'retry' } : { retryAfterMs: expected },
      );
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

  it('has a floor', () => {
    expect(backoffMs({ ...policy, initialIntervalMs: 0 }, 1, 0)).toBe(100);
  });
});
