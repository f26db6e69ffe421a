/** Recordings of real producers, each with what a reader has to find in it by its manifest. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decompress } from '../../src/encodings/decompress.ts';
import { detect } from '../../src/encodings/detect.ts';
import type { Encoding } from '../../src/encodings/encoding.ts';
import { encodings } from '../../src/encodings/list.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { cut, decodedInPieces, decoderOf } from './decoding.ts';

const folder = new URL('../../../shared/samples/recordings/', import.meta.url);
const ours = new Set(['otlp-json', 'otlp-proto', 'otlp-proto-framed', 'tempo-proto']);

interface Entry {
  readonly file: string;
  readonly encoding: string;
  readonly compression: string;
  readonly signal?: string;
  readonly mustYield: Readonly<Record<string, unknown>>;
}

const isThere = existsSync(new URL('manifest.json', folder));
const entries: Entry[] = isThere
  ? (JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as { files: Entry[] }).files
  : [];
if (!isThere) console.warn('SKIPPED: the recordings are not there (../shared/samples/recordings)');

async function contentOf(entry: Entry): Promise<Buffer> {
  const bytes = readFileSync(new URL(entry.file, folder));
  async function* source(): AsyncGenerator<Bytes> {
    yield* cut(bytes, [4096]) as Bytes[];
  }
  const parts: Buffer[] = [];
  for await (const part of decompress(source())) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

function encodingOf(content: Buffer): Encoding {
  const head = content.subarray(0, 1 << 16) as Bytes;
  const found = detect(head, { atEnd: head.length === content.length });
  if (found === undefined || !('encoding' in found))
    throw new Error(`not detected: ${JSON.stringify(found)}`);
  return found.encoding;
}

/** Telemetry as JSON.parse gives it, with the members that are looked at. */
interface Value {
  readonly [type: string]: unknown;
}
interface Attribute {
  readonly key: string;
  readonly value?: Value;
}
interface Item {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes?: readonly Attribute[];
}
interface SpanItem extends Item {
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly events?: readonly unknown[];
  readonly links?: readonly unknown[];
  readonly status?: { readonly code?: number };
}
interface LogItem extends Item {
  readonly timeUnixNano?: string;
  readonly severityNumber?: number;
  readonly body?: Value;
}
type MetricItem = Readonly<Record<string, { readonly dataPoints?: readonly unknown[] }>>;
interface Scope {
  readonly spans?: readonly SpanItem[];
  readonly logRecords?: readonly LogItem[];
  readonly metrics?: readonly MetricItem[];
}
interface Resource {
  readonly resource?: { readonly attributes?: readonly Attribute[] };
  readonly scopeSpans?: readonly Scope[];
  readonly scopeLogs?: readonly Scope[];
  readonly scopeMetrics?: readonly Scope[];
}
interface Document {
  readonly resourceSpans?: readonly Resource[];
  readonly resourceLogs?: readonly Resource[];
  readonly resourceMetrics?: readonly Resource[];
}

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const statuses = ['UNSET', 'OK', 'ERROR'];

class Tally {
  private readonly counts = new Map<string, number>();
  private readonly groups: Record<string, Record<string, number>> = {};
  private readonly sets = {
    traces: new Set<string>(),
    logTraces: new Set<string>(),
    services: new Set<string>(),
  };
  private readonly spanLines: string[] = [];
  private readonly logLines: string[] = [];
  private readonly times: Record<'start' | 'end' | 'log', bigint[]> = { start: [], end: [], log: [] };

  add({ resourceSpans = [], resourceLogs = [], resourceMetrics = [] }: Document): void {
    for (const resource of resourceSpans) this.spans(resource);
    const scopes = resourceLogs.flatMap(({ scopeLogs = [] }) => scopeLogs);
    for (const { logRecords = [] } of scopes) for (const log of logRecords) this.log(log);
    this.metrics(resourceMetrics.flatMap(({ scopeMetrics = [] }) => scopeMetrics));
  }

  private spans({ resource, scopeSpans = [] }: Resource): void {
    const service = resource?.attributes?.find(({ key }) => key === 'service.name');
    if (service !== undefined) this.sets.services.add(String(service.value?.['stringValue']));
    for (const { spans = [] } of scopeSpans) for (const span of spans) this.span(span);
  }

  private metrics(scopes: readonly Scope[]): void {
    const metrics = scopes.flatMap((scope) => scope.metrics ?? []);
    const data = metrics.flatMap((metric) => Object.values(metric));
    this.countAll({ metricPoints: data.flatMap(({ dataPoints = [] }) => dataPoints) });
  }

  private span(span: SpanItem): void {
    const { traceId, spanId, parentSpanId = '', name = '', startTimeUnixNano, endTimeUnixNano } = span;
    this.count('spans');
    this.countAll({ events: span.events, links: span.links });
    if (parentSpanId === '') this.count('rootSpans');
    this.sets.traces.add(traceId ?? '');
    this.spanLines.push([traceId, spanId, parentSpanId, name, startTimeUnixNano, endTimeUnixNano].join(' '));
    this.times.start.push(BigInt(startTimeUnixNano));
    this.times.end.push(BigInt(endTimeUnixNano));
    this.group('kinds', kinds[span.kind ?? 0]);
    this.group('statuses', statuses[span.status?.code ?? 0]);
    for (const { value } of span.attributes ?? []) this.group('attributeTypes', typeOf(value));
  }

