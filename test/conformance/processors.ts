/** The suite `processors`: one processor with its YAML configuration and one payload, as a run would treat them. */
import { isDeepStrictEqual } from 'node:util';

import { loadComponents } from '../../src/components.ts';
import type { AnyBatch } from '../../src/model/batches.ts';
import { mergeBatches } from '../../src/model/batches.ts';
import type { Signal } from '../../src/model/signal.ts';
import type { ProcessorFactory } from '../../src/pipeline/component.ts';
import { configure, memoryLogger, pass, processorContext } from '../support/processors.ts';
import { batchOfJson, plainOf } from './corpus.ts';
import type { Case, Corpus, Suite } from './corpus.ts';

interface ProcessorCase extends Case {
  readonly processor: string;
  readonly signal: Signal;
  readonly config: string;
  readonly expect: {
    readonly config_error?: true;
    readonly consume_error?: true;
    readonly message?: string;
    readonly logged?: readonly { readonly level: string }[];
    readonly output?: unknown;
  };
}

export const processors: Suite<ProcessorCase> = { file: 'processors.jsonl', run };

const { processors: loaded } = await loadComponents();
const factories: readonly ProcessorFactory[] = loaded.map((factory) => factory as ProcessorFactory);

async function run(item: ProcessorCase, corpus: Corpus): Promise<string | undefined> {
  const factory = factories.find(
    ({ type, aliases = [] }) => type === item.processor || aliases.includes(item.processor),
  );
  if (factory === undefined) return `there is no processor ${item.processor}`;
  const { expect } = item;
  const { config, errors, problems } = configure(factory, yamlOf(item), [item.signal]);
  if (expect.config_error === true) return errors.length > 0 ? undefined : 'the config was accepted';
  if (config === undefined) return `refused: ${errors.join('; ')}`;
  const logger = memoryLogger();
  const context = processorContext({ pipeline: item.signal, pipelineSignal: item.signal, logger });
  const processor = await factory.create(config, context);
  let output: readonly AnyBatch[];
  try {
    output = await pass(processor, corpus.fixture(item.input));
  } catch (error) {
    return expect.consume_error === true ? undefined : `the payload was refused: ${String(error)}`;
  }
  if (expect.consume_error === true) return 'the payload was accepted';
  // What the Collector logs when it begins is said here when the config is read.
  const warned = hasWarning(logger.lines) || problems.some(({ severity }) => severity === 'warning');
  if (warned !== hasWarning(expect.logged ?? [])) return 'other warnings were logged';
  return compared(output, item);
}

/** Gates of the process are a key of the processor here. */
function yamlOf({ config, gates }: ProcessorCase): string {
  const own = gates === undefined ? '' : `\nfeature_gates: [${gates.join(', ')}]`;
  return config.trimEnd() + own;
}

function hasWarning(lines: readonly { readonly level: string }[]): boolean {
  return lines.some(({ level }) => level === 'warn');
}

function compared(output: readonly AnyBatch[], { processor, expect }: ProcessorCase): string | undefined {
  const merged = output.length > 1 ? mergeBatches(output) : output[0];
  const wantedBatch = expect.output === null ? undefined : batchOfJson(JSON.stringify(expect.output));
  const found = comparable(merged, processor);
  const wanted = comparable(wantedBatch, processor);
  if (isDeepStrictEqual(found, wanted)) return undefined;
  return `${show(found)}\n    expected ${show(wanted)}`;
}

/** Undefined for nothing handed on, which an empty payload is not. */
function comparable(batch: AnyBatch | undefined, processor: string): unknown {
  if (batch === undefined) return undefined;
  const plain = plainOf(batch);
  // Groups come out in any order.
  return processor === 'groupbyattrs' ? sortedGroups(plain as Record<string, unknown[]>) : plain;
}

function sortedGroups(plain: Record<string, unknown[]>): unknown {
  return Object.values(plain).map((groups) => groups.map(canonical).toSorted());
}

/** A text that is the same for equal values, in whatever order their fields came. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return show(value);
  const fields = Object.entries(value).map(([name, item]) => `${name}:${canonical(item)}`);
  return `{${fields.toSorted().join(',')}}`;
}

function show(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ??
    'nothing'
  );
}
