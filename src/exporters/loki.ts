/**
 * Sends logs to Grafana Loki over its push API (`/loki/api/v1/push`). Logs only; traces go to Tempo or Jaeger.
 *
 * A log line is the record's body. A few low-cardinality attributes are labels (`service_name`, `service_namespace`,
 * `deployment_environment` and what `labels` adds); everything else is structured metadata, with the nanosecond, and
 * nothing is lost: all attributes of record, resource and scope, `trace_id`, `span_id`, severity, flags. Names follow
 * Loki's rule (`k8s.pod.name` becomes `k8s_pod_name`), and what collides is kept under a second name (loki/metadata.ts).
 * Loki itself drops attributes whose value is empty.
 *
 * Place it at the end of a pipeline of logs, behind `batch` where the batches are small. Loki refuses what is older than
 * a week, and what is an hour behind its stream: recordings want `time_shift`, or a Loki that is set up for them.
 *
 * Requests of one stream go one at a time and in the order of time. With `strict` (the default) a request holds one
 * stream, because Loki reports only the last stream of a request: its 204 can hide what it lost of the others.
 *
 * ```yaml
 * exporters:
 *   loki:
 *     endpoint: http://localhost:3100
 *     tenant: imports
 *     labels:
 *       cluster: resource.k8s.cluster.name
 *       level: attributes.level
 *     external_labels: {source: replay}
 * ```
 */
import { z } from 'zod';
import { compress as snappy } from 'snappyjs';
import { byteSize, duration, refused, renamed, url } from '../config/fields.ts';
import type { AnyBatch } from '../model/batches.ts';
import type { LogRecord, LogsBatch } from '../model/logs.ts';
import { pickItems } from '../model/pick.ts';
import type { Resource, Scope } from '../model/resource.ts';
import type {
  CheckedProblem,
  CheckFacts,
  Exporter,
  ExporterContext,
  ExporterFactory,
  ExportRequest,
  Outcome,
} from '../pipeline/component.ts';
import { exportKeys, exportPolicy } from '../pipeline/export-config.ts';
import { Writer } from '../wire/writer.ts';
import { outcomeOfPush } from './loki/answer.ts';
import { baseUrl, endpointProblem, pushUrl } from './loki/endpoint.ts';
import {
  defaultLabels,
  labelProblems,
  mostLabels,
  parseLabelSource,
  StreamFinder,
  type Stream,
} from './loki/labels.ts';
import { lineFormats, lineOf, truncated } from './loki/line.ts';
import {
  fits,
  MetadataCollector,
  sharedMetadata,
  shorten,
  type Metadata,
  type SharedMetadata,
} from './loki/metadata.ts';
import { halve, itemsOf, pack, sortByTime } from './loki/packing.ts';
import {
  JsonCodec,
  ProtobufCodec,
  type EncodedEntry,
  type PushCodec,
  type StreamPart,
} from './loki/push-codec.ts';
import { Ranges } from './loki/ranges.ts';
import { Watch } from './loki/watch.ts';
import { compress } from './shared/compress.ts';
import { openHttpClient, type HttpClient } from './shared/http-client.ts';
import { tlsOptions } from './shared/http-tls.ts';
import { httpKeys, tenantIn } from './shared/http-config.ts';
import { addressOf, printableUrl } from './shared/url.ts';

