/** What a program puts in and takes out, as a receiver and as an exporter. */
import { Batch } from '../model/batch.ts';
import type { AnyBatch } from '../model/batches.ts';
import type {
  Exporter,
  ExportRequest,
  Outcome,
  Receiver,
  ReceiverContext,
  ReceiverOutput,
} from '../pipeline/component.ts';
import { InterruptedError, messageOf } from '../pipeline/errors.ts';
import { batchFromOtlp, type OtlpObject } from './otlp-objects.ts';

/** A batch, or an object of OTLP JSON. The pipeline owns a batch from then on. */
export type InputItem = AnyBatch | OtlpObject;

export type PipelineInput = Iterable<InputItem> | AsyncIterable<InputItem>;

/** Takes what comes out; a batch is delivered when the promise resolves, and the run stops when it rejects. */
export type TakeBatch = (batch: AnyBatch) => void | Promise<void>;

/** One batch with who wants to know what becomes of it. */
export interface Fed {
  readonly batch: AnyBatch;
  readonly onSettled?: (isSafe: boolean) => void;
}

/** Hands over what is there as there is room for it. */
export class ProgramReceiver implements Receiver {
  private readonly source: AsyncIterator<Fed>;
  private readonly context: ReceiverContext;

  constructor(source: AsyncIterable<Fed>, context: ReceiverContext) {
    this.source = source[Symbol.asyncIterator]();
    this.context = context;
  }

  async start(output: ReceiverOutput): Promise<void> {
    const { signal } = this.context;
    const stopped = new Promise<undefined>((resolve) => {
      if (signal.aborted) resolve(undefined);
      else signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    try {
      for (;;) {
        const asked = this.source.next();
        const next = await Promise.race([asked, stopped]);
        if (next === undefined) leaveOut(asked);
        if (next === undefined || next.done === true) return;
        await this.handOver(next.value, output);
      }
    } finally {
      // A source that waits for something else may never answer.
      void this.source.return?.().catch(() => {});
    }
  }

  private async handOver({ batch, onSettled }: Fed, output: ReceiverOutput): Promise<void> {
    try {
      await output.emit(batch, undefined, onSettled === undefined ? {} : { onSettled });
    } catch (error) {
      onSettled?.(false);
      if (!(error instanceof InterruptedError)) throw error;
    }
  }
}

/** What comes after the end is not taken, and who waits for it is told. */
function leaveOut(asked: Promise<IteratorResult<Fed, unknown>>): void {
  asked.then(
    ({ done, value }) => {
      if (done !== true) value.onSettled?.(false);
    },
    () => {},
  );
}

export async function* fedBy(input: PipelineInput): AsyncGenerator<Fed> {
  for await (const item of input) yield { batch: item instanceof Batch ? item : batchFromOtlp(item) };
}

interface TakenRequest extends ExportRequest {
  readonly batch: AnyBatch;
}

/** Gives each batch to the program, one after the other. */
export class ProgramExporter implements Exporter<TakenRequest> {
  readonly target = 'the program';
  readonly ordered = true;
  private readonly take: TakeBatch;

  constructor(take: TakeBatch) {
    this.take = take;
  }

  *requests(batch: AnyBatch): Generator<TakenRequest> {
    const { signal, itemCount: items, byteLength: bytes } = batch;
    yield { signal, items, bytes, order: '', batch };
  }

  async send({ batch }: TakenRequest): Promise<Outcome> {
    try {
      // The run gives its own back when it is settled; this one is the program's.
      await this.take(batch.clone());
      return { verdict: 'delivered' };
    } catch (error) {
      return { verdict: 'stop', reason: `the program did not take it: ${messageOf(error)}` };
    }
  }

  itemsOf({ batch }: TakenRequest): AnyBatch {
    return batch.clone();
  }
}
