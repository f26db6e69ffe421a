/**
 * Respool beside the OpenTelemetry Collector, with the same config on the same recording: `npm run bench:peers`.
 * usage: npm run bench:peers -- [CONFIG ...] [--megabytes 200] [--runs 5] [--verify]
 *
 * CONFIG is a name in ../shared/bench/configs; all of them without any. The Collector is looked for in RESPOOL_PEERS or
 * ~/.cache/respool-peers, and Respool in dist (`npm run build`). Recordings are made once and kept in the system's folder for
 * temporary files. Trust the ratios of one call, and the figures of no machine that does something else.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const shared = resolve(root, process.env['RESPOOL_SHARED'] ?? '../shared', 'bench');
const collector = join(
  process.env['RESPOOL_PEERS'] ?? join(homedir(), '.cache/respool-peers'),
  'bin/otelcol',
);
const respool = join(root, 'dist/cli/main.js');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: 'string', default: '200' },
    runs: { type: 'string', default: '5' },
    verify: { type: 'boolean', default: false },
  },
});

const missing = [
  ...(existsSync(join(shared, 'compare.mjs'))
    ? []
    : [`${shared}/compare.mjs: name its folder's parent in RESPOOL_SHARED`]),
  ...(existsSync(respool) ? [] : [`${respool}: run \`npm run build\``]),
];
if (missing.length > 0) {
  process.stderr.write(`cannot compare without\n${missing.map((text) => `  ${text}\n`).join('')}`);
  process.exitCode = 1;
} else {
  if (!existsSync(collector)) process.stderr.write(`${collector} is missing, so Respool runs alone\n`);
  for (const config of configs()) if (!compare(config)) process.exitCode = 1;
}

function configs(): string[] {
  if (positionals.length > 0) return positionals;
  return readdirSync(join(shared, 'configs')).map((name) => basename(name, '.yaml'));
}

function run(args: readonly string[]): boolean {
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0;
}

/** The path of a recording of this kind and size. */
function recording(kind: 'traces' | 'logs'): string {
  const folder = join(tmpdir(), 'respool-bench');
  const file = join(folder, `${kind}-${values.megabytes}.jsonl`);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(`${file}.items`)) run([join(shared, 'generate.mjs'), kind, file, values.megabytes]);
  return file;
}

function compare(config: string): boolean {
  process.stdout.write(`\n${config}.yaml, ${values.megabytes} MB\n`);
  const subjects = [
    ...(existsSync(collector) ? [`collector=${collector} --config {config}`] : []),
    `respool=${process.execPath} ${respool} run --quiet --config {config}`,
  ];
  return run([
    join(shared, 'compare.mjs'),
    `--input=${recording(config === 'logs' ? 'logs' : 'traces')}`,
    `--config=${join(shared, 'configs', `${config}.yaml`)}`,
    `--runs=${values.runs}`,
    ...subjects.flatMap((subject) => ['--subject', subject]),
    ...(values.verify ? ['--verify'] : []),
  ]);
}
