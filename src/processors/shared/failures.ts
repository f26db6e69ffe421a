/** What becomes of OTTL that fails on a record: counted in the ledger, with one example. */
import { itemNouns } from '../../model/signal.ts';
import { isoTime } from '../../model/time.ts';
import type { ContextName } from '../../ottl/contexts.ts';
import { OttlEvalError } from '../../ottl/errors.ts';
import type { Target } from '../../ottl/target.ts';
import type { ProcessorContext } from '../../pipeline/component.ts';
import type { Nouns, ProcessorCounts } from '../../pipeline/counts.ts';
import type { Logger } from '../../pipeline/logger.ts';
import type { ErrorMode } from './error-mode.ts';

const consequences = { condition: 'counted as false', statement: 'changed nothing more' } as const;

/** What statements and conditions of a context run on. */
export const recordNouns: Readonly<Record<ContextName, Nouns>> = {
  resource: { one: 'resource', many: 'resources' },
  scope: { one: 'scope', many: 'scopes' },
  span: itemNouns.traces,
  spanevent: { one: 'span event', many: 'span events' },
  log: itemNouns.logs,
  metric: { one: 'metric', many: 'metrics' },
  datapoint: itemNouns.metrics,
};

/** A text that fails on a record, where `error_mode: propagate` makes that an end. */
class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly remedy: string;

  constructor(kind: keyof typeof guards, text: string, why: { cause: OttlEvalError; record: string }) {
    const { cause, record } = why;
    super(`the ${kind} ${oneLine(text)} failed: ${causeIn(cause)}; at ${record}`, { cause });
    this.remedy = `${guards[kind]}, or set \`error_mode: ignore\`, which counts failures and goes on`;
  }
}

const guards = { condition: 'guard the condition', statement: 'guard it with `where`' } as const;

interface Failure {
  /** What failed. */
  readonly failed: { readonly text: string; readonly context: ContextName };
  readonly target: Target;
  readonly errorMode: ErrorMode;
}

/** Counts failures per text; the first of each is told at once, unless the failure is to be silent. */
export class Failures {
  private readonly logger: Logger;
  private readonly counts: ProcessorCounts;
  private readonly kind: keyof typeof consequences;

  constructor({ logger, counts }: ProcessorContext, kind: keyof typeof consequences) {
    this.logger = logger;
    this.counts = counts;
    this.kind = kind;
  }

  /** Counts what was thrown, and throws unless the run goes on after it. What is no failure of OTTL is thrown on. */
  take(error: unknown, { failed: { text, context }, target, errorMode }: Failure): void {
    if (!(error instanceof OttlEvalError)) throw error;
    const { kind } = this;
    const example = (): string => `${causeIn(error)}; first at ${recordIn(target, context)}`;
    const first = this.counts.fail(text, example, { kind, records: recordNouns[context] });
    if (errorMode === 'propagate')
      throw new RecordError(kind, text, { cause: error, record: recordIn(target, context) });
    if (first !== undefined && errorMode === 'ignore')
      this.logger.warn(`the ${kind} ${oneLine(text)} failed and ${consequences[kind]}: ${first}`);
  }
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}

/** The part of the text that failed and why; where that is all of the text, only why. */
function causeIn({ text, place, reason, message }: OttlEvalError): string {
  return text.slice(place.start, place.end).trim() === text.trim() ? reason : message;
}

/** How a person finds the record. What the target still holds of records below the context does not count. */
export function recordIn(target: Target, context: ContextName): string {
  return recordTexts[context](target);
}

const recordTexts: Readonly<Record<ContextName, (target: Target) => string>> = {
  resource: resourceText,
  scope: (target) => `scope ${nameText(target.scope)} in ${resourceText(target)}`,
  span: spanText,
  spanevent: (target) => {
    const { event } = target;
    return `event ${nameText(event)} of ${isoTime(event?.timeUnixNano ?? 0n)} in ${spanText(target)}`;
  },
  log: logText,
  metric: ({ metric }) => `metric ${nameText(metric)}`,
  datapoint: ({ point, metric }) =>
    `data point of ${isoTime(point?.timeUnixNano ?? 0n)} in metric ${nameText(metric)}`,
};

function resourceText({ resource }: Target): string {
  const name = resource?.attributes.get('service.name');
  return typeof name === 'string'
    ? `resource of service ${nameText({ name })}`
    : 'a resource without service.name';
}

function spanText({ span }: Target): string {
  return `span ${span?.spanId || 'without id'} of trace ${span?.traceId || 'without id'}`;
}

/** A record without a time has the one at which it was seen. */
function logText({ log }: Target): string {
  const time = log?.timeUnixNano || log?.observedTimeUnixNano || 0n;
  const trace = log === undefined || log.traceId === '' ? '' : ` in trace ${log.traceId}`;
  return `log record of ${isoTime(time)}${trace}`;
}

const longestName = 100;

function nameText({ name }: { readonly name: string } = { name: '' }): string {
  if (name === '') return 'without name';
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name;
}
