/** Checks and guards what an author's `create` answered. */
import { nearest } from '../config/suggest.ts';
import type { LogRecord } from '../model/logs.ts';
import { isoTime } from '../model/time.ts';
import type { Span } from '../model/traces.ts';
import type { ItemHandlers } from '../pipeline/item-processor.ts';
import { ModuleError, placedError, type AuthorsFile } from './module-error.ts';

const perItem = ['resource', 'span', 'log'] as const;
const names: readonly string[] = ['batch', ...perItem, 'flush', 'shutdown'];

/** The same handlers, whose errors name the author's file and line. Throws ModuleError when they are none. */
export function guardHandlers(answer: unknown, file: AuthorsFile): ItemHandlers {
  const handlers = checked(answer, file);
  const guarded: ItemHandlers = {};
  const { resource, span, log, batch, flush, shutdown } = handlers;
  if (resource !== undefined) guarded.resource = guard(resource.bind(handlers), file);
  if (span !== undefined) guarded.span = guard(span.bind(handlers), file, spanName);
  if (log !== undefined) guarded.log = guard(log.bind(handlers), file, logName);
  if (batch !== undefined) guarded.batch = guardAsync(async (item) => batch.call(handlers, item), file);
  if (flush !== undefined) guarded.flush = guardAsync(flush.bind(handlers), file);
  if (shutdown !== undefined) guarded.shutdown = guardAsync(async () => shutdown.call(handlers), file);
  return guarded;
}

function checked(answer: unknown, { name }: AuthorsFile): ItemHandlers {
  const remedy = `create answers an object with functions: ${names.join(', ')}`;
  if (typeof answer !== 'object' || answer === null)
    throw new ModuleError(`create in ${name} answered nothing`, { remedy });
  for (const [key, handler] of Object.entries(answer)) {
    if (handler === undefined || !names.includes(key)) continue;
    if (typeof handler !== 'function')
      throw new ModuleError(`${key} in ${name} must be a function`, { remedy });
  }
  const unknown = Object.keys(answer).find((key) => !names.includes(key));
  if (unknown !== undefined) {
    const meant = nearest(unknown, names);
    throw new ModuleError(`${name} answers ${unknown}, which nothing calls`, {
      remedy: meant === undefined ? remedy : `did you mean ${meant}?`,
    });
  }
  return answer;
}

/** Waiting for a promise per item would make a run crawl, and not waiting would lose its errors. */
function guard<Item>(
  handler: (item: Item) => unknown,
  file: AuthorsFile,
  nameOf?: (item: Item) => string,
): (item: Item) => void {
  return (item) => {
    let answer: unknown;
    try {
      answer = handler(item);
    } catch (error) {
      throw placedError(error, file, nameOf?.(item));
    }
    if (answer instanceof Promise) throw asyncHandler(answer, file);
  };
}

/** As its author finds it in the recording; empty where it has no id. */
function spanName({ traceId, spanId }: Span): string {
  if (spanId === '') return traceId === '' ? '' : `a span of trace ${traceId}`;
  return traceId === '' ? `span ${spanId}` : `span ${spanId} of trace ${traceId}`;
}

/** The same, by its time; empty where it has none. */
function logName({ timeUnixNano, observedTimeUnixNano, traceId }: LogRecord): string {
  const time = timeUnixNano || observedTimeUnixNano;
  if (time === 0n) return '';
  return `log record of ${isoTime(time)}${traceId === '' ? '' : ` in trace ${traceId}`}`;
}

function asyncHandler(answer: Promise<unknown>, { name }: AuthorsFile): ModuleError {
  answer.catch(() => {});
  return new ModuleError(`${perItem.join(', ')} in ${name} must not be async`, {
    remedy: 'do what has to be awaited in batch, once for all its items',
  });
}

function guardAsync<Arguments extends unknown[]>(
  handler: (...values: Arguments) => Promise<void>,
  file: AuthorsFile,
): (...values: Arguments) => Promise<void> {
  return async (...values) => {
    try {
      await handler(...values);
    } catch (error) {
      throw placedError(error, file);
    }
  };
}
