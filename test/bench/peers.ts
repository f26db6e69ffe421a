/**
 * Respool beside the OpenTelemetry Collector, with the same configs on the same recordings: `npm run bench:peers`.
 * usage: npm run bench:peers -- [all | CONFIG ...] [--megabytes 400] [--runs 5] [--no-verify]
 *        npm run bench:peers -- page [--write]
 *
 * CONFIG is a name in ../shared/bench/configs; all of them without any. First it is proven that the same records come out,
 * then it is measured, and compared with what must hold; the exit code says whether it does. `page` measures all that
 * docs/performance.md tells, in about a quarter of an hour, and with --write puts it there. The Collector is looked for in
 * RESPOOL_PEERS or ~/.cache/respool-peers, and Respool in dist (`npm run build`). Recordings stay in the system's folder
 * for temporary files. Trust the ratios of one call, and the figures of no machine that does something else.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { collectorVersion, configNames, knowsWorkers, missing, page } from './peers/programs.ts';
import {
  forms,
  memory,
  speeds,
  starting,
  table,
  verified,
  type Facts,
  type Section,
} from './peers/sections.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    megabytes: { type: 'string', default: '400' },
    runs: { type: 'string', default: '5' },
    verify: { type: 'boolean', default: true },
    write: { type: 'boolean', default: false },
  },
});

/** Of each program with each config, in turn. */
const pageRuns = 5;

const marks = ['<!-- figures -->', '<!-- end of figures -->'] as const;

const lacking = missing();
if (lacking.length > 0) {
  process.stderr.write(`cannot compare without\n${lacking.map((text) => `  ${text}\n`).join('')}`);
  process.exitCode = 1;
} else await compareAll();

async function compareAll(): Promise<void> {
  const isPage = positionals.includes('page');
  const named = positionals.filter((name) => name !== 'all' && name !== 'page');
  const subjects = knowsWorkers()
    ? (['collector', 'auto', 'one'] as const)
    : (['collector', 'auto'] as const);
  const facts: Facts = { configs: named.length > 0 ? named : configNames, subjects };
  const sections: Section[] = [];
  for (const [name, make] of isPage ? wholePage(facts) : someConfigs(facts)) {
    process.stderr.write(`\n${new Date().toISOString().slice(11, 19)} ${name}\n`);
    sections.push(await attempted(name, make));
  }
  const text = markdown(sections);
  process.stdout.write(`\n${text}\n`);
  if (isPage && values.write) writePage(text);
  process.exitCode = sections.flatMap(({ checks }) => checks).every(({ holds }) => holds) ? 0 : 1;
}

/** What fails is a part that does not hold, and the others are measured all the same. */
async function attempted(name: string, make: Part[1]): Promise<Section> {
  try {
    return await make();
  } catch (error) {
    const found = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    process.stderr.write(`${String(error)}\n`);
    return { title: name, table: found, checks: [{ what: name, found, wanted: 'figures', holds: false }] };
  }
}

type Part = readonly [name: string, make: () => Section | Promise<Section>];

function someConfigs(facts: Facts): Part[] {
  const [megabytes, runs] = [Number(values.megabytes), Number(values.runs)];
  const measured: Part = [`${megabytes} MB`, () => speeds(facts, megabytes, runs)];
  return values.verify ? [['verify', () => verified(facts)], measured] : [measured];
}

function wholePage(facts: Facts): Part[] {
  return [
    ['verify', () => verified(facts)],
    ['start', () => starting(21)],
    ['50 MB', () => speeds(facts, 50, pageRuns)],
    ['400 MB', () => speeds(facts, 400, pageRuns)],
    ['1 GB', () => speeds(facts, 1000, pageRuns)],
    ['other forms', () => forms(pageRuns)],
    ['memory', () => memory(facts, pageRuns)],
  ];
}

function markdown(sections: readonly Section[]): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} cores of ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const load = loadavg().map((each) => each.toFixed(1));
  const parts = sections.map(({ title, table: text }) => `### ${title}\n\n${text}`);
  const checks = sections.flatMap((section) => section.checks);
  const rows = checks.map(({ what, found, wanted, holds }) => [
    what,
    found,
    wanted,
    holds ? 'holds' : '**lost**',
  ]);
  return [
    `Measured on ${new Date().toISOString().slice(0, 10)}: ${machine}; Node ${process.versions.node}, Collector ${collectorVersion()}; load at the end ${load.join(', ')}.`,
    ...parts,
    '### What must hold',
    table(['', 'found', 'wanted', ''], rows),
  ].join('\n\n');
}

function writePage(text: string): void {
  const [before, after] = marks;
  const old = readFileSync(page, 'utf8');
  const [from, to] = [old.indexOf(before) + before.length, old.indexOf(after)];
  if (from < before.length || to < from) throw new Error(`${page} has no place for the figures`);
  writeFileSync(page, `${old.slice(0, from)}\n\n${text}\n\n${old.slice(to)}`);
}
