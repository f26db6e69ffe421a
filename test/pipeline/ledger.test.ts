import { beforeEach, describe, expect, it } from 'vitest';
import { add, flowCounts, ProcessorCounts, ReceiverCounts } from '../../src/pipeline/counts.ts';
import { ExportTally } from '../../src/pipeline/export-tally.ts';
import { Ledger } from '../../src/pipeline/ledger.ts';

let ledger: Ledger;

/** 10 spans read, 3 dropped by the one processor, 7 delivered. */
beforeEach(() => {
  ledger = new Ledger();
  const receiver = new ReceiverCounts('file');
  Object.assign(receiver.flow('traces'), { in: 10, out: 10 });
  const processor = { ...flowCounts('filter', 'traces'), pipeline: 'traces', in: 10, out: 7 };
  add(processor.dropped, 'health', 3);
  ledger.receivers.push(receiver);
  ledger.processors.push(processor);
  const tally = new ExportTally('otlp_http', 'traces', 'http://x');
  Object.assign(tally.current, { handed: 7, delivered: 7 });
  ledger.tallies.push(tally);
  ledger.pipelines.push({ id: 'traces', signal: 'traces', inputs: ['file'], outputs: ['otlp_http'] });
});

describe('a ledger', () => {
  it('balances', () => {
    expect(ledger.imbalances()).toEqual([]);
    expect(ledger.isClean()).toBe(true);
  });

  it.each([
    [
      'a processor loses an item',
      () => Object.assign(ledger.processors[0] ?? {}, { out: 6 }),
      [
        'filter (traces): in 10 + created 0 is not out 6 + dropped 3 + abandoned 0',
        'otlp_http (traces): 6 left its pipelines and 7 were handed to it',
      ],
    ],
    [
      'an exporter loses one',
      () => Object.assign(ledger.tallies[0]?.current ?? {}, { delivered: 6 }),
      [
        'otlp_http (traces): handed 7 is not delivered 6 + refused 0 + dead-lettered 0 + failed 0 + uncertain 0 + abandoned 0',
      ],
    ],
    [
      'a batch passes by a processor',
      () => Object.assign(ledger.processors[0] ?? {}, { in: 0, out: 0, dropped: new Map() }),
      [
        'traces: 10 left file and 0 entered filter',
        'otlp_http (traces): 0 left its pipelines and 7 were handed to it',
      ],
    ],
    [
      'an exporter is passed by',
      () => Object.assign(ledger.tallies[0]?.current ?? {}, { handed: 0, delivered: 0 }),
      ['otlp_http (traces): 7 left its pipelines and 0 were handed to it'],
    ],
  ])('says so when %s', (_name, breakIt, expected) => {
    breakIt();
    expect(ledger.imbalances()).toEqual(expected);
  });

  it('is not clean when items were refused or a region was unreadable', () => {
    ledger.receivers[0]?.addUnreadable({ input: 'a', offset: 0, bytes: 5, reason: 'x' });
    ledger.receivers[0]?.commit();
    expect(ledger.isClean()).toBe(false);
  });
});

describe('what failed on records', () => {
  const flow = () => flowCounts('mask', 'logs');

  it('is counted by its text, with the first example only, which is made once', () => {
    const counts = new ProcessorCounts(flow());
    const first = ['a', 'b'].map((one) => counts.fail('parse the body', () => one));
    counts.fail('find the user', () => 'c');
    expect(first).toEqual(['a', undefined]);
    const records = { one: 'log record', many: 'log records' };
    expect(Object.fromEntries(counts.flow.failures)).toEqual({
      'parse the body': { kind: '', records, count: 2, example: 'a' },
      'find the user': { kind: '', records, count: 1, example: 'c' },
    });
  });

  it('loses no item', () => {
    new ProcessorCounts(ledger.processors[0] ?? flow()).fail('x', () => '');
    expect(ledger.imbalances()).toEqual([]);
    expect(ledger.isClean()).toBe(true);
  });

  it('stays bounded, whatever its texts are', () => {
    const counts = new ProcessorCounts(flow());
    for (let at = 0; at < 1000; at++) counts.fail(`${at}`, () => 'long'.repeat(10_000));
    const failures = [...counts.flow.failures.values()];
    expect(failures).toHaveLength(101);
    expect(failures.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
    expect(counts.flow.failures.get('everything else')?.count).toBe(900);
    expect(Math.max(...failures.map(({ example }) => example.length))).toBeLessThan(1000);
  });
});
