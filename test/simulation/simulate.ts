/** Many schedules from one seed; each has a seed of its own, so that one that fails can be had alone. */
import fc from 'fast-check';
import { Random } from '../faults/random.ts';
import { storyArbitrary, tell } from './commands.ts';
import { Simulation } from './simulation.ts';
import { Tally } from './tally.ts';
import { faults, modes } from './world.ts';

export interface Results {
  passed: number;
  failed: number;
  readonly tally: Tally;
}

export async function simulate({
  schedules,
  seed,
  onFailure,
}: {
  schedules: number;
  seed: number;
  onFailure: (text: string) => void;
}): Promise<Results> {
  const random = new Random(seed);
  const results: Results = { passed: 0, failed: 0, tally: new Tally() };
  for (let at = 0; at < schedules; at++) await one(random.below(2 ** 31), results, onFailure);
  return results;
}

export async function replay(seed: number, onFailure: (text: string) => void): Promise<Results> {
  const results: Results = { passed: 0, failed: 0, tally: new Tally() };
  await one(seed, results, onFailure);
  return results;
}

/** One schedule; of one that fails the smallest that still does is told. */
async function one(seed: number, results: Results, onFailure: (text: string) => void): Promise<void> {
  let isFirst = true;
  const property = fc.asyncProperty(storyArbitrary, async (story) => {
    const counts = isFirst;
    isFirst = false;
    await tell(
      story,
      (sim) => counts && results.tally.add(sim.tally),
      (world) => new Simulation(world),
    );
  });
  const details = await fc.check(property, {
    seed,
    numRuns: 1,
    interruptAfterTimeLimit: 120_000,
    markInterruptAsFailure: false,
  });
  if (!details.failed) {
    results.passed++;
    return;
  }
  results.failed++;
  onFailure(`\n!!! \`npm run simulate -- --only ${seed}\`, made smaller ${details.numShrinks} times:`);
  const [story] = details.counterexample ?? [];
  onFailure(JSON.stringify(story?.world, null, 1).replaceAll(/\n\s*/g, ' '));
  onFailure(`commands: ${[...(story?.commands ?? [])].map((command) => command.toString()).join(', ')}`);
  onFailure(
    String(details.errorInstance instanceof Error ? details.errorInstance.stack : details.errorInstance),
  );
}

/** What has to happen, how often in a hundred schedules at the least. */
const wanted: Record<string, number> = {
  ...Object.fromEntries(faults.map((fault) => [fault, 5])),
  ...Object.fromEntries(modes.map((mode) => [`backend ${mode}`, 5])),
  kills: 20,
  'kills during a save': 5,
  stops: 20,
  'second stops': 2,
  'stops that had the time to drain': 3,
  lives: 200,
  'lives from a checkpoint': 30,
  checkpoints: 200,
  'save failed': 1,
  'read failed': 2,
  'processor failed': 0.2,
  'dead letter failed': 0.2,
  'forced flushes': 20,
  retries: 100,
  'Retry-After kept': 20,
  'requests split in halves': 50,
  'arrived after its sender had given up': 5,
  'items sent again by a later life': 30,
  'items stored twice in one life': 20,
  'items possibly duplicated': 20,
  'items refused': 100,
  'items dead-lettered': 50,
  'items uncertain': 20,
  'items stored in order': 200,
  'states looked at': 20,
  'settlements looked at': 1000,
  'counts equal to the oracle, exactly': 100,
  'more than half of max_in_flight unsettled': 100,
};

/** What did not happen often enough for its laws to have been put to the test. */
export function missing(tally: Tally, schedules: number): string[] {
  return Object.entries(wanted)
    .map(([what, inHundred]) => ({ what, least: Math.floor((inHundred * schedules) / 100) }))
    .filter(({ what, least }) => tally.of(what) < least)
    .map(({ what, least }) => `!!! too seldom: ${what} (${tally.of(what)}, at least ${least})`);
}
