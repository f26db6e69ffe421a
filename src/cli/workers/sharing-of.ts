/** How a run of the command may share its work. */
import { availableParallelism } from 'node:os';
import type { DeadLetters } from '../../pipeline/dead-letters.ts';
import type { LogLevel } from '../../pipeline/logger.ts';
import type { Plan } from '../../pipeline/plan.ts';
import type { SharingOptions } from '../../pipeline/shares.ts';
import type { ConfigOrigin } from './messages.ts';
import { startWorker } from './pool.ts';
import type { SharedLogger } from './shared-logger.ts';

interface Facts {
  readonly config: ConfigOrigin;
  readonly logger: SharedLogger;
  readonly logLevel: LogLevel;
  readonly dryRun: boolean;
  readonly graceMs: number;
  readonly deadLetters: DeadLetters | undefined;
}

/** Of less than this, most is read before another thread is up to speed; and of more, where no processor takes time. */
const worthThread = { withProcessors: 512 << 20, without: 2 ** 31 };

export function sharingOf({ workers = 1, alone, pipelines }: Plan, facts: Facts): SharingOptions {
  const hasProcessors = pipelines.some(({ processors }) => processors.length > 0);
  return {
    workers,
    alone,
    worthBytes: hasProcessors ? worthThread.withProcessors : worthThread.without,
    // One is left to what else there is to do: to collect garbage, to compress, and to the backend where it is near.
    cores: Math.max(availableParallelism() - 1, 1),
    startThread: (start, events) => startWorker(facts, start, events),
  };
}
