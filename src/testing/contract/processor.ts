/**
 * The contract of a processor: items are acknowledged when they are safe and not before, each is accounted for, nothing stays
 * inside. Ours pass it, and so should yours.
 */
import { batchOf, emptyBatch, type AnyBatch } from '../../model/batches.ts';
import type { Signal } from '../../model/signal.ts';
import type { JsonValue } from '../../pipeline/checkpoint.ts';
import type { Consumer, Processor, ProcessorContext } from '../../pipeline/component.ts';
import { flowCounts, ProcessorCounts, total, type PipelineFlow } from '../../pipeline/counts.ts';
import { messageOf } from '../../pipeline/errors.ts';
import { ProcessorNode } from '../../pipeline/graph.ts';
import type { PlannedProcessor } from '../../pipeline/plan.ts';
import { planOfOne } from '../plans.ts';
import {
  contractClock,
  given,
  hold,
  isSettled,
  rest,
  sampleBatch,
  silent,
  type ContractCase,
  type ContractOptions,
  type TestFunction,
} from './cases.ts';

/**
 * The laws as a list, or handed to `test`:
 *
 *     processorContract({ component: mask, config: { replacement: '?' } }, test);
 */
export function processorContract(options: ContractOptions, test?: TestFunction): readonly ContractCase[] {
  const law = (name: string, check: (one: Subject) => Promise<void>): ContractCase => ({
    name,
    run: async () => {
      for (const { signal, planned } of await plansBySignal(options)) {
        try {
          await check(new Subject(signal, planned, options));
        } catch (error) {
          throw new Error(`with ${signal}: ${messageOf(error)}`, { cause: error });
        }
      }
    },
  });
  return given(
    [
      law('accounts for every item that it is given', accountsForItems),
      law('holds nothing after a flush', holdsNothing),
      law('acknowledges what it handed on when that is settled, and not before', waitsForNext),
      law('does not acknowledge what the next one rejects', passesRejections),
      law('hands on batches that are well-formed', handsOnWellFormed),
      law('takes a batch without items', takesNothing),
      law('flushes and ends without having had a batch', endsAtOnce),
      law('has a state that is JSON, and begins with it again', keepsState),
      law('has nothing in common with another one of it', sharesNothing),
    ],
    test,
  );
}

async function plansBySignal(
  options: ContractOptions,
): Promise<{ signal: Signal; planned: PlannedProcessor }[]> {
  const plan = await planOfOne('processor', options);
  return plan.pipelines.flatMap(({ signal, processors }) =>
    processors.map((planned) => ({ signal, planned })),
  );
}

/** One processor under test, with what comes out of it. */
class Subject {
  readonly signal: Signal;
  readonly planned: PlannedProcessor;
  readonly options: ContractOptions;
  readonly flow: PipelineFlow;

  constructor(signal: Signal, planned: PlannedProcessor, options: ContractOptions) {
    this.signal = signal;
    this.planned = planned;
    this.options = options;
    this.flow = { ...flowCounts(planned.id, signal), pipeline: signal };
  }

  async create(state?: JsonValue): Promise<Processor> {
    const clock = contractClock();
    const context: ProcessorContext = {
      id: `${this.signal}/${this.planned.id}`,
      logger: silent,
      clock,
      signal: new AbortController().signal,
      state,
      counts: new ProcessorCounts(this.flow),
      pipeline: this.signal,
      pipelineSignal: this.signal,
      timeRange: { startUnixNano: clock.nowUnixNano(), endUnixNano: clock.nowUnixNano() },
      startedAtUnixNano: clock.nowUnixNano(),
      directory: this.options.directory ?? '.',
      created: () => new Sink(),
    };
    return await this.planned.create(context);
  }

  /** At its place in a pipeline, where it is counted. */
  async node(next: Consumer): Promise<ProcessorNode> {
    return new ProcessorNode(this.flow, await this.create(), { next, onMove() {}, onHeld() {} });
  }

  sample(): AnyBatch {
    return sampleBatch(this.signal, this.options.input);
  }
}

class Sink implements Consumer {
  readonly batches: AnyBatch[] = [];
  private readonly answer: Promise<void>;

  constructor(answer: Promise<void> = Promise.resolve()) {
    this.answer = answer;
    answer.catch(() => {});
  }

  async consume(batch: AnyBatch): Promise<void> {
    this.batches.push(batch.clone());
    await this.answer;
  }

  get items(): number {
    return this.batches.reduce((sum, { itemCount }) => sum + itemCount, 0);
  }
}

