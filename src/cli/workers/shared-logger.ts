/** The log of a run of several threads: what all of them have to say is said once. */
import type { Logger, LogLevel } from '../../pipeline/logger.ts';

export interface SharedLogger extends Logger {
  /** A message of another thread. */
  fromThread(level: LogLevel, message: string): void;
}

/** So many messages are remembered. */
const mostRemembered = 1000;

export function sharedLogger(logger: Logger): SharedLogger {
  const said = { here: new Set<string>(), elsewhere: new Set<string>() };
  const remember = (messages: Set<string>, message: string): void => {
    if (messages.size < mostRemembered) messages.add(message);
  };
  const own = (level: LogLevel) => (message: string) => {
    if (said.elsewhere.has(message)) return;
    remember(said.here, message);
    logger[level](message);
  };
  return {
    debug: own('debug'),
    info: own('info'),
    warn: own('warn'),
    error: own('error'),
    fromThread(level, message) {
      if (said.here.has(message) || said.elsewhere.has(message)) return;
      remember(said.elsewhere, message);
      logger[level](message);
    },
  };
}
