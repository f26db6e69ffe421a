/** What runs over the bytes of a batch against the same on views. */
import fc from 'fast-check';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { batchOf, type AnyBatch } from '../../src/model/batches.ts';
import { QuickProgram } from '../../src/model/quick-program.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import type { Signal } from '../../src/model/signal.ts';
import { toJson } from '../../src/model/to-json.ts';
import type { Consumer, ProcessorFactory } from '../../src/pipeline/component.ts';
import { flowCounts, ProcessorCounts } from '../../src/pipeline/counts.ts';
import { attributes } from '../../src/processors/attributes.ts';
import { filter } from '../../src/processors/filter.ts';
import { transform } from '../../src/processors/transform.ts';
import { WireError } from '../../src/wire/errors.ts';
import { plainLogs, plainTraces } from '../support/arbitrary-otlp.ts';
import { encodePlain, type Plain } from '../support/plain-otlp.ts';
import { configure, memoryLogger, processorContext, Sink } from '../support/processors.ts';
import { conditions, quickKeys, statements, type Language } from '../support/quick-texts.ts';

type ItemSignal = 'traces' | 'logs';

/** Values under a few keys, nearly all of them such that the program does not give up on them by itself. */
const usualAttributes = fc
  .uniqueArray(
    fc.tuple(
      quickKeys,
      fc.oneof(
        fc
          .constantFrom(
            '',
            'GET',
            'short',
            'GET ü1',
            'üüü'.repeat(30),
            '\0',
            '\ufeffGET',
            '\ufffd',
            'o'.repeat(128),
          )
          .map((stringValue) => ({ stringValue })),
        // What is converted.
        fc
          .constantFrom('1e308', '-0', '007', '+5', '1_0', 'Inf', '99999999999999999999', ' 1')
          .map((stringValue) => ({ stringValue })),
        fc
          .constantFrom(0n, 1n, 200n, -1n, 9007199254740993n, 2n ** 56n, 2n ** 63n - 1n, -(2n ** 63n))
          .map((intValue) => ({ intValue })),
        fc
          .constantFrom(0, -0, 1.5, 200, 9007199254740992, 5e-324, 1e308, Infinity, NaN)
          .map((doubleValue) => ({ doubleValue })),
        fc.boolean().map((boolValue) => ({ boolValue })),
        fc.constantFrom<Plain[]>({}, { bytesValue: '' }, { arrayValue: {} }),
      ),
    ),
    { selector: ([key]) => key, maxLength: 6 },
  )
  .map((entries) => entries.map(([key, value]) => ({ key, value })));

const usualText = fc.constantFrom('', 'GET', 'GET /o1', 'ü'.repeat(20));

const usualItems: Readonly<Record<ItemSignal, fc.Arbitrary<Plain>>> = {
  traces: fc.record({
    name: usualText,
    kind: fc.integer({ min: 0, max: 5 }),
    status: fc.record({ code: fc.integer({ min: 0, max: 2 }) }),
    attributes: usualAttributes,
  }),
  logs: fc.record({
    severityText: usualText,
    severityNumber: fc.constantFrom(0, 9, 13),
    body: usualText.map((stringValue) => ({ stringValue })),
    attributes: usualAttributes,
  }),
};

const levels = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
} as const;

function usual(signal: ItemSignal): fc.Arbitrary<Plain> {
  const [group, inner, items] = levels[signal];
  const scope = fc.record({ [items]: fc.array(usualItems[signal], { maxLength: 3 }) });
  const resource = fc.record({ attributes: usualAttributes });
  const one = fc.record({ resource, [inner]: fc.array(scope, { maxLength: 2 }) });
  return fc.record({ [group]: fc.array(one, { maxLength: 2 }) });
}

const messages = { traces: 'TracesData', logs: 'LogsData' } as const;
const strange = { traces: plainTraces, logs: plainLogs };

function dataOf(signal: ItemSignal): fc.Arbitrary<Buffer> {
  return fc
    .oneof({ weight: 5, arbitrary: usual(signal) }, { weight: 1, arbitrary: strange[signal] })
    .map((plain) => encodePlain(messages[signal], plain));
}

let isQuick = false;
let passes = 0;
let quickPasses = 0;

const run = Reflect.get(QuickProgram.prototype, 'runAlone');

