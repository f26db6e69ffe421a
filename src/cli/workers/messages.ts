/** What the run and its other threads tell each other. */
import type { ConfigSource } from '../../config/load.ts';
import type { Signal } from '../../model/signal.ts';
import type { Checkpoint, LedgerState } from '../../pipeline/checkpoint.ts';
import type { DeadLetterFacts } from '../../pipeline/dead-letters.ts';
import { ComponentError, ExportError, messageOf } from '../../pipeline/errors.ts';
import type { LogLevel } from '../../pipeline/logger.ts';
import type { SettledShare, Share, ThreadEnd, ThreadProgress, ThreadStart } from '../../pipeline/shares.ts';

/** The config of the run, as it was read. */
export interface ConfigOrigin {
  readonly sources: readonly ConfigSource[];
  readonly set: readonly string[];
  readonly modules: boolean;
}

/** What a thread is born with. */
export interface ThreadData extends ThreadStart {
  readonly config: ConfigOrigin;
  readonly dryRun: boolean;
  readonly deadLetters: boolean;
  readonly graceMs: number;
  readonly logLevel: LogLevel;
}

export type ToThread =
  | { readonly kind: 'share'; readonly share: Share | undefined }
  | { readonly kind: 'dead-letter'; readonly id: number; readonly failure: string | undefined }
  | { readonly kind: 'stop' }
  | { readonly kind: 'kill' };

export type FromThread =
  | { readonly kind: 'next' }
  | {
      readonly kind: 'settled';
      readonly shares: readonly SettledShare[];
      readonly ledger: LedgerState;
      readonly states: Checkpoint['states'];
    }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string }
  | {
      readonly kind: 'dead-letter';
      readonly id: number;
      readonly signal: Signal;
      readonly origin: string | undefined;
      readonly bytes: Uint8Array;
      readonly facts: DeadLetterFacts;
    }
  | { readonly kind: 'progress'; readonly progress: ThreadProgress }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'ended'; readonly end: ThreadEnd };

/** An error that stops a run, as facts. */
export interface Failure {
  readonly component: string;
  readonly message: string;
  readonly remedy: string | undefined;
  /** There for an exporter that cannot go on. */
  readonly target?: string;
  readonly status?: number | undefined;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof ExportError) {
    const { component, target, reason: message, status, remedy } = error;
    return { component, target, message, status, remedy };
  }
  if (error instanceof ComponentError)
    return { component: error.component, message: messageOf(error.cause), remedy: error.remedy };
  return { component: 'workers', message: messageOf(error), remedy: undefined };
}

/** The same error again. */
export function errorOf({ component, message, remedy, target, status }: Failure): Error {
  return target === undefined
    ? new ComponentError(component, new Error(message), remedy)
    : new ExportError({ component, target, reason: message, status, remedy });
}
