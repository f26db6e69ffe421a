/** The CodeMachine samples into the real Tempo and Loki, compared with the source files through the query APIs. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folder, sourceLogs, sourceSpans, type PlainSpan } from './support/codemachine.ts';
import { eventually, getJson, hasPeers, startPeer, type Peer } from './support/peers.ts';
import { respool, type Ended } from '../support/respool.ts';

describe.skipIf(!hasPeers('tempo', 'loki'))('respool import', () => {
  let tempo: Peer;
  let loki: Peer;
  let run: Ended;

  beforeAll(async () => {
    [tempo, loki] = await Promise.all([startPeer('tempo', 25600), startPeer('loki', 25200)]);
    const lokiUrl = new URL(loki.push).origin;
    run = await respool(['import', folder, '--tempo-url', tempo.push, '--loki-url', lokiUrl]);
  });

  afterAll(async () => {
    await Promise.all([tempo?.stop(), loki?.stop()]);
  });

  it('ends 0 with a ledger that balances', () => {
    expect(run.stderr).toContain('The ledger balances');
    expect(run.exitCode).toBe(0);
  });

  it('brings every distinct span into Tempo once, exact in every field', async () => {
    const source = sourceSpans();
    const traceIds = [...new Set(source.map(({ traceId }) => traceId))];
    const stored = (await Promise.all(traceIds.map((id) => eventually(() => tempoSpans(tempo, id))))).flat();
    expect(sortSpans(stored)).toEqual(sortSpans(source));
  });

  it('brings every distinct log line into Loki once, in one stream, with all it had', async () => {
    const source = sourceLogs();
    const streams = await eventually(() => lokiStreams(loki));
    expect(streams).toHaveLength(1);
    const [stream] = streams;
    expect(stream?.stream['service_name']).toBe('codemachine');
    expect(Object.keys(stream?.stream ?? {}).filter((name) => name.endsWith('id'))).toEqual([]);
    const stored = (stream?.values ?? []).map(([time, body, { structuredMetadata }]) => ({
      time,
      body,
      metadata: structuredMetadata ?? {},
    }));
    expect(stored).toHaveLength(source.length);
    for (const log of source) {
      const found = stored.filter(({ time, body }) => time === log.time && body === log.body);
      expect(found.length, `${log.time} ${log.body}`).toBeGreaterThan(0);
      const expected = expectedMetadata(log);
      expect(found.map(({ metadata }) => pick(metadata, Object.keys(expected)))).toContainEqual(expected);
    }
  });

  it('prints the command that finds every one of these lines', async () => {
    const command = /curl -G .*query_range.*/u.exec(run.stderr)?.[0] ?? '';
    const found = await eventually(async () => {
      const text = execFileSync('sh', ['-c', command], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return (JSON.parse(text) as { data: { result: LokiStream[] } }).data.result;
    });
    expect(found.flatMap(({ values }) => values)).toHaveLength(sourceLogs().length);
  });
});

interface Value {
  stringValue?: string;
  intValue?: string;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: { values: Value[] };
}

interface TempoSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status?: { code?: string; message?: string };
  attributes?: { key: string; value: Value }[];
  events?: { name: string; timeUnixNano: string; attributes?: { key: string; value: Value }[] }[];
}

async function tempoSpans(tempo: Peer, traceId: string): Promise<PlainSpan[]> {
  const answer = (await getJson(`${tempo.query}/api/v2/traces/${traceId}`)) as {
    trace?: {
      resourceSpans?: {
        resource: { attributes: { key: string; value: Value }[] };
        scopeSpans: { spans: TempoSpan[] }[];
      }[];
    };
  };
  const groups = answer.trace?.resourceSpans ?? [];
  if (groups.length === 0) throw new Error(`Tempo has no trace ${traceId}`);
  return groups.flatMap(({ resource, scopeSpans }) => {
    expect(typedMap(resource.attributes)['service.name']).toBe('string codemachine');
    return scopeSpans.flatMap(({ spans }) => spans.map(plainSpan));
  });
}

function plainSpan(span: TempoSpan): PlainSpan {
  expect(span.kind).toBe('SPAN_KIND_INTERNAL');
  const status = (span.status?.code ?? 'STATUS_CODE_UNSET').replace('STATUS_CODE_', '');
  return {
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId ?? ''),
    name: span.name,
    start: span.startTimeUnixNano,
    end: span.endTimeUnixNano,
    status: `${status} ${span.status?.message ?? ''}`.trim(),
    attributes: typedMap(span.attributes),
    events: (span.events ?? []).map((event) => ({
      name: event.name,
      time: event.timeUnixNano,
      attributes: typedMap(event.attributes),
    })),
  };
}

function typedMap(attributes: { key: string; value: Value }[] = []): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, typedValue(value)]));
}

function typedValue({ stringValue, intValue, doubleValue, boolValue, arrayValue }: Value): string {
  if (intValue !== undefined) return `int ${intValue}`;
  if (doubleValue !== undefined) return `double ${doubleValue}`;
  if (arrayValue !== undefined)
    return `json ${JSON.stringify(arrayValue.values.map((value) => value.stringValue))}`;
  return boolValue === undefined ? `string ${stringValue}` : `boolean ${boolValue}`;
}

/** Tempo writes ids in base64. */
function hex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}

function sortSpans(spans: readonly PlainSpan[]): PlainSpan[] {
  return spans.toSorted((a, b) => (a.traceId + a.spanId < b.traceId + b.spanId ? -1 : 1));
}

interface LokiStream {
  stream: Record<string, string>;
  values: [string, string, { structuredMetadata?: Record<string, string> }][];
}

async function lokiStreams(loki: Peer): Promise<LokiStream[]> {
  const source = sourceLogs();
  const times = source.map(({ time }) => BigInt(time));
  const first = times.reduce((a, b) => (a < b ? a : b));
  const last = times.reduce((a, b) => (a > b ? a : b));
  const query = new URLSearchParams({
    query: '{service_name="codemachine"}',
    start: String(first),
    end: String(last + 1n),
    limit: '5000',
    direction: 'forward',
  });
  const answer = (await getJson(`${loki.query}/loki/api/v1/query_range?${query.toString()}`, {
    'X-Loki-Response-Encoding-Flags': 'categorize-labels',
  })) as { data: { result: LokiStream[] } };
  if (answer.data.result.length === 0) throw new Error('Loki has no such stream');
  return answer.data.result;
}

function expectedMetadata(log: ReturnType<typeof sourceLogs>[number]): Record<string, string> {
  const attributes = Object.entries(log.attributes).map(([key, value]): [string, string] => [
    key.replaceAll(/[^a-zA-Z0-9_]/g, '_'),
    value.slice(value.indexOf(' ') + 1),
  ]);
  const ids = Object.entries({ trace_id: log.traceId, span_id: log.spanId }).filter(
    ([, value]) => value !== '',
  );
  return Object.fromEntries([
    ...attributes.filter(([, value]) => value !== ''),
    ...ids,
    ['severity_text', log.severityText],
  ]);
}

function pick(metadata: Record<string, string>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.filter((key) => key in metadata).map((key) => [key, metadata[key] ?? '']));
}
