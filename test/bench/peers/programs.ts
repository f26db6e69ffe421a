/** The programs that are compared, and what they are run with. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';

const root = resolve(import.meta.dirname, '../../..');

export const shared = resolve(root, process.env['RESPOOL_SHARED'] ?? '../shared', 'bench');
export const collector = join(
  process.env['RESPOOL_PEERS'] ?? join(homedir(), '.cache/respool-peers'),
  'bin/otelcol',
);
export const respool = join(root, 'dist/cli/main.js');
export const page = join(root, 'docs/performance.md');

export const configNames = ['passthrough', 'edit', 'edit-gzip', 'logs', 'transform'] as const;

export function configOf(name: string): string {
  return join(shared, 'configs', `${name}.yaml`);
}

/** What there is no comparing without, each with the way to get it. */
export function missing(): string[] {
  return [
    ...(existsSync(join(shared, 'compare.mjs'))
      ? []
      : [`${shared}/compare.mjs: name its folder's parent in RESPOOL_SHARED`]),
    ...(existsSync(respool) ? [] : [`${respool}: run \`npm run build\``]),
    ...(existsSync(collector) ? [] : [`${collector}: name the folder above its bin in RESPOOL_PEERS`]),
  ];
}

/** Whether the command knows how many workers it may be told to take. */
export const knowsWorkers = (): boolean => {
  const { status } = spawnSync(
    process.execPath,
    [respool, 'validate', '--set', 'service.workers=1', '--config', configOf('passthrough')],
    { env: { ...process.env, INPUT: 'input.jsonl', ENDPOINT: 'http://127.0.0.1:4318' } },
  );
  return status === 0;
};

export const commands = {
  collector: `${collector} --config {config}`,
  auto: `${process.execPath} ${respool} run --quiet --config {config}`,
  one: `${process.execPath} ${respool} run --quiet --set service.workers=1 --config {config}`,
};

export function collectorVersion(): string {
  const { stdout } = spawnSync(collector, ['--version'], { encoding: 'utf8' });
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'of unknown version';
}
