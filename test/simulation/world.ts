/** What a simulated world is made of, and how fast-check makes one up. */
import fc from 'fast-check';
import type { OnError } from '../../src/pipeline/component.ts';

/** What one processor does. */
export type Step =
  | { kind: 'drop'; every: number }
  | { kind: 'mark'; letter: string }
  /** Adds a copy of some items. */
  | { kind: 'copy'; every: number; letter: string }
  /** The real `batch` processor. */
  | { kind: 'batch'; size: number; most: number; timeoutMs: number }
  | { kind: 'hold'; size: number }
  | { kind: 'split'; most: number }
  /** Waits before it hands on, so that one batch overtakes another. */
  | { kind: 'think'; mostMs: number }
  /** Keeps a count that is saved with the checkpoint. */
  | { kind: 'count' }
  /** Throws when a command says so. */
  | { kind: 'faulty' };

/** What a receiver finds next; told: its position says so at once, and not only with the next batch. */
export type Entry =
  | { kind: 'batch'; items: number }
  | { kind: 'unreadable'; told: boolean }
  | { kind: 'duplicates'; items: number; told: boolean };

/** What happens to one request on its way to a backend, or there. */
export const faults = [
  'connection refused',
  'reset before the body was stored',
  'reset after the body was stored',
  'no answer, not stored',
  'no answer, stored',
  'deaf',
  'slow',
  '429',
  '429 with Retry-After in seconds',
  '429 with Retry-After as a date',
  '503',
  '503 with Retry-After, stored',
  '502, stored',
  '400',
  '413',
  '500',
  'some refused',
  'some uncertain',
  '401',
] as const;
export type Fault = (typeof faults)[number] | 'none';

export const modes = ['up', 'gone', 'busy', 'silent', 'shut'] as const;
export type Mode = (typeof modes)[number];

export interface ReceiverSpec {
  readonly id: string;
  readonly entries: readonly Entry[];
  /** Whether reading waits for the disk, and not only for room. */
  readonly waits: boolean;
}

export interface PipelineSpec {
  readonly id: string;
  readonly inputs: readonly string[];
  readonly steps: readonly Step[];
  readonly outputs: readonly string[];
}

export interface ExporterSpec {
  readonly id: string;
  readonly ordered: boolean;
  readonly consumers: number;
  readonly timeoutMs: number;
  readonly retries: boolean;
  readonly maxElapsedMs: number;
  readonly onError: OnError;
  /** Items of a request, at the most: by the exporter, and by its backend. */
  readonly chunk: number;
  readonly mostItems: number;
  /** One item of so many makes its whole request a 400, or is refused alone; 0: none. */
  readonly poison: number;
  readonly picky: number;
  /** What happens to its requests, one after the other; nothing to those after them. */
  readonly faults: readonly Fault[];
}

export interface WorldSpec {
  readonly receivers: readonly ReceiverSpec[];
  /** From source to sink. */
  readonly pipelines: readonly PipelineSpec[];
  readonly exporters: readonly ExporterSpec[];
  readonly maxInFlightBytes: number;
  readonly keepsCheckpoints: boolean;
  readonly hasDeadLetters: boolean;
  /** Bytes that are added to each item. */
  readonly payload: number;
  readonly graceMs: number;
  /** Chooses what happens when. */
  readonly seed: number;
}

const stepArbitrary = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('drop' as const), every: fc.integer({ min: 2, max: 6 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('batch' as const),
      size: fc.constantFrom(0, 2, 7, 30, 8192),
      most: fc.constantFrom(0, 3),
      timeoutMs: fc.constantFrom(0, 5, 200, 5000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('hold' as const), size: fc.integer({ min: 1, max: 40 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('split' as const), most: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('think' as const), mostMs: fc.constantFrom(5, 300) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('mark' as const), letter: fc.constantFrom('x', 'y') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('copy' as const),
      every: fc.integer({ min: 2, max: 6 }),
      letter: fc.constant(''),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'count' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'faulty' }) },
);
const stepsArbitrary = fc.array(stepArbitrary, { maxLength: 4 });

const entryArbitrary = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({ kind: fc.constant('batch' as const), items: fc.integer({ min: 0, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unreadable' as const), told: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('duplicates' as const),
      items: fc.integer({ min: 1, max: 3 }),
      told: fc.boolean(),
    }),
  },
);

const receiverArbitrary = fc.record({
  entries: fc.array(entryArbitrary, { maxLength: 30, size: 'max' }),
  waits: fc.boolean(),
});

const faultArbitrary = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Fault>('none') },
  // A stop ends the run: else there would be little after it.
  { weight: 12, arbitrary: fc.constantFrom<Fault>(...faults.filter((fault) => fault !== '401')) },
  { weight: 1, arbitrary: fc.constant<Fault>('401') },
);

