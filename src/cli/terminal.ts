/** Standard error as people read it: messages, and below them one line that is written anew. */
import { messageOf } from '../pipeline/errors.ts';
import { createLogger, type Logger, type LogLevel } from '../pipeline/logger.ts';

export interface Terminal {
  /** Whether a person watches: then there is a live line and colour. */
  readonly isLive: boolean;
  readonly width: number;
  /** Writes lines to standard error, above the live line. */
  print(text: string): void;
  /** Replaces the live line; an empty text removes it. */
  live(text: string): void;
}

export function openTerminal(stream: NodeJS.WriteStream): Terminal {
  let shown = '';
  const isLive = stream.isTTY && process.env['TERM'] !== 'dumb';
  const erase = (): void => {
    if (shown !== '') stream.write('\r\u001b[2K');
  };
  return {
    isLive,
    get width() {
      return stream.columns ?? 100;
    },
    print(text) {
      erase();
      stream.write(`${text}\n`);
      if (shown !== '') stream.write(shown);
    },
    live(text) {
      erase();
      shown = isLive ? text.slice(0, (stream.columns ?? 100) - 1) : '';
      if (shown !== '') stream.write(shown);
    },
  };
}

/** Messages as `warn   component: text`. Control characters, which may come from data, are shown and not obeyed. */
export function terminalLogger(terminal: Terminal, level: LogLevel): Logger {
  return createLogger(level, (own, message) => terminal.print(`${own.padEnd(5)}  ${visible(message)}`));
}

/** The text with control characters other than line feeds and tabs, and those that turn its direction, made visible. */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Writes to standard output and waits until it takes more. A reader that went away is an error without a code: no network is to blame. */
export function printTo(stream: NodeJS.WritableStream): (text: string | Uint8Array) => Promise<void> {
  return (text) =>
    new Promise((resolve, reject) => {
      stream.write(text, (error) => {
        if (error) reject(isClosed(error) ? new Error('its reader closed it') : error);
        else resolve();
      });
    });
}

/** Writes to standard output what no exporter does: a failure names it. */
export async function printOut(text: string): Promise<void> {
  try {
    await printTo(process.stdout)(text);
  } catch (error) {
    throw new Error(`standard output: ${messageOf(error)}`, { cause: error });
  }
}

function isClosed(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
}
