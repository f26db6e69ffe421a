/** What stands in `tests:`, and in a file of tests: one description for checks, editors and docs. */
import { z } from 'zod';
import { metricTypes } from '../../model/metrics-type.ts';
import { severities, spanKinds, statusCodes } from '../../testing/records/fields.ts';
import { temporalities } from '../../testing/records/metric-fields.ts';
import { durationNanos, timeNanos } from '../../testing/records/times.ts';
import type { ExactValue } from '../../model/value.ts';

/** Any value, typed by YAML: `1` is an int64, `1.0` a double. */
const value = z.unknown();
const attributes = z.record(z.string(), value);
const count = z.int().min(0);

const timeMessage =
  'must be a time such as 12ms after the beginning of the test, or 2026-01-01T00:00:00Z\nwrite none for no time';

const time = z
  .union([z.string(), z.bigint()])
  .refine((text) => timeNanos(text, 1n) !== undefined, { error: timeMessage })
  .meta({ type: 'string' });

const durationMessage = 'must be a duration such as 200ms, 5s or 1m30s\nunits: ns, us, ms, s, m, h';

const length = z
  .string({ error: durationMessage })
  .refine((text: ExactValue) => durationNanos(text) !== undefined, { error: durationMessage });

/** Hex digits, or a number: a short one is filled up with zeros. */
const id = (digits: number) =>
  z
    .union([z.string(), z.bigint()])
    .refine((text) => String(text).length <= digits && /^[0-9a-fA-F]*$/u.test(String(text)), {
      error: `must be at most ${digits} hex digits`,
    })
    .meta({ type: 'string' });
const traceId = id(32);
const spanId = id(16);

const event = z.strictObject({
  name: z.string().optional(),
  time: time.optional().describe('Left out: that of its span.'),
  attributes: attributes.optional(),
  dropped_attributes_count: count.optional(),
});

const link = z.strictObject({
  trace_id: traceId.optional(),
  span_id: spanId.optional(),
  trace_state: z.string().optional(),
  attributes: attributes.optional(),
  flags: count.optional(),
});

const statusCode = z.enum(statusCodes);

const span = z.strictObject({
  name: z.string().optional(),
  kind: z.enum(spanKinds).optional().describe('Left out in an input: internal.'),
  start: time.optional().describe('Left out in an input: that of its parent.'),
  duration: length.optional().describe('Left out in an input: 0s.'),
  status: z
    .union([statusCode, z.strictObject({ code: statusCode.optional(), message: z.string().optional() })])
    .optional()
    .describe('`error`, or `{code: error, message: declined}`.'),
  attributes: attributes.optional(),
  events: z.array(event).optional(),
  links: z.array(link).optional(),
  get children() {
    return z.array(span).optional().describe('The spans that have this one as their parent.');
  },
  parent: z
    .string()
    .optional()
    .describe('In an input: the name of a span before this one, of another resource perhaps.'),
  trace_id: traceId.optional().describe('Left out in an input: counted.'),
  span_id: spanId.optional().describe('Left out in an input: counted.'),
  parent_span_id: spanId.optional(),
  trace_state: z.string().optional(),
  flags: count.optional(),
  dropped_attributes_count: count.optional(),
  dropped_events_count: count.optional(),
  dropped_links_count: count.optional(),
});

const log = z.strictObject({
  body: value.optional(),
  severity: z.enum(severities).optional(),
  severity_text: z.string().optional(),
  time: time.optional().describe('Left out in an input: the beginning of the test.'),
  observed_time: time.optional(),
  attributes: attributes.optional(),
  span: z.string().optional().describe('In an input: the name of the span that it belongs to.'),
  event_name: z.string().optional(),
  trace_id: traceId.optional(),
  span_id: spanId.optional(),
  flags: count.optional(),
  dropped_attributes_count: count.optional(),
});

const number = z.union([z.bigint(), z.number()]).meta({ type: 'number' });

const buckets = z.strictObject({ offset: z.int().optional(), bucket_counts: z.array(count).optional() });

const point = z.strictObject({
  value: number.optional(),
  count: count.optional(),
  sum: z.number().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  bucket_counts: z.array(count).optional(),
  explicit_bounds: z.array(z.number()).optional(),
  scale: z.int().optional().describe('Of an exponential histogram, as the next four.'),
  zero_count: count.optional(),
  zero_threshold: z.number().optional(),
  positive: buckets.optional(),
  negative: buckets.optional(),
  quantiles: z
    .array(z.strictObject({ quantile: z.number().optional(), value: z.number().optional() }))
    .optional()
    .describe('Of a summary.'),
  time: time.optional().describe('Left out in an input: the beginning of the test.'),
  start: time.optional(),
  attributes: attributes.optional(),
  flags: count.optional(),
});

const metric = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  unit: z.string().optional(),
  type: z.enum(metricTypes).optional().describe('Left out in an input: gauge.'),
  aggregation_temporality: z.enum(temporalities).optional(),
  is_monotonic: z.boolean().optional(),
  metadata: attributes.optional(),
  points: z.array(point).optional(),
});

