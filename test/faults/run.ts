/**
 * `npm run faults`: makes every fault of the matrix happen to the real command, and prints what was expected and seen.
 *
 *     npm run faults                                 all rows
 *     npm run faults -- --row 11 --row 12            these rows
 *     npm run faults -- --large --row 21 --row 31    with 1 GB and 5 GB
 *     npm run faults -- --kills 1000 [--seed 17]     the kill test alone
 *     npm run faults -- --kills 100 --workers 2      the same of runs with two threads
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { killTest } from './kills.ts';
import type { Row } from './row.ts';
import { missingRows, rows } from './rows.ts';
import { missingText, resultText, type Result } from './table.ts';
import { World } from './world.ts';

async function tried(row: Row, isLarge: boolean): Promise<Result> {
  const startedMs = performance.now();
  const world = new World(isLarge);
  const elapsed = (): number => performance.now() - startedMs;
  try {
    const seen = await row.run(world);
    world.checkLedgers();
    return { row, passed: true, seen, elapsedMs: elapsed() };
  } catch (error) {
    const seen =
      error instanceof Error ? (error.name === 'Unmet' ? error.message : String(error.stack)) : String(error);
    return { row, passed: false, seen, elapsedMs: elapsed() };
  } finally {
    await world.close();
  }
}

async function runRows(wanted: readonly number[], isLarge: boolean): Promise<boolean> {
  const isWanted = ({ row }: { readonly row: number }): boolean =>
    wanted.length === 0 || wanted.includes(row);
  const unknown = wanted.filter((number) => ![...rows, ...missingRows].some(({ row }) => row === number));
  if (unknown.length > 0) throw new Error(`no such row: ${unknown.join(', ')}`);
  let passed = 0;
  let failed = 0;
  for (const row of rows.filter(isWanted)) {
    const result = await tried(row, isLarge);
    if (result.passed) passed++;
    else failed++;
    process.stdout.write(resultText(result));
  }
  for (const row of missingRows.filter(isWanted)) process.stdout.write(missingText(row));
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0;
}

async function runKills(kills: number, seed: number, workers: number): Promise<boolean> {
  const print = (line: string): boolean => process.stdout.write(`${line}\n`);
  const threads = workers > 1 ? ` --workers ${workers}` : '';
  print(
    `seed ${seed}: \`npm run faults -- --kills ${kills} --seed ${seed}${threads}\` makes the same choices`,
  );
  const startedMs = performance.now();
  try {
    const totals = await killTest({ wanted: kills, seed, workers }, print);
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    print(
      `${totals.kills} kills, ${totals.replays} replays, ${totals.records} of ${totals.records} records stored, ` +
        `${totals.repeatedBytes} bytes sent twice (at most ${totals.mostRepeatedBytes} after one kill), ${seconds} s`,
    );
    print('\n1 passed, 0 failed');
    return true;
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
    print('\n0 passed, 1 failed');
    return false;
  }
}

const { values } = parseArgs({
  options: {
    row: { type: 'string', multiple: true, default: [] },
    large: { type: 'boolean', default: false },
    kills: { type: 'string' },
    seed: { type: 'string' },
    workers: { type: 'string', default: '1' },
  },
});
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
const isDone =
  values.kills === undefined
    ? runRows(values.row.map(Number), values.large)
    : runKills(Number(values.kills), seed, Number(values.workers));
process.exitCode = (await isDone) ? 0 : 1;
