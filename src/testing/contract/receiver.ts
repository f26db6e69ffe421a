/**
 * The contract of a receiver: what it reads is the same each time, it can be stopped and resumed anywhere, and it does not run
 * ahead of those who take its batches. The receiver is to be given something that comes to an end.
 */
import type { AnyBatch } from '../../model/batches.ts';
import { timeRangeOf } from '../../model/batches.ts';
import { signals } from '../../model/signal.ts';
import { joinedRange, type TimeRange } from '../../model/time-range.ts';
import type { JsonValue } from '../../pipeline/checkpoint.ts';
import type { Receiver, ReceiverContext, ReceiverOutput } from '../../pipeline/component.ts';
import { ReceiverCounts } from '../../pipeline/counts.ts';
import { InterruptedError } from '../../pipeline/errors.ts';
import type { PlannedReceiver } from '../../pipeline/plan.ts';
import { planOfOne } from '../plans.ts';
import {
  contractClock,
  given,
  hold,
  isSettled,
  rest,
  silent,
  type ContractCase,
  type ContractOptions,
  type TestFunction,
} from './cases.ts';

/** The laws as a list, or handed to `test`. */
export function receiverContract(
  options: Omit<ContractOptions, 'input'>,
  test?: TestFunction,
): readonly ContractCase[] {
  const law = (name: string, check: (one: Subject) => Promise<void>): ContractCase => ({
    name,
    run: async () => {
      const plan = await planOfOne('receiver', options);
      for (const planned of plan.receivers) await check(new Subject(planned, options));
    },
  });
  return given(
    [
      law('reads something, and comes to its end', readsAll),
      law('cuts what it reads into the same batches each time', cutsAlike),
      law('goes on from each of its positions with just the rest', resumes),
      law('stops when it is told to', stops),
      law('ends when nobody takes its batches any more', endsWhenRefused),
      law('waits while its batches are not taken', waits),
      law('knows the range of all times before it reads', scans),
      law('ends without having started', endsAtOnce),
    ],
    test,
  );
}

class Subject {
  private readonly planned: PlannedReceiver;
  private readonly directory: string;

  constructor(planned: PlannedReceiver, { directory = '.' }: { directory?: string }) {
    this.planned = planned;
    this.directory = directory;
  }

  async create(position?: JsonValue, signal = new AbortController().signal): Promise<Receiver> {
    const context: ReceiverContext = {
      id: this.planned.id,
      logger: silent,
      clock: contractClock(),
      signal,
      position,
      counts: new ReceiverCounts(this.planned.id),
      signals: new Set(signals),
      stdin: noInput(),
      directory: this.directory,
      outputs: [],
    };
    return await this.planned.create(context);
  }

  /** Everything from a position on. */
  async read(position?: JsonValue): Promise<Collected> {
    const receiver = await this.create(position);
    const collected = new Collected();
    await receiver.start(collected);
    await receiver.shutdown?.();
    return collected;
  }
}

async function* noInput(): AsyncGenerator<Uint8Array> {}

/** Takes everything at once, and keeps it with the positions. */
class Collected implements ReceiverOutput {
  readonly batches: AnyBatch[] = [];
  /** With each position, how many batches came before it. */
  readonly positions: { readonly position: JsonValue; readonly batches: number }[] = [];

  async emit(batch: AnyBatch, position?: JsonValue): Promise<void> {
    this.batches.push(batch.clone());
    if (position !== undefined) this.advance(position);
  }

  advance(position: JsonValue): void {
    this.positions.push({ position, batches: this.batches.length });
  }

  get items(): number {
    return this.batches.reduce((sum, { itemCount }) => sum + itemCount, 0);
  }

  texts(from = 0): string[] {
    return this.batches.slice(from).map((batch) => `${batch.signal} ${batch.encode().toString('hex')}`);
  }
}

async function readsAll(one: Subject): Promise<void> {
  const { items } = await one.read();
  hold(items > 0, 'it came to its end without an item: the contract needs something to read');
}

async function cutsAlike(one: Subject): Promise<void> {
  const [first, second] = [(await one.read()).texts(), (await one.read()).texts()];
  hold(
    first.length === second.length && first.every((text, at) => text === second[at]),
    'what was read the second time was cut into other batches: a checkpoint would not fit',
  );
}

async function resumes(one: Subject): Promise<void> {
  const whole = await one.read();
  for (const { position, batches } of whole.positions) {
    const copy = JSON.parse(JSON.stringify(position)) as JsonValue;
    const rest = (await one.read(copy)).texts().toSorted();
    const expected = whole.texts(batches).toSorted();
    hold(
      rest.length === expected.length && rest.every((text, at) => text === expected[at]),
      `from the position behind batch ${batches} it read ${rest.length} batches, and ${expected.length} were left`,
    );
  }
}

async function stops(one: Subject): Promise<void> {
  const stopping = new AbortController();
  const receiver = await one.create(undefined, stopping.signal);
  const collected = new Collected();
  stopping.abort();
  await receiver.start(collected).catch(passInterrupted);
  await receiver.shutdown?.();
}

function passInterrupted(error: unknown): void {
  if (!(error instanceof InterruptedError)) throw error;
}

async function endsWhenRefused(one: Subject): Promise<void> {
  const receiver = await one.create();
  let emitted = 0;
  const refusing: ReceiverOutput = {
    emit: () => {
      emitted++;
      return Promise.reject(new InterruptedError());
    },
    advance() {},
  };
  await receiver.start(refusing).catch(passInterrupted);
  await receiver.shutdown?.();
  hold(emitted <= mostAhead, `it went on for ${emitted} batches after nobody took them any more`);
}

/** How many batches a receiver may be busy with at a time. */
const mostAhead = 16;

async function waits(one: Subject): Promise<void> {
  const receiver = await one.create();
  let emitted = 0;
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const slow: ReceiverOutput = {
    async emit() {
      emitted++;
      await gate;
    },
    advance() {},
  };
  const started = receiver.start(slow);
  const isEarly = (await isSettled(started)) && emitted > 0;
  await rest();
  const ahead = emitted;
  open();
  await started;
  await receiver.shutdown?.();
  hold(!isEarly, 'it came to its end before its last batch was taken');
  hold(ahead <= mostAhead, `it handed over ${ahead} batches while the first one was not taken`);
}

async function scans(one: Subject): Promise<void> {
  const receiver = await one.create();
  if (receiver.scan === undefined) return;
  const range = await receiver.scan();
  await receiver.shutdown?.();
  let found: TimeRange | undefined;
  for (const batch of (await one.read()).batches) found = joinedRange(found, timeRangeOf(batch));
  const isInside =
    found === undefined ||
    (range !== undefined &&
      range.startUnixNano <= found.startUnixNano &&
      range.endUnixNano >= found.endUnixNano);
  hold(isInside, 'times were read that are outside of the range that its scan found');
}

async function endsAtOnce(one: Subject): Promise<void> {
  const receiver = await one.create();
  await receiver.shutdown?.();
}
