/** An HTTP server that the SDK instruments, under load, with a pipeline behind its provider: nothing is lost. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { batchOf } from '../../src/model/batches.ts';
import { startOtlpServer } from '../support/otlp-server.ts';
import { root } from '../support/respool.ts';
import type { Seen } from './instrumented-server.ts';

const requests = 1500;
/** Before it measures. */
const warmUp = 500;

it('delivers every span that no filter drops, without what is to be redacted', async () => {
  const backend = await startOtlpServer();
  onTestFinished(() => backend.close());
  // A backend on a bad day: some requests fail and are sent again.
  let answered = 0;
  backend.answer(() => ({ status: ++answered % 3 === 0 ? 503 : 200 }));
  const script = join(import.meta.dirname, 'instrumented-server.ts');
  const node = join(root, 'node_modules/.bin/node');
  const { stdout } = await promisify(execFile)(node, [script, 'pipeline', backend.url, String(requests)]);
  const seen = JSON.parse(stdout) as Seen;

  // A server span and a client span for each request: those of exporting are not traced.
  expect(seen.spans).toBe(2 * (requests + warmUp));
  expect(seen).toMatchObject({ failures: [], balanced: true, dropped: 0 });
  // Half of the requests are health checks that went well, which the server's spans say.
  expect(seen.filtered).toBe((requests + warmUp) / 2);
  expect(seen.filtered + seen.delivered).toBe(seen.spans);

  const taken = backend.requests.filter((_, at) => (at + 1) % 3 !== 0);
  const bytes = taken.map(({ payload }) => payload);
  const spans = bytes.flatMap((payload) => batchOf('traces', payload).spans());
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(seen.delivered);
  expect(spans).toHaveLength(seen.delivered);
  const text = Buffer.concat(bytes).toString('latin1');
  expect(text).toContain('http.request.header.authorization');
  expect(text).not.toMatch(/canary-secret|ada\d+@example/);
});
