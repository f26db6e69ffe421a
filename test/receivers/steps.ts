/** What a receiver hands over, step by step: each batch and each position with what was counted until then. */
import type { AnyBatch } from '../../src/model/batches.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import { toJson } from '../../src/model/to-json.ts';
import type { JsonValue } from '../../src/pipeline/checkpoint.ts';
import { total, type ReceiverCounts } from '../../src/pipeline/counts.ts';
import { InterruptedError } from '../../src/pipeline/errors.ts';
import { receiverIn, type ReadOptions } from './support.ts';

export interface Step {
  /** Undefined for a position without a batch. */
  readonly batch: unknown;
  readonly position: JsonValue | undefined;
  /** What was counted since the step before. */
  readonly counted: { readonly regions: string[]; readonly dropped: number };
}

export interface Steps {
  readonly steps: Step[];
  readonly log: string[];
  readonly counts: ReceiverCounts;
}

export interface StepOptions extends ReadOptions {
  /** The run is told to stop after so many batches; one more is asked for and refused. */
  readonly stopAfter?: number | undefined;
}

/** Reads until the end, or until it is stopped. */
export async function stepsOf(directory: string, config: object, options: StepOptions = {}): Promise<Steps> {
  const stop = new AbortController();
  const { receiver, counts, log } = await receiverIn(directory, config, { signal: stop.signal, ...options });
  const steps: Step[] = [];
  const seen = { regions: 0, dropped: 0 };
  const commit = () => {
    counts.commit();
    const regions = counts.unreadable.kept
      .slice(seen.regions)
      .map(({ input, line, offset, bytes, reason }) => `${input}:${line} ${offset}+${bytes} ${reason}`);
    const dropped = [...counts.flows.values()].reduce((sum, flow) => sum + total(flow.dropped), 0);
    const counted = { regions, dropped: dropped - seen.dropped };
    Object.assign(seen, { regions: counts.unreadable.regions, dropped });
    return counted;
  };
  let left = options.stopAfter ?? Infinity;
  try {
    await receiver.start({
      emit: async (batch, position) => {
        await options.onBatch?.(batch);
        if (left-- <= 0) throw new InterruptedError();
        steps.push({ batch: plain(batch), position: copyOf(position), counted: commit() });
        batch.release();
        if (left === 0) stop.abort();
      },
      advance: (position) => steps.push({ batch: undefined, position: copyOf(position), counted: commit() }),
    });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
  }
  return { steps, log, counts };
}

/** As it comes back from a file. */
function copyOf(position: JsonValue | undefined): JsonValue | undefined {
  return position === undefined ? undefined : (JSON.parse(JSON.stringify(position)) as JsonValue);
}

export function plain(batch: AnyBatch): unknown {
  const bytes = batch.encode();
  return JSON.parse(toJson(bytes, 0, bytes.length, dataTypeOf(batch.signal)));
}

/** The batches, and all that was counted, of steps that follow each other. */
export function sumOf(steps: readonly Step[]) {
  return {
    batches: steps.flatMap(({ batch }) => (batch === undefined ? [] : [batch])),
    regions: steps.flatMap(({ counted }) => counted.regions),
    dropped: steps.reduce((sum, { counted }) => sum + counted.dropped, 0),
  };
}