const scope = z.union([
  z.string(),
  z.strictObject({
    name: z.string().optional(),
    version: z.string().optional(),
    attributes: attributes.optional(),
    schema_url: z.string().optional(),
  }),
]);

const groupKeys = {
  resource: attributes.optional().describe('The attributes of the resource.'),
  resource_schema_url: z.string().optional(),
  scope: scope.optional().describe('The name of the scope, or a map.'),
  spans: z.array(span).optional(),
  logs: z.array(log).optional(),
  metrics: z.array(metric).optional(),
};

const group = z.strictObject(groupKeys);

const step = z.strictObject({
  ...groupKeys,
  file: z.string().optional().describe('A recording, relative to the file of the test.'),
  wait: length.optional().describe('Lets this much of the virtual time pass.'),
});

const groups = z.union([group, z.array(group)]);
const steps = z.union([step, z.array(z.union([step, z.array(group)]))]);

const conditions = z.array(z.string());
const flow = z.strictObject({
  in: count.optional(),
  created: count.optional(),
  out: count.optional(),
  dropped: count.optional(),
});

const request = z.strictObject({
  path: z.string().optional(),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('Headers that it must have; others are not looked at.'),
  body: value.optional().describe('The JSON of the body.'),
  records: groups.optional().describe('The records in a body of OTLP.'),
});

const expect = z.strictObject({
  output: groups
    .optional()
    .describe(
      'Everything that comes out. Fields that are not written are not compared; maps are compared whole.',
    ),
  outputs: z.record(z.string(), groups).optional().describe('The same for each of several exporters.'),
  drops: z
    .record(z.string(), count)
    .optional()
    .describe('How many items were dropped, by reason: all of them.'),
  counts: z
    .strictObject({
      spans: count.optional(),
      logs: count.optional(),
      data_points: count.optional(),
      batches: count.optional(),
    })
    .optional()
    .describe('How much came out.'),
  processors: z.record(z.string(), flow).optional().describe('What each of them counted.'),
  all: conditions
    .optional()
    .describe('OTTL conditions that hold for every record that came out, of which there is one.'),
  any: conditions.optional().describe('OTTL conditions each of which holds for some record that came out.'),
  none: conditions.optional().describe('OTTL conditions that hold for no record that came out.'),
  failures: count.optional().describe('How often a statement or condition failed on a record. Left out: 0.'),
  error: z
    .string()
    .optional()
    .describe('A part of the message with which the run stops. Left out: it must not stop.'),
  messages: z.array(z.string()).optional().describe('Parts of messages that are printed.'),
  printed: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe('The text on standard output, or parts of it.'),
  files: z
    .record(z.string(), z.union([z.string(), group, z.array(group)]))
    .optional()
    .describe('What files hold that were written: a text, or records.'),
  requests: z.array(request).optional().describe('What the backend was sent.'),
  refused: z
    .record(z.string(), count)
    .optional()
    .describe('How many items were refused, by reason: all of them.'),
  snapshot: z
    .union([z.boolean(), z.string()])
    .optional()
    .describe(
      'Compares what came out with a file, which `--update` writes. A name, or true for that of the test.',
    ),
});

const answer = z.union([
  z.int(),
  z.strictObject({
    status: z.int().default(200),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().default(''),
  }),
]);

export const testSchema = z.strictObject({
  name: z.string().min(1).describe('What holds: a sentence.'),
  pipeline: z
    .string()
    .optional()
    .describe('The pipeline that the input enters. Left out: all that receivers feed.'),
  processors: z.array(z.string()).optional().describe('Only these processors, in this order.'),
  start: z
    .string()
    .optional()
    .describe('The processor to begin at; or a receiver, which then reads `files`.'),
  end: z
    .string()
    .optional()
    .describe('The last processor; or an exporter, which then writes and sends for real, to `backend`.'),
  now: time
    .default('2026-01-01T00:00:00Z')
    .describe('The beginning of the test in virtual time: `12ms` is counted from it.'),
  files: z
    .record(z.string(), z.string())
    .default({})
    .describe('Files with this text in a folder of the test, where relative paths start then.'),
  backend: z
    .strictObject({ answers: z.array(answer).default([]) })
    .optional()
    .describe(
      'A server on this machine, whose address the config has as `${env:RESPOOL_TEST_BACKEND}`. It gives these answers, and then 200.',
    ),
  input: steps
    .default([])
    .describe('Records. Each entry of a list is a batch; a list in it is a batch of several resources.'),
  expect: expect.describe('What must hold.'),
});

export type Test = z.output<typeof testSchema>;
export type Expect = z.output<typeof expect>;
export type WrittenStep = z.output<typeof step>;

/** What a file of tests may have besides the sections of a config. */
const suiteKeys = {
  config: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe('The config under test, relative to this file; sections of this file are laid over it.'),
  env: z.record(z.string(), z.string()).optional().describe('Environment variables for `${env:NAME}`.'),
  tests: z.array(testSchema).optional().describe('What must hold of this config; `respool test` runs it.'),
};

export const suiteSchema = z.object(suiteKeys);
