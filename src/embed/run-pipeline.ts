/** Runs the pipelines of a config in a program: no signal handlers, no exit, no state besides the run. */
import { systemClock } from '../pipeline/clock.ts';
import type { Clock } from '../pipeline/clock.ts';
import { localPolicy } from '../pipeline/export-config.ts';
import type { DeadLetters } from '../pipeline/dead-letters.ts';
import type { Logger } from '../pipeline/logger.ts';
import type { Plan } from '../pipeline/plan.ts';
import { Run, type RunResult } from '../pipeline/run.ts';
import { standardInput } from '../pipeline/standard-input.ts';
import { BatchStream } from './batch-stream.ts';
import {
  fedBy,
  ProgramExporter,
  ProgramReceiver,
  type Fed,
  type PipelineInput,
  type TakeBatch,
} from './ends.ts';
import type { LoadedConfig } from './load-config.ts';

export interface RunPipelineOptions {
  /** In the place of receivers, by their ids: batches or objects of OTLP JSON. */
  readonly inputs?: Readonly<Record<string, PipelineInput>>;
  /** In the place of exporters, by their ids. */
  readonly outputs?: Readonly<Record<string, TakeBatch | BatchStream>>;
  /** Abort it to stop: what was read is drained for `graceMs`, then abandoned. */
  readonly signal?: AbortSignal;
  /** 10 seconds unless given. */
  readonly graceMs?: number;
  /** What the run has to say; nothing is said without it. */
  readonly logger?: Logger;
  /** Encode everything and send nothing. */
  readonly dryRun?: boolean;
  /** Where exporters that print data print; standard output unless given. */
  readonly print?: (text: string | Uint8Array) => Promise<void>;
  /** For receivers that read `-`; standard input unless given. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Where items go that a backend does not take; without it they are refused and counted. */
  readonly deadLetters?: DeadLetters;
  readonly clock?: Clock;
}

const defaultGraceMs = 10_000;

/**
 * Runs to the end. Never rejects because of what happens in the run: failures are in the result, beside the ledger.
 *
 *     const { ledger, failures } = await runPipeline(config, { inputs: { file: batches }, outputs: { loki: keep } });
 *
 * @throws TypeError for an input or output that the config does not have, and for a config that was not loaded
 */
export async function runPipeline(
  config: LoadedConfig,
  options: RunPipelineOptions = {},
): Promise<RunResult> {
  if (!Object.hasOwn(config, 'plan'))
    throw new TypeError('runPipeline takes what loadConfig answers: `await loadConfig(...)`');
  const { inputs = {}, outputs = {} } = options;
  const fed = Object.fromEntries(Object.entries(inputs).map(([id, input]) => [id, fedBy(input)]));
  const run = createRun(config, { ...options, fed });
  try {
    return await run.execute();
  } finally {
    for (const output of Object.values(outputs)) if (output instanceof BatchStream) output.end();
  }
}

/** A run that is not under way yet, with what feeds it. */
export function createRun(
  { plan, follow, receivers, exporters }: LoadedConfig,
  {
    fed,
    outputs = {},
    ...options
  }: Omit<RunPipelineOptions, 'inputs'> & { readonly fed: Readonly<Record<string, AsyncIterable<Fed>>> },
): Run {
  checkNames('input', Object.keys(fed), receivers);
  checkNames('output', Object.keys(outputs), exporters);
  if (plan.needsTimeRange && Object.keys(fed).length > 0)
    throw new TypeError(
      'time_shift with align needs all inputs before the first item, and what a program puts in can be read only once: give a fixed `offset`',
    );
  const { signal, graceMs = defaultGraceMs, logger = silent, dryRun = false, deadLetters } = options;
  return new Run(planWith(plan, fed, outputs), {
    clock: options.clock ?? systemClock,
    logger,
    print: options.print ?? toStandardOutput,
    stdin: options.stdin ?? standardInput(),
    dryRun,
    follow,
    deadLetters,
    stop: signal ?? new AbortController().signal,
    kill: new AbortController().signal,
    graceMs,
  });
}

function planWith(
  plan: Plan,
  fed: Readonly<Record<string, AsyncIterable<Fed>>>,
  outputs: NonNullable<RunPipelineOptions['outputs']>,
): Plan {
  return {
    ...plan,
    receivers: plan.receivers.map((planned) => {
      const source = fed[planned.id];
      if (source === undefined) return planned;
      return { id: planned.id, create: (context) => new ProgramReceiver(source, context) };
    }),
    exporters: plan.exporters.map((planned) => {
      const output = outputs[planned.id];
      if (output === undefined) return planned;
      const take: TakeBatch = output instanceof BatchStream ? (batch) => output.take(batch) : output;
      return { ...planned, policy: localPolicy, create: () => new ProgramExporter(take) };
    }),
  };
}

function checkNames(what: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const kind = what === 'input' ? 'receiver' : 'exporter';
  throw new TypeError(
    `the ${what} ${JSON.stringify(unknown)} is no ${kind} that a pipeline of this config uses; it has: ${known.join(', ')}`,
  );
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

function toStandardOutput(text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
