/** Runs compare.mjs, which starts programs in turn beside a backend that counts, and reads its table. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { type Comparison, type Row } from './floors.ts';
import { commands, configOf, shared } from './programs.ts';

type Subject = keyof typeof commands;

export interface Job {
  readonly config: string;
  readonly input: string;
  readonly subjects: readonly Subject[];
  readonly runs: number;
  /** Items that must come; as the recording says without it. */
  readonly expected?: number;
}

function compare(
  job: Job,
  flags: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  const subjects = job.subjects.flatMap((name) => ['--subject', `${name}=${commands[name]}`]);
  const args = [
    join(shared, 'compare.mjs'),
    `--input=${job.input}`,
    `--config=${configOf(job.config)}`,
    `--runs=${job.runs}`,
    '--timeout=300',
    ...(job.expected === undefined ? [] : [`--expect=${job.expected}`]),
    ...subjects,
    ...flags,
  ];
  return spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
}

/** Whether all of them send the same records; what differs is printed. */
export function verify(job: Job): boolean {
  const { status, stdout, stderr } = compare(job, ['--verify']);
  process.stderr.write(`${stdout}${stderr}`);
  return status === 0;
}

/** Throws when something did not arrive. */
export function measure(job: Job): Map<string, Row> {
  const { status, stdout, stderr } = compare(job, ['--json']);
  process.stderr.write(stdout.replaceAll(/^\[.*\]$\n/gm, ''));
  if (status !== 0) throw new Error(`comparing failed: ${stderr}`);
  const rows = JSON.parse(/^\[.*\]$/m.exec(stdout)?.[0] ?? '[]') as Record<string, string | number>[];
  return new Map(rows.map((row) => [String(row['subject']), rowOf(row)]));
}

function rowOf(row: Readonly<Record<string, string | number>>): Row {
  const number = (key: string): number => Number(row[key]);
  return {
    subject: String(row['subject']),
    megabytesPerSecond: number('MB/s'),
    slowest: number('MB/s min'),
    fastest: number('MB/s max'),
    megabytesPerCpuSecond: number('MB/cpu-s'),
    peakMiB: number('peak MiB'),
    firstItemSeconds: number('first item s'),
    items: number('items'),
  };
}

export function comparison(job: Job, megabytes: number): Comparison {
  const rows = measure(job);
  const [collector, auto] = [rows.get('collector'), rows.get('auto')];
  if (collector === undefined || auto === undefined) throw new Error('compare.mjs printed another table');
  return { config: job.config, megabytes, collector, auto, one: rows.get('one') };
}
