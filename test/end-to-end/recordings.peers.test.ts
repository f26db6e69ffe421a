/**
 * Each recording of another program into the real Jaeger, or Loki, and back through the query API: what their producers
 * sent, less what the form had lost.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { respool } from '../support/respool.ts';
import { eventually, getJson, hasPeers, startPeer, type Peer, type PeerName } from './support/peers.ts';
import {
  distinct,
  entries,
  itemsIn,
  logLine,
  originalLogs,
  originalSpans,
  plainSpan,
  recordings,
  spanLine,
  type Entry,
  type PlainLog,
  type PlainSpan,
} from './support/recordings.ts';

const scratch = mkdtempSync(join(tmpdir(), 'respool-recordings-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What a person has to say of a recording: of lines without times nothing says that they are a log, or when. */
function optionsOf({ file, encoding }: Entry): { format?: string; base_time?: string } {
  const base_time = '2026-03-14T09:26:53Z';
  if (file.endsWith('logcli-raw.txt')) return { format: 'lines', base_time };
  return encoding === 'chrome-trace' ? { base_time } : {};
}

async function converted(entry: Entry) {
  const { format, base_time: baseTime } = optionsOf(entry);
  const { stdout, stderr, exitCode } = await respool([
    'convert',
    join(recordings, entry.file),
    '-o',
    '-',
    ...(format === undefined ? [] : ['--format', format]),
    ...(baseTime === undefined ? [] : ['--base-time', baseTime]),
  ]);
  expect(exitCode, stderr).toBe(0);
  return itemsIn(stdout);
}

async function sent(entry: Entry, exporter: object, signal: string): Promise<void> {
  const config = {
    receivers: { file: { include: [join(recordings, entry.file)], ...optionsOf(entry) } },
    exporters: exporter,
    service: { pipelines: { [signal]: { receivers: ['file'], exporters: Object.keys(exporter) } } },
  };
  const path = join(scratch, 'pipeline.yaml');
  writeFileSync(path, JSON.stringify(config));
  const { stderr, exitCode } = await respool(['run', '-c', path]);
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain('The ledger balances');
}

/** A backend for each test, with nothing in it; those of the next tests start meanwhile, for that takes longest. */
class Fresh {
  private readonly name: PeerName;
  private readonly bases: number[];
  private readonly spares: Promise<Peer>[] = [];

  /** One base of ports for the one in use and one for each spare. */
  constructor(name: PeerName, bases: number[]) {
    this.name = name;
    this.bases = bases;
  }

  async peer(): Promise<Peer> {
    while (this.spares.length < this.bases.length) this.start();
    const peer = await this.spares.shift();
    if (peer === undefined) throw new Error(`no ${this.name}`);
    return peer;
  }

  async stop(): Promise<void> {
    for (const spare of this.spares) await (await spare).stop();
  }

  private start(): void {
    const base = this.bases.shift() ?? 0;
    this.bases.push(base);
    const spare = startPeer(this.name, base);
    // Awaited by the test that takes it, or at the end.
    spare.catch(() => undefined);
    this.spares.push(spare);
  }
}

describe.skipIf(!hasPeers('jaeger'))('into Jaeger and back', () => {
  const originals = originalSpans();
  const fresh = new Fresh('jaeger', [25500, 25600]);
  afterAll(() => fresh.stop());

  it.each(entries.filter(({ mustYield }) => (mustYield.spans ?? 0) > 0))('$file', async (entry) => {
    const expected = (await converted(entry)).spans;
    expect(expected).toHaveLength(entry.mustYield.spans ?? 0);
    const jaeger = await fresh.peer();
    try {
      await sent(entry, { otlp_http: { endpoint: jaeger.push } }, 'traces');
      const traceIds = distinct(expected.map(({ traceId }) => traceId));
      const stored: PlainSpan[] = [];
      for (const traceId of traceIds) stored.push(...(await eventually(() => storedSpans(jaeger, traceId))));
      expect(distinct(stored.map(spanLine))).toEqual(distinct(expected.map(inJaeger).map(spanLine)));
      compareToOriginals(stored, originals, entry);
    } finally {
      await jaeger.stop();
    }
  });
});

/** It stores a span that ends when it starts as one of a nanosecond. */
function inJaeger(span: PlainSpan): PlainSpan {
  return span.end === span.start ? { ...span, end: span.end + 1n } : span;
}

