/** `respool components [NAME]`: what there is, and the options of one. All of it comes from the components' schemas. */
import type { z } from 'zod';
import { loadComponents } from '../components.ts';
import { optionTable } from '../config/options.ts';
import { didYouMean } from '../config/suggest.ts';
import type { Signal } from '../model/signal.ts';
import { exitCodes, UsageError } from './exit.ts';

interface Described {
  readonly kind: string;
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly signals: readonly Signal[];
  readonly summary: string;
  readonly schema: z.ZodType;
}

export async function componentsCommand(name: string | undefined): Promise<number> {
  const { receivers, processors, exporters } = await loadComponents();
  const all = [...receivers, ...processors, ...exporters];
  if (name === undefined) listAll(all);
  else for (const component of named(name, all)) describe(component);
  return exitCodes.ok;
}

function listAll(all: readonly Described[]): void {
  const width = Math.max(...all.map(({ type }) => type.length));
  for (const kind of ['receiver', 'processor', 'exporter']) {
    console.log(`${kind}s`);
    for (const component of all) {
      if (component.kind === kind) console.log(`  ${component.type.padEnd(width)} ${component.summary}`);
    }
    console.log('');
  }
  console.log(
    `connectors\n  ${'forward'.padEnd(width)} Joins pipelines: an exporter of one, a receiver of another.\n`,
  );
  console.log(
    '`respool components NAME` lists the options of one. A processor of your own is `module: ./file.ts`.',
  );
}

function named(name: string, all: readonly Described[]): Described[] {
  const found = all.filter(({ type, aliases }) => type === name || aliases?.includes(name));
  if (found.length > 0) return found;
  const hint = didYouMean(
    name,
    all.map(({ type }) => type),
  );
  throw new UsageError(
    `there is no component ${JSON.stringify(name)}${hint === undefined ? '' : `; ${hint}`} \`respool components\` lists them`,
  );
}

function describe({ kind, type, aliases, signals, summary, schema }: Described): void {
  console.log(
    `${kind} ${type}${aliases === undefined || aliases.length === 0 ? '' : ` (also ${aliases.join(', ')})`}: ${signals.join(', ')}`,
  );
  console.log(`${summary}\n`);
  for (const option of optionTable(schema)) {
    const value = option.default === undefined ? '' : `, default ${option.default}`;
    console.log(`  ${option.key}  (${option.type}${value})`);
    console.log(`      ${option.meaning}`);
  }
  console.log('');
}
