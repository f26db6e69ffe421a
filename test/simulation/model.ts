/** What should become of every item of a world, worked out item by item and without the code under test. */
import { bodyOf, hashOf, keyOf, spanOf, type Ref } from './items.ts';
import type { Entry, PipelineSpec, Step, WorldSpec } from './world.ts';

/** The number of items that a receiver read before some position. */
export type Positions = Readonly<Record<string, number>>;

export interface ExpectedFlow {
  in: number;
  created: number;
  dropped: number;
  out: number;
}

export interface Destination {
  readonly exporter: string;
  readonly ref: Ref;
}

export interface ReadEntry {
  readonly entry: Entry;
  /** The names of a batch. */
  readonly names: readonly string[];
}

export class Model {
  /** By receiver. */
  readonly entries = new Map<string, readonly ReadEntry[]>();
  /** What the largest batch takes up, in bytes. */
  readonly largestBatch: number;
  /** By exporter, the keys of all items that may ever come there. */
  readonly expected = new Map<string, ReadonlySet<string>>();
  /** By exporter: whether items with the same order key come to it in the order in which they were read. */
  readonly keepsOrder = new Map<string, boolean>();
  private readonly spec: WorldSpec;
  private readonly known = new Map<string, readonly Destination[]>();

  constructor(spec: WorldSpec) {
    this.spec = spec;
    let largest = 0;
    for (const receiver of spec.receivers) {
      let at = 0;
      const entries = receiver.entries.map((entry): ReadEntry => {
        const count = entry.kind === 'batch' ? entry.items : 0;
        const names = Array.from({ length: count }, () => `${receiver.id}.${at++}`);
        largest = Math.max(largest, this.bytesOf(names));
        return { entry, names };
      });
      this.entries.set(receiver.id, entries);
    }
    this.largestBatch = largest;
    const all = this.flowsUntil(this.end);
    for (const { id } of spec.exporters) {
      this.expected.set(id, new Set((all.handed.get(id) ?? []).map(keyOf)));
      this.keepsOrder.set(id, this.leadingTo(id).every(isInOrder));
    }
  }

  /** Behind the last entry of each receiver. */
  get end(): Positions {
    return Object.fromEntries(this.spec.receivers.map(({ id, entries }) => [id, entries.length]));
  }

  bytesOf(names: readonly string[]): number {
    return names.length === 0 ? 0 : bodyOf(names.map((name) => spanOf(name, this.spec.payload))).length;
  }

  namesBefore(receiver: string, position: number): string[] {
    return (this.entries.get(receiver) ?? []).slice(0, position).flatMap(({ names }) => names);
  }

  /** Where an item comes to that enters this pipeline. */
  destinations(pipeline: string, ref: Ref): readonly Destination[] {
    const key = `${pipeline} ${keyOf(ref)}`;
    let found = this.known.get(key);
    if (found === undefined) {
      const spec = this.spec.pipelines.find(({ id }) => id === pipeline);
      const left = (spec?.steps ?? []).reduce<Ref[]>(
        (refs, step) => refs.flatMap((one) => after(step, one)),
        [ref],
      );
      found = left.flatMap((one) => (spec?.outputs ?? []).flatMap((output) => this.behind(output, one)));
      this.known.set(key, found);
    }
    return found;
  }

  /** Where an item comes to that this receiver reads. */
  destinationsOf(receiver: string, name: string): readonly Destination[] {
    return this.fedBy(receiver).flatMap(({ id }) => this.destinations(id, { name, way: '' }));
  }

  /** What every processor counts, and what every exporter is handed, of all that is read before the positions. */
  flowsUntil(positions: Positions): {
    flows: Map<string, ExpectedFlow>;
    handed: Map<string, Ref[]>;
  } {
    const flows = new Map<string, ExpectedFlow>();
    const leaving = new Map<string, Ref[]>();
    for (const { id } of this.spec.receivers)
      leaving.set(
        id,
        this.namesBefore(id, positions[id] ?? 0).map((name) => ({ name, way: '' })),
      );
    for (const { id, inputs, steps, outputs } of this.spec.pipelines) {
      let refs = inputs.flatMap((input) => leaving.get(input) ?? []);
      for (const [at, step] of steps.entries()) {
        const left = refs.flatMap((ref) => after(step, ref));
        flows.set(`${id}/${stepId(step, at)}`, flowOf(step, refs, left));
        refs = left;
      }
      for (const output of outputs) leaving.set(output, [...(leaving.get(output) ?? []), ...refs]);
    }
    return { flows, handed: leaving };
  }

  private behind(output: string, ref: Ref): readonly Destination[] {
    if (this.spec.exporters.some(({ id }) => id === output)) return [{ exporter: output, ref }];
    return this.fedBy(output).flatMap(({ id }) => this.destinations(id, ref));
  }

  private fedBy(input: string): readonly PipelineSpec[] {
    return this.spec.pipelines.filter(({ inputs }) => inputs.includes(input));
  }

  private leadingTo(output: string): PipelineSpec[] {
    return this.spec.pipelines
      .filter(({ outputs }) => outputs.includes(output))
      .flatMap((pipeline) => [pipeline, ...pipeline.inputs.flatMap((input) => this.leadingTo(input))]);
  }
}

export function stepId({ kind }: Step, at: number): string {
  return `${kind}${at}`;
}

/** What a step makes of an item. */
export function after(step: Step, ref: Ref): readonly Ref[] {
  switch (step.kind) {
    case 'drop':
      return isPicked(ref.name, step.every) ? [] : [ref];
    case 'mark':
      return [{ ...ref, way: ref.way + step.letter }];
    case 'copy':
      return isPicked(ref.name, step.every) ? [ref, copyOf(ref, step.letter)] : [ref];
    case 'batch':
    case 'hold':
    case 'split':
    case 'think':
    case 'count':
    case 'faulty':
      return [ref];
  }
}

export function isPicked(name: string, every: number): boolean {
  return every > 0 && hashOf(name) % every === 0;
}

export function copyOf({ name, way }: Ref, letter: string): Ref {
  return { name: `${name}+${letter}`, way };
}

/** Whether the item was made by a processor. */
export function isCopy(name: string): boolean {
  return name.includes('+');
}

function flowOf(step: Step, taken: readonly Ref[], left: readonly Ref[]): ExpectedFlow {
  const created = step.kind === 'copy' ? left.length - taken.length : 0;
  return { in: taken.length, created, dropped: taken.length + created - left.length, out: left.length };
}

function isInOrder({ steps }: PipelineSpec): boolean {
  return !steps.some(({ kind }) => kind === 'think');
}
