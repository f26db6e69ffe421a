/**
 * `npm run simulate`: the pipeline in virtual time, through so many schedules, each with the laws of the design.
 *
 *     npm run simulate                                     10 000 schedules of a seed that is printed
 *     npm run simulate -- --schedules 2000 --seed 17       these again
 *     npm run simulate -- --only 123456                    the schedule that a failure named
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { missing, replay, simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    only: { type: 'string' },
  },
});
const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
const schedules = Number(values.schedules);
const startedMs = performance.now();
let results;
if (values.only === undefined) {
  print(
    `seed ${seed}: \`npm run simulate -- --schedules ${schedules} --seed ${seed}\` makes the same choices`,
  );
  results = await simulate({ schedules, seed, onFailure: print });
} else results = await replay(Number(values.only), print);
const { failed, passed, tally } = results;
for (const [what, times] of [...tally.counts].toSorted(([a], [b]) => a.localeCompare(b)))
  print(`${String(times).padStart(12)}  ${what}`);
const gaps = values.only === undefined ? missing(tally, schedules) : [];
for (const gap of gaps) print(gap);
print(`${Math.round((performance.now() - startedMs) / 1000)} s\n`);
print(`${passed} passed, ${failed + gaps.length} failed`);
process.exitCode = failed + gaps.length === 0 ? 0 : 1;
