/** What everyone in a simulation shares: the world and what becomes of it, while one life after the other goes by. */
import type { Checkpoint } from '../../src/pipeline/checkpoint.ts';
import { Backend } from './backend.ts';
import { keyOf, type Ref } from './items.ts';
import type { Life } from './life.ts';
import { Model, type Destination } from './model.ts';
import { Network } from './network.ts';
import { Schedule } from './schedule.ts';
import { Tally } from './tally.ts';
import type { ExporterSpec, Mode, WorldSpec } from './world.ts';

/** What can be broken besides backends. A read and a processor fail once, a disk is full until there is room. */
export type Flaw = 'read' | 'processor' | 'save' | 'dead letter';

/** What may have become of the items of one exporter, besides that its backend has them. By key. */
export class Fates {
  /** In a request that may have been refused as a whole. */
  readonly refused = new Set<string>();
  /** Refused where others of its request were taken: nobody but the backend knows which. */
  readonly refusedAmongOthers = new Set<string>();
  readonly uncertain = new Set<string>();
  /** In the dead-letter file. */
  readonly dead = new Set<string>();
}

export class Stage {
  readonly spec: WorldSpec;
  readonly model: Model;
  readonly schedule: Schedule;
  readonly tally = new Tally();
  readonly network: Network;
  /** The life that goes on. */
  life: Life | undefined;
  /** How many lives there were. */
  lives = 0;
  isFinished = false;
  protected durable: Checkpoint | undefined;
  protected readonly backends: ReadonlyMap<string, Backend>;
  private readonly fatesOf: ReadonlyMap<string, Fates>;
  private readonly flaws = new Set<Flaw>();
  private readonly violations: string[] = [];

  constructor(spec: WorldSpec) {
    this.spec = spec;
    this.model = new Model(spec);
    this.schedule = new Schedule(spec.seed);
    this.network = new Network(this.schedule, this.tally);
    this.fatesOf = new Map(spec.exporters.map(({ id }) => [id, new Fates()]));
    const { random } = this.schedule;
    const shared = {
      payload: spec.payload,
      random,
      nowUnixMs: () => this.nowUnixMs(),
      violated: (law: string) => this.violated(law),
    };
    this.backends = new Map(
      spec.exporters.map((exporter) => {
        const expected = this.model.expected.get(exporter.id) ?? new Set();
        return [exporter.id, new Backend({ spec: exporter, expected, ...shared })];
      }),
    );
  }

  backend(id: string): Backend {
    return known(this.backends.get(id), id);
  }

  fates(id: string): Fates {
    return known(this.fatesOf.get(id), id);
  }

  exporterSpec(id: string): ExporterSpec {
    return known(
      this.spec.exporters.find((exporter) => exporter.id === id),
      id,
    );
  }

  durablePosition(receiver: string): number {
    return Number(this.durable?.positions[receiver] ?? 0);
  }

  nowUnixMs(): number {
    return Number(this.schedule.clockOf({ alive: true }).nowUnixNano() / 1_000_000n);
  }

  violated(law: string): void {
    this.violations.push(`at ${Math.round(this.schedule.nowMs)} ms in life ${this.lives}: ${law}`);
  }

  /** Throws when a law is broken. */
  judge(): void {
    const [first, second] = this.violations;
    if (first !== undefined) throw new Error([first, second].filter((text) => text !== undefined).join('\n'));
  }

  /** What is settled is stored, or counted as what it is. */
  isSettled(life: Life, { exporter, ref }: Destination): boolean {
    const key = keyOf(ref);
    const { onError } = this.exporterSpec(exporter);
    const { dead, refused, refusedAmongOthers, uncertain } = this.fates(exporter);
    if (this.backend(exporter).stored.has(key) || dead.has(key)) return true;
    if (refusedAmongOthers.has(key) || uncertain.has(key)) return true;
    if (this.spec.hasDeadLetters && onError !== 'drop') return false;
    return refused.has(key) || (onError === 'drop' && life.ended.has(exporter));
  }

  checkSettled(life: Life, refs: readonly Ref[], destinations: (ref: Ref) => readonly Destination[]): void {
    for (const ref of refs) {
      for (const place of destinations(ref)) {
        if (!this.isSettled(life, place))
          this.violated(`${keyOf(ref)} was settled before ${place.exporter} had ${keyOf(place.ref)}`);
      }
    }
  }

  async wait(life: Life, mostMs: number): Promise<void> {
    await this.schedule.wait(this.schedule.random.below(mostMs), life);
  }

  flaw(what: Flaw, isThere: boolean): void {
    if (isThere) this.flaws.add(what);
    else this.flaws.delete(what);
  }

  /** Whether it fails now. */
  takeFlaw(what: Flaw): boolean {
    if (!this.flaws.has(what)) return false;
    if (what === 'read' || what === 'processor') this.flaws.delete(what);
    if (this.life !== undefined) this.life.failed = true;
    this.tally.note(`${what} failed`);
    return true;
  }

  setMode(at: number, mode: Mode): void {
    const backend = [...this.backends.values()][at % this.backends.size];
    if (backend !== undefined) backend.mode = mode;
    this.tally.note(`backend ${mode}`);
  }

  heal(): void {
    this.flaws.clear();
    for (const backend of this.backends.values()) backend.heal();
  }
}

function known<T>(value: T | undefined, id: string): T {
  if (value === undefined) throw new Error(`the world has no ${id}`);
  return value;
}
