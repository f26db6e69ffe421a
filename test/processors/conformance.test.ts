/** What the Collector's own code answered for the processors that exist here. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Signal } from '../../src/model/signal.ts';
import type { ProcessorFactory } from '../../src/pipeline/component.ts';
import { attributes } from '../../src/processors/attributes.ts';
import { filter } from '../../src/processors/filter.ts';
import { resource } from '../../src/processors/resource.ts';
import { plainBatch } from '../support/plain.ts';
import { batchFrom, configure, memoryLogger, pass, processorContext } from '../support/processors.ts';

interface Case {
  readonly id: string;
  readonly processor: string;
  readonly signal: Signal;
  readonly config: string;
  readonly input: string;
  readonly gates?: readonly string[];
  readonly expect: {
    config_error?: true;
    consume_error?: true;
    logged?: { level: string }[];
    output?: object | null;
  };
}

const corpus = join(import.meta.dirname, '../../../shared/conformance');
const factories: Readonly<Record<string, ProcessorFactory>> = { attributes, filter, resource };

/** Cases that do not hold, each with why. An entry that holds fails the test, so that the list stays true. */
const exceptions: Readonly<Record<string, string>> = {
  'attributes/on-hollow-payload': 'a batch without items is settled and not handed on',
  'filter-traces/error-propagate-some-records': 'the function ParseJSON is not there yet',
  'filter-logs/luhn': 'the function IsValidLuhn is not there yet',
  'filter-metrics/datapoint': 'data points cannot be dropped one by one',
  'filter-metrics/all-datapoints-of-metric': 'data points cannot be dropped one by one',
  'attributes/value-date': 'a date is text here, which is what its writer means',
};

function readCases(): Case[] {
  const file = join(corpus, 'processors.jsonl');
  if (!existsSync(file)) return [];
  const all = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Case);
  return all.filter(({ processor }) => processor in factories);
}

/** Undefined when the case holds, else what differs. */
async function difference(test: Case): Promise<string | undefined> {
  const factory = factories[test.processor];
  if (factory === undefined) return 'there is no such processor';
  const { config, errors } = configure(factory, test.config.trimEnd(), [test.signal]);
  if (test.expect.config_error === true) return errors.length > 0 ? undefined : 'the config was accepted';
  if (config === undefined) return errors.join('; ');
  const logger = memoryLogger();
  const processor = await factory.create(config, processorContext({ pipelineSignal: test.signal, logger }));
  const input = batchFrom(test.signal, readFileSync(join(corpus, 'fixtures', `${test.input}.json`), 'utf8'));
  let output: unknown;
  try {
    const [batch] = await pass(processor, input);
    output = batch === undefined ? null : plainBatch(batch);
  } catch (error) {
    return test.expect.consume_error === true ? undefined : String(error);
  }
  if (test.expect.consume_error === true) return 'the payload was accepted';
  const warned = (lines: readonly { level: string }[] = []) => lines.some(({ level }) => level === 'warn');
  expect(warned(logger.lines), 'warnings').toBe(warned(test.expect.logged));
  const wanted = test.expect.output;
  expect(output).toEqual(wanted === null ? null : plainBatch(batchFrom(test.signal, wanted)));
  return undefined;
}

const cases = readCases();

describe.skipIf(cases.length === 0)('the corpus of the Collector', () => {
  let held = 0;

  it.each(cases.map((test) => [test.id, test] as const))('%s', async (id, test) => {
    const found = await difference(test).catch((error: unknown) => String(error));
    if (found === undefined) held++;
    if (id in exceptions) expect(found, `${id} holds now: take it off the list of exceptions`).toBeDefined();
    else expect(found).toBeUndefined();
  });

  afterAll(() => {
    console.log(`conformance of attributes, resource and filter: ${held} of ${cases.length} hold`);
  });
});

it.skipIf(cases.length > 0)('SKIPPED: ../shared/conformance/processors.jsonl is not there', () => {
  console.warn('the conformance corpus is not there: the processors are not compared with the Collector');
});
