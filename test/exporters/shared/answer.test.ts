import { describe, expect, it } from 'vitest';
import {
  answerReason,
  bodyText,
  isWebPage,
  outcomeOfAnswer,
  printableText,
} from '../../../src/exporters/shared/answer.ts';
import type { HttpAnswer } from '../../../src/exporters/shared/http-client.ts';
import { joinUrl, printableUrl } from '../../../src/exporters/shared/url.ts';

const nowUnixMs = Date.UTC(2026, 10, 22);

function answer(status: number, body = '', headers: Record<string, string> = {}): HttpAnswer {
  return { status, body: Buffer.from(body), headers: new Map(Object.entries(headers)), truncated: false };
}

describe('addresses', () => {
  it('are printed without secrets', () => {
    expect(printableUrl('https://me:secret@host:1/path?token=secret#x')).toBe('https://host:1/path?***');
    expect(printableUrl('http://host:4318')).toBe('http://host:4318/');
    expect(printableUrl('secret')).toBe('(not a URL)');
  });

  it('are joined with one slash', () => {
    expect(joinUrl('http://host:4318', '/v1/traces')).toBe('http://host:4318/v1/traces');
    expect(joinUrl('http://host:4318/', '/v1/traces')).toBe('http://host:4318/v1/traces');
    expect(joinUrl('http://host/otlp//?key=1', 'v1/logs')).toBe('http://host/otlp/v1/logs?key=1');
  });
});

describe('words of a backend', () => {
  it('become one short line without control characters', () => {
    expect(printableText('a\u001b[31mred\u001b[0m\n\tb\u0000\u202e c ')).toBe('ared b c');
    expect(printableText('x'.repeat(500))).toBe(`${'x'.repeat(300)}…`);
    expect(bodyText(answer(500, '  no space left\n'))).toBe('no space left');
  });

  it('of a web page are its title', () => {
    const page = answer(200, '<!DOCTYPE html><html><head><title>Sign\n in</title>', {
      'content-type': 'text/html; charset=utf-8',
    });
    expect(bodyText(page)).toBe('a web page, "Sign in"');
    expect(isWebPage(answer(200, '\n <html>'))).toBe(true);
    expect(isWebPage(answer(200, '{}', { 'content-type': 'application/json' }))).toBe(false);
  });

  it('follow the address and the status', () => {
    expect(answerReason('http://u:p@host/x', answer(503, 'later'))).toBe('http://host/x answered 503: later');
    expect(answerReason('http://host/x', answer(503))).toBe('http://host/x answered 503');
  });
});

describe('the outcome', () => {
  it('of a redirect names where to, without secrets', () => {
    const outcome = outcomeOfAnswer(
      'http://host/v1/logs',
      answer(302, '', { location: 'https://me:pw@sso.example/login?state=secret' }),
      { nowUnixMs },
    );
    expect(outcome).toMatchObject({
      verdict: 'stop',
      status: 302,
      reason:
        'http://host/v1/logs redirects to https://sso.example/login?*** (302), and redirects are not followed',
    });
    const relative = outcomeOfAnswer('http://host/v1/logs', answer(301, '', { location: '/otlp' }), {
      nowUnixMs,
    });
    expect(relative).toMatchObject({
      reason: expect.stringContaining('redirects to http://host/otlp (301)'),
    });
    expect(outcomeOfAnswer('http://host/', answer(304), { nowUnixMs })).toMatchObject({ verdict: 'stop' });
  });

  it('of a busy backend carries Retry-After', () => {
    const seconds = outcomeOfAnswer('http://host/', answer(429, 'slow down', { 'retry-after': '7' }), {
      nowUnixMs,
    });
    expect(seconds).toEqual({
      verdict: 'retry',
      status: 429,
      reason: 'http://host/ answered 429: slow down',
      retryAfterMs: 7000,
      slows: true,
    });
    const date = outcomeOfAnswer(
      'http://host/',
      answer(503, '', { 'retry-after': 'Sun, 22 Nov 2026 00:00:09 GMT' }),
      { nowUnixMs },
    );
    expect(date).toMatchObject({ verdict: 'retry', retryAfterMs: 9000 });
  });
});
