/** What the tests of the command share: recordings, configs, and texts without what changes from run to run. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of OTLP JSON with these spans, or log records. */
export function spansLine(names: readonly string[]): string {
  const spans = names.map((name, at) => ({
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: (at + 1).toString(16).padStart(16, '0'),
    name,
    kind: 2,
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000001000000000',
  }));
  return `${JSON.stringify({ resourceSpans: [{ resource: service, scopeSpans: [{ spans }] }] })}\n`;
}

export function logsLine(bodies: readonly string[]): string {
  const logRecords = bodies.map((body, at) => ({
    timeUnixNano: String(1_700_000_000_000_000_000n + BigInt(at)),
    severityText: 'INFO',
    body: { stringValue: body },
  }));
  return `${JSON.stringify({ resourceLogs: [{ resource: service, scopeLogs: [{ logRecords }] }] })}\n`;
}

const service = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };

/** A pipeline of traces from `traces.jsonl` to one exporter. */
export function tracesTo(exporter: string, processors = ''): string {
  const list = [...processors.matchAll(/^ {2}(\w+):/gmu)].map((match) => match[1]).join(', ');
  return `receivers:
  file: {include: [traces.jsonl]}
${processors === '' ? '' : `processors:\n${processors}\n`}exporters:
  ${exporter}
service:
  pipelines:
    traces: {receivers: [file], processors: [${list}], exporters: [${exporter.split(':', 1)[0]}]}
`;
}

/** The text without ports, times and the version of the day. */
export function steady(text: string, folder = '\0'): string {
  return text
    .replaceAll(folder, 'FOLDER')
    .replaceAll(/127\.0\.0\.1:\d+/gu, '127.0.0.1:PORT')
    .replaceAll(/took [^.;]+(?:\.\d+ s)?/gu, 'took TIME')
    .replaceAll(/\d[\d ]*\/s/gu, 'SPEED')
    .replaceAll(/"elapsedMs": \d+/gu, '"elapsedMs": 0');
}

/** Compares with `golden/NAME`; RESPOOL_UPDATE_GOLDENS=1 writes it. Returns both for one `expect`. */
export function golden(name: string, text: string): string | undefined {
  const path = join(import.meta.dirname, 'golden', name);
  if (process.env['RESPOOL_UPDATE_GOLDENS'] === '1') writeFileSync(path, text);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
