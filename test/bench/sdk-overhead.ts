/**
 * What a span costs an instrumented HTTP server: CPU time per span with nothing behind the provider, with the SDK's
 * BatchSpanProcessor and OTLPTraceExporter, and with a pipeline that redacts and filters. The backend is another process.
 *
 *     node test/bench/sdk-overhead.ts [REQUESTS] [ROUNDS]
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Mode, Seen } from '../embed/instrumented-server.ts';

const [requests = '5000', rounds = '3'] = process.argv.slice(2);
const script = join(import.meta.dirname, '../embed/instrumented-server.ts');

const sink = `require('node:http').createServer((request, response) => {
  request.resume();
  request.on('end', () => response.end());
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

const modes: readonly [Mode, string][] = [
  ['none', 'nothing behind the provider'],
  ['batch', 'BatchSpanProcessor, OTLPTraceExporter'],
  ['pipeline', 'PipelineSpanProcessor: filter, redact, otlp_http'],
];

/** CPU time per span of one run. */
async function cost(mode: Mode, url: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, mode, url, requests]);
  const { cpuMicros, dropped, failures, measured } = JSON.parse(stdout) as Seen;
  if (dropped > 0 || failures.length > 0) throw new Error(stdout);
  return cpuMicros / measured;
}

const backend = spawn(process.execPath, ['-e', sink], { stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const [port] = (await once(backend.stdout, 'data')) as [Buffer];
  const url = `http://127.0.0.1:${port.toString().trim()}`;
  const best = new Map<Mode, number>();
  for (let round = 0; round < Number(rounds); round++)
    for (const [mode] of modes) best.set(mode, Math.min(best.get(mode) ?? Infinity, await cost(mode, url)));
  const none = best.get('none') ?? 0;
  process.stdout.write(
    `CPU time per span, the best of ${rounds} rounds of ${requests} requests, two spans each\n`,
  );
  for (const [mode, title] of modes) {
    const micros = best.get(mode) ?? 0;
    const more = mode === 'none' ? '' : `  (+${(micros - none).toFixed(1)} µs)`;
    process.stdout.write(`${title.padEnd(52)}${micros.toFixed(1).padStart(8)} µs${more}\n`);
  }
} finally {
  backend.kill();
}
