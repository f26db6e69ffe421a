/** Loads modules as a run does, in a plain Node: the test runner's own loader would not ask Node's. */
import type { Signal } from '../../src/model/signal.ts';
import { valueText } from '../../src/model/value.ts';
import { loadModule } from '../../src/modules/load.ts';
import {
  batchFrom,
  configure,
  memoryLogger,
  pass,
  processorContext,
  type Logged,
} from '../support/processors.ts';

export interface Scenario {
  readonly module: string;
  readonly directory: string;
  readonly allow?: boolean;
  /** What stands below the processor's name besides `module`. */
  readonly yaml?: string;
  readonly signal?: Signal;
  /** OTLP JSON. */
  readonly input?: object;
}

export interface Answer {
  readonly error?: { readonly message: string; readonly remedy?: string };
  readonly configErrors?: readonly string[];
  readonly logged?: readonly Logged[];
  /** Name and attributes of what came out. */
  readonly output?: readonly { readonly name: string; readonly attributes: readonly unknown[] }[];
  readonly drops?: readonly (readonly [string, number])[];
}

async function play({
  module,
  directory,
  allow = true,
  yaml = '',
  signal = 'traces',
  input,
}: Scenario): Promise<Answer> {
  const factory = await loadModule('processor', { module, directory, allow });
  const { config, errors } = configure(factory, `module: ${JSON.stringify(module)}\n${yaml}`, [signal]);
  if (errors.length > 0) return { configErrors: errors };
  const logger = memoryLogger();
  const processor = await factory.create(
    config as never,
    processorContext({ logger, pipelineSignal: signal }),
  );
  const batch = batchFrom(signal, input ?? { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] });
  const batches = await pass(processor, batch);
  const output = batches.flatMap((one) => {
    if (one.signal === 'traces')
      return one.spans().map(({ name, attributes }) => ({ name, attributes: attributes.entries() }));
    if (one.signal === 'logs')
      return one.logRecords().map(({ bodyExact: body, attributes }) => ({
        name: valueText(body),
        attributes: attributes.entries(),
      }));
    return [];
  });
  return { output, drops: [...batch.takeDrops()], logged: logger.lines };
}

async function answerTo(scenario: Scenario): Promise<Answer> {
  try {
    return await play(scenario);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const remedy = 'remedy' in error && typeof error.remedy === 'string' ? { remedy: error.remedy } : {};
    return { error: { message: error.message, ...remedy } };
  }
}

const scenarios = JSON.parse(process.argv[2] ?? '[]') as Scenario[];
const answers: Answer[] = [];
for (const scenario of scenarios) answers.push(await answerTo(scenario));
console.log(JSON.stringify(answers));
