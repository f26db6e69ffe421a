import { OttlFailure } from './errors.ts';

/** How often a function may call lambdas, those called inside of lambdas counted too. */
const mostCalls = 1 << 22;

/** CPU time. What a call does takes longer the larger the record is: this is to end what would take hours. */
const longestSeconds = 5;

let depth = 0;
let calls = 0;
/** In microseconds of the CPU time of this thread. */
let deadline = 0;

/** Runs a function that calls a lambda for each element. Those inside of it share its limits. */
export function limitingCalls<T>(run: () => T): T {
  if (depth === 0) {
    calls = 0;
    deadline = usedCpu() + longestSeconds * 1e6;
  }
  depth++;
  try {
    return run();
  } finally {
    depth--;
  }
}

/** To be called for each call of a lambda. Throws `OttlFailure` if they are too many, or take too long. */
export function countCall(): void {
  calls++;
  if (calls > mostCalls) throw new OttlFailure(`lambdas are called more than ${mostCalls} times`);
  if (calls % 16 === 0 && usedCpu() > deadline)
    throw new OttlFailure(`the calls of a lambda take longer than ${longestSeconds} s`);
}

function usedCpu(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
