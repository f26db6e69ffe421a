/** The text of a log line. */
import type { LogRecord } from '../../model/logs.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import { valueText, type ExactValue } from '../../model/value.ts';
import { cutToBytes } from './text.ts';

export const lineFormats = ['body', 'json', 'logfmt'] as const;
export type LineFormat = (typeof lineFormats)[number];

export function lineOf(format: LineFormat, record: LogRecord, resource: Resource, scope: Scope): string {
  if (format === 'json') return jsonLine(record, resource, scope);
  if (format === 'logfmt') return logfmtLine(record, resource, scope);
  return valueText(record.bodyExact);
}

/** The object that the Collector's loki exporter wrote, for dashboards that read it. */
function jsonLine(record: LogRecord, resource: Resource, scope: Scope): string {
  const line = new Map<string, ExactValue>([['body', record.bodyExact]]);
  if (record.traceId !== '') line.set('traceid', record.traceId);
  if (record.spanId !== '') line.set('spanid', record.spanId);
  if (record.severityText !== '') line.set('severity', record.severityText);
  if (record.flags !== 0) line.set('flags', BigInt(record.flags));
  if (record.attributes.size > 0) line.set('attributes', new Map(record.attributes.exactEntries()));
  if (resource.attributes.size > 0) line.set('resources', new Map(resource.attributes.exactEntries()));
  const instrumentation = new Map<string, ExactValue>();
  if (scope.name !== '') instrumentation.set('name', scope.name);
  if (scope.version !== '') instrumentation.set('version', scope.version);
  if (instrumentation.size > 0) line.set('instrumentation_scope', instrumentation);
  return valueText(line);
}

function logfmtLine(record: LogRecord, resource: Resource, scope: Scope): string {
  const parts: string[] = [];
  if (record.bodyExact instanceof Map) putLogfmt(parts, '', record.bodyExact);
  else putLogfmt(parts, 'msg', record.bodyExact);
  if (record.traceId !== '') putLogfmt(parts, 'traceID', record.traceId);
  if (record.spanId !== '') putLogfmt(parts, 'spanID', record.spanId);
  if (record.severityText !== '') putLogfmt(parts, 'severity', record.severityText);
  if (record.flags !== 0) putLogfmt(parts, 'flags', BigInt(record.flags));
  for (const [key, value] of record.attributes.exactEntries()) putLogfmt(parts, `attribute_${key}`, value);
  for (const [key, value] of resource.attributes.exactEntries()) putLogfmt(parts, `resource_${key}`, value);
  if (scope.name !== '') putLogfmt(parts, 'instrumentation_scope_name', scope.name);
  if (scope.version !== '') putLogfmt(parts, 'instrumentation_scope_version', scope.version);
  return parts.join(' ');
}

function putLogfmt(parts: string[], key: string, value: ExactValue): void {
  if (value instanceof Map) {
    for (const [child, inner] of value) putLogfmt(parts, key === '' ? child : `${key}_${child}`, inner);
    return;
  }
  const name = key.replace(/[\s="\p{Cc}]+/gu, '_');
  const text = valueText(value);
  parts.push(`${name}=${/^[^\s="\\\p{Cc}]+$/u.test(text) ? text : JSON.stringify(text)}`);
}

/** The line cut to `limit` bytes with a mark that says so. */
export function truncated(line: string, limit: number): string {
  const bytes = Buffer.byteLength(line);
  const mark = `...[cut: ${bytes} bytes]`;
  return cutToBytes(line, Math.max(limit - mark.length, 0)) + mark;
}
