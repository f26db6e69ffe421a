/** What came out, kept in a file beside the tests. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Problem } from '../../config/problem.ts';
import type { ConfigTree } from '../../config/tree.ts';
import { readGroups, briefGroup } from '../../testing/records/read.ts';
import { yamlLines } from '../../testing/records/text.ts';
import type { Observed } from '../../testing/harness.ts';
import { lineDifference } from './lines.ts';
import type { Test } from './schema.ts';

export interface SnapshotFacts {
  readonly file: string;
  readonly tree: ConfigTree;
  /** Which test of its file. */
  readonly at: number;
  readonly base: bigint;
  readonly update: boolean;
}

/** Compares with the file, or writes it; the answer is what is wrong. */
export async function checkSnapshot(
  { name, expect: { snapshot } }: Test,
  observed: Observed,
  facts: SnapshotFacts,
): Promise<Problem | undefined> {
  if (snapshot === undefined || snapshot === false) return undefined;
  const path = snapshotPath(facts.file, snapshot === true ? name : snapshot);
  const text = snapshotText(observed, facts.base);
  const before = await textOf(path);
  if (facts.update) {
    if (before === text) return undefined;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return undefined;
  }
  if (before === undefined) return missing(path, facts);
  const different = lineDifference(before, text);
  if (different === undefined) return undefined;
  const remedy = [...different.lines, 'if this is right, run again with `--update`'].join('\n');
  const line = before.split('\n')[different.at] ?? '';
  return {
    severity: 'error',
    path: ['expect', 'snapshot'],
    place: { file: path, line: different.at + 1, column: 1, text: line },
    message: 'is not what came out',
    remedy,
  };
}

function missing(path: string, { tree, at }: SnapshotFacts): Problem {
  const place = tree.nearestPlace(['tests', at, 'expect', 'snapshot']);
  return {
    severity: 'error',
    path: ['expect', 'snapshot'],
    ...(place === undefined ? {} : { place }),
    message: `there is no ${path} yet`,
    remedy: 'run once with `--update`, and look at what it wrote',
  };
}

function snapshotPath(file: string, name: string): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 80);
  return join(dirname(file), 'snapshots', `${basename(file).replace(/\.ya?ml$/, '')}.${slug}.yaml`);
}

/** All records, exporter by exporter where there are several. */
function snapshotText({ outputs }: Observed, base: bigint): string {
  const lines = [...outputs].flatMap(([id, batches]) => {
    const groups = batches.flatMap((batch) => readGroups(batch, base)).map(briefGroup);
    const own = yamlLines(groups);
    return outputs.size === 1 ? own : [`${id}:`, ...own.map((line) => `  ${line}`)];
  });
  return `${lines.join('\n')}\n`;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
