/** The state machine of undici's parser is not optimised: in a run of a second that takes a tenth of it, and 22 MiB. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const script = `
  import { createServer } from 'node:http';
  import { createAgent, requestThrough } from '${root}/src/exporters/shared/undici.ts';
  import { surveyOf } from '${root}/src/model/survey.ts';
  const server = createServer((request, response) => request.resume().on('end', () => response.end('taken')));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = 'http://127.0.0.1:' + server.address().port;
  const agent = createAgent({ connections: 1 });
  const request = requestThrough(agent);
  for (let i = 0; i < 300; i++) {
    const { body } = await request({ origin, path: '/', method: 'POST', body: 'body' });
    await body.text();
  }
  // Other code that is hot still is.
  const batch = Buffer.from('0a021200'.repeat(10_000), 'hex');
  for (let i = 0; i < 1000; i++) surveyOf('traces', batch);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await agent.close();
  server.close();
`;

test('of hundreds of answers', async () => {
  const flags = ['--trace-wasm-compilation-times', '--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: root });
  const optimised = [...stdout.matchAll(/using TurboFan.*bodysize (\d+)/g)].map(([, size]) => Number(size));
  expect(optimised.filter((size) => size > 10_000)).toEqual([]);
  expect(optimised.length).toBeGreaterThan(0);
}, 30_000);
