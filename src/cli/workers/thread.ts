/** A thread of a run, seen from inside: the same pipelines, for the shares that it is given. */
import { parentPort, workerData } from 'node:worker_threads';
import type { AnyBatch } from '../../model/batches.ts';
import { systemClock } from '../../pipeline/clock.ts';
import type { DeadLetterFacts, DeadLetters } from '../../pipeline/dead-letters.ts';
import { InterruptedError } from '../../pipeline/errors.ts';
import { wholeState } from '../../pipeline/ledger-state.ts';
import { createLogger } from '../../pipeline/logger.ts';
import type { Plan } from '../../pipeline/plan.ts';
import { Run } from '../../pipeline/run.ts';
import type { Share, ShareSource } from '../../pipeline/shares.ts';
import { planOf } from '../load.ts';
import { failureOf, type FromThread, type ThreadData, type ToThread } from './messages.ts';

/** How often the progress is told. */
const tellEveryMs = 250;

const data = workerData as ThreadData;

function tell(message: FromThread): void {
  parentPort?.postMessage(message);
}

class Shares implements ShareSource {
  private readonly waits: ((share: Share | undefined) => void)[] = [];
  private isOver = false;

  next(): Promise<Share | undefined> {
    if (this.isOver) return Promise.resolve(undefined);
    const asked = new Promise<Share | undefined>((resolve) => this.waits.push(resolve));
    tell({ kind: 'next' });
    return asked;
  }

  answer(share: Share | undefined): void {
    if (share === undefined) this.end();
    else this.waits.shift()?.(share);
  }

  readonly settled: ShareSource['settled'] = (shares, ledger, states) =>
    tell({ kind: 'settled', shares, ledger, states });

  failed(error: unknown): void {
    this.end();
    if (!(error instanceof InterruptedError)) tell({ kind: 'failed', failure: failureOf(error) });
  }

  /** Who waits for one has none. */
  end(): void {
    this.isOver = true;
    for (const resolve of this.waits.splice(0)) resolve(undefined);
  }
}

/** Letters go into one file, which the run writes. */
class Letters implements DeadLetters {
  private readonly waits = new Map<number, PromiseWithResolvers<void>>();
  private last = 0;

  async write(batch: AnyBatch, facts: DeadLetterFacts): Promise<void> {
    const id = ++this.last;
    const wait = Promise.withResolvers<void>();
    this.waits.set(id, wait);
    const { signal, origin } = batch;
    tell({ kind: 'dead-letter', id, signal, origin, bytes: new Uint8Array(batch.encode()), facts });
    await wait.promise;
  }

  answer(id: number, failure: string | undefined): void {
    const wait = this.waits.get(id);
    this.waits.delete(id);
    if (failure === undefined) wait?.resolve();
    else wait?.reject(new Error(failure));
  }
}

async function main(): Promise<void> {
  const { config, dryRun, graceMs, logLevel, startedAtUnixNano, timeRange, threads } = data;
  const [stop, kill, shares, letters] = [
    new AbortController(),
    new AbortController(),
    new Shares(),
    new Letters(),
  ];
  parentPort?.on('message', (message: ToThread) => {
    if (message.kind === 'share') shares.answer(message.share);
    else if (message.kind === 'dead-letter') letters.answer(message.id, message.failure);
    else if (message.kind === 'stop') stop.abort();
    else kill.abort();
    if (message.kind === 'stop' || message.kind === 'kill') shares.end();
  });
  const { plan } = await planOf(config.sources, { set: config.set, modules: config.modules });
  if (plan === undefined) throw new Error('the config is not what it was when the run began');
  const run = new Run(partOf(plan, threads), {
    clock: systemClock,
    logger: createLogger(logLevel, (level, message) => tell({ kind: 'log', level, message })),
    print: () => Promise.reject(new Error('a thread has no standard output')),
    stdin: nothing(),
    dryRun,
    stop: stop.signal,
    kill: kill.signal,
    graceMs,
    deadLetters: data.deadLetters ? letters : undefined,
    shares,
    from: {
      startedAtUnixNano,
      timeRange,
      positions: {},
      states: {},
      ledger: { receivers: [], processors: [], exporters: [], forcedFlushes: 0 },
    },
  });
  const stopTelling = tellProgress(run);
  const { ledger, whereToLook } = await run.execute();
  stopTelling();
  const readBytes = Object.fromEntries(ledger.receivers.map(({ id, progress }) => [id, progress.readBytes]));
  tell({ kind: 'ended', end: { ledger: wholeState(ledger), readBytes, whereToLook } });
  parentPort?.close();
}

function tellProgress(run: Run): () => void {
  let cancel = (): void => {};
  const tick = (): void => {
    tell({ kind: 'progress', progress: run.progress() });
    cancel = systemClock.after(tellEveryMs, tick);
  };
  cancel = systemClock.after(tellEveryMs, tick);
  return () => cancel();
}

/** Of what the config gives to all of them, its part. */
function partOf(plan: Plan, threads: number): Plan {
  const exporters = plan.exporters.map((exporter) => {
    const consumers = Math.max(Math.ceil(exporter.policy.consumers / threads), 1);
    return { ...exporter, policy: { ...exporter.policy, consumers } };
  });
  return { ...plan, exporters };
}

// oxlint-disable-next-line require-yield
async function* nothing(): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
}

await main();