  private log(log: LogItem): void {
    const { traceId = '', spanId = '', timeUnixNano = '0', severityNumber = 0, body, attributes = [] } = log;
    const text = body?.['stringValue'];
    this.count('logs');
    if (traceId !== '') this.sets.logTraces.add(traceId);
    this.logLines.push(
      [
        timeUnixNano,
        traceId,
        spanId,
        severityNumber,
        text === undefined ? typeOf(body) : JSON.stringify(text),
      ].join(' '),
    );
    this.times.log.push(BigInt(timeUnixNano));
    this.group('severities', String(severityNumber));
    for (const { value } of attributes) this.group('logAttributeTypes', typeOf(value));
  }

  /** The same figures as in the manifest. */
  figures(): Record<string, unknown> {
    const earliest = (times: readonly bigint[]) =>
      String(times.reduce((one, other) => (one < other ? one : other), 2n ** 64n));
    const latest = (times: readonly bigint[]) =>
      String(times.reduce((one, other) => (one > other ? one : other), 0n));
    return {
      ...Object.fromEntries(this.counts),
      ...this.groups,
      traces: this.sets.traces.size,
      logTraces: this.sets.logTraces.size,
      services: [...this.sets.services].sort(),
      spansSha256: hashOf(this.spanLines),
      logsSha256: hashOf(this.logLines),
      firstSpanStartUnixNano: earliest(this.times.start),
      lastSpanEndUnixNano: latest(this.times.end),
      firstLogUnixNano: earliest(this.times.log),
      lastLogUnixNano: latest(this.times.log),
    };
  }

  count(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }

  private countAll(lists: Readonly<Record<string, readonly unknown[] | undefined>>): void {
    for (const [name, list] of Object.entries(lists)) this.count(name, list?.length ?? 0);
  }

  private group(name: string, member = 'none'): void {
    const group = (this.groups[name] ??= {});
    group[member] = (group[member] ?? 0) + 1;
  }
}

function typeOf(value: Value | undefined): string {
  const [member = 'none'] = Object.keys(value ?? {});
  return member === 'kvlistValue' ? 'map' : member.replace('Value', '');
}

function hashOf(lines: readonly string[]): string {
  const sorted = lines
    .map((line) => Buffer.from(`${line}\n`))
    .sort((one, other) => Buffer.compare(one, other));
  return createHash('sha256').update(Buffer.concat(sorted)).digest('hex');
}

/**
 * JavaScript's SDK writes its largest number as an intValue, and the manifest counts what is written; int64 cannot hold
 * it, so it is read as the double that it was.
 */
function withWideIntegers(wanted: unknown, wide: number): unknown {
  const types = wanted as { int: number; double: number };
  return wide === 0 ? wanted : { ...types, int: types.int - wide, double: types.double + wide };
}

describe.runIf(isThere)('recordings of OTLP', () => {
  const files = entries.filter(({ encoding }) => ours.has(encoding));

  test('are there', () => {
    expect(files.length).toBeGreaterThanOrEqual(70);
  });

  test.each(files.map((entry) => [entry.file, entry] as const))('%s', async (_, entry) => {
    const content = await contentOf(entry);
    const encoding = encodingOf(content);
    const isFramed = entry.compression === 'zstd per message';
    expect(encoding.name).toBe(entry.encoding === 'otlp-json' && !isFramed ? 'otlp_json' : 'otlp_proto');
    for (const sizes of [[content.length], [1000], [7, 333]]) {
      const tally = new Tally();
      const decoder = decoderOf(encoding);
      for (const each of decodedInPieces(decoder, cut(content, sizes))) {
        if ('reason' in each) throw new Error(`${each.reason} at ${each.offset}`);
        tally.add(each.json as Document);
        tally.count('documents', each.documents);
      }
      const figures = tally.figures();
      const wide = decoder.notices.get('integers beyond 64 bits, read as doubles') ?? 0;
      for (const [name, written] of Object.entries(entry.mustYield)) {
        const wanted = name === 'attributeTypes' ? withWideIntegers(written, wide) : written;
        if (wanted !== 0) expect({ [name]: figures[name] }).toEqual({ [name]: wanted });
      }
    }
  });
});

test
  .runIf(isThere)
  .each(
    entries.filter(({ encoding }) => !ours.has(encoding) && encoding !== 'tempo-v1').map(({ file }) => file),
  )('%s is not taken for OTLP', (file) => {
  const head = readFileSync(new URL(file, folder)).subarray(0, 1 << 16) as Bytes;
  for (const encoding of encodings.filter(({ name }) => name.startsWith('otlp'))) {
    expect(encoding.detect(head, { atEnd: true })?.confidence ?? 0).toBeLessThan(0.5);
  }
});
