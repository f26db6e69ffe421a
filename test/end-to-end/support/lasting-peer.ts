/** A real backend that keeps its data when its process is killed, and takes no more than its limits say. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOf } from './peers.ts';

export interface LastingPeerOptions {
  readonly portBase: number;
  /** What stands for `@NAME@` in its config, `support/peers/<name>.yaml`. */
  readonly limits: Readonly<Record<string, string | number | boolean>>;
}

const readyWithinMs = 60_000;

export class LastingPeer {
  /** Where it takes data. */
  readonly push: string;
  readonly query: string;
  private readonly name: 'loki' | 'tempo';
  private readonly folder: string;
  private readonly config: string;
  private child: ChildProcess | undefined;

  constructor(name: 'loki' | 'tempo', { portBase, limits }: LastingPeerOptions) {
    this.name = name;
    this.push = `http://127.0.0.1:${portBase}`;
    this.query = `http://127.0.0.1:${name === 'loki' ? portBase : portBase + 2}`;
    this.folder = mkdtempSync(join(tmpdir(), `respool-lasting-${name}-`));
    this.config = join(this.folder, `${name}.yaml`);
    mkdirSync(join(this.folder, 'blocks'));
    const template = readFileSync(join(import.meta.dirname, 'peers', `${name}.yaml`), 'utf8');
    const values: Record<string, string> = { DIR: this.folder };
    for (let i = 0; i < 6; i++) values[`P${i}`] = String(portBase + i);
    for (const [key, value] of Object.entries(limits)) values[key] = String(value);
    const text = template.replaceAll(/@(\w+)@/g, (_, key: string) => {
      const value = values[key];
      if (value === undefined) throw new Error(`${name}.yaml wants a value for @${key}@`);
      return value;
    });
    writeFileSync(this.config, text);
  }

  /** Starts it, or starts it again with the data that it had; resolves when it answers. */
  async start(): Promise<void> {
    const log = openSync(join(this.folder, 'log'), 'a');
    const child = spawn(programOf(this.name), [`-config.file=${this.config}`], {
      cwd: this.folder,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child = child;
    const until = performance.now() + readyWithinMs;
    while (!(await this.isReady())) {
      if (child.exitCode !== null || performance.now() > until) {
        await this.kill();
        throw new Error(`${this.name} is not ready: ${this.log().slice(-2000)}`);
      }
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** As a crash: nothing is flushed. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
  }

  /** Ends it and throws its data away. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  /** The sum of the samples of one of its own metrics whose labels hold `label`. */
  async metric(name: string, label = ''): Promise<number> {
    const text = await (await fetch(`${this.query}/metrics`)).text();
    const samples = text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(label));
    return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  private async isReady(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.query}/ready`, { signal: AbortSignal.timeout(1000) });
      await answer.arrayBuffer();
      return answer.ok;
    } catch {
      return false;
    }
  }
}
