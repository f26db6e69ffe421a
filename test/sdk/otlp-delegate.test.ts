/** The contract of the seam: what src/sdk/otlp-delegate.ts relies on in packages that promise nothing. */
import { createRequire } from 'node:module';
import { context, diag, DiagLogLevel } from '@opentelemetry/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createOtlpDelegate, type DelegateAnswer, type OtlpDelegate } from '../../src/sdk/otlp-delegate.ts';

const requireFrom = createRequire(import.meta.url);
const never = new AbortController().signal;

interface Answer extends DelegateAnswer {
  words?: string;
}
interface Response {
  partialSuccess?: { errorMessage?: string };
}

const taken: Answer = { status: 200, body: Buffer.alloc(0) };

function delegate(
  post: (payload: Uint8Array, signal: AbortSignal) => Promise<Answer>,
  read: (answer: Answer) => Response = () => ({}),
): OtlpDelegate<Answer, Response> {
  return createOtlpDelegate<Answer, Response>({
    signal: 'traces',
    url: 'http://localhost:4318/v1/traces',
    post,
    read,
  });
}

afterEach(() => {
  diag.disable();
  context.disable();
});

describe('the pins', () => {
  it('are exact, and are what is installed', () => {
    const { dependencies } = requireFrom('../../package.json') as { dependencies: Record<string, string> };
    const pins = Object.entries(dependencies).filter(([name]) => name.startsWith('@opentelemetry/'));
    expect(pins.length).toBeGreaterThan(0);
    for (const [name, version] of pins) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      const installed = requireFrom(`../../node_modules/${name}/package.json`) as { version: string };
      expect(installed.version).toBe(version);
    }
    expect(dependencies['@opentelemetry/otlp-exporter-base']).toBe('0.223.1');
    expect(dependencies['@opentelemetry/core']).toBe('2.12.1');
  });

  it('export what the seam takes', async () => {
    const base = await import('@opentelemetry/otlp-exporter-base');
    expect(base.createOtlpNetworkExportDelegate).toBeTypeOf('function');
    expect(base.OTLPExporterBase).toBeTypeOf('function');
    expect(base.ExporterMetrics).toBeTypeOf('function');
    expect(base.OTLPExporterError).toBeTypeOf('function');
  });
});

describe('an attempt', () => {
  it('goes through OTLPExporterBase with the very bytes that it was given', async () => {
    const base = await import('@opentelemetry/otlp-exporter-base');
    const through = vi.spyOn(base.OTLPExporterBase.prototype, 'export');
    const payload = Buffer.from([1, 2, 3]);
    const seen: Uint8Array[] = [];
    const one = delegate((bytes) => {
      seen.push(bytes);
      return Promise.resolve(taken);
    });
    const { answer } = await one.send(payload, 1, never);
    expect(answer).toBe(taken);
    expect(through).toHaveBeenCalledTimes(1);
    expect(seen[0]?.buffer).toBe(payload.buffer);
    expect(seen[0]?.byteOffset).toBe(payload.byteOffset);
    expect(Buffer.from(seen[0] ?? [])).toEqual(payload);
    through.mockRestore();
  });

  it('brings back what the backend said about a success', async () => {
    const one = delegate(
      () => Promise.resolve({ status: 200, body: Buffer.from('x'), words: 'three were bad' }),
      (answer) => ({ partialSuccess: { errorMessage: answer.words ?? '' } }),
    );
    expect(await one.send(Buffer.from('x'), 3, never)).toMatchObject({
      response: { partialSuccess: { errorMessage: 'three were bad' } },
    });
  });

  it('brings back why a success cannot be read', async () => {
    const one = delegate(
      () => Promise.resolve({ status: 200, body: Buffer.from('x') }),
      () => {
        throw new Error('a web page');
      },
    );
    const { answer, response, unreadable } = await one.send(Buffer.from('x'), 3, never);
    expect(answer.status).toBe(200);
    expect(response).toBeUndefined();
    expect(unreadable).toEqual(new Error('a web page'));
  });

  it('reads an answer without a body too', async () => {
    let read = 0;
    const one = delegate(
      () => Promise.resolve({ status: 204, body: Buffer.alloc(0) }),
      () => {
        read++;
        return {};
      },
    );
    await one.send(Buffer.from('x'), 1, never);
    await one.send(Buffer.from('y'), 1, never);
    expect(read).toBe(2);
  });

  it('brings back every other answer as it is, status and body', async () => {
    for (const status of [302, 400, 401, 413, 429, 500, 503]) {
      const refusal = { status, body: Buffer.from('why') };
      const one = delegate(() => Promise.resolve(refusal));
      const { answer, response } = await one.send(Buffer.from('x'), 1, never);
      expect(answer).toBe(refusal);
      expect(response).toBeUndefined();
    }
  });

  it('is made once: the SDK does not try again', async () => {
    let attempts = 0;
    const one = delegate(() => {
      attempts++;
      return Promise.resolve({ status: 503, body: Buffer.alloc(0) });
    });
    await one.send(Buffer.from('x'), 1, never);
    expect(attempts).toBe(1);
  });

  it('fails with the very error of the network', async () => {
    const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const one = delegate(() => Promise.reject(error));
    await expect(one.send(Buffer.from('x'), 1, never)).rejects.toBe(error);
  });
});

