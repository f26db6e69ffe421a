/** The command `respool` as a process of its own, from source, and what it left behind. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const node = join(root, 'node_modules/.bin/node');
/** The source, unless another build of the command is to be tried. */
export const program = process.env['RESPOOL_PROGRAM'] ?? join(root, 'src/cli/main.ts');

export interface ProcessOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; left out it is empty. */
  readonly input?: string | Buffer;
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
  /** Kills a process that does not end by itself; 60 s. */
  readonly limitMs?: number;
}

export interface FlowReport {
  readonly signal: string;
  readonly in: number;
  readonly out: number;
  /** Of processors. */
  readonly abandoned?: number;
  readonly dropped: Readonly<Record<string, number>>;
}

export interface ExporterReport {
  readonly id: string;
  readonly signal: 'traces' | 'logs' | 'metrics';
  readonly target: string;
  readonly handed: number;
  readonly delivered: number;
  readonly failed: number;
  readonly uncertain: number;
  readonly abandoned: number;
  readonly requests: number;
  readonly retries: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly deadLettered: Readonly<Record<string, number>>;
}

export interface Report {
  readonly exitCode: number;
  readonly balanced: boolean;
  readonly imbalances: readonly string[];
  readonly interrupted: boolean;
  readonly failures: readonly { readonly message: string }[];
  readonly receivers: readonly {
    readonly signals: readonly FlowReport[];
    readonly unreadable: {
      readonly regions: number;
      readonly bytes: number;
      readonly kept: readonly { readonly offset: number; readonly line?: number; readonly reason: string }[];
    };
  }[];
  readonly processors: readonly FlowReport[];
  readonly exporters: readonly ExporterReport[];
}

export interface Ended {
  readonly args: readonly string[];
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined when it was killed before it could write one. */
  readonly report: Report | undefined;
  readonly elapsedMs: number;
  /** The most memory that it had, where the system tells (Linux); else 0. */
  readonly peakBytes: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stderr(): string;
  /** Waits until standard error holds a match. Throws when the process ends first. */
  seen(pattern: RegExp): Promise<void>;
  /** Waits until something is so. Throws when the process ends first. */
  until(isSo: () => boolean): Promise<void>;
}

/** Starts `respool ARGS --report report.json` in the folder. */
export function startRespool(args: readonly string[], options: ProcessOptions): Running {
  const reportPath = join(options.cwd, 'report.json');
  rmSync(reportPath, { force: true });
  const all = args[0] === 'run' || args[0] === 'import' ? [...args, '--report', reportPath] : args;
  const startedMs = performance.now();
  const child = spawn(node, [...(options.nodeOptions ?? []), program, ...all], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (out.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (out.stderr += data.toString()));
  child.stdin.on('error', () => {});
  if (options.input !== undefined || options.env?.['RESPOOL_TEST_STDIN'] === undefined)
    child.stdin.end(options.input ?? '');
  let peakBytes = 0;
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, peakOf(child.pid))), 100);
  const limit = setTimeout(() => child.kill('SIGKILL'), options.limitMs ?? 60_000);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (exitCode, signal) => {
      clearInterval(watch);
      clearTimeout(limit);
      const elapsedMs = performance.now() - startedMs;
      resolve({ args, exitCode, signal, ...out, report: reportIn(reportPath), elapsedMs, peakBytes });
    });
  });
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`it ended too early, exit ${child.exitCode ?? child.signalCode}:\n${out.stderr}`);
      await new Promise((done) => setTimeout(done, 2));
    }
  };
  return {
    child,
    ended,
    stderr: () => out.stderr,
    seen: (pattern) => until(() => pattern.test(out.stderr)),
    until,
  };
}

function reportIn(path: string): Report | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  return text === '' ? undefined : (JSON.parse(text) as Report);
}

function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/mu.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