/** Puts batches in, flushes, and waits for everything. */
async function pass(node: ProcessorNode, batches: readonly AnyBatch[]): Promise<void> {
  const consumed = batches.map((batch) => node.consume(batch));
  for (const promise of consumed) promise.catch(() => {});
  await rest();
  await node.flush();
  await Promise.all(consumed);
}

async function accountsForItems(one: Subject): Promise<void> {
  const sink = new Sink();
  const node = await one.node(sink);
  await pass(node, [one.sample(), one.sample()]);
  await node.shutdown();
  const { in: taken, created, out, dropped, abandoned } = one.flow;
  const left = out + total(dropped) + abandoned;
  hold(
    taken + created === left && out === sink.items,
    `${taken} items came in and ${created} were created; ${out} went out, ${total(dropped)} were dropped and ${abandoned} left behind`,
  );
}

async function holdsNothing(one: Subject): Promise<void> {
  const node = await one.node(new Sink());
  await pass(node, [one.sample()]);
  hold(node.heldItems === 0, `${node.heldItems} items are still inside after a flush`);
  hold(!node.hasInside, 'items are still inside after a flush');
  await node.shutdown();
}

async function waitsForNext(one: Subject): Promise<void> {
  let settle = (): void => {};
  const sink = new Sink(new Promise<void>((resolve) => (settle = resolve)));
  const node = await one.node(sink);
  const consumed = node.consume(one.sample());
  await rest();
  const flushed = node.flush();
  const isEarly = (await isSettled(consumed)) && sink.items > 0;
  settle();
  await flushed;
  await consumed;
  await node.shutdown();
  hold(
    !isEarly,
    'consume resolved before what it handed on was settled: items would be lost when the run is killed',
  );
}

async function passesRejections(one: Subject): Promise<void> {
  const failure = new Error('the next one failed');
  const sink = new Sink(Promise.reject(failure));
  const node = await one.node(sink);
  let isRejected = false;
  const consumed = node.consume(one.sample()).catch(() => (isRejected = true));
  await rest();
  await node.flush().catch(() => {});
  await consumed;
  await node.shutdown();
  hold(
    isRejected || sink.items === 0,
    'consume resolved although the next one rejected: the receiver would take the items for delivered',
  );
}

async function handsOnWellFormed(one: Subject): Promise<void> {
  const sink = new Sink();
  const node = await one.node(sink);
  await pass(node, [one.sample()]);
  await node.shutdown();
  for (const batch of sink.batches) {
    hold(batch.signal === one.signal, `a batch of ${batch.signal} came out of a pipeline of ${one.signal}`);
    const again = batchOf(batch.signal, Buffer.from(batch.encode()));
    hold(again.itemCount === batch.itemCount, 'a batch has other items in its bytes than it says');
  }
}

async function takesNothing(one: Subject): Promise<void> {
  const sink = new Sink();
  const node = await one.node(sink);
  await pass(node, [emptyBatch(one.signal)]);
  await node.shutdown();
  hold(sink.items === one.flow.created, `${sink.items} items came out of a batch without any`);
}

async function endsAtOnce(one: Subject): Promise<void> {
  const node = await one.node(new Sink());
  await node.flush();
  await node.shutdown();
}

async function keepsState(one: Subject): Promise<void> {
  const processor = await one.create();
  if (processor.state === undefined) return;
  const node = new ProcessorNode(one.flow, processor, { next: new Sink(), onMove() {}, onHeld() {} });
  await pass(node, [one.sample()]);
  const state = await processor.state();
  const copy = JSON.parse(JSON.stringify(state)) as JsonValue;
  hold(JSON.stringify(copy) === JSON.stringify(state), 'the state changes on its way through JSON');
  const next = await one.create(copy);
  const again = await next.state?.();
  hold(
    JSON.stringify(again) === JSON.stringify(state),
    'one that begins with a state has another one before it had a batch',
  );
  await node.shutdown();
  await next.shutdown?.();
}

async function sharesNothing(one: Subject): Promise<void> {
  const counts: number[] = [];
  const nodes: ProcessorNode[] = [];
  for (let time = 0; time < 2; time++) {
    const sink = new Sink();
    const node = await new Subject(one.signal, one.planned, one.options).node(sink);
    nodes.push(node);
    await pass(node, [one.sample()]);
    counts.push(sink.items);
  }
  for (const node of nodes) await node.shutdown();
  hold(
    counts[0] === counts[1],
    `of the same items the first one handed on ${counts[0]} and the second one ${counts[1]}: they share something`,
  );
}
