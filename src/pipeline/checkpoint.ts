/** What a run saves of itself, so that another one can go on where it was: positions, counts, and the states of components. */
import { z } from 'zod';
import { signals } from '../model/signal.ts';
import type { TimeRange } from '../model/time-range.ts';

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

const json: z.ZodType<JsonValue> = z.json();
const count = z.int().nonnegative();
const signal = z.enum(signals as ['traces', 'logs', 'metrics']);
const reasons = z.array(z.tuple([z.string(), count]));
const nouns = z.strictObject({ one: z.string(), many: z.string() });

const flow = z.strictObject({
  id: z.string(),
  signal,
  in: count,
  created: count,
  out: count,
  abandoned: count,
  dropped: reasons,
  lost: count.optional(),
  deadLettered: count.optional(),
  failures: z.array(
    z.tuple([z.string(), z.strictObject({ kind: z.string(), records: nouns, count, example: z.string() })]),
  ),
  edits: reasons.optional(),
});

const unreadable = z.strictObject({
  regions: count,
  bytes: count,
  kept: z.array(
    z.strictObject({
      input: z.string(),
      line: count.optional(),
      offset: count,
      bytes: count,
      reason: z.string(),
    }),
  ),
});

const exported = z.strictObject({
  id: z.string(),
  signal,
  handed: count,
  delivered: count,
  failed: count,
  uncertain: count,
  abandoned: count,
  possiblyDuplicated: count,
  requests: count,
  retries: count,
  bytes: count,
  refused: reasons,
  deadLettered: reasons,
});

const ledgerState = z.strictObject({
  receivers: z.array(z.strictObject({ id: z.string(), flows: z.array(flow), unreadable })),
  processors: z.array(flow.extend({ pipeline: z.string() })),
  exporters: z.array(exported),
  forcedFlushes: count,
});

export type FlowState = z.output<typeof flow>;
export type ExportState = z.output<typeof exported>;
export type LedgerState = z.output<typeof ledgerState>;

const nanos = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt);

/** The form in which a checkpoint is kept: `checkpointSchema.parse` of it answers a Checkpoint. */
export const checkpointSchema = z.strictObject({
  startedAtUnixNano: nanos,
  timeRange: z.strictObject({ startUnixNano: nanos, endUnixNano: nanos }).optional(),
  positions: z.record(z.string(), json),
  states: z.record(z.string(), json),
  ledger: ledgerState,
});

/** Everything before the positions is settled, and is what the ledger counts: nothing else is. */
export interface Checkpoint {
  /** The "now" of the run that began it all: times are shifted by the same offset in every run that goes on. */
  readonly startedAtUnixNano: bigint;
  /** Of all inputs, where some processor wanted it. */
  readonly timeRange?: TimeRange | undefined;
  /** By receiver. */
  readonly positions: Readonly<Record<string, JsonValue>>;
  /** Of components that keep one: by exporter, and by `pipeline/processor`. */
  readonly states: Readonly<Record<string, JsonValue>>;
  readonly ledger: LedgerState;
}

/** What `checkpointSchema` reads, as JSON. */
export function checkpointJson({ startedAtUnixNano, timeRange, ...rest }: Checkpoint): JsonValue {
  const range = timeRange && {
    startUnixNano: String(timeRange.startUnixNano),
    endUnixNano: String(timeRange.endUnixNano),
  };
  const times = { startedAtUnixNano: String(startedAtUnixNano), ...(range && { timeRange: range }) };
  // Plain data by its types; JSON leaves out what is undefined.
  return { ...times, ...(rest as unknown as { readonly [key: string]: JsonValue }) };
}
