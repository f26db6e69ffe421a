/** What becomes of OTTL that fails on a record and is to be ignored: counted, with one example. */
import { isoTime } from '../../model/time.ts';
import type { OttlEvalError } from '../../ottl/errors.ts';
import type { Target } from '../../ottl/target.ts';
import type { Logger } from '../../pipeline/logger.ts';

const consequences = { condition: 'counted as false', statement: 'changed nothing more' } as const;

/** Counts failures per text; the first one is told at once, the number at the end. */
export class Failures {
  private readonly logger: Logger;
  private readonly kind: keyof typeof consequences;
  private readonly counts = new Map<string, number>();

  constructor(logger: Logger, kind: keyof typeof consequences) {
    this.logger = logger;
    this.kind = kind;
  }

  add(text: string, error: OttlEvalError, target: Target): void {
    const count = (this.counts.get(text) ?? 0) + 1;
    this.counts.set(text, count);
    if (count === 1)
      this.warn(text, `failed and ${consequences[this.kind]}: ${error.message} (${recordIn(target)})`);
  }

  report(): void {
    for (const [text, count] of this.counts)
      if (count > 1) this.warn(text, `failed ${count} times and ${consequences[this.kind]}`);
  }

  private warn(text: string, what: string): void {
    this.logger.warn(`the ${this.kind} ${text} ${what}`);
  }
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
