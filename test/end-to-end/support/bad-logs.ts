/** Recordings of logs of which a Loki with limits takes only a part, and which part that is. */

const second = 1_000_000_000n;
const minute = 60n * second;
const day = 1440n * minute;

/** Why a Loki with the limits of peers/loki.yaml does not take a line; `good` ones it takes. */
const badKinds = ['old', 'future', 'long', 'much metadata', 'many labels', 'long label'] as const;
/** `behind` ones it takes where nothing newer of their stream is there. */
export type LogKind = 'good' | 'behind' | (typeof badKinds)[number];

export interface SentLog {
  readonly kind: LogKind;
  readonly service: string;
  readonly timeUnixNano: bigint;
  /** No other line is the same. */
  readonly line: string;
}

export interface LogRecordingOptions {
  /** Begins each service and each line. */
  readonly name: string;
  readonly services: number;
  readonly records: number;
  /** Bytes that each line is longer. */
  readonly padding?: number;
  /** Of so many records one is bad; 0 for none. */
  readonly badEvery: number;
  /** What the bad ones are. */
  readonly kinds?: readonly LogKind[];
}

export interface LogRecording {
  readonly text: string;
  readonly sent: readonly SentLog[];
  readonly range: { readonly start: bigint; readonly end: bigint };
  /** As a query of Loki. */
  readonly selector: string;
}

/** OTLP JSON lines, ten records of one service on each. The good ones are of the last minutes, in their order. */
export function badLogs(options: LogRecordingOptions): LogRecording {
  const now = BigInt(Date.now()) * 1_000_000n;
  const sent: SentLog[] = [];
  const lines: string[] = [];
  for (let at = 0; at < options.records; at += 10) {
    const service = `${options.name}-${(at / 10) % options.services}`;
    const part = Array.from({ length: Math.min(10, options.records - at) }, (_, i) =>
      record(options, { place: at + i, service, now }),
    );
    sent.push(...part);
    for (const group of bySource(part)) lines.push(documentOf(group));
  }
  return {
    text: `${lines.join('\n')}\n`,
    sent,
    range: { start: now - 30n * day, end: now + day },
    selector: `{service_name=~"${options.name}-.*"}`,
  };
}

function record(
  { name, records, padding = 0, badEvery, kinds = badKinds }: LogRecordingOptions,
  { place, service, now }: { place: number; service: string; now: bigint },
): SentLog {
  const isBad = badEvery > 0 && place % badEvery === badEvery - 1;
  const kind = isBad ? (kinds[Math.floor(place / badEvery) % kinds.length] ?? 'good') : 'good';
  const recent = now - 5n * minute + (BigInt(place) * 4n * minute) / BigInt(records);
  const shift = { behind: -20n * minute, old: -3n * day, future: 30n * minute }[kind as string] ?? 0n;
  const filler = '.'.repeat(kind === 'long' ? 5000 : padding);
  return { kind, service, timeUnixNano: recent + shift, line: `${name} ${place} ${kind} ${filler}` };
}

/** Labels are made of the resource: what has too many or too long ones is a document of its own. */
function bySource(records: readonly SentLog[]): SentLog[][] {
  const groups = new Map<string, SentLog[]>();
  for (const one of records) {
    const key = one.kind === 'many labels' || one.kind === 'long label' ? one.kind : '';
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

function documentOf(records: readonly SentLog[]): string {
  const [{ service, kind } = { service: '', kind: 'good' }] = records;
  const logRecords = records.map((one) => ({
    timeUnixNano: String(one.timeUnixNano),
    severityNumber: 9,
    severityText: 'INFO',
    body: { stringValue: one.line },
    attributes: one.kind === 'much metadata' ? many(30, 'attribute') : [text('thread', 'main')],
  }));
  const labels = {
    'many labels': manyLabels,
    'long label': [text('deployment.environment', 'x'.repeat(400))],
  };
  const attributes = [text('service.name', service), ...(labels[kind as keyof typeof labels] ?? [])];
  return JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] });
}

/** They are labels of Loki's OTLP endpoint by default, and of the exporter `loki` where the test says so. */
export const labelAttributes = [
  'cloud.region',
  'container.name',
  'k8s.cluster.name',
  'k8s.job.name',
  'k8s.namespace.name',
  'k8s.pod.name',
] as const;
const manyLabels = labelAttributes.map((key) => text(key, 'x'));

function many(count: number, name: string) {
  return Array.from({ length: count }, (_, i) => text(`${name}.${i}`, 'x'));
}

function text(key: string, stringValue: string) {
  return { key, value: { stringValue } };
}