const exporterArbitrary = fc.record({
  ordered: fc.boolean(),
  consumers: fc.integer({ min: 1, max: 4 }),
  timeoutMs: fc.constantFrom(2000, 30_000),
  retries: fc.oneof(
    { weight: 11, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  maxElapsedMs: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(500, 20_000) },
  ),
  onError: fc.constantFrom<OnError>('fail', 'fail', 'fail', 'dead_letter', 'drop'),
  chunk: fc.constantFrom(3, 20, 1000),
  mostItems: fc.constantFrom(1, 4, 1000, 1000),
  poison: fc.constantFrom(0, 0, 3, 11),
  picky: fc.constantFrom(0, 0, 5),
  faults: fc.array(faultArbitrary, { maxLength: 25, size: 'max' }),
});

type Parts = Omit<ExporterSpec, 'id'>;

/** How receivers, pipelines and exporters are joined. Pipelines whose ways meet again mark their items. */
const shapes = ['line', 'two receivers', 'two pipelines', 'connector', 'connector to two'] as const;

function joined(
  shape: (typeof shapes)[number],
  chains: readonly (readonly Step[])[],
  outs: readonly string[],
): { receivers: number; pipelines: PipelineSpec[] } {
  const [first, second = first] = outs as [string, string?];
  const chain = (at: number, letter = ''): Step[] => [
    ...(letter === '' ? [] : [{ kind: 'mark' as const, letter }]),
    ...(chains[at] ?? []),
  ];
  const pipeline = (
    id: string,
    inputs: string[],
    steps: Step[],
    outputs: readonly string[],
  ): PipelineSpec => ({
    id: `traces/${id}`,
    inputs,
    steps: steps.map((step, at) => (step.kind === 'copy' ? { ...step, letter: `${id}${at}` } : step)),
    outputs,
  });
  switch (shape) {
    case 'line':
      return { receivers: 1, pipelines: [pipeline('a', ['r0'], chain(0), outs)] };
    case 'two receivers':
      return { receivers: 2, pipelines: [pipeline('a', ['r0', 'r1'], chain(0), outs)] };
    case 'two pipelines':
      return {
        receivers: 1,
        pipelines: [
          pipeline('a', ['r0'], chain(0, 'a'), outs),
          pipeline('b', ['r0'], chain(1, 'b'), [second]),
        ],
      };
    case 'connector':
      return {
        receivers: 2,
        pipelines: [
          pipeline('a', ['r0', 'r1'], chain(0, 'a'), ['forward', first]),
          pipeline('b', ['forward'], chain(1, 'b'), outs),
        ],
      };
    case 'connector to two':
      return {
        receivers: 1,
        pipelines: [
          pipeline('a', ['r0'], chain(0), ['forward']),
          pipeline('b', ['forward'], chain(1, 'b'), [first]),
          pipeline('c', ['forward'], chain(2, 'c'), outs),
        ],
      };
  }
}

/** Rarely the items are so large that buffers come from the pool, where a buffer used too long shows. */
const sizesArbitrary = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      payload: fc.constant(0),
      maxInFlightBytes: fc.constantFrom(1, 200, 400, 600, 1000, 3000, 1 << 20),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ payload: fc.constant(20_000), maxInFlightBytes: fc.constantFrom(1, 500_000) }),
  },
);

export const worldArbitrary: fc.Arbitrary<WorldSpec> = fc
  .record({
    shape: fc.constantFrom(...shapes),
    chains: fc.array(stepsArbitrary, { minLength: 3, maxLength: 3 }),
    receivers: fc.array(receiverArbitrary, { minLength: 2, maxLength: 2 }),
    exporters: fc.array(exporterArbitrary, { minLength: 1, maxLength: 3 }),
    sizes: sizesArbitrary,
    keepsCheckpoints: fc.oneof(
      { weight: 15, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
    hasDeadLetters: fc.boolean(),
    graceMs: fc.constantFrom(0, 1000, 30_000),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  })
  .map(({ shape, chains, receivers, exporters, sizes, ...rest }) => {
    const named = exporters.map((parts: Parts, at): ExporterSpec => ({ id: `out${at}`, ...parts }));
    const join = joined(
      shape,
      chains,
      named.map(({ id }) => id),
    );
    return {
      ...rest,
      ...sizes,
      receivers: receivers.slice(0, join.receivers).map((parts, at) => ({ id: `r${at}`, ...parts })),
      pipelines: join.pipelines,
      exporters: named,
    };
  });
