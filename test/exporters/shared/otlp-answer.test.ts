import { describe, expect, it } from 'vitest';
import type { HttpAnswer } from '../../../src/exporters/shared/http-client.ts';
import { failureText, readExportResponse } from '../../../src/exporters/shared/otlp-answer.ts';
import { outcomeOfExchange } from '../../../src/exporters/shared/otlp-outcome.ts';
import { partialSuccess, rpcStatus } from '../../support/otlp-server.ts';

const proto = 'application/x-protobuf';
const json = 'application/json';

function answer(status: number, type: string, body: string | Uint8Array = ''): HttpAnswer {
  return {
    status,
    body: Buffer.from(body),
    headers: new Map(type === '' ? [] : [['content-type', type]]),
    truncated: false,
  };
}

describe('a successful answer', () => {
  it('without words took everything', () => {
    expect(readExportResponse(answer(200, proto))).toBeUndefined();
    expect(readExportResponse(answer(204, ''))).toBeUndefined();
    expect(readExportResponse(answer(200, json, '{}'))).toBeUndefined();
    expect(readExportResponse(answer(200, json, '{"partialSuccess":{}}'))).toBeUndefined();
    expect(readExportResponse(answer(200, json, '{"partialSuccess":null}'))).toBeUndefined();
    expect(readExportResponse(answer(200, proto, Buffer.from([0x0a, 0x00])))).toBeUndefined();
  });

  it('tells how many it rejected, in both encodings and both spellings', () => {
    const expected = { rejected: 3, message: 'span id is zero' };
    expect(readExportResponse(answer(200, proto, partialSuccess(3, 'span id is zero')))).toEqual(expected);
    expect(readExportResponse(answer(200, '', partialSuccess(3, 'span id is zero')))).toEqual(expected);
    const text = '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"span id is zero"}}';
    expect(readExportResponse(answer(200, `${json}; charset=utf-8`, text))).toEqual(expected);
    const snake = '{"partial_success":{"rejected_log_records":3,"error_message":"span id is zero"}}';
    expect(readExportResponse(answer(200, json, snake))).toEqual(expected);
    expect(readExportResponse(answer(200, proto, partialSuccess(0, 'deprecated')))).toEqual({
      rejected: 0,
      message: 'deprecated',
    });
  });

  it('is refused when it is something else', () => {
    const odd: [HttpAnswer, string][] = [
      [answer(200, proto, 'OK'), 'not protobuf'],
      [answer(200, proto, Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])), 'not protobuf'],
      [answer(200, proto, Buffer.from([0x80])), 'not protobuf'],
      [answer(200, proto, Buffer.from([0x08, 0x01])), 'not a message'],
      [answer(200, json, 'OK'), 'JSON'],
      [answer(200, json, '[]'), 'not a JSON object'],
      [answer(200, json, '{"code":0,"status":"up"}'), 'JSON with code, status'],
      [answer(200, json, '{"partialSuccess":{"rejectedSpans":"-1"}}'), 'number of rejected items'],
      [answer(200, 'text/plain', 'OK'), 'content type text/plain'],
      [{ ...answer(200, proto, 'x'), truncated: true }, 'too long'],
    ];
    for (const [one, message] of odd) expect(() => readExportResponse(one)).toThrow(message);
  });

  it('survives any bytes', () => {
    for (let seed = 1; seed < 2000; seed++) {
      const bytes = Buffer.from(
        Array.from({ length: seed % 23 }, (_, index) => (seed * 31 + index * 97 * seed) % 256),
      );
      try {
        readExportResponse(answer(200, proto, bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      expect(typeof failureText(answer(400, proto, bytes))).toBe('string');
    }
  });
});

describe('a failure', () => {
  it('says the message of its status, or its text', () => {
    expect(failureText(answer(400, proto, rpcStatus(3, 'trace id is\nempty')))).toBe('trace id is empty');
    expect(failureText(answer(400, json, '{"code":3,"message":"bad"}'))).toBe('bad');
    expect(failureText(answer(400, json, '{"error":"bad"}'))).toBe('bad');
    expect(failureText(answer(400, json, '{"code":3}'))).toBe('{"code":3}');
    expect(failureText(answer(400, json, 'not JSON'))).toBe('not JSON');
    expect(failureText(answer(400, proto, 'plain text'))).toBe('plain text');
    expect(failureText(answer(400, 'text/plain', 'plain text'))).toBe('plain text');
    expect(failureText(answer(400, proto))).toBe('');
  });
});

describe('the outcome', () => {
  const url = 'http://u:p@host:4318/v1/traces';
  const of = (one: HttpAnswer, more: object = {}) =>
    outcomeOfExchange({ url, signal: 'traces', items: 10, nowUnixMs: 0, answer: one, ...more });

  it('of a success counts what was rejected', () => {
    expect(of(answer(200, proto))).toEqual({ verdict: 'delivered' });
    expect(of(answer(204, ''))).toEqual({ verdict: 'delivered' });
    expect(of(answer(200, proto, 'x'), { partial: { rejected: 4, message: 'no' } })).toEqual({
      verdict: 'delivered',
      refused: 4,
      reason: 'no',
    });
    expect(of(answer(200, proto, 'x'), { partial: { rejected: 40, message: '' } })).toEqual({
      verdict: 'delivered',
      refused: 10,
      reason: 'rejected without a reason',
    });
    expect(of(answer(200, proto, 'x'), { partial: { rejected: 0, message: 'beware' } })).toEqual({
      verdict: 'delivered',
      notice: 'http://host:4318/v1/traces took all and says: beware',
    });
  });

  it('of a success that is not OTLP stops at a web page and mentions the rest', () => {
    const page = of(answer(200, 'text/html', '<title>Grafana</title>'), { unreadable: 'x' });
    expect(page).toMatchObject({
      verdict: 'stop',
      reason:
        'http://host:4318/v1/traces answered with a web page, "Grafana" (200); is this the OTLP address?',
    });
    expect(
      of(answer(200, 'text/plain', 'OK'), { unreadable: 'the answer has the content type text/plain' }),
    ).toMatchObject({
      verdict: 'delivered',
      notice: expect.stringContaining('not in OTLP'),
    });
    expect(of(answer(260, 'text/plain', 'blocked until tomorrow'))).toMatchObject({
      verdict: 'stop',
      status: 260,
    });
  });

  it('of a body that is too large is to split it, however it is told', () => {
    expect(of(answer(413, 'text/html', '<title>413</title>'))).toMatchObject({
      verdict: 'split',
      status: 413,
    });
    const told: [number, string][] = [
      [400, 'http: request body too large'],
      [429, 'grpc: received message larger than max (5000000 vs. 4194304)'],
      [500, 'rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5 vs. 4)'],
      [
        429,
        'RATE_LIMITED: ingestion rate limit (local: 300000 bytes/s, global: 0 bytes/s, burst: 200000 bytes) exceeded while adding 200001 bytes for user single-tenant.',
      ],
      [429, 'RATE_LIMITED: batch size (40000000 bytes) exceeds ingestion limit (local: 30000000 bytes/s)'],
    ];
    for (const [status, message] of told)
      expect(of(answer(status, proto, rpcStatus(8, message)))).toMatchObject({ verdict: 'split', status });
    for (const waiting of [
      'RATE_LIMITED: ingestion rate limit exceeded',
      'RATE_LIMITED: ingestion rate limit (local: 3 bytes/s, global: 0 bytes/s, burst: 200 bytes) exceeded while adding 200 bytes for user a.',
    ])
      expect(of(answer(429, proto, rpcStatus(8, waiting)))).toMatchObject({ verdict: 'retry' });
  });

  it('of a bad request looks for the item to blame, with the words of the backend', () => {
    expect(of(answer(400, proto, rpcStatus(3, 'invalid trace id')))).toEqual({
      verdict: 'bisect',
      status: 400,
      reason: 'http://host:4318/v1/traces answered 400: invalid trace id',
    });
    expect(of(answer(500, proto, rpcStatus(13, 'oops')))).toMatchObject({ verdict: 'refused', status: 500 });
  });

  it('of a 400 of Loki counts the lines that it stored all the same', () => {
    const old = `entry for stream '{service_name="9 errors like: x"}' has timestamp too old: 2020-01-01T00:00:00Z, oldest acceptable timestamp is: 2026-11-15T00:00:00Z`;
    const saying = `3 errors like: ${old}; 1 errors like: ${'x'.repeat(400)} max entry size '262144' bytes exceeded`;
    expect(of(answer(400, proto, rpcStatus(3, saying)), { signal: 'logs' })).toEqual({
      verdict: 'refused',
      status: 400,
      reason:
        'line longer than Loki takes (max_line_size); older than Loki takes (reject_old_samples_max_age)',
      delivered: 6,
      uncertain: 0,
    });
    const behind = `user 'fake', total ignored: 3 out of 8 for stream: {service_name="a"}`;
    expect(of(answer(400, proto, rpcStatus(3, behind)), { signal: 'logs' })).toMatchObject({
      verdict: 'refused',
      delivered: 5,
      uncertain: 2,
    });
    expect(of(answer(400, proto, rpcStatus(3, old)), { signal: 'traces' })).toMatchObject({
      verdict: 'bisect',
    });
  });

  it('of a 400 of Loki is read as the Status that it is, though its type says octets', () => {
    const words = [
      `entry for stream '{service_name="i"}' has timestamp too old: 2026-10-23T17:32:18Z, oldest acceptable timestamp is: 2026-11-21T17:33:11Z`,
      `entry for stream '{service_name="i"}' has timestamp too new: 2026-11-22T18:32:18Z`,
      `max entry size '4096' bytes exceeded for stream '{service_name="i"}' while adding an entry with length '5000' bytes`,
    ];
    const saying = `2 errors like: ${words[0]}; 1 errors like: ${words[1]}; 3 errors like: ${words[2]}`;
    // Loki leaves the code out, and Go guesses the type.
    const body = rpcStatus(0, saying).subarray(2);
    expect(of(answer(400, 'application/octet-stream', body), { signal: 'logs' })).toMatchObject({
      verdict: 'refused',
      delivered: 4,
      uncertain: 0,
    });
    const poison = 'symbolizer lookup: label name is empty';
    const short = rpcStatus(0, poison).subarray(2);
    expect(of(answer(400, 'application/octet-stream', short), { signal: 'logs' })).toEqual({
      verdict: 'bisect',
      status: 400,
      reason: 'http://host:4318/v1/traces answered 400: symbolizer lookup: label name is empty',
    });
    expect(of(answer(400, 'application/octet-stream', 'no Status at all'))).toMatchObject({
      reason: 'http://host:4318/v1/traces answered 400: no Status at all',
    });
  });

  it('of Loki about the labels of a stream is about all of one resource, of several it is uncertain', () => {
    const saying = `entry for stream '{cloud_region="x", service_name="f"}' has 7 label names; limit 5`;
    const many = answer(400, proto, rpcStatus(0, saying));
    expect(of(many, { signal: 'logs', isOneResource: true })).toMatchObject({
      verdict: 'refused',
      delivered: 0,
      uncertain: 0,
    });
    expect(of(many, { signal: 'logs' })).toMatchObject({ delivered: 0, uncertain: 10 });
    const two = answer(400, proto, rpcStatus(0, `1 errors like: ${saying}; 1 errors like: ${saying}`));
    expect(of(two, { signal: 'logs', isOneResource: true })).toMatchObject({ delivered: 0, uncertain: 10 });
  });

  it('of Loki about a rate splits what is larger than it', () => {
    const rate = (bytes: number): HttpAnswer =>
      answer(
        429,
        proto,
        rpcStatus(
          0,
          `ingestion rate limit exceeded for user fake (limit: 1000 bytes/sec) while attempting to ingest '9' lines totaling '${bytes}' bytes, reduce`,
        ),
      );
    expect(of(rate(1001), { signal: 'logs' })).toMatchObject({ verdict: 'split', status: 429 });
    expect(of(rate(1000), { signal: 'logs' })).toMatchObject({ verdict: 'retry' });
    expect(of(rate(1001), { signal: 'logs', items: 1 })).toMatchObject({ verdict: 'retry' });
  });

  it('of a request that never reached the backend stops', () => {
    expect(of(answer(400, 'text/html', '<title>Bad Request</title>'))).toMatchObject({
      verdict: 'stop',
      status: 400,
    });
    const go = of(answer(400, 'text/plain', 'Client sent an HTTP request to an HTTPS server.'));
    expect(go).toMatchObject({ verdict: 'stop', remedy: expect.stringContaining('https://') });
    const nginx = of(answer(400, 'text/html', '<h1>The plain HTTP request was sent to HTTPS port</h1>'));
    expect(nginx).toMatchObject({ verdict: 'stop', remedy: expect.stringContaining('https://') });
  });

  it('of a wrong path or credentials says what to write', () => {
    expect(of(answer(404, 'text/plain', '404 page not found'))).toMatchObject({
      verdict: 'stop',
      remedy: expect.stringContaining('http://host:3100/otlp for Loki'),
    });
    const doubled = outcomeOfExchange({
      url: 'http://host/v1/traces/v1/traces',
      signal: 'traces',
      items: 1,
      nowUnixMs: 0,
      answer: answer(404, ''),
    });
    expect(doubled).toMatchObject({ remedy: expect.stringContaining('leave `/v1/traces` out') });
    expect(of(answer(401, 'text/plain', 'no org id'))).toMatchObject({
      verdict: 'stop',
      reason: 'http://host:4318/v1/traces answered 401: no org id',
      remedy: expect.stringContaining('X-Scope-OrgID'),
    });
    expect(of(answer(503, 'text/html', '<title>503</title>'))).toMatchObject({ verdict: 'retry' });
  });
});