describe('the deadline', () => {
  it('ends an attempt although nobody calls back', async () => {
    const one = delegate(() => new Promise(() => {}));
    const ending = new AbortController();
    const attempt = one.send(Buffer.from('x'), 1, ending.signal);
    setTimeout(() => ending.abort(new Error('deadline')), 20);
    await expect(attempt).rejects.toThrow('deadline');
    await expect(one.send(Buffer.from('x'), 1, AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  });

  it('reaches the transport', async () => {
    const ending = new AbortController();
    let given: AbortSignal | undefined;
    const one = delegate((_, signal) => {
      given = signal;
      return Promise.resolve(taken);
    });
    await one.send(Buffer.from('x'), 1, ending.signal);
    expect(given).toBe(ending.signal);
  });
});

describe('many attempts', () => {
  it('go at the same time without a limit of the SDK, and each gets its own answer', async () => {
    let running = 0;
    let most = 0;
    const one = delegate(
      async (bytes) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 10 - (bytes[0] ?? 0) / 10));
        running--;
        return { status: 200, body: Buffer.alloc(0), words: String(bytes[0]) };
      },
      (answer) => ({ partialSuccess: { errorMessage: answer.words ?? '' } }),
    );
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, index) => one.send(Buffer.from([index]), 1, never)),
    );
    expect(most).toBe(100);
    expect(all.map(({ response }) => response?.partialSuccess?.errorMessage)).toEqual(
      all.map((_, index) => String(index)),
    );
  });

  it('of the same bytes are told apart', async () => {
    let next = 0;
    const one = delegate(() =>
      Promise.resolve({ status: 200, body: Buffer.alloc(0), words: String(next++) }),
    );
    const bytes = Buffer.from('same');
    const all = await Promise.all([one.send(bytes, 1, never), one.send(bytes, 1, never)]);
    expect(all.map(({ answer }) => answer.words)).toEqual(['0', '1']);
  });
});

describe('what surrounds it', () => {
  it('keeps instrumentations from tracing the exporter', async () => {
    const { AsyncLocalStorage } = await import('node:async_hooks');
    const { isTracingSuppressed } = await import('@opentelemetry/core');
    const { ROOT_CONTEXT } = await import('@opentelemetry/api');
    const storage = new AsyncLocalStorage<ReturnType<typeof context.active>>();
    const manager = {
      active: () => storage.getStore() ?? ROOT_CONTEXT,
      with: (...[active, call, self, ...rest]: Parameters<typeof context.with>) =>
        storage.run(active, () => call.apply(self, rest)),
      bind: <T>(_: unknown, target: T) => target,
      enable: () => manager,
      disable: () => manager,
    };
    context.setGlobalContextManager(manager as never);
    let suppressed = false;
    const one = delegate(() => {
      suppressed = isTracingSuppressed(context.active());
      return Promise.resolve(taken);
    });
    await one.send(Buffer.from('x'), 1, never);
    expect(suppressed).toBe(true);
    expect(isTracingSuppressed(context.active())).toBe(false);
  });

  it('does not take anything from the environment', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'authorization=leaked');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '1');
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip');
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://leaked.example');
    const seen: Uint8Array[] = [];
    const one = delegate(async (bytes) => {
      seen.push(bytes);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return taken;
    });
    await one.send(Buffer.from('plain'), 1, never);
    expect(Buffer.from(seen[0] ?? []).toString()).toBe('plain');
  });

  it('says on the diagnostic channel what the SDK says of a partial success', async () => {
    const warn = vi.fn<(...words: unknown[]) => void>();
    diag.setLogger(
      { error: warn, warn, info() {}, debug() {}, verbose() {} },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
    const one = delegate(
      () => Promise.resolve({ status: 200, body: Buffer.from('x') }),
      () => ({ partialSuccess: { errorMessage: 'three were bad' } }),
    );
    await one.send(Buffer.from('x'), 1, never);
    expect(warn.mock.calls.flat().join(' ')).toContain('three were bad');
  });

  it('shuts down when the attempts under way are over', async () => {
    let finish = () => {};
    const one = delegate(() => new Promise((resolve) => (finish = () => resolve(taken))));
    const attempt = one.send(Buffer.from('x'), 1, never);
    let down = false;
    const shutdown = one.shutdown().then(() => (down = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(down).toBe(false);
    finish();
    await attempt;
    await shutdown;
  });
});
