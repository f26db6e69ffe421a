/** The editors and paths of metrics against what the Collector answered; see metric-editors/record.ts. */
import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import type { AnyBatch } from '../../src/model/batches.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import { toJson } from '../../src/model/to-json.ts';
import { transform } from '../../src/processors/transform.ts';
import { batchOfJson } from '../conformance/corpus.ts';
import { pass, processorOf } from '../support/processors.ts';
import { lengthened, type Answers } from './metric-editors/answers.ts';
import { cases } from './metric-editors/cases.ts';

const read = (name: string): string =>
  readFileSync(new URL(`metric-editors/${name}`, import.meta.url), 'utf8');
const input = read('input.json');
const answers = lengthened(JSON.parse(read('collector.json')) as Answers);

function shown(batch: AnyBatch): unknown {
  const bytes = batch.encode();
  return comparable(JSON.parse(toJson(bytes, 0, bytes.length, dataTypeOf(batch.signal))));
}

/** Go walks groups of data points in any order, and the last digits of logarithms differ. */
function comparable(value: unknown, field = ''): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(12));
  if (Array.isArray(value)) {
    const items = value.map((item) => comparable(item));
    return field === 'dataPoints' ? items.toSorted(byText) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, comparable(item, key)] as const);
  // The Collector writes the buckets of an exponential histogram also where there are none.
  return Object.fromEntries(entries.filter(([, item]) => JSON.stringify(item) !== '{}'));
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

test('every case has an answer', () => {
  expect(Object.keys(answers)).toEqual(Object.keys(cases));
});

test.each(Object.entries(cases))('%s', async (name, one) => {
  const yaml = JSON.stringify({ error_mode: 'ignore', metric_statements: [one] });
  const processor = await processorOf(transform, yaml, { pipelineSignal: 'metrics' });
  const batch = batchOfJson(input);
  const [out = batch] = await pass(processor, batch);
  const answer = batchOfJson(JSON.stringify(answers[name]));
  expect(shown(out)).toEqual(shown(answer));
  expect(batch.itemCount, 'what the ledger counts').toBe(answer.itemCount);
});
