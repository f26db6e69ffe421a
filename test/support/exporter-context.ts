/** What an exporter is given, for tests that call it without the core. */
import type { ExporterContext } from '../../src/pipeline/component.ts';
import { systemClock } from '../../src/pipeline/clock.ts';
import type { LogLevel } from '../../src/pipeline/logger.ts';

export interface TestContext extends ExporterContext {
  /** What was logged, as `level: message`. */
  readonly logged: string[];
}

export function exporterContext(id: string, directory = process.cwd()): TestContext {
  const logged: string[] = [];
  const at = (level: LogLevel) => (message: string) => void logged.push(`${level}: ${message}`);
  return {
    id,
    logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    clock: systemClock,
    signal: new AbortController().signal,
    startedAtUnixNano: systemClock.nowUnixNano(),
    print: () => Promise.resolve(),
    directory,
    logged,
  };
}
