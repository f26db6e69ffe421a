import type { AsciiText } from '../model/ascii-text.ts';
import type { LogRecord } from '../model/logs.ts';
import type { DataPoint, Metric } from '../model/metrics.ts';
import type { Resource, Scope } from '../model/resource.ts';
import type { Span, SpanEvent } from '../model/traces.ts';
import type { OttlMap, OttlValue } from './values.ts';

/**
 * The record that a compiled text runs on: the view of its context and those above it (a span event has its
 * span, scope and resource). Always build it with the same properties in the same order, and use one object
 * for many records: a compiled path reads one property of it.
 */
export interface Target {
  readonly resource?: Resource | undefined;
  readonly scope?: Scope | undefined;
  readonly span?: Span | undefined;
  readonly event?: SpanEvent | undefined;
  readonly log?: LogRecord | undefined;
  readonly metric?: Metric | undefined;
  readonly point?: DataPoint | undefined;
  /** Position of `event` in its span; without it `event_index` fails, as in the reference's processors. */
  readonly eventIndex?: number | undefined;
  /** Shared by the statements that run on one record; conditions alone see it empty. */
  readonly cache?: OttlMap | undefined;
  /** What `Now()` and times without a year ask; without it they fail. The clock of the pipeline fits. */
  readonly clock?: { nowUnixNano(): bigint } | undefined;
}

/** Reads a value off a record. */
export type Read<T> = (target: Target) => T;

/** Writes a value to a record. Throws `OttlFailure` for a value that does not fit. */
export type Write = (target: Target, value: OttlValue) => void;

/** Appends the text that is read off a record; false where that has to be read as a value. */
export type CopyText = (target: Target, to: AsciiText) => boolean;
