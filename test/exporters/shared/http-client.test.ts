import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openHttpClient, type HttpClient } from '../../../src/exporters/shared/http-client.ts';
import { httpKeys } from '../../../src/exporters/shared/http-config.ts';
import { exportKeys } from '../../../src/pipeline/export-config.ts';
import { outcomeOfError } from '../../../src/pipeline/retry.ts';
import { startOtlpServer, type ScriptedServer, type ServerOptions } from '../../support/otlp-server.ts';

const certificates = fileURLToPath(new URL('../../support/certificates/', import.meta.url));
const pem = (name: string) => readFileSync(`${certificates}${name}.pem`, 'utf8');
const keys = z.strictObject({ ...httpKeys, ...exportKeys });
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function server(options?: ServerOptions): Promise<ScriptedServer> {
  const one = await startOtlpServer(options);
  opened.push(one);
  return one;
}

async function client(config: z.input<typeof keys> = {}): Promise<HttpClient> {
  const one = await openHttpClient(keys.parse(config), certificates);
  opened.push(one);
  return one;
}

const never = new AbortController().signal;
const post = (one: HttpClient, url: string, body = Buffer.from('body'), signal = never) =>
  one.post({ url, headers: { 'content-type': 'application/x-protobuf' }, body, signal });

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('one attempt', () => {
  it('sends the body with its length and brings back status, headers and body', async () => {
    const backend = await server();
    backend.answer({ status: 418, headers: { 'X-Mood': 'teapot' }, body: 'short and stout' });
    const answer = await post(await client(), `${backend.url}/v1/traces?a=b`);
    expect(answer).toMatchObject({ status: 418, truncated: false });
    expect(answer.headers.get('x-mood')).toBe('teapot');
    expect(answer.body.toString()).toBe('short and stout');
    const [request] = backend.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/v1/traces?a=b' });
    expect(request?.body.toString()).toBe('body');
    expect(request?.headers).toMatchObject({
      'content-length': '4',
      'content-type': 'application/x-protobuf',
      'user-agent': 'respool',
    });
    expect(request?.headers).not.toHaveProperty('transfer-encoding');
  });

  it('adds the configured headers, and makes a header of a user in the address', async () => {
    const backend = await server();
    const one = await client({ headers: { 'X-Scope-OrgID': 'team', 'user-agent': 'mine' } });
    await post(one, backend.url.replace('http://', 'http://me:p%40ss@'));
    const headers = backend.requests[0]?.headers;
    expect(headers).toMatchObject({
      'x-scope-orgid': 'team',
      'user-agent': 'mine',
      authorization: `Basic ${btoa('me:p@ss')}`,
    });
  });

  it('follows no redirect', async () => {
    const backend = await server();
    backend.answer({ status: 307, headers: { location: '/elsewhere' } });
    expect((await post(await client(), backend.url)).status).toBe(307);
    expect(backend.requests).toHaveLength(1);
  });

  it('keeps the connection, or opens one for each request', async () => {
    const backend = await server();
    const keeping = await client({ sending_queue: { num_consumers: 1 } });
    await post(keeping, backend.url);
    await post(keeping, backend.url);
    expect(backend.connections).toBe(1);
    const closing = await client({ disable_keep_alives: true });
    await post(closing, backend.url);
    await post(closing, backend.url);
    expect(backend.connections).toBe(3);
  });

  it('reads no more than 4 MiB of an answer', async () => {
    const backend = await server();
    backend.answer({ body: Buffer.alloc(5 * 1024 * 1024, 'x') });
    const answer = await post(await client(), backend.url);
    expect(answer.truncated).toBe(true);
    expect(answer.body).toHaveLength(4 * 1024 * 1024);
  });

  it('brings back an answer that came before the body was read', async () => {
    const backend = await server();
    backend.answer({ early: true, status: 413, headers: { connection: 'close' }, body: 'too large' });
    const answer = await post(await client(), backend.url, Buffer.alloc(256 * 1024));
    expect(answer.status).toBe(413);
  });
});

describe('the deadline', () => {
  it('ends an attempt that nobody answers, one that drips, and one that begins late', async () => {
    const backend = await server();
    backend.answer({ silent: true }, { body: 'x'.repeat(1000), dripMs: 20 });
    const one = await client();
    for (const _ of ['silent', 'dripping']) {
      const ending = new AbortController();
      const attempt = errorOf(post(one, backend.url, undefined, ending.signal));
      setTimeout(() => ending.abort(new Error('deadline')), 100);
      expect(await attempt).toEqual(new Error('deadline'));
    }
    expect(await errorOf(post(one, backend.url, undefined, AbortSignal.abort(new Error('over'))))).toEqual(
      new Error('over'),
    );
    expect(backend.requests).toHaveLength(2);
  });
});

describe('the network', () => {
  it('names what went wrong, so that it is tried again', async () => {
    const backend = await server();
    const one = await client();
    backend.answer({ hangUp: 'before' }, { hangUp: 'middle', body: 'x'.repeat(100) });
    for (const _ of ['before', 'middle']) {
      expect(outcomeOfError(await errorOf(post(one, backend.url)))).toMatchObject({ verdict: 'retry' });
    }
    const { port } = backend;
    await backend.close();
    expect(outcomeOfError(await errorOf(post(one, `http://127.0.0.1:${port}`)))).toMatchObject({
      verdict: 'retry',
      reason: 'nothing listens there (ECONNREFUSED)',
    });
  });
});

