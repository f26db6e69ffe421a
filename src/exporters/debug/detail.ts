/** Every field of every item, in the manner of the Collector's debug exporter. */
import type { AnyBatch } from '../../model/batches.ts';
import type { LogRecord } from '../../model/logs.ts';
import type { Metric } from '../../model/metrics.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import type { Span } from '../../model/traces.ts';
import {
  attributeLines,
  dateText,
  durationText,
  kindNames,
  plural,
  printable,
  severityText,
  typedText,
} from './text.ts';

/** A resource and its scopes, whatever the signal. */
interface Group<Item> {
  readonly resource: Resource;
  readonly scopes: readonly { readonly scope: Scope; readonly items: readonly Item[] }[];
}

export function detailText(batch: AnyBatch): string {
  return linesOf(batch)
    .map((line) => `${line}\n`)
    .join('');
}

function linesOf(batch: AnyBatch): string[] {
  if (batch.signal === 'traces') {
    return batch.resourceSpans().flatMap((group) => {
      const scopes = group.scopeSpans().map((scoped) => ({ scope: scoped.scope, items: scoped.spans() }));
      return groupLines({ resource: group.resource, scopes }, spanLines);
    });
  }
  if (batch.signal === 'logs') {
    return batch.resourceLogs().flatMap((group) => {
      const scopes = group.scopeLogs().map((scoped) => ({ scope: scoped.scope, items: scoped.logRecords() }));
      return groupLines({ resource: group.resource, scopes }, logLines);
    });
  }
  return batch.resourceMetrics().flatMap((group) => {
    const scopes = group.scopeMetrics().map((scoped) => ({ scope: scoped.scope, items: scoped.metrics() }));
    return groupLines({ resource: group.resource, scopes }, metricLines);
  });
}

function groupLines<Item>(
  { resource, scopes }: Group<Item>,
  itemLines: (item: Item, place: number) => string[],
): string[] {
  return [
    ...resourceLines(resource),
    ...scopes.flatMap(({ scope, items }) => [
      ...scopeLines(scope),
      ...items.flatMap((item, place) => itemLines(item, place)),
    ]),
  ];
}

function resourceLines(resource: Resource): string[] {
  const lines = ['Resource', ...attributeLines(resource.attributes, '  ')];
  if (resource.schemaUrl !== '') lines.push(`  schema URL: ${printable(resource.schemaUrl)}`);
  return lines;
}

function scopeLines(scope: Scope): string[] {
  const name = [printable(scope.name) || '(no name)', printable(scope.version)]
    .filter((part) => part !== '')
    .join(' ');
  const lines = [`  Scope ${name}`, ...attributeLines(scope.attributes, '    ')];
  if (scope.schemaUrl !== '') lines.push(`    schema URL: ${printable(scope.schemaUrl)}`);
  return lines;
}

/** Lines for what is there: pairs whose text is empty are left out. */
function fieldLines(fields: readonly (readonly [string, string])[]): string[] {
  return fields.filter(([, text]) => text !== '').map(([name, text]) => `      ${name}: ${text}`);
}

function count(number: number): string {
  return number === 0 ? '' : String(number);
}

const statusNames = ['', 'Ok', 'Error'] as const;

function spanLines(span: Span, place: number): string[] {
  const { code, message } = span.status;
  const lines = [
    `    Span #${place}`,
    ...fieldLines([
      ['name', printable(span.name)],
      ['trace id', span.traceId],
      ['span id', span.spanId],
      ['parent span id', span.parentSpanId],
      ['kind', kindNames[span.kind] ?? String(span.kind)],
      ['start', dateText(span.startTimeUnixNano)],
      ['end', dateText(span.endTimeUnixNano)],
      ['duration', durationText(span.endTimeUnixNano - span.startTimeUnixNano)],
      [
        'status',
        [statusNames[code] ?? String(code), printable(message)].filter((part) => part !== '').join(': '),
      ],
      ['trace state', printable(span.traceState)],
      ['flags', count(span.flags)],
    ]),
    ...attributeLines(span.attributes, '      '),
    ...fieldLines([['dropped attributes', count(span.droppedAttributesCount)]]),
  ];
  for (const event of span.events) {
    lines.push(
      `      Event ${printable(event.name)} at ${dateText(event.timeUnixNano)}`,
      ...attributeLines(event.attributes, '        '),
    );
  }
  for (const link of span.links) {
    lines.push(
      `      Link to span ${link.spanId} of trace ${link.traceId}`,
      ...attributeLines(link.attributes, '        '),
    );
  }
  lines.push(
    ...fieldLines([
      ['dropped events', count(span.droppedEventsCount)],
      ['dropped links', count(span.droppedLinksCount)],
    ]),
  );
  return lines;
}

function logLines(record: LogRecord, place: number): string[] {
  return [
    `    Log record #${place}`,
    ...fieldLines([
      ['time', dateText(record.timeUnixNano)],
      ['observed', record.observedTimeUnixNano === 0n ? '' : dateText(record.observedTimeUnixNano)],
      [
        'severity',
        [severityText(record), record.severityNumber === 0 ? '' : `(${record.severityNumber})`]
          .filter((part) => part !== '')
          .join(' '),
      ],
      ['event name', printable(record.eventName)],
      ['body', typedText(record.bodyExact)],
      ['trace id', record.traceId],
      ['span id', record.spanId],
      ['flags', count(record.flags)],
    ]),
    ...attributeLines(record.attributes, '      '),
    ...fieldLines([['dropped attributes', count(record.droppedAttributesCount)]]),
  ];
}

function metricLines(metric: Metric, place: number): string[] {
  return [
    `    Metric #${place}`,
    ...fieldLines([
      ['name', printable(metric.name)],
      ['description', printable(metric.description)],
      ['unit', printable(metric.unit)],
      ['type', metric.type],
      ['holds', plural(metric.dataPointCount, 'data point')],
    ]),
  ];
}
