/** A person's log. WARN: nothing is lost. ERROR: something is lost, or a person must act. Never per item. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** A logger that hands on what is at `level` or above it, as `write(level, message)`. */
export function createLogger(level: LogLevel, write: (level: LogLevel, message: string) => void): Logger {
  const threshold = logLevels.indexOf(level);
  const at = (own: LogLevel) => (message: string) => {
    if (logLevels.indexOf(own) >= threshold) write(own, message);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** The same logger with the component's id before each message. */
export function named(logger: Logger, id: string): Logger {
  return {
    debug: (message) => logger.debug(`${id}: ${message}`),
    info: (message) => logger.info(`${id}: ${message}`),
    warn: (message) => logger.warn(`${id}: ${message}`),
    error: (message) => logger.error(`${id}: ${message}`),
  };
}
