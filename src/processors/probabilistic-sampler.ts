/**
 * Keeps a part of the traces or log records, chosen by their trace id: of a trace all spans or none.
 *
 * Belongs behind filters and before `batch`. It loses what it is told to lose, counted in the summary, and delays
 * nothing. What is kept says how it was sampled: `ot=rv:...;th:...` in a span's trace state, `sampling.randomness`
 * and `sampling.threshold` in a log record's attributes, so that counts can be scaled up again. The same recording
 * gives the same choice each time.
 *
 *     processors:
 *       probabilistic_sampler:
 *         mode: proportional
 *         sampling_percentage: 15.3
 */
import { z } from 'zod';
import type { LogRecord } from '../model/logs.ts';
import type { Span } from '../model/traces.ts';
import { valueText, type ExactValue } from '../model/value.ts';
import type { CheckedProblem, CheckFacts, ProcessorFactory } from '../pipeline/component.ts';
import { eachItem, type ItemHandlers } from '../pipeline/item-processor.ts';
import { notesOfLog, notesOfSpan } from './probabilistic-sampler/notes.ts';
import { makeSampler, type Priority, type Sampler } from './probabilistic-sampler/sampler.ts';
import { always, never, smallestProbability, thresholdFor } from './probabilistic-sampler/threshold.ts';
import { parseGoFloat } from './shared/go-numbers.ts';
import { dropHollow } from './shared/groups.ts';

const schema = z.strictObject({
  sampling_percentage: z
    .number()
    .min(0, 'must not be negative')
    .refine((percentage) => percentage <= 0 || Math.fround(percentage) / 100 >= smallestProbability, {
      error: 'must be 0 or at least 1.4e-15: thresholds have 56 bits',
    })
    .default(0)
    .describe('How many of a hundred are kept; 100 and more: all. Left out: none, as in the Collector.'),
  mode: z
    .enum(['hash_seed', 'equalizing', 'proportional'])
    .default('hash_seed')
    .describe(
      '`hash_seed`: by a hash of the trace id. `equalizing`: down to the percentage, whatever was sampled before. `proportional`: the percentage of what is left.',
    ),
  hash_seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0)
    .describe('Samplers one behind the other need different seeds. Of mode `hash_seed` only.'),
  fail_closed: z
    .boolean()
    .default(true)
    .describe('Whether items are dropped that cannot be judged: no trace id, a trace state that is none.'),
  sampling_precision: z
    .int()
    .min(1)
    .max(14)
    .default(4)
    .describe('Hex digits of the thresholds that are written. Not of mode `hash_seed`, which has 14 bits.'),
  attribute_source: z
    .enum(['traceID', 'record'])
    .default('traceID')
    .describe('Logs, mode `hash_seed`: `record` samples by the attribute alone.'),
  from_attribute: z
    .string()
    .default('')
    .describe('Logs, mode `hash_seed`: the attribute that is hashed where there is no trace id.'),
  sampling_priority: z
    .string()
    .default('')
    .describe('Logs: an attribute with the percentage for its record. Spans always use `sampling.priority`.'),
});

type Config = z.output<typeof schema>;

export const probabilisticSampler: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'probabilistic_sampler',
  stateless: true,
  signals: ['traces', 'logs'],
  summary: 'Keeps a percentage of the traces or log records, chosen by trace id.',
  schema,
  check: idleKeys,
  create(config, context) {
    const sampler = makeSampler({
      mode: config.mode,
      percentage: config.sampling_percentage,
      seed: config.hash_seed,
      precision: config.sampling_precision,
      failClosed: config.fail_closed,
    });
    const handlers = context.pipelineSignal === 'logs' ? logHandlers(config, sampler) : spanHandlers(sampler);
    return eachItem({ swallowsEmpty: true, batch: dropHollow, ...handlers });
  },
};

function idleKeys(config: Config, facts: CheckFacts): CheckedProblem[] {
  const ofHashing = ['hash_seed', 'attribute_source', 'from_attribute'] as const;
  const idle = config.mode === 'hash_seed' ? (['sampling_precision'] as const) : ofHashing;
  const inMode = idle
    .filter((key) => facts.has(key) && !(key === 'sampling_precision' && config.sampling_priority !== ''))
    .map((key) => notice(key, `has no effect in mode ${config.mode}`));
  const nothing =
    config.sampling_percentage === 0 ? [notice('sampling_percentage', 'is 0: all is dropped')] : [];
  return [...inMode, ...nothing];
}

function notice(key: keyof Config, message: string): CheckedProblem {
  return { severity: 'notice', path: [key], message };
}

function spanHandlers(sampler: Sampler): ItemHandlers {
  return {
    span(span) {
      const traceId = idOf(span);
      const sources = { traceId, hashed: () => bytesOf(traceId), marksMissing: true };
      const reason = sampler(notesOfSpan(span), sources, spanPriority(span));
      if (reason !== undefined) span.drop(reason);
    },
  };
}

function logHandlers(config: Config, sampler: Sampler): ItemHandlers {
  const usesTraceId = config.attribute_source === 'traceID';
  return {
    log(log) {
      const traceId = idOf(log);
      const hashed = () =>
        (usesTraceId ? bytesOf(traceId) : undefined) ?? bytesIn(log, config.from_attribute);
      const sources = { traceId, hashed, marksMissing: false };
      const reason = sampler(notesOfLog(log), sources, logPriority(log, config));
      if (reason !== undefined) log.drop(reason);
    },
  };
}

/** One of zeros is none. */
function idOf({ traceId }: Span | LogRecord): string {
  return /^0*$/.test(traceId) ? '' : traceId;
}

function bytesOf(traceId: string): Uint8Array | undefined {
  return traceId === '' ? undefined : Buffer.from(traceId, 'hex');
}

function bytesIn({ attributes }: LogRecord, key: string): Uint8Array | undefined {
  const value = key === '' ? undefined : attributes.getExact(key);
  if (value === undefined) return undefined;
  const bytes = value instanceof Uint8Array ? value : Buffer.from(valueText(value));
  return bytes.length === 0 ? undefined : bytes;
}

/** 0 drops a span, and what is more keeps it. */
function spanPriority({ attributes }: Span): Priority | undefined {
  const priority = numberOf(attributes.getExact('sampling.priority'));
  if (priority === undefined || !(priority >= 0)) return undefined;
  return priority === 0
    ? { threshold: never, reason: 'sampling.priority is 0' }
    : { threshold: always, reason: '' };
}

function numberOf(value: ExactValue | undefined): number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value);
  return typeof value === 'string' ? parseGoFloat(value) : undefined;
}

/** The record's own percentage, which 0 is not. */
function logPriority({ attributes }: LogRecord, config: Config): Priority | undefined {
  const key = config.sampling_priority;
  const value = key === '' ? undefined : attributes.getExact(key);
  if (typeof value !== 'bigint' && typeof value !== 'number') return undefined;
  const threshold = thresholdFor(Number(value) / 100, config.sampling_precision);
  return threshold === undefined ? undefined : { threshold, reason: `not sampled by ${key}` };
}
