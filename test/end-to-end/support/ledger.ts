/** What a run says of what it sent: its report, and its dead letters. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ended, ExporterReport } from '../../faults/process.ts';
import type { World } from '../../faults/world.ts';

export interface Told {
  readonly delivered: number;
  readonly refused: number;
  readonly deadLettered: number;
  readonly uncertain: number;
  readonly possiblyDuplicated: number;
  readonly retries: number;
  /** Why something was refused or dead-lettered. */
  readonly reasons: readonly string[];
}

/** The counts of the one exporter of a run that came to its end. */
export function told({ report, stderr }: Ended): Told {
  const [exporter, ...others] = report?.exporters ?? [];
  if (report === undefined || exporter === undefined || others.length > 0)
    throw new Error(`no report of one exporter:\n${stderr}`);
  if (!report.balanced) throw new Error(report.imbalances.join('\n'));
  const { delivered, refused, deadLettered, uncertain, retries } = exporter;
  const { possiblyDuplicated } = exporter as ExporterReport & { possiblyDuplicated: number };
  return {
    delivered,
    refused: sum(refused),
    deadLettered: sum(deadLettered),
    uncertain,
    possiblyDuplicated,
    retries,
    reasons: [...new Set([...Object.keys(refused), ...Object.keys(deadLettered)])],
  };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** All that stands in the dead-letter files of the folder. */
export function deadLetters(world: World): string {
  const folder = world.path('.respool');
  if (!existsSync(folder)) return '';
  const names = readdirSync(folder).filter((name) => name.includes('dead-letters'));
  return names.map((name) => readFileSync(join(folder, name), 'utf8')).join('');
}
