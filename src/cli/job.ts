/** What makes a run the same job as an earlier one, and what changed in its config since. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { ConfigTree } from '../config/tree.ts';
import type { Plan } from '../pipeline/plan.ts';

export interface Job {
  readonly command: 'run' | 'import' | 'convert';
  /** The same for all runs of a job. */
  readonly key: string;
  /** A word for the names of files. */
  readonly label: string;
  /** As a person calls it. */
  readonly title: string;
  /** Whether a part of the config was given with `--set`, which the title leaves out: it may hold secrets. */
  readonly isSet: boolean;
}

/** A run of these config files; what is set over them does not make it another job. */
export function jobOfConfig(files: readonly string[], set: readonly string[]): Job {
  const absolute = files.map((file) => (isUri(file) ? file : resolve(file)));
  return {
    command: 'run',
    key: JSON.stringify(['run', ...absolute]),
    label: shown(files[0] ?? 'run'),
    title: `run --config ${files.map(shown).join(' --config ')}`,
    isSet: set.length > 0,
  };
}

export function jobOfImport(paths: readonly string[]): Job {
  return {
    command: 'import',
    key: JSON.stringify(['import', ...paths.map((path) => resolve(path))]),
    label: `import-${basename(resolve(paths[0] ?? ''))}`,
    title: `import ${paths.join(' ')}`,
    isSet: false,
  };
}

export function jobOfConvert(paths: readonly string[], output: string): Job {
  return {
    command: 'convert',
    key: JSON.stringify(['convert', ...paths.map((path) => resolve(path)), output]),
    label: `convert-${basename(resolve(paths[0] ?? ''))}`,
    title: `convert ${paths.join(' ')} -o ${output}`,
    isSet: false,
  };
}

function isUri(file: string): boolean {
  return /^[a-z]+:/i.test(file);
}

/** What is written here is read by others: a config that is given as text may hold secrets. */
function shown(file: string): string {
  return /^yaml:/i.test(file) ? 'yaml:***' : file;
}

/** Each part of the config that the plan uses, with a hash of what it says; secrets may change. */
export function configParts(tree: ConfigTree, plan: Plan, job: Job): Record<string, string> {
  // The paths of an import are its job, however they are spelt.
  const receivers = job.command === 'import' ? [] : plan.receivers;
  const paths: [string, string][] = [
    ...receivers.map(({ id }): [string, string] => ['receivers', id]),
    ...plan.pipelines.flatMap(({ processors }) =>
      processors.map(({ id }): [string, string] => ['processors', id]),
    ),
    ...plan.exporters.map(({ id }): [string, string] => ['exporters', id]),
  ];
  const parts: Record<string, string> = {};
  for (const [section, id] of paths)
    parts[`${section}.${id}`] = hash([tree.masked([section, id]), moduleText(tree, section, id)]);
  for (const { id } of plan.pipelines)
    parts[`service.pipelines.${id}`] = hash(tree.masked(['service', 'pipelines', id]));
  return parts;
}

/** What a processor of the user's own says: its file may change as a config may. */
function moduleText(tree: ConfigTree, section: string, id: string): string | undefined {
  const path = [section, id, 'module'];
  const module = tree.get(path);
  if (typeof module !== 'string') return undefined;
  const place = tree.placeOf(path);
  const directory = place === undefined || place.line === 0 ? '.' : dirname(place.file);
  try {
    return readFileSync(resolve(directory, module), 'utf8');
  } catch {
    return undefined;
  }
}

function hash(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? `${inner}n` : inner,
  );
  return createHash('sha256')
    .update(text ?? '')
    .digest('hex')
    .slice(0, 16);
}

/** `processors.filter changed`, one a part. */
export function changesOf(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): string[] {
  const parts = [...new Set([...Object.keys(before), ...Object.keys(now)])].toSorted();
  return parts.flatMap((part) => {
    if (before[part] === now[part]) return [];
    if (before[part] === undefined) return [`${part} is new`];
    return [now[part] === undefined ? `${part} is gone` : `${part} changed`];
  });
}