/** Times may be off by what the form had lost of them, as the manifest says. */
function compareToOriginals(
  stored: readonly PlainSpan[],
  originals: ReadonlyMap<string, PlainSpan>,
  { original, encoding }: Entry,
): void {
  const largest = BigInt(original?.largestTimeDifferenceNano ?? 0);
  const known = stored.flatMap((span) => {
    const before = originals.get(`${span.traceId} ${span.spanId}`);
    return before === undefined ? [] : [{ span, before }];
  });
  expect(known.length).toBeGreaterThanOrEqual(original?.spansFoundInOriginal ?? 0);
  for (const { span, before } of original === undefined ? [] : known) {
    // Zipkin's server writes names in small letters.
    const nameOf = ({ name }: PlainSpan) => (encoding.startsWith('zipkin') ? name.toLowerCase() : name);
    const facts = (one: PlainSpan) => ({ name: nameOf(one), parentSpanId: one.parentSpanId });
    expect(facts(span)).toEqual(facts(before));
    const atEnd = span.end - inJaeger(before).end;
    for (const difference of [span.start - before.start, atEnd])
      expect(difference <= largest && -difference <= largest, `${span.name} is off by ${difference}`).toBe(
        true,
      );
  }
}

type Part = Readonly<Record<string, unknown>>;

async function storedSpans(jaeger: Peer, traceId: string): Promise<PlainSpan[]> {
  const answer = (await getJson(`${jaeger.query}/api/v3/traces/${traceId}`)) as {
    result: { resourceSpans: { scopeSpans: { spans: Part[] }[] }[] };
  };
  return answer.result.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(plainSpan)),
  );
}

describe.skipIf(!hasPeers('loki'))('into Loki and back', () => {
  const originals = new Set(originalLogs().map(logLine));
  const fresh = new Fresh('loki', [25200, 25300, 25400, 25700]);
  afterAll(() => fresh.stop());
  const hasLogs = ({ encoding, mustYield }: Entry) => (mustYield.logs ?? 0) > 0 || encoding === 'lines';

  it.each(entries.filter(hasLogs))('$file', async (entry) => {
    const expected = (await converted(entry)).logs;
    if (entry.encoding !== 'lines') expect(expected).toHaveLength(entry.mustYield.logs ?? 0);
    const loki = await fresh.peer();
    try {
      await sent(entry, { loki: { endpoint: new URL(loki.push).origin } }, 'logs');
      const texts = distinct(expected.filter(({ line }) => line !== undefined).map(logLine));
      const stored = await eventually(() => storedLogs(loki, expected));
      const lines = stored.map(logLine);
      expect(texts.filter((line) => !lines.includes(line))).toEqual([]);
      // What is no text is told by what stands beside it.
      const facts = (log: PlainLog) => logLine({ ...log, line: undefined });
      expect(distinct(stored.map(facts))).toEqual(distinct(expected.map(facts)));
      const found = new Set(lines.filter((line) => originals.has(line)));
      const otherThanText = expected.length - texts.length;
      expect(found.size).toBeGreaterThanOrEqual((entry.original?.logsFoundInOriginal ?? 0) - otherThanText);
    } finally {
      await loki.stop();
    }
  });
});

interface LokiStream {
  readonly values: readonly [string, string, { structuredMetadata?: Record<string, string> }][];
}

/** Everything that Loki has within the times of what was sent, once there is as much. */
async function storedLogs(loki: Peer, expected: readonly PlainLog[]): Promise<PlainLog[]> {
  const times = expected.map(({ time }) => time);
  const first = times.reduce((a, b) => (a < b ? a : b));
  const last = times.reduce((a, b) => (a > b ? a : b));
  const query = new URLSearchParams({
    query: '{service_name=~".+"}',
    start: String(first),
    end: String(last + 1n),
    limit: '5000',
  });
  const answer = (await getJson(`${loki.query}/loki/api/v1/query_range?${query.toString()}`, {
    'X-Loki-Response-Encoding-Flags': 'categorize-labels',
  })) as { data: { result: LokiStream[] } };
  const logs = answer.data.result.flatMap(({ values }) =>
    values.map(([time, line, { structuredMetadata: own = {} }]): PlainLog => ({
      time: BigInt(time),
      traceId: own['trace_id'] ?? '',
      spanId: own['span_id'] ?? '',
      severityNumber: Number(own['severity_number'] ?? 0),
      line,
    })),
  );
  const wanted = new Set(expected.map((log) => logLine({ ...log, line: log.line ?? '' }))).size;
  if (logs.length < wanted) throw new Error(`${logs.length} of ${wanted} lines`);
  return logs;
}
