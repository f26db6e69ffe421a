/**
 * The contract of an exporter: its requests hold the items of the batch, each once; parts of a request are the request; a dry
 * run opens nothing. The exporter is to be given something that it can deliver to.
 */
import type { AnyBatch } from '../../model/batches.ts';
import type { Signal } from '../../model/signal.ts';
import type { Exporter, ExporterContext, ExportRequest, Outcome } from '../../pipeline/component.ts';
import { messageOf } from '../../pipeline/errors.ts';
import type { PlannedExporter } from '../../pipeline/plan.ts';
import { planOfOne } from '../plans.ts';
import {
  contractClock,
  given,
  hold,
  sampleBatch,
  silent,
  type ContractCase,
  type ContractOptions,
  type TestFunction,
} from './cases.ts';

/** The laws as a list, or handed to `test`. */
export function exporterContract(options: ContractOptions, test?: TestFunction): readonly ContractCase[] {
  const law = (name: string, check: (one: Subject) => Promise<void>): ContractCase => ({
    name,
    run: async () => {
      const plan = await planOfOne('exporter', options);
      for (const planned of plan.exporters)
        for (const signal of planned.signals) {
          try {
            await check(new Subject(planned, signal, options));
          } catch (error) {
            throw new Error(`with ${signal}: ${messageOf(error)}`, { cause: error });
          }
        }
    },
  });
  return given(
    [
      law('makes requests that hold each item once', holdsItems),
      law('leaves the batch as it is', leavesBatch),
      law('delivers', delivers),
      law('splits a request into parts that are the whole of it', splits),
      law('gives the items of a request back for the dead-letter file', givesBack),
      law('ends an attempt that is given up', givesUp),
      law('prepares, encodes and ends in a dry run, which starts and sends nothing', runsDry),
      law('says where the data goes, without a secret', saysTarget),
    ],
    test,
  );
}

class Subject {
  readonly planned: PlannedExporter;
  readonly signal: Signal;
  private readonly options: ContractOptions;

  constructor(planned: PlannedExporter, signal: Signal, options: ContractOptions) {
    this.planned = planned;
    this.signal = signal;
    this.options = options;
  }

  async create(): Promise<Exporter> {
    const clock = contractClock();
    const context: ExporterContext = {
      id: this.planned.id,
      logger: silent,
      clock,
      signal: new AbortController().signal,
      startedAtUnixNano: clock.nowUnixNano(),
      print: () => Promise.resolve(),
      directory: this.options.directory ?? '.',
    };
    return await this.planned.create(context);
  }

  /** Does something with a started exporter, and ends it whatever comes. */
  async started(work: (exporter: Exporter) => Promise<void>): Promise<void> {
    const exporter = await this.create();
    try {
      await exporter.prepare?.();
      await exporter.start?.();
      await work(exporter);
    } finally {
      await exporter.shutdown?.();
    }
  }

  sample(): AnyBatch {
    return sampleBatch(this.signal, this.options.input);
  }
}

async function requestsOf(exporter: Exporter, batch: AnyBatch): Promise<ExportRequest[]> {
  const requests: ExportRequest[] = [];
  for await (const request of exporter.requests(batch)) requests.push(request);
  return requests;
}

function itemsIn(requests: readonly ExportRequest[]): number {
  return requests.reduce((sum, { items }) => sum + items, 0);
}

async function holdsItems(one: Subject): Promise<void> {
  await one.started(async (exporter) => {
    const batch = one.sample();
    const requests = await requestsOf(exporter, batch);
    const items = itemsIn(requests);
    hold(items === batch.itemCount, `a batch of ${batch.itemCount} items became requests of ${items}`);
    for (const { signal, bytes } of requests) {
      hold(signal === one.signal, `a request of ${signal} was made of ${one.signal}`);
      hold(Number.isFinite(bytes) && bytes >= 0, `a request takes up ${bytes} bytes`);
    }
  });
}

async function leavesBatch(one: Subject): Promise<void> {
  await one.started(async (exporter) => {
    const batch = one.sample();
    const before = Buffer.from(batch.encode());
    await requestsOf(exporter, batch);
    hold(before.equals(batch.encode()), 'the batch is another one after its requests were made');
  });
}

async function delivers(one: Subject): Promise<void> {
  await one.started(async (exporter) => {
    for (const request of await requestsOf(exporter, one.sample())) {
      const outcome = await exporter.send(request, new AbortController().signal);
      hold(outcome.verdict === 'delivered', `an attempt ended as ${outcomeText(outcome)}`);
    }
  });
}

function outcomeText(outcome: Outcome): string {
  return 'reason' in outcome ? `${outcome.verdict}: ${outcome.reason}` : outcome.verdict;
}

async function splits(one: Subject): Promise<void> {
  await one.started(async (exporter) => {
    if (exporter.split === undefined) return;
    for (const request of await requestsOf(exporter, one.sample())) {
      // Nobody asks for the parts of a single item.
      if (request.items < 2) continue;
      const parts = await exporter.split(request);
      hold(
        itemsIn(parts) === request.items,
        `a request of ${request.items} items was split into parts of ${parts.map(({ items }) => items).join(' and ')}`,
      );
      hold(parts.length > 1 || parts[0] === request, 'one part alone must be the request itself');
      hold(
        parts.length === 1 || parts.every(({ items }) => items < request.items),
        'a part of a request is as large as the request: it would be split for ever',
      );
    }
  });
}

async function givesBack(one: Subject): Promise<void> {
  await one.started(async (exporter) => {
    if (exporter.itemsOf === undefined) return;
    for (const request of await requestsOf(exporter, one.sample())) {
      const batch = await exporter.itemsOf(request);
      hold(
        batch.itemCount === request.items && batch.signal === request.signal,
        `a request of ${request.items} items gave back ${batch.itemCount}`,
      );
    }
  });
}

async function givesUp(one: Subject): Promise<void> {
  await one.started(async (exporter) => {
    for (const request of await requestsOf(exporter, one.sample()))
      await exporter.send(request, AbortSignal.abort(new Error('given up'))).catch(() => {});
  });
}

async function runsDry(one: Subject): Promise<void> {
  const exporter = await one.create();
  await exporter.prepare?.();
  await requestsOf(exporter, one.sample());
  await exporter.shutdown?.();
}

async function saysTarget(one: Subject): Promise<void> {
  const { target } = await one.create();
  hold(target.trim() !== '', 'the target is empty');
  hold(!/:\/\/[^/]*:[^/]*@/.test(target), 'the target shows a password');
}
