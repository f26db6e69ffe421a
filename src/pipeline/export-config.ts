/** The keys that every exporter that sends has, as the Collector's exporterhelper names them. */
import { z } from 'zod';
import { duration, moot, refused } from '../config/fields.ts';
import type { ExportPolicy } from './component.ts';

const retryOnFailure = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Try again after answers that may change: 408, 429, 502, 503, 504, network errors.'),
  initial_interval: duration()
    .default(1000)
    .describe(
      "Wait before the second attempt. Shorter than the Collector's 5s: a job is watched by a person.",
    ),
  max_interval: duration()
    .default(30_000)
    .describe('What the waits between two attempts grow to, before `randomization_factor`.'),
  max_elapsed_time: duration()
    .default(0)
    .describe(
      'Give up after this time; 0s never gives up, which is right for a job that ends. The Collector drops after 300s.',
    ),
  multiplier: z.number().min(1).default(1.5).describe('How much longer each wait is than the one before.'),
  randomization_factor: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe(
      'How far each wait may differ from its interval, as a share of it. 1 is full jitter: from nothing to twice the interval, so that those who failed together do not come back together. The Collector has 0.5.',
    ),
});

const sendingQueue = z.strictObject({
  enabled: z.boolean().default(true).describe('Off: one request at a time.'),
  num_consumers: z
    .int()
    .min(1)
    .max(1000)
    .default(4)
    .describe(
      'Requests under way at the same time. The Collector has 10; order is kept where the backend needs it. Half as many after a 429, a 503 or a timeout, growing back with what is taken.',
    ),
  queue_size: moot('what waits is bounded in bytes by `service.max_in_flight`, and the file is the queue'),
  sizer: moot('what waits is bounded in bytes by `service.max_in_flight`'),
  block_on_overflow: moot('a full queue always waits and never drops'),
  wait_for_result: moot('every batch waits for its result'),
  storage: refused('nothing to store: the recording itself is the queue; leave the key out'),
  batch: refused('use the processor `batch`, with its keys `send_batch_size` and `timeout`'),
});

/** Spread into the strictObject of an exporter's schema. */
export const exportKeys = {
  timeout: duration().default(30_000).describe('Wall-clock bound of one attempt.'),
  retry_on_failure: retryOnFailure.prefault({}).describe('How often and how fast to try again.'),
  sending_queue: sendingQueue.prefault({}).describe('How many requests are under way.'),
  on_error: z
    .enum(['fail', 'dead_letter', 'drop'])
    .default('fail')
    .describe(
      'What becomes of items that cannot be delivered. fail: what the backend will never take goes to the dead-letter file if there is one, and else counts as refused; when the exporter cannot go on (wrong credentials, retries used up) the run stops and can be resumed. dead_letter: then its items go to the dead-letter file too, and the run goes on. drop: both count as refused, and the run goes on.',
    ),
};

export type ExportKeys = z.output<z.ZodObject<typeof exportKeys>>;

export function exportPolicy(config: ExportKeys): ExportPolicy {
  const { enabled, initial_interval, max_interval, max_elapsed_time, multiplier, randomization_factor } =
    config.retry_on_failure;
  return {
    consumers: config.sending_queue.enabled ? config.sending_queue.num_consumers : 1,
    timeoutMs: config.timeout,
    onError: config.on_error,
    retry: {
      enabled,
      initialIntervalMs: initial_interval,
      maxIntervalMs: max_interval,
      maxElapsedMs: max_elapsed_time,
      multiplier,
      randomizationFactor: randomization_factor,
    },
  };
}

/** For exporters that write to a place of their own: one at a time, in order, never again. */
export const localPolicy: ExportPolicy = {
  consumers: 1,
  timeoutMs: 0,
  retry: {
    enabled: false,
    initialIntervalMs: 0,
    maxIntervalMs: 0,
    maxElapsedMs: 0,
    multiplier: 1,
    randomizationFactor: 0,
  },
};
