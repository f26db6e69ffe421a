/** What becomes of OTTL that fails on a record: counted in the ledger, with one example. */
import { itemNouns } from '../../model/signal.ts';
import { isoTime } from '../../model/time.ts';
import type { ContextName } from '../../ottl/contexts.ts';
import type { OttlEvalError } from '../../ottl/errors.ts';
import type { Target } from '../../ottl/target.ts';
import type { ProcessorContext } from '../../pipeline/component.ts';
import type { Nouns, ProcessorCounts } from '../../pipeline/ledger.ts';
import type { Logger } from '../../pipeline/logger.ts';

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

interface Failed {
  readonly text: string;
  readonly context: ContextName;
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

  add({ text, context }: Failed, at: { error: OttlEvalError; target: Target; isTold: boolean }): void {
    const { kind } = this;
    const { error, target, isTold } = at;
    const example = (): string => `${causeIn(error)}; first at ${recordIn(target)}`;
    const first = this.counts.fail(text, example, { kind, records: recordNouns[context] });
    if (first !== undefined && isTold)
      this.logger.warn(`the ${kind} ${text} failed and ${consequences[kind]}: ${first}`);
  }
}

/** The part of the text that failed and why; where that is all of the text, only why. */
function causeIn({ text, place, reason, message }: OttlEvalError): string {
  return text.slice(place.start, place.end).trim() === text.trim() ? reason : message;
}

/** How a person finds the record. */
export function recordIn({ span, log, metric, resource }: Target): string {
  if (span !== undefined)
    return `span ${span.spanId || 'without id'} of trace ${span.traceId || 'without id'}`;
  if (log !== undefined) return `log record of ${isoTime(log.timeUnixNano)}`;
  if (metric !== undefined) return `metric ${metric.name}`;
  const service = resource?.attributes.get('service.name');
  return typeof service === 'string' ? `resource of service ${service}` : 'a resource without service.name';
}
