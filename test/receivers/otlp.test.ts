import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/pipeline/component.ts';
import { total } from '../../src/pipeline/counts.ts';
import { isLoopback, parseEndpoint } from '../../src/receivers/otlp/endpoint.ts';
import { otlp } from '../../src/receivers/otlp.ts';
import { jsonOf, live, protobufOf, send, type Live } from './otlp/harness.ts';

/** An exporter whose answers the test gives one by one. */
function scripted(): {
  answer: () => Promise<Outcome>;
  next: (outcome?: Outcome) => void;
  waiting: () => number;
} {
  const waits: ((outcome: Outcome) => void)[] = [];
  return {
    answer: () => new Promise((resolve) => waits.push(resolve)),
    next: (outcome = { verdict: 'delivered' }) => waits.shift()?.(outcome),
    waiting: () => waits.length,
  };
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function statusText(body: Buffer): string {
  return (JSON.parse(body.toString()) as { message: string }).message;
}

describe('a request', () => {
  const bodies: [string, string | Buffer, Record<string, string>][] = [
    ['protobuf', protobufOf('a', 'b'), {}],
    ['JSON', jsonOf('a', 'b'), {}],
    ['gzip', gzipSync(protobufOf('a', 'b')), { 'content-encoding': 'gzip' }],
    [
      'gzip of two members',
      Buffer.concat([gzipSync(protobufOf('a')), gzipSync(protobufOf('b'))]),
      { 'content-encoding': 'gzip' },
    ],
    ['zstd', zstdCompressSync(protobufOf('a', 'b')), { 'content-encoding': 'zstd' }],
    [
      'zstd of two frames',
      Buffer.concat([zstdCompressSync(protobufOf('a')), zstdCompressSync(protobufOf('b'))]),
      { 'content-encoding': 'zstd' },
    ],
    ['deflate', deflateSync(protobufOf('a', 'b')), { 'content-encoding': 'deflate' }],
    ['zlib', deflateSync(protobufOf('a', 'b')), { 'content-encoding': 'zlib' }],
    ['identity', protobufOf('a', 'b'), { 'content-encoding': 'identity' }],
  ];

  it.each(bodies)('in %s is delivered and answered in its own encoding', async (_, body, headers) => {
    const one = await live();
    const answer = await send(one, body, { headers });
    expect(answer.status).toBe(200);
    const isJson = typeof body === 'string';
    expect(answer.headers.get('content-type')).toBe(isJson ? 'application/json' : 'application/x-protobuf');
    expect(answer.body.toString()).toBe(isJson ? '{}' : '');
    expect(one.exporter.taken).toEqual(['a', 'b']);
    const { ledger, failures } = await one.stop();
    expect(failures).toEqual([]);
    expect(ledger.imbalances()).toEqual([]);
    expect(ledger.receivers[0]?.flows.get('traces')).toMatchObject({ in: 2, out: 2 });
  });

  it('with nothing in it is answered', async () => {
    const one = await live();
    expect((await send(one, Buffer.alloc(0))).status).toBe(200);
    expect((await send(one, '{}')).status).toBe(200);
    expect((await send(one, '{"resourceSpans":[]}')).status).toBe(200);
  });

  const refusals: [string, number, (one: Live) => Promise<{ status: number; body: Buffer }>, RegExp][] = [
    ['at another path', 404, (one) => send(one, '{}', { path: '/v1/other' }), /known: \/v1\/traces/],
    [
      'of a signal without a pipeline',
      404,
      (one) => send(one, '{}', { path: '/v1/logs' }),
      /no pipeline takes log records/,
    ],
    ['of another type', 415, (one) => send(one, 'x', { type: 'text/plain' }), /application\/x-protobuf/],
    [
      'in another compression',
      415,
      (one) => send(one, Buffer.from('x'), { headers: { 'content-encoding': 'snappy' } }),
      /gzip, zstd, zlib, deflate/,
    ],
    [
      'that is not what it says',
      400,
      (one) => send(one, protobufOf('a'), { headers: { 'content-encoding': 'gzip' } }),
      /the body is not gzip/,
    ],
    [
      'cut off in its compression',
      400,
      (one) =>
        send(one, gzipSync(protobufOf('a')).subarray(0, 20), { headers: { 'content-encoding': 'gzip' } }),
      /ends early/,
    ],
    ['that is no protobuf', 400, (one) => send(one, Buffer.from('hello')), /at byte/],
    ['that is no JSON', 400, (one) => send(one, '{"resourceSpans":[{]}'), /at byte 19/],
    ['that is JSON of something else', 400, (one) => send(one, '{"hello":1}'), /not OTLP/],
    ['of logs at the path of traces', 400, (one) => send(one, '{"resourceLogs":[]}'), /not OTLP/],
    ['nested too deeply', 400, (one) => send(one, `{"x":${'['.repeat(200)}${']'.repeat(200)}}`), /max_depth/],
  ];

  it.each(refusals)('%s is answered %i', async (_, status, sent, words) => {
    const one = await live();
    const answer = await sent(one);
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).toMatch(words);
    expect(one.exporter.taken).toEqual([]);
    // It still serves.
    expect((await send(one, protobufOf('next'))).status).toBe(200);
  });

  it('other than POST is answered 405', async () => {
    const one = await live();
    const answer = await fetch(`${one.url}/v1/traces`);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
  });

  it('with one ill-formed span is taken without it, and the client is told', async () => {
    const one = await live();
    // Three spans, the id of the second has 3 bytes.
    const span = (...fields: number[]) => Buffer.from([0x12, fields.length, ...fields]);
    const spans = Buffer.concat([span(0x2a, 1, 0x61), span(0x0a, 3, 1, 2, 3), span(0x2a, 1, 0x63)]);
    const scope = Buffer.concat([Buffer.from([0x12, spans.length]), spans]);
    const body = Buffer.concat([Buffer.from([0x0a, scope.length]), scope]);
    const answer = await send(one, body);
    expect(answer.status).toBe(200);
    expect(one.exporter.taken).toEqual(['a', 'c']);
    expect([...answer.body.subarray(0, 4)]).toEqual([0x0a, answer.body.length - 2, 0x08, 1]);
    expect(answer.body.toString()).toContain('Span.traceId has 3 bytes and not 16');
    await one.stop();
    expect(one.messages.join('\n')).toContain('items of requests that could not be read: 1');
  });
});