vi.spyOn(QuickProgram.prototype, 'runAlone').mockImplementation(function (this: QuickProgram, batch) {
  const isDone = isQuick && run.call(this, batch);
  if (isDone) quickPasses++;
  return isDone;
});

afterAll(() => {
  // Else the tests say nothing of programs.
  expect(quickPasses).toBeGreaterThan(passes / 3);
});

interface Outcome {
  /** To be looked at. */
  readonly json: string | undefined;
  readonly bytes: string | undefined;
  readonly items: number;
  readonly drops: ReadonlyMap<string, number>;
  readonly counted: unknown;
  readonly failures: unknown;
  readonly lines: unknown;
}

type Stage = readonly [ProcessorFactory, unknown];

async function outcome(stages: readonly Stage[], batch: AnyBatch): Promise<Outcome> {
  const { signal }: { signal: Signal } = batch;
  const logger = memoryLogger();
  const sink = new Sink();
  const failures: unknown[] = [];
  /** Items, and drops, as they are counted between two processors. */
  const counted: unknown[] = [];
  let next: Consumer = sink;
  for (const [factory, config] of stages.toReversed()) {
    const flow = flowCounts('it', signal);
    failures.push(flow.failures);
    const context = { pipelineSignal: signal, logger, counts: new ProcessorCounts(flow) };
    const processor = await factory.create(config, processorContext(context));
    const out = next;
    const counting: Consumer = {
      consume(passed) {
        counted.push([passed.itemCount, passed.takeDrops()]);
        return out.consume(passed);
      },
    };
    next = { consume: (passed) => processor.consume(passed, counting) };
  }
  await next.consume(batch);
  const bytes = sink.batches[0]?.encode();
  return {
    json: bytes && toJson(bytes, 0, bytes.length, dataTypeOf(signal)),
    bytes: bytes?.toString('hex'),
    items: batch.itemCount,
    drops: batch.takeDrops(),
    counted,
    failures,
    lines: logger.lines,
  };
}

async function compare<Config>(
  factory: ProcessorFactory<Config>,
  yaml: unknown,
  data: readonly [ItemSignal, Buffer],
): Promise<void> {
  await compareAll([[factory, yaml]], data);
}

async function compareAll(
  stages: readonly Stage[],
  [signal, bytes]: readonly [ItemSignal, Buffer],
): Promise<void> {
  const configured = stages.map(([factory, yaml]): Stage => {
    const { config } = configure(factory, JSON.stringify(yaml), [signal]);
    fc.pre(config !== undefined);
    return [factory, config];
  });
  isQuick = false;
  const expected = await outcome(configured, batchOf(signal, Buffer.from(bytes)));
  isQuick = true;
  const batch = batchOf(signal, Buffer.from(bytes));
  const clone = batch.clone();
  expect(await outcome(configured, batch)).toStrictEqual(expected);
  expect(Buffer.from(clone.encode()).equals(bytes)).toBe(true);
  passes++;
}

/** A few bytes of it are others, as far as it is still a message. */
function damaged(signal: ItemSignal): fc.Arbitrary<Buffer> {
  const damages = fc.array(
    fc.record({ at: fc.nat(), by: fc.oneof(fc.nat(255), fc.constantFrom(0, 0x80, 0xc0, 0xff)) }),
    { minLength: 1, maxLength: 3 },
  );
  return fc.tuple(dataOf(signal), damages).map(([bytes, all]) => {
    const copy = Buffer.from(bytes);
    for (const { at, by } of all) if (copy.length > 0) copy[at % copy.length] = by;
    return isWellFormed(signal, copy) ? copy : bytes;
  });
}

