/** Runs configs and processors on records, for tests in vitest, node:test or any other. */
import { readSources } from '../config/read.ts';
import type { AnyBatch } from '../model/batches.ts';
import { Batch } from '../model/batch.ts';
import type { AnyProcessorDefinition } from '../modules/module-factory.ts';
import type { Plan } from '../pipeline/plan.ts';
import { moduleOf, planOf, planOfOne } from './plans.ts';
import { runThrough, type Observed, type Part, type Step } from './harness.ts';
import { RecordBuilder } from './records/build.ts';
import { readGroups, type RecordGroup } from './records/read.ts';
import { timeNanos } from './records/times.ts';
import {
  asObject,
  fieldsOfGroup,
  readGroup,
  type ReadGroup,
  type ReadRecord,
  type WrittenGroup,
  type WrittenTime,
} from './written.ts';

/** A group is a batch; a list of groups is one of several resources; a number is a wait in milliseconds of virtual time. */
export type TestInput = WrittenGroup | AnyBatch | number | readonly WrittenGroup[];

export interface InputOptions {
  readonly input: readonly TestInput[];
  /** The beginning of the test in virtual time; 2026-01-01T00:00:00Z unless given. */
  readonly now?: WrittenTime;
}

export interface PipelineOptions extends InputOptions, Part {
  /** For `${env:NAME}` in the config: none are set unless given. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface TestResult {
  /** What came out, group by group; spans below their parents. */
  readonly output: readonly ReadGroup[];
  /** The same for each exporter. */
  readonly outputs: Readonly<Record<string, readonly ReadGroup[]>>;
  /** All spans that came out, in their order; `logs` and `metrics` likewise. */
  readonly spans: readonly ReadRecord[];
  readonly logs: readonly ReadRecord[];
  readonly metrics: readonly ReadRecord[];
  readonly batches: readonly AnyBatch[];
  /** How many items were dropped, by reason. */
  readonly drops: Readonly<Record<string, number>>;
  /** What was said, as `level: text`. */
  readonly messages: readonly string[];
}

const defaultNow = '2026-01-01T00:00:00Z';

/**
 * Puts records through the pipelines of a config, whose receivers and exporters do not run; `start` and `end` name the
 * component to begin at and the last one. Rejects with what stops the run, and with a ConfigError for an invalid config.
 *
 *     const { spans, drops } = await testPipeline('pipeline.yaml', { input: [span({ name: 'GET /health' })] });
 */
export async function testPipeline(
  config: string | { readonly yaml: string },
  options: PipelineOptions,
): Promise<TestResult> {
  const env = options.env ?? {};
  const named = typeof config === 'string' ? [config] : [];
  const { sources, problems } = readSources(named, { env });
  const texts = typeof config === 'string' ? sources : [{ name: 'test', text: config.yaml }];
  const plan = await planOf(texts, { env, problems, loadModule: moduleOf });
  return await run(plan, options, options);
}

export interface ProcessorOptions<Config> extends InputOptions {
  /** What stands under `config:` in the YAML, or under the name of a built-in processor. */
  readonly config?: Config;
}

/**
 * Puts records through one processor: what `defineProcessor` answered, or a built-in one by its type.
 *
 *     const { logs } = await testProcessor(mask, { config: { replacement: '?' }, input: [log({ body: 'a@b.example' })] });
 */
export async function testProcessor<Config = unknown>(
  processor: AnyProcessorDefinition | object | string,
  options: ProcessorOptions<Config>,
): Promise<TestResult> {
  const plan = await planOfOne('processor', { component: processor, config: options.config });
  return await run(plan, {}, options);
}

async function run(plan: Plan, part: Part, { input, now = defaultNow }: InputOptions): Promise<TestResult> {
  const base = timeNanos(now, 0n);
  if (base === undefined) throw new TypeError(`now must be a time such as ${defaultNow}, found ${now}`);
  const builder = new RecordBuilder(base);
  const steps = input.flatMap((step): readonly Step[] => {
    if (typeof step === 'number' || step instanceof Batch) return [step];
    return builder.batches([step].flat().map(fieldsOfGroup));
  });
  const observed = await runThrough(plan, part, { steps, startUnixNano: base });
  const [failure] = observed.failures;
  if (failure !== undefined) throw failure;
  return resultOf(observed, base);
}

function resultOf({ outputs, ledger, messages }: Observed, base: bigint): TestResult {
  const groupsOf = (batches: readonly AnyBatch[]): RecordGroup[] =>
    batches.flatMap((batch) => readGroups(batch, base));
  const batches = [...outputs.values()].flat();
  const groups = groupsOf(batches);
  const all = (signal: RecordGroup['signal']): ReadRecord[] =>
    groups.filter((group) => group.signal === signal).flatMap(({ records }) => records.map(asObject));
  const drops = new Map<string, number>();
  for (const { dropped } of ledger.processors)
    for (const [reason, count] of dropped) drops.set(reason, (drops.get(reason) ?? 0) + count);
  return {
    output: groups.map(readGroup),
    outputs: Object.fromEntries([...outputs].map(([id, own]) => [id, groupsOf(own).map(readGroup)])),
    spans: all('traces'),
    logs: all('logs'),
    metrics: all('metrics'),
    batches,
    drops: Object.fromEntries(drops),
    messages: messages.map(({ level, text }) => `${level}: ${text}`),
  };
}
