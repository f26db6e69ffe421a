/** What a person, a machine and a data centre do to a run, as commands that fast-check makes up and shrinks. */
import fc from 'fast-check';
import type { Simulation } from './simulation.ts';
import type { Flaw } from './stage.ts';
import { modes, worldArbitrary, type Mode, type WorldSpec } from './world.ts';

/** What a command may look at: the world itself. */
interface Known {
  readonly sim: Simulation;
}

type Command = fc.AsyncCommand<Known, Simulation>;

interface Does {
  readonly name: string;
  /** Whether only a run that goes on can be told that, or only one that is over. */
  readonly needs?: 'alive' | 'dead';
  run(sim: Simulation): Promise<void> | void;
}

class Doing implements Command {
  private readonly does: Does;

  constructor(does: Does) {
    this.does = does;
  }

  check({ sim }: Readonly<Known>): boolean {
    if (sim.isFinished) return false;
    const { needs } = this.does;
    return needs === undefined || (needs === 'alive') === (sim.life !== undefined);
  }

  async run(_: Known, sim: Simulation): Promise<void> {
    await this.does.run(sim);
  }

  toString(): string {
    return this.does.name;
  }
}

const advance = (steps: number): Command =>
  new Doing({ name: `${steps} events`, needs: 'alive', run: async (sim) => await sim.advance(steps) });
const resume = (): Command =>
  new Doing({ name: 'resume', needs: 'dead', run: async (sim) => await sim.resume() });
const kill = (): Command => new Doing({ name: 'SIGKILL', needs: 'alive', run: (sim) => sim.kill() });
const killInSave = (): Command =>
  new Doing({
    name: 'SIGKILL during the next save',
    needs: 'alive',
    async run(sim) {
      for (let step = 0; step < 200 && sim.life?.isSaving === false; step++) await sim.advance(1);
      sim.kill();
    },
  });
const stop = (): Command =>
  new Doing({ name: 'Ctrl-C', needs: 'alive', run: async (sim) => await sim.stop() });
const backend = (at: number, mode: Mode): Command =>
  new Doing({ name: `backend ${at} ${mode}`, run: (sim) => sim.setMode(at, mode) });
const flaw = (what: Flaw, isThere: boolean): Command =>
  new Doing({ name: `${what} ${isThere ? 'fails' : 'works'}`, run: (sim) => sim.flaw(what, isThere) });

const steps = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 40, max: 400 }) },
);

// Named once for each time that it is to be as likely.
const commandArbitraries: fc.Arbitrary<Command>[] = [
  steps.map(advance),
  steps.map(advance),
  steps.map(advance),
  steps.map(advance),
  fc.constant(0).map(resume),
  fc.constant(0).map(resume),
  fc.constant(0).map(kill),
  fc.constant(0).map(killInSave),
  fc.constant(0).map(stop),
  fc.tuple(fc.nat(2), fc.constantFrom(...modes)).map(([at, mode]) => backend(at, mode)),
  fc.nat(2).map((at) => backend(at, 'up')),
  fc
    .tuple(
      fc.constantFrom<Flaw>('read', 'processor', 'save', 'save', 'dead letter'),
      fc.constantFrom(true, true, false),
    )
    .map(([what, isThere]) => flaw(what, isThere)),
];

export interface Story {
  readonly world: WorldSpec;
  readonly commands: Iterable<Command>;
}

export const storyArbitrary: fc.Arbitrary<Story> = fc.record({
  world: worldArbitrary,
  commands: fc.commands(commandArbitraries, { maxCommands: 24, size: 'max' }),
});

/** Lives through a story from its first life to its end; throws when a law is broken. */
export async function tell(
  { world, commands }: Story,
  onEnd: (sim: Simulation) => void,
  make: (world: WorldSpec) => Simulation,
): Promise<void> {
  const sim = make(world);
  await sim.resume();
  await fc.asyncModelRun(() => ({ model: { sim }, real: sim }), commands);
  await sim.finish();
  onEnd(sim);
}
