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

export function sharingOf({ workers = 1, alone }: Plan, facts: Facts): SharingOptions {
  return {
    workers,
    alone,
    cores: availableParallelism(),
    startThread: (start, events) => startWorker(facts, start, events),
  };
}
