/** Each law of the contracts fails for a component that breaks it, and names what is wrong. */
import { describe, expect, it } from 'vitest';
import { emptyBatch, type AnyBatch } from '../../src/model/batches.ts';
import { defineExporter } from '../../src/modules/define-exporter.ts';
import { defineProcessor } from '../../src/modules/define-processor.ts';
import { defineReceiver } from '../../src/modules/define-receiver.ts';
import type { Exporter, ExportRequest, Processor, Receiver } from '../../src/pipeline/component.ts';
import {
  exporterContract,
  processorContract,
  receiverContract,
  type ContractCase,
} from '../../src/testing/main.ts';

/** The laws that do not hold, with their messages. */
async function broken(cases: readonly ContractCase[]): Promise<string[]> {
  const found: string[] = [];
  for (const { name, run } of cases)
    await run().catch((error: Error) => found.push(`${name}: ${error.message}`));
  return found;
}

const processor = (create: () => Processor) =>
  processorContract({ component: defineProcessor({ create }), signals: ['traces'] });

describe('a processor', () => {
  it('that is right breaks none', async () => {
    expect(await broken(processor(() => ({ consume: (batch, next) => next.consume(batch) })))).toEqual([]);
  });

  it('that loses items', async () => {
    const found = await broken(processor(() => ({ consume: async () => {} })));
    expect(found.join('\n')).toContain(
      'accounts for every item that it is given: with traces: 10 items came in',
    );
  });

  it('that acknowledges early, and does not see failures', async () => {
    const found = await broken(
      processor(() => ({
        async consume(batch, next) {
          next.consume(batch).catch(() => {});
        },
      })),
    );
    expect(found.map((text) => text.split(':')[0])).toEqual([
      'acknowledges what it handed on when that is settled, and not before',
      'does not acknowledge what the next one rejects',
    ]);
  });

  it('that shares what it knows with others of it', async () => {
    let seen = 0;
    const found = await broken(
      processor(() => ({
        async consume(batch, next) {
          if (seen++ % 2 === 0 && batch.signal === 'traces')
            for (const span of batch.spans()) span.drop('seen');
          await next.consume(batch);
        },
      })),
    );
    expect(found.join('\n')).toContain('has nothing in common with another one of it');
  });

  it('that keeps what it holds', async () => {
    const found = await broken(
      processor(() => {
        let items = 0;
        return {
          get heldItems() {
            return items;
          },
          async consume(batch) {
            items += batch.itemCount;
          },
        };
      }),
    );
    expect(found.join('\n')).toContain('holds nothing after a flush: with traces: 5 items are still inside');
  });

  it('that cannot take nothing', async () => {
    const found = await broken(
      processor(() => ({
        async consume(batch, next) {
          if (batch.itemCount === 0) throw new Error('empty');
          await next.consume(batch);
        },
      })),
    );
    expect(found.join('\n')).toMatch(/^takes a batch without items: with traces: .*empty$/);
  });
});

interface Whole extends ExportRequest {
  readonly batch: AnyBatch;
}

const exporter = (overrides: Partial<Exporter>) =>
  exporterContract({
    component: defineExporter({
      create: (): Exporter => ({
        target: 'here',
        requests: (batch) => [{ signal: batch.signal, items: batch.itemCount, bytes: 1, batch } as Whole],
        send: async () => ({ verdict: 'delivered' }),
        ...overrides,
      }),
    }),
    signals: ['logs'],
  });

describe('an exporter', () => {
  it('that is right breaks none', async () => {
    expect(await broken(exporter({}))).toEqual([]);
  });

  it.each<[string, Partial<Exporter>, RegExp]>([
    [
      'loses items',
      { requests: (batch) => [{ signal: batch.signal, items: batch.itemCount - 1, bytes: 1 }] },
      /^makes requests that hold each item once: with logs: a batch of 4 items became requests of 3/m,
    ],
    [
      'edits the batch',
      {
        requests(batch) {
          if (batch.signal === 'logs') for (const log of batch.logRecords()) log.body = 'x';
          return [{ signal: batch.signal, items: batch.itemCount, bytes: 1 }];
        },
      },
      /^leaves the batch as it is/m,
    ],
    [
      'does not deliver',
      { send: async () => ({ verdict: 'refused', reason: 'no' }) },
      /^delivers: with logs: an attempt ended as refused: no/m,
    ],
    ['splits for ever', { split: (request) => [request, { ...request, items: 0 }] }, /split for ever/],
    [
      'gives back nothing',
      { itemsOf: () => emptyBatch('logs') },
      /^gives the items of a request back .*: a request of 4 items gave back 0/m,
    ],
    ['shows a password', { target: 'http://u:p@host/' }, /the target shows a password/],
    [
      'needs a start in a dry run',
      { shutdown: () => Promise.reject(new Error('not started')) },
      /^prepares, encodes and ends in a dry run.*not started/m,
    ],
  ])('that %s', async (_, overrides, message) => {
    expect((await broken(exporter(overrides))).join('\n')).toMatch(message);
  });
});

const texts = ['a', 'b', 'c'];

function batchOf(text: string): AnyBatch {
  const batch = emptyBatch('logs');
  batch.addResource().addScope().addLogRecord().body = text;
  return batch;
}

const receiver = (create: (position: unknown) => Receiver) =>
  receiverContract({ component: defineReceiver({ create: (_, { position }) => create(position) }) });

describe('a receiver', () => {
  const right = (position: unknown): Receiver => ({
    async start(output) {
      for (let at = Number(position ?? 0); at < texts.length; at++)
        await output.emit(batchOf(texts[at] ?? ''), at + 1);
    },
  });

  it('that is right breaks none', async () => {
    expect(await broken(receiver(right))).toEqual([]);
  });

  it('that reads nothing', async () => {
    expect((await broken(receiver(() => ({ start: async () => {} })))).join('\n')).toMatch(
      /^reads something, and comes to its end/,
    );
  });

  it('that goes on from the wrong place', async () => {
    const found = await broken(
      receiver((position) => right(position === undefined ? 0 : Number(position) - 1)),
    );
    expect(found.join('\n')).toMatch(
      /^goes on from each of its positions with just the rest: from the position behind batch 1/,
    );
  });

  it('that runs ahead', async () => {
    const found = await broken(
      receiver(() => ({
        async start(output) {
          for (let at = 0; at < 100; at++) output.emit(batchOf('x')).catch(() => {});
        },
      })),
    );
    expect(found.join('\n')).toMatch(/^waits while its batches are not taken: it came to its end/m);
    expect(found.join('\n')).toMatch(/^ends when nobody takes its batches any more: it went on for 100/m);
  });

  it('that reads something else each time', async () => {
    let times = 0;
    const found = await broken(
      receiver(() => ({
        async start(output) {
          await output.emit(batchOf(String(times++)));
        },
      })),
    );
    expect(found.join('\n')).toMatch(/^cuts what it reads into the same batches each time/m);
  });

  it('that knows too little of its times', async () => {
    const found = await broken(
      receiver(() => ({
        scan: async () => ({ startUnixNano: 5n, endUnixNano: 5n }),
        async start(output) {
          const batch = emptyBatch('logs');
          batch.addResource().addScope().addLogRecord().timeUnixNano = 7n;
          await output.emit(batch);
        },
      })),
    );
    expect(found.join('\n')).toMatch(/^knows the range of all times before it reads/m);
  });
});

it('a test runner may be given', () => {
  const names: string[] = [];
  const cases = processorContract({ component: 'batch' }, (name) => names.push(name));
  expect(names).toEqual(cases.map(({ name }) => name));
});
