/** What is measured beside the Collector, part by part: each is a table for the page, and what of it must hold. */
import { comparison, measure, verify, type Job } from './compare.ts';
import { atLeast, atMost, checksOf, shown, type Check, type Comparison, type Row } from './floors.ts';
import { gzipped, indented, lines, remove, repeated, type Recording } from './inputs.ts';
import { startTimes } from './start.ts';

export interface Section {
  readonly title: string;
  /** Markdown. */
  readonly table: string;
  readonly checks: readonly Check[];
}

export interface Facts {
  readonly subjects: Job['subjects'];
  readonly configs: readonly string[];
}

const verifiedMegabytes = 20;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

function recordingFor(config: string, megabytes: number): Recording {
  return lines(config === 'logs' ? 'logs' : 'traces', megabytes);
}

/** Before anything is measured: that the same records come out. */
export function verified({ configs, subjects }: Facts): Section {
  const checks = configs.map((config): Check => {
    const { path } = recordingFor(config, verifiedMegabytes);
    const holds = verify({ config, input: path, subjects, runs: 1 });
    return { what: `${config}: the same records`, found: holds ? 'yes' : 'no', wanted: 'yes', holds };
  });
  const rows = checks.map(({ what, found }) => [what, found]);
  return { title: `What comes out, of ${verifiedMegabytes} MB`, table: table(['config', ''], rows), checks };
}

/** The configs side by side. */
export function speeds({ configs, subjects }: Facts, megabytes: number, runs: number): Section {
  const comparisons = configs.map((config) =>
    comparison({ config, input: recordingFor(config, megabytes).path, subjects, runs }, megabytes),
  );
  const head = ['config', '', 'MB/s', 'of each run', 'MB per CPU second', 'peak MiB', 'first item s'];
  const rows = comparisons.flatMap(rowsOf);
  return {
    title: `${megabytes} MB, medians of ${runs} ${runs === 1 ? 'run' : 'runs'}`,
    table: table(head, rows),
    checks: comparisons.flatMap(checksOf),
  };
}

function rowsOf({ config, collector, auto, one }: Comparison): string[][] {
  const ratio = (value: number, other: number): string => `${shown(value)} (${shown(value / other)} x)`;
  const row = (first: string, name: string, row: Row): string[] => [
    first,
    name,
    ratio(row.megabytesPerSecond, collector.megabytesPerSecond),
    `${shown(row.slowest)} to ${shown(row.fastest)}`,
    ratio(row.megabytesPerCpuSecond, collector.megabytesPerCpuSecond),
    ratio(row.peakMiB, collector.peakMiB),
    shown(row.firstItemSeconds),
  ];
  return [
    row(`\`${config}.yaml\``, 'Collector', collector),
    row('', 'Respool', auto),
    ...(one === undefined ? [] : [row('', 'Respool, `workers: 1`', one)]),
  ];
}

const memoryBase = 200;
const memorySizes = [1, 10, 25];
const mostGrowth = 1.1;

/** Whether what a run takes depends on how much it reads. */
export async function memory({ subjects }: Facts, runs: number): Promise<Section> {
  const base = lines('traces', memoryBase);
  const own = subjects.filter((name) => name !== 'collector');
  const peaks = new Map<string, number[]>(own.map((name) => [name, []]));
  for (const times of memorySizes) {
    const input = times === 1 ? base : await repeated(base, times);
    const job = { config: 'edit', input: input.path, subjects: own, runs };
    for (const [name, row] of measure(job)) peaks.get(name)?.push(row.peakMiB);
    if (times !== 1) remove(input);
  }
  const sizes = memorySizes.map((times) => `${(times * memoryBase) / 1000} GB`);
  const checks = [...peaks].map(([name, list]) =>
    atMost(`edit, ${name}: largest peak by smallest`, Math.max(...list) / Math.min(...list), mostGrowth),
  );
  const rows = [...peaks].map(([name, list]) => [
    name === 'one' ? 'Respool, `workers: 1`' : 'Respool',
    ...list.map((peak) => `${shown(peak)} MiB`),
  ]);
  return {
    title: `Peak memory by size of the input, \`edit.yaml\`, medians of ${runs} runs`,
    table: table(['', ...sizes], rows),
    checks,
  };
}

const formsMegabytes = 200;

/** Recordings that the Collector does not read as they are, beside its speed with those that it reads. */
export async function forms(runs: number): Promise<Section> {
  const config = 'passthrough';
  const base = lines('traces', formsMegabytes);
  const plain = measure({ config, input: base.path, subjects: ['collector'], runs }).get('collector');
  if (plain === undefined) throw new Error('the Collector sent nothing');
  const wanted = plain.megabytesPerSecond;
  const speedOf = (input: Recording, megabytes: number): number => {
    const row = measure({ config, input: input.path, subjects: ['auto'], runs, expected: input.items }).get(
      'auto',
    );
    return ((row?.megabytesPerSecond ?? 0) * megabytes) / input.megabytes;
  };
  const packed = await gzipped(base);
  const document = await indented(base, formsMegabytes);
  const found = [
    { name: 'gzip of the lines, MB of lines', speed: speedOf(packed, base.megabytes) },
    { name: 'one indented document', speed: speedOf(document, document.megabytes) },
  ];
  const rows = found.map(({ name, speed }) => ['Respool', name, `${shown(speed)} MB/s`]);
  return {
    title: `Other forms, ${formsMegabytes} MB`,
    table: table(['', 'input', 'speed'], [['Collector', 'lines', `${shown(wanted)} MB/s`], ...rows]),
    checks: found.map(({ name, speed }) =>
      atLeast(`${name}: beside the Collector on lines`, speed / wanted, 1),
    ),
  };
}

const most = { version: 60, validate: 150 };

export function starting(runs: number): Section {
  const times = startTimes(runs);
  const rows = [
    ['`node --eval 0`', `${shown(times.node)} ms`],
    ['`respool --version`', `${shown(times.version)} ms`],
    ['`respool validate`, ten components', `${shown(times.validate)} ms`],
  ];
  return {
    title: `Starting, medians of ${runs} runs`,
    table: table(['', 'wall time'], rows),
    checks: [
      atMost('respool --version', times.version, most.version, 'ms'),
      atMost('respool validate, ten components', times.validate, most.validate, 'ms'),
    ],
  };
}
