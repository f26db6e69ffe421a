/** Runs the command as a person does and watches how much memory it takes. Linux only: it looks into /proc. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';

const root = resolve(import.meta.dirname, '../../..');

export const canMeasure = existsSync('/proc/self/status');

export interface Measured {
  /** The most that was resident at any time, in MiB. */
  readonly peakMiB: number;
  /** Resident memory in MiB, about every second. */
  readonly course: readonly number[];
  readonly seconds: number;
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly delivered: number;
  /** What the backend counted. */
  readonly requests: number;
}

export interface Job {
  /** A folder of its own. */
  readonly folder: string;
  /** YAML, with `{endpoint}` for the backend. */
  readonly config: string;
  readonly answerAfterMs: number;
  /** Instead of the command's source: dist/cli/main.js. */
  readonly program?: string;
}

export async function measure(job: Job): Promise<Measured> {
  const backend = spawn(
    process.execPath,
    [join(import.meta.dirname, 'backend.ts'), String(job.answerAfterMs)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const answers = lines(backend);
  const port = await answers.next();
  const config = join(job.folder, 'config.yaml');
  const report = join(job.folder, 'report.json');
  writeFileSync(config, job.config.replaceAll('{endpoint}', `http://127.0.0.1:${port.value}`));
  const program = job.program ?? join(root, 'src/cli/main.ts');
  const started = performance.now();
  const child = spawn(process.execPath, [program, 'run', '--quiet', '--config', config, '--report', report], {
    cwd: job.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const watch = watchMemory(child);
  const [stderr, exitCode] = await Promise.all([
    text(child.stderr),
    new Promise<number | null>((done) => child.on('exit', done)),
  ]);
  const seconds = (performance.now() - started) / 1000;
  backend.stdin.end();
  const sums = JSON.parse((await answers.next()).value ?? '{}') as { requests: number };
  return {
    ...watch.stop(),
    seconds,
    exitCode,
    stderr,
    delivered: deliveredIn(report),
    requests: sums.requests,
  };
}

function deliveredIn(report: string): number {
  if (!existsSync(report)) return 0;
  const { exporters } = JSON.parse(readFileSync(report, 'utf8')) as { exporters: { delivered: number }[] };
  return exporters.reduce((sum, { delivered }) => sum + delivered, 0);
}

async function* lines(child: ChildProcess): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of child.stdout ?? []) {
    rest += String(chunk);
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      yield rest.slice(0, end);
      rest = rest.slice(end + 1);
    }
  }
}

const everyMs = 20;

function watchMemory(child: ChildProcess): { stop: () => { peakMiB: number; course: number[] } } {
  let peakMiB = 0;
  let ticks = 0;
  const course: number[] = [];
  const timer = setInterval(() => {
    const status = readStatus(child.pid);
    peakMiB = Math.max(peakMiB, field(status, 'VmHWM'));
    if (ticks++ % (1000 / everyMs) === 0) course.push(Math.round(field(status, 'VmRSS')));
  }, everyMs);
  return {
    stop: () => {
      clearInterval(timer);
      return { peakMiB, course };
    },
  };
}

function readStatus(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

function field(status: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status);
  return Number(found?.[1] ?? 0) / 1024;
}
