/** The checks of what an author's code answered, and of what it threw. */
import { nearest } from '../config/suggest.ts';
import type { AnyBatch } from '../model/batches.ts';
import { LogRecord, LogsBatch } from '../model/logs.ts';
import { MetricsBatch } from '../model/metrics.ts';
import { isoTime } from '../model/time.ts';
import { Span, TracesBatch } from '../model/traces.ts';
import { isItem, isMade, type AnyItem } from './made.ts';
import { ModuleError, placedError, type AuthorsFile } from './module-error.ts';

/** An object with functions of these names, and no others. Throws ModuleError when it is none. */
export function checkedParts<Parts extends object>(
  answer: unknown,
  { name }: AuthorsFile,
  names: readonly string[],
): Parts {
  const remedy = `create answers an object with functions: ${names.join(', ')}`;
  if (typeof answer !== 'object' || answer === null)
    throw new ModuleError(`create in ${name} answered nothing`, { remedy });
  for (const [key, part] of Object.entries(answer)) {
    if (part === undefined || !names.includes(key)) continue;
    if (typeof part !== 'function') throw new ModuleError(`${key} in ${name} must be a function`, { remedy });
  }
  // An instance of a class may have fields of its own.
  const isPlain = Object.getPrototypeOf(answer) === Object.prototype;
  const unknown = Object.keys(answer).find((key) => isPlain && !names.includes(key));
  if (unknown !== undefined) {
    const meant = nearest(unknown, names);
    throw new ModuleError(`${name} answers ${unknown}, which nothing calls`, {
      remedy: meant === undefined ? remedy : `did you mean ${meant}?`,
    });
  }
  return answer as Parts;
}

export function isBatch(value: unknown): value is AnyBatch {
  return value instanceof TracesBatch || value instanceof LogsBatch || value instanceof MetricsBatch;
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function remedyFor(answered: unknown, handler: string): string {
  if (!isItem(answered)) return 'it answers nothing, or items made by newLog, newSpan, newMetric or copyOf';
  if (handler === 'flush')
    return 'its batch has gone on; keep `copyOf(item)` while a handler has it, and answer that';
  return 'it goes on by itself; for another one answer `copyOf(item)`';
}

/** The items that a handler answered. Throws ModuleError for anything else. */
export function itemsAnswered(answer: unknown, handler: string, { name }: AuthorsFile): readonly AnyItem[] {
  const all: readonly unknown[] = Array.isArray(answer) ? answer : answer === undefined ? [] : [answer];
  for (const one of all) {
    if (isMade(one)) continue;
    throw new ModuleError(
      `${handler} in ${name} answered ${isItem(one) ? 'an item of a batch' : describe(one)}`,
      { remedy: remedyFor(one, handler) },
    );
  }
  return all as readonly AnyItem[];
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 40))}`;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'an object that is no item' : `a ${typeof value}`;
}

/** As its author finds it in the recording; empty where nothing tells it from others. */
export function itemName(item: unknown): string {
  if (item instanceof Span) return spanName(item);
  return item instanceof LogRecord ? logName(item) : '';
}

function spanName({ traceId, spanId }: Span): string {
  if (spanId === '') return traceId === '' ? '' : `a span of trace ${traceId}`;
  return traceId === '' ? `span ${spanId}` : `span ${spanId} of trace ${traceId}`;
}

function logName({ timeUnixNano, observedTimeUnixNano, traceId }: LogRecord): string {
  const time = timeUnixNano || observedTimeUnixNano;
  if (time === 0n) return '';
  return `log record of ${isoTime(time)}${traceId === '' ? '' : ` in trace ${traceId}`}`;
}

/** Runs a part of an author's code; what it throws names the file and line. */
export async function placed<T>(file: AuthorsFile, work: () => T | PromiseLike<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw placedError(error, file);
  }
}