function isWellFormed(signal: ItemSignal, bytes: Buffer): boolean {
  try {
    batchOf(signal, Buffer.from(bytes));
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

const contexts = { traces: 'span', logs: 'log' } as const;
const statementKeys = { traces: 'trace_statements', logs: 'log_statements' } as const;
const conditionKeys = { traces: 'trace_conditions', logs: 'log_conditions' } as const;

/** Of processor attributes. */
const action = fc
  .record(
    {
      key: fc.constantFrom('a', 'n', 'http.route', 'missing'),
      action: fc.constantFrom('insert', 'update', 'upsert', 'delete', 'hash', 'convert'),
      value: fc.constantFrom<unknown[]>('v', 7, 2.5, true, [1, 'x'], 'ö'.repeat(200)),
      converted_type: fc.constantFrom('int', 'double', 'string'),
    },
    { requiredKeys: ['key', 'action', 'value', 'converted_type'] },
  )
  .map(({ key, action, value, converted_type }) => {
    if (action === 'convert') return { key, action, converted_type };
    return action === 'delete' || action === 'hash' ? { key, action } : { key, action, value };
  });

const runs = { numRuns: Number(process.env['QUICK_RUNS'] ?? 300) };

describe.each(['traces', 'logs'] as const)(
  '%s come out the same over their bytes and on views:',
  (signal) => {
    const context = contexts[signal];
    const named: Language = { prefix: `${context}.`, context };
    const bare: Language = { prefix: '', context };

    test('statements', async () => {
      const list = fc.array(statements(named), { minLength: 1, maxLength: 4 });
      const property = fc.asyncProperty(list, dataOf(signal), (texts, bytes) =>
        compare(transform, { [statementKeys[signal]]: texts }, [signal, bytes]),
      );
      await fc.assert(property, runs);
    });

    test('statements on damaged data', async () => {
      const list = fc.array(statements(named), { minLength: 1, maxLength: 3 });
      const property = fc.asyncProperty(list, damaged(signal), (texts, bytes) =>
        compare(transform, { [statementKeys[signal]]: texts }, [signal, bytes]),
      );
      await fc.assert(property, runs);
    });

    test('groups of statements with conditions', async () => {
      const group = fc.record({
        context: fc.constant(context),
        conditions: fc.array(conditions(bare), { maxLength: 2 }),
        statements: fc.array(statements(bare), { minLength: 1, maxLength: 3 }),
      });
      const groups = fc.array(group, { minLength: 1, maxLength: 2 });
      const property = fc.asyncProperty(groups, dataOf(signal), (all, bytes) =>
        compare(transform, { [statementKeys[signal]]: all }, [signal, bytes]),
      );
      await fc.assert(property, runs);
    });

    test('what conditions drop', async () => {
      const list = fc.array(conditions(named), { minLength: 1, maxLength: 3 });
      const property = fc.asyncProperty(list, dataOf(signal), (texts, bytes) =>
        compare(filter, { [conditionKeys[signal]]: texts }, [signal, bytes]),
      );
      await fc.assert(property, runs);
    });

    test('actions on attributes', async () => {
      const list = fc.array(action, { minLength: 1, maxLength: 4 });
      const property = fc.asyncProperty(list, dataOf(signal), (actions, bytes) =>
        compare(attributes, { actions }, [signal, bytes]),
      );
      await fc.assert(property, runs);
    });

    test('more deletes than a program may have questions', async () => {
      const keys = ['a', 'n', 'k', ...Array.from({ length: 20 }, (_, i) => `gone${i}`)];
      const actions = keys.map((key) => ({ key, action: 'delete' }));
      const items = [{ attributes: keys.map((key) => ({ key, value: { stringValue: key } })) }];
      const [groups, scopes, records] = levels[signal];
      const data = { [groups]: [{ [scopes]: [{ [records]: items }] }] };
      const before = quickPasses;
      await compare(attributes, { actions }, [signal, encodePlain(messages[signal], data)]);
      expect(quickPasses).toBe(before + 1);
    });

    test('several processors, of which some go over the bytes together', async () => {
      const actions = fc.array(action, { minLength: 1, maxLength: 2 });
      const stage = fc.oneof(
        {
          weight: 3,
          arbitrary: actions.map((list): Stage => [attributes as ProcessorFactory, { actions: list }]),
        },
        conditions(named).map((text): Stage => [
          filter as ProcessorFactory,
          { [conditionKeys[signal]]: [text] },
        ]),
        statements(named).map((text): Stage => [
          transform as ProcessorFactory,
          { [statementKeys[signal]]: [text] },
        ]),
      );
      const stages = fc.array(stage, { minLength: 2, maxLength: 4 });
      const property = fc.asyncProperty(stages, dataOf(signal), (all, bytes) =>
        compareAll(all, [signal, bytes]),
      );
      await fc.assert(property, runs);
    });
  },
);
