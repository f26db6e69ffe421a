/** The command `respool` as a real process, from source. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

export const root = resolve(import.meta.dirname, '../..');
const node = join(root, 'node_modules/.bin/node');
const program = join(root, 'src/cli/main.ts');

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Options {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
}

/** Runs `respool` to its end. */
export function respool(args: readonly string[], options: Options = {}): Promise<Ended> {
  return startRespool(args, options).ended;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What was printed on standard error so far. */
  stderr(): string;
  /** Waits until standard error holds a match. Fails when the process ends first. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
}

export function startRespool(args: readonly string[], options: Options = {}): Running {
  const child = spawn(node, [program, ...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  return {
    child,
    ended: ended(child),
    stderr: () => stderr,
    async seen(pattern) {
      for (;;) {
        const match = pattern.exec(stderr);
        if (match !== null) return match;
        if (child.exitCode !== null) throw new Error(`it ended without ${pattern}:\n${stderr}`);
        await new Promise((done) => setTimeout(done, 10));
      }
    },
  };
}

export function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
  return new Promise((done) => child.once('close', (exitCode) => done({ exitCode, stdout, stderr })));
}

/** A folder of its own with these files, gone after the test. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'respool-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}
