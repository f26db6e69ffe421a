/** One target in a process of its own, with a watchdog: usage: node one.ts NAME SEED FROM SECONDS CASES. */
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import type { WorkerData } from './worker.ts';

/** A case that takes so long, and so much time of a processor, hangs: the machine may be busy with something else. */
const hangMs = 5000;
const hangBusyMs = 2000;
const mostResidentMiB = 700;

interface Found {
  readonly kind: 'found';
  readonly number: number;
  readonly failure: string;
  readonly input: string;
}
type Message = Found | { readonly kind: 'end'; readonly cases: number; readonly slowest: number };

const [, , name = '', seed = '', from = '0', seconds = '10', cases = 'Infinity'] = process.argv;
const until = Date.now() + Number(seconds) * 1000;
const to = Number(from) + Number(cases);
const sums = { cases: 0, found: 0, slowest: 0, peakMiB: 0 };

function print({ number, failure, input }: Omit<Found, 'kind'>): void {
  sums.found++;
  console.log(
    `\n${name}: --only ${name} --seed ${seed} --from ${number}\n${failure}\n  input, base64: ${input}`,
  );
}

/** Answers the number to go on with, or undefined at the end. */
async function run(first: number): Promise<number | undefined> {
  const now = new Float64Array(new SharedArrayBuffer(16));
  const workerData: WorkerData = { name, seed, from: first, to, until, now };
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  const ended = new Promise<number | undefined>((resolve) => {
    const kill = (failure: string): void => {
      clearInterval(watch);
      const number = now[0] ?? 0;
      print({ number, failure, input: '(regenerate it by its number)' });
      void worker.terminate();
      resolve(number + 1);
    };
    let seen = 0;
    let before = process.cpuUsage();
    const watch = setInterval(() => {
      const peakMiB = process.memoryUsage.rss() / 2 ** 20;
      sums.peakMiB = Math.max(sums.peakMiB, peakMiB);
      const began = now[1] ?? 0;
      if (began !== seen) before = process.cpuUsage();
      seen = began;
      const busyMs = process.cpuUsage(before).user / 1000;
      if (began > 0 && Date.now() - began > hangMs && busyMs > hangBusyMs) kill('it hangs');
      else if (peakMiB > mostResidentMiB) kill(`it takes ${Math.round(peakMiB)} MiB`);
    }, 50);
    worker.on('message', (message: Message) => {
      if (message.kind === 'found') print(message);
      else {
        sums.cases += message.cases;
        sums.slowest = Math.max(sums.slowest, message.slowest);
        resolve(undefined);
      }
    });
    worker.on('error', (error) => kill(`${error.name}: ${error.message}`));
    void worker.on('exit', () => clearInterval(watch));
  });
  return await ended;
}

for (let first: number | undefined = Number(from); first !== undefined && first < to && Date.now() < until;)
  first = await run(first);
const { found, slowest, peakMiB } = sums;
console.log(
  `${name.padEnd(12)} ${String(sums.cases).padStart(8)} cases, ${found} found, slowest ${slowest.toFixed(0)} ms, peak ${peakMiB.toFixed(0)} MiB`,
);
process.exitCode = found === 0 ? 0 : 1;