describe('the answer', () => {
  it('comes when the items are settled and not before', async () => {
    const { answer, next, waiting } = scripted();
    const one = await live({ answer });
    let isAnswered = false;
    const sent = send(one, protobufOf('a')).then((result) => {
      isAnswered = true;
      return result;
    });
    await until(() => waiting() === 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(isAnswered).toBe(false);
    next();
    expect((await sent).status).toBe(200);
  });

  it('comes at once with wait: queued, and the end of the run drains what was taken', async () => {
    const { answer, next, waiting } = scripted();
    const one = await live({ answer, wait: 'queued' });
    expect((await send(one, protobufOf('a'))).status).toBe(200);
    expect(one.exporter.taken).toEqual([]);
    const ended = one.stop();
    await until(() => waiting() === 1);
    next();
    const { ledger } = await ended;
    expect(one.exporter.taken).toEqual(['a']);
    expect(ledger.isClean()).toBe(true);
  });

  it('is a success for what the backend refuses for ever: it is counted, and sending it again would not help', async () => {
    const one = await live({ answer: () => ({ verdict: 'refused', reason: 'too old' }) });
    expect((await send(one, protobufOf('a'))).status).toBe(200);
    const { ledger } = await one.stop();
    expect(total(ledger.exporters[0]?.refused ?? new Map())).toBe(1);
  });

  it('is 503 when the exporter cannot go on, which ends the run', async () => {
    const one = await live({ answer: () => ({ verdict: 'stop', reason: '401 from the backend' }) });
    const answer = await send(one, jsonOf('a'));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    const { failures } = await one.stop();
    expect(String(failures[0])).toContain('401 from the backend');
  });

  it('is 503 for what a kill abandons, so that the client sends it again', async () => {
    const { answer, waiting } = scripted();
    const one = await live({ answer });
    const sent = send(one, jsonOf('a'));
    await until(() => waiting() === 1);
    one.kill();
    expect((await sent).status).toBe(503);
  });

  it('is given to a request that is under way at Ctrl-C; later ones find nobody', async () => {
    const { answer, next, waiting } = scripted();
    const one = await live({ answer });
    const sent = send(one, protobufOf('a'));
    await until(() => waiting() === 1);
    const ended = one.stop();
    await expect(send(one, protobufOf('late'))).rejects.toThrow();
    next();
    const answered = await sent;
    expect(answered.status).toBe(200);
    expect(answered.headers.get('connection')).toBe('close');
    const { ledger } = await ended;
    expect(one.exporter.taken).toEqual(['a']);
    expect(ledger.isClean()).toBe(true);
  });

  it('that nobody waits for is counted, and what was taken is delivered', async () => {
    const { answer, next, waiting } = scripted();
    const one = await live({ answer });
    const gone = new AbortController();
    const sent = send(one, protobufOf('a'), { signal: gone.signal });
    await until(() => waiting() === 1);
    gone.abort();
    await expect(sent).rejects.toThrow();
    await until(() => one.messages.some((message) => message.includes('went away')));
    next();
    await until(() => one.exporter.taken.length === 1);
    await one.stop();
    expect(one.messages.join('\n')).toContain('clients that went away before they were answered: 1');
  });
});

describe('back-pressure', () => {
  it('is 429 with Retry-After when there is no room for queue_timeout, and nothing of it is taken', async () => {
    const { answer, next, waiting } = scripted();
    const one = await live({ answer, maxInFlightBytes: 1 });
    const first = send(one, protobufOf('first'));
    await until(() => waiting() === 1);
    const second = send(one, jsonOf('second'));
    // Both are read when the second waits at the gate.
    await until(() => one.readBytes() > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    one.clock.advance(6000);
    const answered = await second;
    expect(answered.status).toBe(429);
    expect(answered.headers.get('retry-after')).toBe('1');
    expect(statusText(answered.body)).toContain('service.max_in_flight');
    next();
    expect((await first).status).toBe(200);
    const again = send(one, jsonOf('second'));
    await until(() => waiting() === 1);
    next();
    expect((await again).status).toBe(200);
    expect(one.exporter.taken).toEqual(['first', 'second']);
  });

  it('lets a request in that waits when room is made', async () => {
    const { answer, next, waiting } = scripted();
    const one = await live({ answer, maxInFlightBytes: 1 });
    const first = send(one, protobufOf('first'));
    await until(() => waiting() === 1);
    const second = send(one, protobufOf('second'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    next();
    expect((await first).status).toBe(200);
    await until(() => waiting() === 1);
    next();
    expect((await second).status).toBe(200);
  });

  it('is 429 beyond max_concurrent_requests', async () => {
    const { answer, next, waiting } = scripted();
    const one = await live({ answer, http: { max_concurrent_requests: 1 } });
    const first = send(one, protobufOf('first'));
    await until(() => waiting() === 1);
    const second = await send(one, jsonOf('second'));
    expect(second.status).toBe(429);
    expect(statusText(second.body)).toContain('max_concurrent_requests');
    next();
    expect((await first).status).toBe(200);
  });

  it('is 429 when the bodies that are being read together are too large', async () => {
    const one = await live({ http: { max_buffered: 2000, max_request_body_size: 2000 } });
    // A request that never ends holds its first bytes.
    const slow = connect(Number(new URL(one.url).port), '127.0.0.1');
    slow.on('error', () => {});
    slow.write(
      `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1500\r\n\r\n${'x'.repeat(1400)}`,
    );
    let status = 200;
    while (status === 200) ({ status } = await send(one, ' '.repeat(1000) + jsonOf('a')));
    expect(status).toBe(429);
    slow.destroy();
    while (status !== 200) ({ status } = await send(one, jsonOf('b')));
  });
});

describe('limits', () => {
  it('refuses a body that is too large, as it comes and without its compression', async () => {
    const one = await live({ http: { max_request_body_size: 1024 } });
    const large = jsonOf('x'.repeat(2000));
    expect((await send(one, large)).status).toBe(413);
    for (const [name, body] of [
      ['gzip', gzipSync(large)],
      ['zstd', zstdCompressSync(large)],
      ['deflate', deflateSync(large)],
    ] as const) {
      const answer = await send(one, body, {
        type: 'application/json',
        headers: { 'content-encoding': name },
      });
      expect(answer.status, name).toBe(413);
      expect(statusText(answer.body)).toContain('max_request_body_size');
    }
    expect((await send(one, jsonOf('small'))).status).toBe(200);
  });

  it('refuses a body without a length that grows too large, in chunks of one byte', async () => {
    const one = await live({ http: { max_request_body_size: 1024 } });
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const sending = httpRequest(`${one.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    });
    sending.on('response', ({ statusCode }) => resolve(statusCode));
    sending.on('error', () => resolve(undefined));
    for (let at = 0; at < 3000; at++) sending.write('x');
    expect(await promise).toBe(413);
    sending.destroy();
  });

  it('refuses a bomb without opening it', async () => {
    const one = await live({ http: { max_request_body_size: 1 << 20 } });
    const bomb = gzipSync(Buffer.alloc(200 << 20));
    const before = process.memoryUsage().rss;
    const answer = await send(one, bomb, { headers: { 'content-encoding': 'gzip' } });
    expect(answer.status).toBe(413);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20);
  });

  it('ends a request that is sent too slowly', async () => {
    const one = await live({ http: { read_header_timeout: '200ms', read_timeout: '400ms' } });
    const { port } = new URL(one.url);
    const ends = [
      'POST /v1/traces HTTP/1.1\r\nHost:',
      'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    ];
    for (const text of ends) {
      const heard = await new Promise<string>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
        let words = '';
        socket.on('data', (data) => (words += data.toString()));
        socket.on('error', () => {});
        socket.on('close', () => resolve(words));
      });
      expect(heard).toMatch(/^HTTP\/1.1 408 /);
    }
  });

  it('refuses headers that are too large', async () => {
    const one = await live({ http: { max_header_size: 2048 } });
    const answer = await send(one, '{}', { headers: { 'x-long': 'x'.repeat(4000) } });
    expect(answer.status).toBe(431);
  });

  it('serves one request a connection without keep_alives_enabled', async () => {
    const one = await live({ http: { keep_alives_enabled: false } });
    expect((await send(one, '{}')).headers.get('connection')).toBe('close');
  });
});

describe('web pages', () => {
  const origin = 'https://shop.example';
  const preflight = (one: Live, from: string) =>
    fetch(`${one.url}/v1/traces`, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type, x-team',
      },
    });

  it('may not send unless they are listed', async () => {
    const one = await live();
    const answer = await preflight(one, origin);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('may send when they are', async () => {
    const one = await live({
      http: { cors: { allowed_origins: ['https://*.example', 'http://a'], max_age: 7 } },
    });
    const answer = await preflight(one, origin);
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type, content-encoding',
      'access-control-max-age': '7',
    });
    const sent = await send(one, jsonOf('a'), { headers: { origin } });
    expect(sent.headers.get('access-control-allow-origin')).toBe(origin);
    const other = await preflight(one, 'https://shop.example.evil');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('may set the headers that are listed, or any', async () => {
    const listed = await live({ http: { cors: { allowed_origins: ['*'], allowed_headers: ['x-team'] } } });
    expect((await preflight(listed, origin)).headers.get('access-control-allow-headers')).toBe(
      'content-type, content-encoding, x-team',
    );
    const any = await live({ http: { cors: { allowed_origins: ['*'], allowed_headers: ['*'] } } });
    expect((await preflight(any, origin)).headers.get('access-control-allow-headers')).toBe(
      'content-type, x-team',
    );
  });
});

describe('the address', () => {
  it.each([
    ['127.0.0.1:4318', '127.0.0.1', 4318, true],
    ['localhost:1', 'localhost', 1, true],
    ['[::1]:4318', '::1', 4318, true],
    [':4318', undefined, 4318, false],
    ['0.0.0.0:4318', '0.0.0.0', 4318, false],
    ['127.example.com:4318', '127.example.com', 4318, false],
    ['10.0.0.7:0', '10.0.0.7', 0, false],
  ])('%s', (text, host, port, loopback) => {
    const address = parseEndpoint(text);
    expect(address).toEqual({ host, port });
    expect(isLoopback(address ?? { host: '', port: 0 })).toBe(loopback);
  });

  it.each(['4318', 'localhost', 'http://localhost:4318', '127.0.0.1:65536', ' :1', 'a b:1', ''])(
    '%s is none',
    (text) => {
      expect(parseEndpoint(text)).toBeUndefined();
    },
  );

  it('that is taken says so', async () => {
    const one = await live();
    await expect(live({ http: { endpoint: new URL(one.url).host } })).rejects.toThrow(
      /cannot listen on .*EADDRINUSE/,
    );
  });
});

describe('its config', () => {
  const facts = { writtenType: 'otlp', has: () => true, signals: ['traces'] } as const;
  const problems = (http: object | null) =>
    otlp
      .check?.(otlp.schema.parse({ protocols: { http } }), facts)
      .map(({ severity, message }) => `${severity}: ${message}`);

  it('may be left out', () => expect(problems(null)).toEqual([]));

  it('warns of an address that others reach', () => {
    expect(problems({ endpoint: '0.0.0.0:4318' })).toEqual([
      'warning: 0.0.0.0:4318 is reached from other machines, and nothing tells who sends',
    ]);
  });

  it('refuses one path for two signals', () => {
    expect(problems({ logs_url_path: '/v1/traces' })?.[0]).toContain('must differ from traces_url_path');
  });
});
