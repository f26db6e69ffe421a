/** A name is looked up for each connection, and a failure of the network ends the connection: so a backend that moves is found. */
import dns from 'node:dns';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { openHttpClient } from '../../../src/exporters/shared/http-client.ts';
import { httpKeys } from '../../../src/exporters/shared/http-config.ts';
import { outcomeOfError } from '../../../src/pipeline/retry.ts';
import { startOtlpServer } from '../../support/otlp-server.ts';

type Done = (error: Error | null, addresses?: { address: string; family: number }[]) => void;

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of opened.splice(0).toReversed()) await close();
});

/** Answers lookups by script, the last one for ever. */
function scriptLookups(...answers: (string | Error)[]) {
  let at = 0;
  const lookup = (_host: string, _options: unknown, done: Done): void => {
    const answer = answers[Math.min(at++, answers.length - 1)];
    if (typeof answer === 'string') done(null, [{ address: answer, family: 4 }]);
    else done(answer ?? new Error('no answer'));
  };
  return vi.spyOn(dns, 'lookup').mockImplementation(lookup as unknown as typeof dns.lookup);
}

describe('the name of a backend', () => {
  it('is looked up again after each failure of the network, and not while a connection lasts', async () => {
    const before = await startOtlpServer();
    opened.push(() => before.close());
    before.answer({ hangUp: 'before' });
    // The same port of another address, to which the backend has moved.
    const after = createServer((request, response) => {
      request.resume();
      request.on('end', () => response.end('moved'));
    });
    await new Promise<void>((resolve) => after.listen(before.port, '127.0.0.2', resolve));
    opened.push(() => new Promise((resolve) => after.close(() => resolve())));
    const client = await openHttpClient(z.strictObject(httpKeys).parse({ max_conns_per_host: 1 }), '/');
    opened.push(() => client.close());
    const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND'), {
      code: 'ENOTFOUND',
      syscall: 'getaddrinfo',
    });
    const lookup = scriptLookups(unknown, '127.0.0.1', '127.0.0.2');

    const attempt = async () => {
      try {
        const { body } = await client.post({
          url: `http://backend.test:${before.port}/`,
          headers: {},
          body: Buffer.from('x'),
          signal: AbortSignal.timeout(5000),
        });
        return body.toString();
      } catch (error) {
        return outcomeOfError(error);
      }
    };
    expect(await attempt()).toEqual({ verdict: 'retry', reason: 'the host name is unknown (ENOTFOUND)' });
    expect(await attempt()).toMatchObject({ verdict: 'retry', mayBeStored: true });
    expect(await attempt()).toBe('moved');
    expect(await attempt()).toBe('moved');
    expect(lookup).toHaveBeenCalledTimes(3);
    expect(before.requests).toHaveLength(1);
  });

  it('is looked up again after an attempt that got no answer', async () => {
    const silent = await startOtlpServer();
    opened.push(() => silent.close());
    silent.answer({ silent: true }, {});
    const client = await openHttpClient(z.strictObject(httpKeys).parse({ max_conns_per_host: 1 }), '/');
    opened.push(() => client.close());
    const lookup = scriptLookups('127.0.0.1');
    const post = (ms: number) =>
      client.post({
        url: `http://backend.test:${silent.port}/`,
        headers: {},
        body: Buffer.from('x'),
        signal: AbortSignal.timeout(ms),
      });
    await expect(post(100)).rejects.toThrow();
    expect(await post(5000)).toMatchObject({ status: 200 });
    expect(lookup).toHaveBeenCalledTimes(2);
    expect(silent.connections).toBe(2);
  });
});
