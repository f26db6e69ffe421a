/** Runs cases of one target until it is told to stop; what it works on stands in shared memory, so that a hang can be named. */
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { failureOf, inputOf, kindOf, shrunk } from './cases.ts';
import { targetOf } from './targets.ts';

export interface WorkerData {
  readonly name: string;
  readonly seed: string;
  readonly from: number;
  /** Where it ends: a number, and a time. */
  readonly to: number;
  readonly until: number;
  /** The number of the case, and when it began in milliseconds. */
  readonly now: Float64Array;
}

/** Thread time in milliseconds after which a case is too slow, whatever else the machine does. */
const slowMs = 1000;

const { name, seed, from, to, until, now } = workerData as WorkerData;
const target = targetOf(name);
const seeds = target.seeds();
const kinds = new Set<string>();
let slowest = 0;

function busyMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

async function report(number: number, failure: string): Promise<void> {
  if (kinds.has(kindOf(failure))) return;
  kinds.add(kindOf(failure));
  const id = `${seed} ${number}`;
  const small = await shrunk(target, inputOf(target, seeds, id), id, Date.now() + 5000);
  parentPort?.postMessage({ kind: 'found', number, failure, input: small.toString('base64') });
}

let number = from;
for (; number < to && Date.now() < until; number++) {
  const id = `${seed} ${number}`;
  const input = inputOf(target, seeds, id);
  now[0] = number;
  now[1] = Date.now();
  const before = busyMs();
  const failure = await failureOf(target, input, id);
  const busy = busyMs() - before;
  now[1] = 0;
  slowest = Math.max(slowest, busy);
  if (failure !== undefined) await report(number, failure);
  else if (busy > slowMs) {
    const slow = `slow: ${Math.round(busy)} ms for ${input.length} bytes`;
    parentPort?.postMessage({ kind: 'found', number, failure: slow, input: input.toString('base64') });
  }
}
parentPort?.postMessage({ kind: 'end', cases: number - from, slowest });