const labelSource = z.string().superRefine((text, context) => {
  try {
    parseLabelSource(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
  }
});

const schema = z.strictObject({
  endpoint: url().describe(
    'The base address of Loki, http://localhost:3100; /loki/api/v1/push is added unless it is there.',
  ),
  tenant: z
    .string()
    .regex(/^(?!\.{1,2}$)[A-Za-z0-9!\-_.*'()]{1,150}$/, "a tenant is made of letters, digits and !-_.*'()")
    .optional()
    .describe('The header X-Scope-OrgID, for a Loki with auth_enabled.'),
  encoding: z
    .enum(['protobuf', 'json'])
    .default('protobuf')
    .describe('The body: protobuf, which costs Loki less, or json, which proxies can read.'),
  compression: z
    .enum(['snappy', 'gzip', 'none'])
    .optional()
    .describe('snappy for protobuf, which Loki takes in no other way; gzip (the default) or none for json.'),
  default_labels: z
    .array(z.enum(defaultLabels))
    .default([...defaultLabels])
    .describe('Which of these labels are made from the resource. service_name always is.'),
  labels: z
    .record(z.string(), labelSource)
    .default({})
    .describe(
      'More labels and where their values come from: resource.KEY or attributes.KEY (the rest is the key as it is), scope.name, scope.version, ' +
        `severity_text, severity_number, event_name. At most ${mostLabels}, each with few values.`,
    ),
  external_labels: z
    .record(z.string(), z.string())
    .default({})
    .describe('Labels that are the same for everything that is sent.'),
  line_format: z
    .enum(lineFormats)
    .default('body')
    .describe(
      "The line: the record's body; json, the object that the Collector's loki exporter wrote; or logfmt.",
    ),
  structured_metadata: z
    .boolean()
    .default(true)
    .describe(
      'Send attributes as structured metadata. Off for a Loki before 3.0 or one that does not allow it.',
    ),
  metadata_overflow: z
    .enum(['shorten', 'send'])
    .default('shorten')
    .describe(
      'More than 128 entries or 64 KiB of metadata, which Loki refuses by default: shorten the longest values, or send as it is.',
    ),
  max_line_size: byteSize()
    .default(0)
    .describe(
      'Cut longer lines, with a mark. 0 never cuts: Loki then refuses lines above its own limit (256 KiB) by name.',
    ),
  max_request_size: byteSize()
    .default(1_048_576)
    .describe("The largest body before compression; 1 MiB is what Grafana's agents send."),
  strict: z
    .boolean()
    .default(true)
    .describe(
      'One stream a request, so that what Loki refused is known exactly. Off: fewer requests where there are hundreds of streams.',
    ),
  server_max_age: duration()
    .default(604_800_000)
    .describe(
      "The server's reject_old_samples_max_age, to warn before it refuses; 0s for a server that takes any age.",
    ),
  ...httpKeys,
  ...exportKeys,
  tenant_id: renamed('tenant'),
  format: renamed('line_format'),
  default_labels_enabled: refused('`default_labels`, `labels` and `external_labels`'),
});

type Config = z.output<typeof schema>;

export const loki: ExporterFactory<Config> = {
  kind: 'exporter',
  type: 'loki',
  signals: ['logs'],
  summary: 'Sends logs to Grafana Loki, with few labels and everything else as structured metadata.',
  schema,
  check: checkConfig,
  policy: (config) => exportPolicy(config),
  create: (config, context) => new LokiExporter(config, context),
};

interface PushRequest extends ExportRequest {
  readonly body: Uint8Array;
  readonly parts: readonly StreamPart[];
  readonly batch: LogsBatch;
}

class LokiExporter implements Exporter<PushRequest> {
  readonly target: string;
  readonly ordered = true;
  private readonly config: Config;
  private readonly context: ExporterContext;
  private readonly url: string;
  private readonly codec: PushCodec;
  private readonly finder: StreamFinder;
  private readonly collector = new MetadataCollector();
  private readonly watch: Watch;
  private readonly ranges = new Ranges();
  private client: HttpClient | undefined;

  constructor(config: Config, context: ExporterContext) {
    this.config = config;
    this.context = context;
    this.url = pushUrl(config.endpoint);
    this.target = printableUrl(this.url);
    this.codec = config.encoding === 'json' ? new JsonCodec() : new ProtobufCodec();
    this.watch = new Watch(context.logger, context.clock, config.server_max_age);
    this.finder = new StreamFinder(config, () => this.watch.count('label cut'));
  }

  async prepare(): Promise<void> {
    await tlsOptions(this.config.tls, this.context.directory);
  }

  async start(): Promise<void> {
    this.client = await openHttpClient(this.config, this.context.directory);
  }

  async *requests(batch: AnyBatch): AsyncGenerator<PushRequest> {
    if (batch.signal !== 'logs') return;
    const parts = this.encode(batch);
    for (const part of parts) this.watch.look(part);
    const { max_request_size: maxBytes, strict: oneStream } = this.config;
    const overhead = ({ stream }: StreamPart): number => this.codec.overhead(stream);
    for (const packed of pack(parts, { maxBytes, oneStream, overhead }))
      yield await this.request(packed, batch);
  }

  async send(request: PushRequest, signal: AbortSignal): Promise<Outcome> {
    if (this.client === undefined) throw new Error('the exporter is not started');
    const headers: Record<string, string> = { 'content-type': this.codec.contentType };
    if (this.compression === 'gzip') headers['content-encoding'] = 'gzip';
    if (this.config.tenant !== undefined) headers['x-scope-orgid'] = this.config.tenant;
    const answer = await this.client.post({ url: this.url, headers, body: request.body, signal });
    const outcome = outcomeOfPush(answer, {
      url: this.url,
      items: request.items,
      streams: request.parts.map(({ stream, entries }) => ({ text: stream.text, items: entries.length })),
      nowUnixMs: Number(this.context.clock.nowUnixNano() / 1_000_000n),
    });
    if (outcome.verdict === 'delivered' || (outcome.verdict === 'refused' && (outcome.delivered ?? 0) > 0))
      this.ranges.add(request.parts);
    return outcome;
  }

  async split(request: PushRequest): Promise<PushRequest[]> {
    return await Promise.all(halve(request.parts).map((parts) => this.request(parts, request.batch)));
  }

  itemsOf({ batch, parts }: PushRequest): AnyBatch {
    return pickItems(batch, new Set(parts.flatMap(({ entries }) => entries.map(({ place }) => place))));
  }

  whereToLook(): string[] {
    const { endpoint, headers, tenant = tenantIn(headers) } = this.config;
    return this.ranges.queries(addressOf(baseUrl(endpoint)), tenant);
  }

  async shutdown(): Promise<void> {
    this.watch.sumUp();
    await this.client?.close();
  }

  /** Undefined for snappy, which is done here. */
  private get compression(): 'gzip' | 'none' | undefined {
    if (this.config.encoding === 'protobuf') return undefined;
    return this.config.compression === 'none' ? 'none' : 'gzip';
  }

  private async request(parts: readonly StreamPart[], batch: LogsBatch): Promise<PushRequest> {
    const plain = this.codec.body(parts);
    // The codec writes over its buffer: what is not compressed at once is copied.
    const body =
      this.compression === undefined ? snappy(plain) : await compress(Buffer.from(plain), this.compression);
    const order = this.config.strict ? (parts[0]?.stream.text ?? '') : 'all';
    return { signal: 'logs', items: itemsOf(parts), bytes: body.length, order, body, parts, batch };
  }

  /** All entries of a batch by stream, each stream in the order of time. */
  private encode(batch: LogsBatch): StreamPart[] {
    const arena = new Writer(Math.max(4096, Math.ceil(batch.byteLength * 1.25)));
    const byStream = new Map<string, { stream: Stream; entries: EncodedEntry[] }>();
    for (const facts of this.records(batch)) {
      const { stream } = facts;
      let known = byStream.get(stream.text);
      if (known === undefined) byStream.set(stream.text, (known = { stream, entries: [] }));
      known.entries.push(this.encodeRecord(facts, arena));
    }
    const whole = arena.buf;
    return Array.from(byStream.values(), ({ stream, entries }) => ({
      stream,
      arena: whole,
      entries: sortByTime(entries),
    }));
  }

  private *records(batch: LogsBatch): Generator<RecordFacts> {
    let place = 0;
    for (const group of batch.resourceLogs()) {
      const { resource } = group;
      for (const scoped of group.scopeLogs()) {
        const { scope } = scoped;
        const streamOf = this.finder.of(resource, scope);
        const shared = sharedMetadata(resource, scope);
        for (const record of scoped.logRecords())
          yield { record, place: place++, resource, scope, stream: streamOf(record), shared };
      }
    }
  }

  private encodeRecord(facts: RecordFacts, arena: Writer): EncodedEntry {
    const start = arena.pos;
    const timeUnixNano = this.timeOf(facts.record);
    this.codec.entry({ timeUnixNano, line: this.lineOf(facts), metadata: this.metadataOf(facts) }, arena);
    return { timeUnixNano, start, end: arena.pos, place: facts.place };
  }

  private timeOf(record: LogRecord): bigint {
    const time = record.timeUnixNano || record.observedTimeUnixNano;
    if (time !== 0n) return time > latestTime ? latestTime : time;
    this.watch.count('no time');
    return this.context.startedAtUnixNano;
  }

  private lineOf({ record, resource, scope }: RecordFacts): string {
    const line = lineOf(this.config.line_format, record, resource, scope);
    const limit = this.config.max_line_size === 0 ? serverLineSize : this.config.max_line_size;
    if (line.length * 3 <= limit || Buffer.byteLength(line) <= limit) return line;
    this.watch.count(this.config.max_line_size === 0 ? 'long line' : 'line cut');
    return this.config.max_line_size === 0 ? line : truncated(line, limit);
  }

  private metadataOf({ record, shared, stream }: RecordFacts): Metadata {
    if (!this.config.structured_metadata) return [];
    const metadata = this.collector.collect(record, shared, stream.labels);
    if (fits(metadata)) return metadata;
    const shortens = this.config.metadata_overflow === 'shorten';
    this.watch.count(shortens ? 'metadata shortened' : 'metadata too large');
    return shortens ? shorten(metadata) : metadata;
  }
}

interface RecordFacts {
  readonly record: LogRecord;
  /** Which of the batch's it is. */
  readonly place: number;
  readonly resource: Resource;
  readonly scope: Scope;
  readonly stream: Stream;
  readonly shared: SharedMetadata;
}

/** Loki's `max_line_size`. */
const serverLineSize = 262_144;
/** Loki's times are int64; what is later could fail the whole push. */
const latestTime = 2n ** 63n - 1n;

function checkConfig(config: Config, facts: CheckFacts): CheckedProblem[] {
  const problems: CheckedProblem[] = labelProblems(config).map((problem) => ({
    severity: 'error',
    ...problem,
  }));
  const wrong = endpointProblem(config.endpoint);
  if (wrong !== undefined) problems.push({ severity: 'error', path: ['endpoint'], ...wrong });
  const fitting = config.encoding === 'protobuf' ? ['snappy'] : ['gzip', 'none'];
  if (config.compression !== undefined && !fitting.includes(config.compression)) {
    problems.push({
      severity: 'error',
      path: ['compression'],
      message: `Loki takes ${config.encoding} with ${fitting.join(' or ')} only, found ${config.compression}`,
      remedy:
        config.encoding === 'protobuf'
          ? 'leave compression out, or set `encoding: json`'
          : 'leave compression out, or set `encoding: protobuf`',
    });
  }
  if (
    config.tenant !== undefined &&
    Object.keys(config.headers).some((name) => name.toLowerCase() === 'x-scope-orgid')
  ) {
    problems.push({
      severity: 'error',
      path: ['tenant'],
      message: 'the tenant also stands in headers, as X-Scope-OrgID',
      remedy: 'keep one of the two',
    });
  }
  if (!config.structured_metadata && config.line_format === 'body') {
    problems.push({
      severity: 'warning',
      path: facts.has('structured_metadata') ? ['structured_metadata'] : [],
      message: 'without structured metadata, attributes and trace ids are not sent',
      remedy: '`line_format: json` puts them into the line',
    });
  }
  return problems;
}
