/** Puts a processor's YAML and a payload in OTLP JSON through what a run would: config, checks, create, consume, flush. */
import { loadTree } from '../../src/config/load.ts';
import { validate } from '../../src/config/validate.ts';
import { batchOf, type AnyBatch } from '../../src/model/batches.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import type { Signal } from '../../src/model/signal.ts';
import { Transcoder } from '../../src/model/transcode.ts';
import type {
  Consumer,
  Processor,
  ProcessorContext,
  ProcessorFactory,
} from '../../src/pipeline/component.ts';
import { flowCounts, ProcessorCounts } from '../../src/pipeline/counts.ts';
import type { Logger } from '../../src/pipeline/logger.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { Writer } from '../../src/wire/writer.ts';
import { FakeClock } from './fake-clock.ts';

export interface Configured<Config> {
  /** Absent when there is an error. */
  readonly config?: Config;
  /** `path: message` of each error, notices left out. */
  readonly errors: readonly string[];
  readonly problems: readonly {
    path: string;
    message: string;
    severity: string;
    offset?: number | undefined;
  }[];
}

/** The YAML text is what stands below the processor's name. */
export function configure<Config>(
  factory: ProcessorFactory<Config>,
  yaml: string,
  signals: readonly Signal[] = ['traces'],
): Configured<Config> {
  const text = `processors:\n  it:\n${yaml.replaceAll(/^/gm, '    ')}\n`;
  const { tree, problems } = loadTree([{ name: 'test.yaml', text }], { env: {} });
  const at = ['processors', 'it'];
  const validated = validate(tree, at, factory.schema);
  const found = [...problems, ...validated.problems].map(({ path, message, severity }) => ({
    path: path.slice(2).join('.'),
    message,
    severity,
  }));
  const config = validated.value;
  if (config === undefined) return { errors: errorsIn(found), problems: found };
  const has = (...path: (string | number)[]) => tree.get([...at, ...path]) !== undefined;
  const checked = factory.check?.(config, { writtenType: factory.type, has, signals }) ?? [];
  const all = [...found, ...checked.map(({ path, ...rest }) => ({ ...rest, path: path.join('.') }))];
  const errors = errorsIn(all);
  return errors.length > 0 ? { errors, problems: all } : { config, errors, problems: all };
}

function errorsIn(problems: Configured<unknown>['problems']): string[] {
  return problems
    .filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
}

export interface Logged {
  readonly level: string;
  readonly message: string;
}

export function memoryLogger(): Logger & { readonly lines: Logged[] } {
  const lines: Logged[] = [];
  const at = (level: string) => (message: string) => {
    lines.push({ level, message });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export function processorContext(overrides: Partial<ProcessorContext> = {}): ProcessorContext {
  const clock = new FakeClock();
  return {
    id: 'traces/it',
    counts: new ProcessorCounts(flowCounts('it', overrides.pipelineSignal ?? 'traces')),
    logger: memoryLogger(),
    clock,
    signal: new AbortController().signal,
    pipeline: 'traces',
    pipelineSignal: 'traces',
    timeRange: undefined,
    startedAtUnixNano: clock.nowUnixNano(),
    directory: '.',
    ...overrides,
  };
}

/** Creates the processor of a YAML text that must be without errors. */
export async function processorOf<Config>(
  factory: ProcessorFactory<Config>,
  yaml: string,
  context: Partial<ProcessorContext> = {},
): Promise<Processor> {
  const { config, errors } = configure(factory, yaml, [context.pipelineSignal ?? 'traces']);
  if (config === undefined) throw new Error(errors.join('\n'));
  return await factory.create(config, processorContext(context));
}

/** An attribute of text, as OTLP JSON has it. */
export function attribute(key: string, text: string): { key: string; value: { stringValue: string } } {
  return { key, value: { stringValue: text } };
}

/** A batch of OTLP JSON: a text or what it would parse to. */
export function batchFrom(signal: Signal, json: unknown): AnyBatch {
  const text = bytesOf(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)));
  const writer = new Writer();
  new Transcoder().message(text, 0, text.length, dataTypeOf(signal), writer);
  return batchOf(signal, Buffer.from(writer.bytes()));
}

/** Remembers what it is given, and settles it when the test says so. */
export class Sink implements Consumer {
  readonly batches: AnyBatch[] = [];
  private readonly gate: Promise<void> | undefined;

  constructor(gate?: Promise<void>) {
    this.gate = gate;
  }

  async consume(batch: AnyBatch): Promise<void> {
    // Whoever handed it over may release it once it is settled.
    this.batches.push(batch.clone());
    await this.gate;
  }
}

/** What comes out for one batch that goes in: consume, then flush, then shutdown. */
export async function pass(processor: Processor, batch: AnyBatch): Promise<AnyBatch[]> {
  const sink = new Sink();
  const settled = processor.consume(batch, sink);
  settled.catch(() => {});
  await processor.flush?.(sink);
  await settled;
  await processor.shutdown?.();
  return sink.batches;
}
