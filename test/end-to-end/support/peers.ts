/** Starts the real backends that `../shared/peers` builds, and runs the command against them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { root } from '../../support/respool.ts';

export const shared = resolve(root, '../shared');
const programs = join(process.env['RESPOOL_PEERS'] ?? join(homedir(), '.cache/respool-peers'), 'bin');

export type PeerName = 'otelcol' | 'loki' | 'tempo' | 'jaeger';

export interface Peer {
  readonly push: string;
  readonly query: string;
  stop(): Promise<void>;
}

/** Whether all of them are built; says loudly when the tests that need them are skipped. */
export function hasPeers(...names: PeerName[]): boolean {
  const missing = names.filter((name) => !existsSync(join(programs, name)));
  const hasScript = existsSync(join(shared, 'peers/run.sh'));
  if (missing.length > 0 || !hasScript) {
    console.error(
      `!!! SKIPPED: ${hasScript ? `${missing.join(', ')} not built (../shared/peers/build.sh)` : '../shared/peers is not there'}`,
    );
  }
  return hasScript && missing.length === 0;
}

export function programOf(name: PeerName): string {
  return join(programs, name);
}

export async function startPeer(name: PeerName, portBase: number, config?: string): Promise<Peer> {
  const env = { ...process.env, ...(config === undefined ? {} : { RESPOOL_PEER_CONFIG: config }) };
  const child = spawn('bash', [join(shared, 'peers/run.sh'), name, String(portBase)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const line = await readyLine(child, name);
  const [, push = '', query = ''] = /push=(\S+) query=(\S+)/.exec(line) ?? [];
  return {
    push,
    query,
    async stop() {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function readyLine(child: ChildProcess, name: string): Promise<string> {
  let out = '';
  let errors = '';
  return new Promise((resolveLine, reject) => {
    child.stderr?.on('data', (data: Buffer) => (errors += data.toString()));
    child.stdout?.on('data', (data: Buffer) => {
      out += data.toString();
      if (out.includes('\n')) resolveLine(out);
    });
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${errors}`)));
  });
}

export async function getJson(url: string, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(url, { headers });
  if (!response.ok)
    throw new Error(`${url} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
  return await response.json();
}

/** Tries until `check` passes or two seconds are over. */
export async function eventually<T>(check: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await check();
    } catch (error) {
      if (attempt === 40) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}
