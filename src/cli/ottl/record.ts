/** What a record of a context is called, and what it holds: itself and what it stands in. */
import { isoTime } from '../../model/time.ts';
import { valueText } from '../../model/value.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import type { Span } from '../../model/traces.ts';
import { Writer } from '../../wire/writer.ts';
import type { ContextName } from '../../ottl/contexts.ts';
import type { RecordTarget } from '../../processors/shared/target.ts';
import { printable } from '../../exporters/debug/text.ts';
import {
  eventFields,
  logFields,
  metricFields,
  partFields,
  pointFields,
  pointsFields,
  resourceFields,
  scopeFields,
  spanFields,
  type Field,
} from './fields.ts';

/** A record as it is now: the fields of itself and of what it holds, then of each thing that it stands in. */
export type Snapshot = readonly (readonly Field[])[];

/**
 * Takes snapshots. A large resource over many records is looked into once: as long as its bytes stay the same, so does the
 * list of its fields.
 */
export class Camera {
  private readonly kept = new Map<string, Kept>();

  take({ resource, scope, span, event, log, metric, point }: RecordTarget): Snapshot {
    const sections: (readonly Field[])[] = [];
    if (event !== undefined) sections.push(eventFields(event));
    if (span !== undefined)
      sections.push(
        event === undefined
          ? [...spanFields(span), ...partFields(span)]
          : this.keep('span', span, spanFields),
      );
    if (log !== undefined) sections.push(logFields(log));
    if (point !== undefined) sections.push(pointFields(point));
    if (metric !== undefined)
      sections.push(
        point === undefined ? [...metricFields(metric), ...pointsFields(metric)] : metricFields(metric),
      );
    if (scope !== undefined) sections.push(this.keep('scope', scope, scopeFields));
    if (resource !== undefined) sections.push(this.keep('resource', resource, resourceFields));
    return sections;
  }

  private keep<Part extends Scope | Resource | Span>(
    name: string,
    part: Part,
    read: (part: Part) => readonly Field[],
  ): readonly Field[] {
    scratch.reset();
    part.write(scratch);
    // The schema URL stands beside the resource or scope that it belongs to.
    if ('schemaUrl' in part) scratch.text(part.schemaUrl);
    const bytes = scratch.bytes();
    const known = this.kept.get(name);
    if (known !== undefined && known.bytes.equals(bytes)) return known.fields;
    const fields = read(part);
    this.kept.set(name, { bytes: Buffer.from(bytes), fields });
    return fields;
  }
}

interface Kept {
  readonly bytes: Buffer;
  readonly fields: readonly Field[];
}

const scratch = new Writer(1 << 12);

const longestName = 60;

/** How a person finds the record: one line, safe to print. */
export function titleOf(context: ContextName, target: RecordTarget): string {
  const { event, point } = target;
  switch (context) {
    case 'resource':
      return `resource of ${serviceIn(target)}`;
    case 'scope':
      return `scope ${quoted(target.scope?.name)} of ${serviceIn(target)}`;
    case 'span':
      return spanTitle(target);
    case 'spanevent':
      return `event ${quoted(event?.name)} of ${spanTitle(target)}`;
    case 'log':
      return logTitle(target);
    case 'metric':
      return metricTitle(target);
    case 'datapoint':
      return `data point of ${isoTime(point?.timeUnixNano ?? 0n)} of ${metricTitle(target)}`;
  }
}

function spanTitle({ span }: RecordTarget): string {
  const id = span?.spanId === '' ? 'without id' : span?.spanId;
  return `span ${id} of trace ${span?.traceId === '' ? 'without id' : span?.traceId}  ${quoted(span?.name)}`;
}

function logTitle({ log }: RecordTarget): string {
  const time = log?.timeUnixNano || log?.observedTimeUnixNano || 0n;
  return `log record ${time === 0n ? 'without time' : `of ${isoTime(time)}`}  ${quoted(valueText(log?.bodyExact ?? null))}`;
}

function metricTitle({ metric }: RecordTarget): string {
  return `metric ${quoted(metric?.name)}`;
}

function serviceIn({ resource }: RecordTarget): string {
  const service = resource?.attributes.getExact('service.name');
  return typeof service === 'string' ? `service ${quoted(service)}` : 'no service';
}

function quoted(text = ''): string {
  return `"${printable(text, longestName)}"`;
}
