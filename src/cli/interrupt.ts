/** SIGINT and SIGTERM: the first asks for an orderly end, the second ends at once. */
import { systemClock } from '../pipeline/clock.ts';
import type { Terminal } from './terminal.ts';
import { exitCodes } from './exit.ts';

export interface Interruption {
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
  /** 130 or 143 once a signal came. */
  readonly exitCode: number | undefined;
  /** Takes the handlers away again. */
  dispose(): void;
}

export function onInterrupt(terminal: Terminal, graceText: string): Interruption {
  const stop = new AbortController();
  // A handler of signals keeps no process alive, and a processor whose promise never ends leaves nothing else to wait for.
  const disposed = new AbortController();
  void systemClock.sleep(Infinity, disposed.signal);
  const kill = new AbortController();
  let exitCode: number | undefined;
  const handle = (code: number) => (): void => {
    if (exitCode === undefined)
      terminal.print(`Stopping: sending what was read, for up to ${graceText}. Once more ends at once.`);
    else kill.abort();
    exitCode ??= code;
    stop.abort();
  };
  const handlers = { SIGINT: handle(exitCodes.interrupted), SIGTERM: handle(exitCodes.terminated) } as const;
  process.on('SIGINT', handlers.SIGINT).on('SIGTERM', handlers.SIGTERM);
  return {
    stop: stop.signal,
    kill: kill.signal,
    get exitCode() {
      return exitCode;
    },
    dispose() {
      disposed.abort();
      process.off('SIGINT', handlers.SIGINT).off('SIGTERM', handlers.SIGTERM);
    },
  };
}
