/** The state machine of undici's parser is not optimised: in a run of a second that takes a tenth of it, and 22 MiB. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
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
  for (let i = 0; i < 800; i++) {
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

/** Of the parser, in bytes: a list of sections, of which 10 is the list of functions, each with its size before it. */
function largestFunction(): number {
  const code = createRequire(import.meta.url)('undici/lib/llhttp/llhttp_simd-wasm.js') as Uint8Array;
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = code[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  let largest = 0;
  while (at < code.length) {
    const isCode = code[at++] === 10;
    const end = number() + at;
    for (let left = isCode ? number() : 0; left > 0; left--) {
      const size = number();
      largest = Math.max(largest, size);
      at += size;
    }
    at = end;
  }
  return largest;
}

test('of hundreds of answers', async () => {
  const flags = ['--trace-wasm-compilation-times', '--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: root });
  const optimised = [...stdout.matchAll(/using TurboFan.*bodysize (\d+)/g)].map(([, size]) => Number(size));
  // Node's own code that strips types is hot as well: the state machine is told by its size.
  expect(optimised).not.toContain(largestFunction());
  expect(optimised.length).toBeGreaterThan(0);
}, 30_000);
