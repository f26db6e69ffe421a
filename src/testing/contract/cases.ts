/** What the contracts of components share: their form, their input, and how a law says that it is broken. */
import { batchOf, type AnyBatch } from '../../model/batches.ts';
import type { Signal } from '../../model/signal.ts';
import { RecordBuilder } from '../records/build.ts';
import { timeNanos } from '../records/times.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { fieldsOfGroup, type WrittenGroup } from '../written.ts';
import type { UnderTest } from '../plans.ts';

/** One law. `run` rejects when it does not hold; it may be called once. */
export interface ContractCase {
  readonly name: string;
  run(): Promise<void>;
}

export interface ContractOptions extends UnderTest {
  /** Records to try it with, besides those of the contract. */
  readonly input?: readonly WrittenGroup[];
}

/** `test(name, run)` of a test runner, for each law. */
export type TestFunction = (name: string, run: () => Promise<void>) => unknown;

/** Hands the laws to a test runner, if there is one. */
export function given(
  cases: readonly ContractCase[],
  test: TestFunction | undefined,
): readonly ContractCase[] {
  if (test !== undefined) for (const { name, run } of cases) test(name, run);
  return cases;
}

class ContractError extends Error {
  override readonly name = 'ContractError';
}

/** Says what must hold when it does not. */
export function hold(condition: boolean, message: string): void {
  if (!condition) throw new ContractError(message);
}

const begin = timeNanos('2026-01-01T00:00:00Z', 0n) ?? 0n;

export function contractClock(): VirtualClock {
  return new VirtualClock({ auto: true, startUnixNano: begin });
}

const sample: readonly WrittenGroup[] = [
  {
    resource: { 'service.name': 'contract', 'host.name': 'one' },
    scope: { name: 'contract', version: '1' },
    spans: [
      {
        name: 'GET /orders',
        kind: 'server',
        duration: '20ms',
        attributes: {
          'http.route': '/orders',
          count: 3,
          ratio: 0.5,
          list: ['a', 1],
          'user.email': 'a@b.example',
        },
        events: [{ name: 'event', attributes: { x: true } }],
        children: [
          { name: 'query', start: '2ms', duration: '3ms', status: { code: 'error', message: 'slow' } },
          { name: 'render', start: '6ms', duration: '1ms', links: [{ trace_id: 'ab', span_id: 'cd' }] },
        ],
      },
      { name: '' },
    ],
    logs: [
      { body: 'hello', severity: 'info', attributes: { n: 1 }, span: 'query' },
      { body: { a: [1, { b: null }] }, severity: 'error' },
      {},
    ],
    metrics: [
      { name: 'requests', type: 'sum', is_monotonic: true, points: [{ value: 1 }, { value: 2.5 }] },
      {
        name: 'latency',
        type: 'histogram',
        points: [{ count: 2, sum: 3, bucket_counts: [1, 1], explicit_bounds: [2] }],
      },
    ],
  },
  {
    resource: {},
    spans: [{ name: 'alone', start: '1s' }],
    logs: [{ body: 'alone', time: '1s' }],
    metrics: [{ name: 'alone', points: [{ value: 1, time: '1s' }] }],
  },
];

/** A new batch of the signal each time; the bytes are those of no other. */
export function sampleBatch(signal: Signal, own: readonly WrittenGroup[] = []): AnyBatch {
  const builder = new RecordBuilder(begin);
  const batches = builder.batches([...sample, ...own].map(fieldsOfGroup));
  const batch = batches.find((each) => each.signal === signal);
  if (batch === undefined) throw new Error(`the sample has nothing of ${signal}`);
  return batchOf(signal, Buffer.from(batch.encode()));
}

/** Whether a promise is settled once everything that could happen at once has happened. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await rest();
  return settled;
}

/** How many turns of the event loop count as "at once". */
const turns = 20;

export async function rest(): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export const silent = { debug() {}, info() {}, warn() {}, error() {} };