describe('TLS', () => {
  const tls = { cert: pem('server'), key: pem('server-key') };

  it('trusts the configured authority only', async () => {
    const backend = await server({ tls });
    expect((await post(await client({ tls: { ca_file: 'ca.pem' } }), backend.url)).status).toBe(200);
    expect((await post(await client({ tls: { ca_pem: pem('ca') } }), backend.url)).status).toBe(200);
    expect(
      (
        await post(
          await client({ tls: { ca_file: 'ca.pem', include_system_ca_certs_pool: true } }),
          backend.url,
        )
      ).status,
    ).toBe(200);
    const stranger = outcomeOfError(await errorOf(post(await client(), backend.url)));
    expect(stranger).toMatchObject({ verdict: 'stop', reason: expect.stringContaining('TLS failed') });
    expect(backend.requests).toHaveLength(3);
  });

  it('checks the name of the server, unless told otherwise', async () => {
    const backend = await server({ tls: { cert: pem('other'), key: pem('other-key') } });
    const wrong = outcomeOfError(
      await errorOf(post(await client({ tls: { ca_file: 'ca.pem' } }), backend.url)),
    );
    expect(wrong).toMatchObject({ verdict: 'stop', reason: expect.stringContaining('TLS failed') });
    const named = await client({ tls: { ca_file: 'ca.pem', server_name_override: 'other.example' } });
    expect((await post(named, backend.url)).status).toBe(200);
    expect((await post(await client({ tls: { insecure_skip_verify: true } }), backend.url)).status).toBe(200);
  });

  it('shows its own certificate', async () => {
    const backend = await server({ tls: { ...tls, ca: pem('ca'), requestCert: true } });
    const known = await client({
      tls: { ca_file: 'ca.pem', cert_file: 'client.pem', key_file: 'client-key.pem' },
    });
    expect((await post(known, backend.url)).status).toBe(200);
    const unknown = await errorOf(post(await client({ tls: { ca_file: 'ca.pem' } }), backend.url));
    expect(outcomeOfError(unknown).verdict).not.toBe('delivered');
  });

  it('says at the start what is wrong with a certificate', async () => {
    await expect(client({ tls: { ca_file: 'missing.pem' } })).rejects.toThrow('tls.ca_file: ENOENT');
    await expect(client({ tls: { cert_file: 'client.pem' } })).rejects.toThrow(
      'give both `cert_file` and `key_file`',
    );
    await expect(client({ tls: { cert_pem: 'nonsense', key_file: 'client-key.pem' } })).rejects.toThrow(
      'cannot be used',
    );
    await expect(client({ tls: { ca_file: 'ca.pem', ca_pem: 'x' } })).rejects.toThrow('not both');
  });

  it('says when the other side speaks no TLS, or too old a one', async () => {
    const plain = await server();
    const error = await errorOf(post(await client(), plain.url.replace('http:', 'https:')));
    expect(outcomeOfError(error)).toMatchObject({
      verdict: 'stop',
      reason: 'TLS failed: the other side does not speak TLS, so it may want http://',
    });
    const modern = await client({ tls: { ca_file: 'ca.pem', max_version: '1.2' } });
    expect((await post(modern, (await server({ tls })).url)).status).toBe(200);
  });
});

describe('a proxy', () => {
  interface Proxy {
    url: string;
    seen: string[];
  }

  async function proxy(): Promise<Proxy> {
    const seen: string[] = [];
    const one: Server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
      request.resume().on('end', () => response.writeHead(202).end());
    });
    one.on('connect', (request, socket, head) => {
      seen.push(`CONNECT ${request.url}`);
      const [host, port] = (request.url ?? '').split(':');
      const target = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        target.write(head);
        target.pipe(socket).pipe(target);
      });
      target.on('error', () => socket.destroy());
      socket.on('error', () => target.destroy());
    });
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    opened.push({
      close: () =>
        new Promise((resolve) => {
          one.close(() => resolve());
          one.closeAllConnections();
        }),
    });
    return { url: `http://127.0.0.1:${(one.address() as AddressInfo).port}`, seen };
  }

  it('takes plain requests as they are', async () => {
    const { url, seen } = await proxy();
    const answer = await post(
      await client({ proxy_url: url.replace('http://', 'http://u:p@') }),
      'http://backend.example:4318/v1/logs',
    );
    expect(answer.status).toBe(202);
    expect(seen).toEqual([`POST http://backend.example:4318/v1/logs Basic ${btoa('u:p')}`]);
  });

  it('tunnels TLS', async () => {
    const backend = await server({ tls: { cert: pem('server'), key: pem('server-key') } });
    const { url, seen } = await proxy();
    const answer = await post(
      await client({ proxy_url: url, tls: { ca_file: 'ca.pem' } }),
      `${backend.url}/v1/logs`,
    );
    expect(answer.status).toBe(200);
    expect(seen).toEqual([`CONNECT 127.0.0.1:${backend.port}`]);
  });
});
