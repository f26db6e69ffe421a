/** What a span or log record says about its sampling so far: where the decision reads and writes. */
import type { Attributes } from '../../model/attributes.ts';
import type { LogRecord } from '../../model/logs.ts';
import type { Span } from '../../model/traces.ts';
import { parseRandomness, parseThreshold, type Randomness, type Threshold } from './threshold.ts';
import { formatTraceState, parseTraceState, type Parsed } from './trace-state.ts';

export interface Notes {
  randomness: Parsed<Randomness> | undefined;
  threshold: Parsed<Threshold> | undefined;
  /** Whether all of it could be read. */
  readonly sound: boolean;
  /** Writes what changed to the item. */
  save(): void;
}

/** In `ot=rv:...;th:...` of the trace state. */
export function notesOfSpan(span: Span): Notes {
  const before = span.traceState;
  return Object.assign(parseTraceState(before), {
    save(this: ReturnType<typeof parseTraceState>) {
      const text = formatTraceState(this);
      if (text !== before) span.traceState = text;
    },
  });
}

const randomnessKey = 'sampling.randomness';
const thresholdKey = 'sampling.threshold';

/** In two attributes. */
export function notesOfLog({ attributes }: LogRecord): Notes {
  const randomness = textIn(attributes, randomnessKey);
  const threshold = textIn(attributes, thresholdKey);
  const before = {
    randomness: parsed(randomness, parseRandomness),
    threshold: parsed(threshold, parseThreshold),
  };
  const sound =
    (randomness === '') === (before.randomness === undefined) &&
    (threshold === '') === (before.threshold === undefined);
  return {
    ...before,
    sound,
    save() {
      if (this.randomness !== before.randomness) write(attributes, randomnessKey, this.randomness);
      if (this.threshold !== before.threshold) write(attributes, thresholdKey, this.threshold);
    },
  };
}

function textIn(attributes: Attributes, key: string): string {
  const value = attributes.getExact(key);
  return typeof value === 'string' ? value : '';
}

function parsed<Value>(text: string, parse: (text: string) => Value | undefined): Parsed<Value> | undefined {
  const value = parse(text);
  return value === undefined ? undefined : { text, value };
}

function write(attributes: Attributes, key: string, value: Parsed<string> | undefined): void {
  if (value === undefined) attributes.delete(key);
  else attributes.setExact(key, value.text);
}
