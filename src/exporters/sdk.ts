/**
 * Hands traces or logs to an exporter written for the OpenTelemetry JS SDK, unmodified: any npm package or file with a
 * class that implements `SpanExporter` or `LogRecordExporter`, `OTLPTraceExporter` first among them.
 *
 * The SDK's types cannot hold all of OTLP: integers beyond 2^53, doubles without a fraction, some flags, second values
 * of a key, entity references and some dropped counts are lost or changed. What was lost is counted by reason and told
 * at the end; `on_loss: error` stops before anything lossy is sent. For OTLP over HTTP, otlp_http loses nothing.
 * An exporter that retries by itself delays its answer up to `timeout`; what a backend rejects in a partial success
 * stays inside the exporter and counts as delivered. OTEL_EXPORTER_* of the environment is hidden from it.
 *
 * ```yaml
 * exporters:
 *   sdk:
 *     module: '@opentelemetry/exporter-trace-otlp-http'
 *     class: OTLPTraceExporter
 *     options:
 *       url: http://localhost:4318/v1/traces
 * ```
 */
import { z } from 'zod';
import type { AnyBatch } from '../model/batches.ts';
import { pickItems } from '../model/pick.ts';
import { sdkAnswers } from '../pipeline/answer-table.ts';
import type {
  CheckedProblem,
  CheckFacts,
  Exporter,
  ExporterContext,
  ExporterFactory,
  ExportRequest,
  Outcome,
} from '../pipeline/component.ts';
import { messageOf } from '../pipeline/errors.ts';
import { exportKeys, exportPolicy } from '../pipeline/export-config.ts';
import { outcomeOf, outcomeOfError, outcomeOfStatus } from '../pipeline/retry.ts';
import { loadExporter, type SdkExporter } from '../sdk/load-exporter.ts';
import { Losses } from '../sdk/losses.ts';
import { readableLogRecords } from '../sdk/readable-log.ts';
import { readableSpans } from '../sdk/readable-span.ts';
import { exportOnce } from '../sdk/sdk-export.ts';
import type { MakeResource } from '../sdk/sdk-groups.ts';
import { printableText } from './shared/answer.ts';
import { printableUrl } from './shared/url.ts';

const schema = z.strictObject({
  module: z.string().min(1).describe('An npm package, or a file (./my-exporter.ts) beside the config.'),
  class: z
    .string()
    .optional()
    .describe('The name of the exporter in the module; needed where it has several.'),
  options: z.record(z.string(), z.unknown()).default({}).describe('Given to its constructor as they are.'),
  on_loss: z
    .enum(['warn', 'error', 'ignore'])
    .default('warn')
    .describe(
      'What to do when the types of the SDK cannot carry something: warn at the end, error (stop before it is sent), or ignore.',
    ),
  max_export_batch_size: z
    .int()
    .min(1)
    .default(512)
    .describe('Items handed over at once; the usual number of the SDK.'),
  ...exportKeys,
});

type Config = z.output<typeof schema>;

export const sdk: ExporterFactory<Config> = {
  kind: 'exporter',
  type: 'sdk',
  signals: ['traces', 'logs'],
  summary: 'Hands traces or logs to any exporter written for the OpenTelemetry JS SDK.',
  schema,
  policy: exportPolicy,
  check: problemsOf,
  create: (config, context) => new SdkHostExporter(config, context),
};

interface SdkRequest extends ExportRequest {
  readonly elements: readonly unknown[];
  /** What these items lost; counted when they are delivered. */
  readonly losses: Losses;
  readonly batch: AnyBatch;
  /** Where in the batch its first item is. */
  readonly place: number;
}

class SdkHostExporter implements Exporter<SdkRequest> {
  readonly target: string;
  private readonly config: Config;
  private readonly context: ExporterContext;
  private readonly losses = new Losses();
  private exporter: SdkExporter | undefined;
  private makeResource: MakeResource | undefined;

  constructor(config: Config, context: ExporterContext) {
    this.config = config;
    this.context = context;
    this.target = targetOf(config);
  }

  async prepare(): Promise<void> {
    const { module, class: className, options } = this.config;
    const source = { module, className, options: plain(options) as Record<string, unknown> };
    this.exporter = await loadExporter(source, this.context.directory);
    this.makeResource = (await import('@opentelemetry/resources')).resourceFromAttributes;
  }

  *requests(batch: AnyBatch): Generator<SdkRequest> {
    const losses = new Losses();
    const elements = this.readable(batch, losses);
    const size = this.config.max_export_batch_size;
    const bytesEach = elements.length === 0 ? 0 : Math.ceil(batch.byteLength / elements.length);
    for (let at = 0; at < elements.length; at += size) {
      const part = elements.slice(at, at + size);
      // The losses of the batch go with its first request, so that none is counted twice.
      const own = at === 0 ? losses : new Losses();
      yield {
        signal: batch.signal,
        items: part.length,
        bytes: part.length * bytesEach,
        elements: part,
        losses: own,
        batch,
        place: at,
      };
    }
  }

  async send(request: SdkRequest, signal: AbortSignal): Promise<Outcome> {
    if (this.exporter === undefined) throw new Error('the exporter was not prepared');
    if (this.config.on_loss === 'error' && request.losses.total > 0) return lossy(request.losses);
    try {
      const { code, error } = await exportOnce(this.exporter, request.elements, signal);
      if (code !== 0) return this.outcomeOfFailure(error);
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = `the exporter threw: ${printableText(messageOf(error))}`;
      return outcomeOf(sdkAnswers.threw, { reason });
    }
    this.losses.addAll(request.losses);
    return { verdict: 'delivered' };
  }

  split({ signal, items, bytes, elements, losses, batch, place }: SdkRequest): SdkRequest[] {
    const middle = Math.ceil(items / 2);
    const part = (from: number, to: number, own: Losses): SdkRequest => ({
      signal,
      items: to - from,
      bytes: Math.ceil((bytes * (to - from)) / items),
      elements: elements.slice(from, to),
      losses: own,
      batch,
      place: place + from,
    });
    if (items < 2) return [part(0, items, losses)];
    return [part(0, middle, losses), part(middle, items, new Losses())];
  }

  itemsOf({ batch, items, place }: SdkRequest): AnyBatch {
    return pickItems(batch, new Set(Array.from({ length: items }, (_, at) => place + at)));
  }

  whereToLook(): string[] {
    if (this.losses.total === 0 || this.config.on_loss === 'ignore') return [];
    return [`changed on the way into the SDK's types: ${this.losses.describe()}`];
  }

  async shutdown(): Promise<void> {
    await this.exporter?.forceFlush?.();
    await this.exporter?.shutdown();
    if (this.losses.total === 0 || this.config.on_loss === 'ignore') return;
    this.context.logger.warn(`the SDK's types could not carry: ${this.losses.describe()}`);
  }

  private readable(batch: AnyBatch, losses: Losses): unknown[] {
    if (this.makeResource === undefined) throw new Error('the exporter was not prepared');
    if (batch.signal === 'traces') return readableSpans(batch, this.makeResource, losses);
    if (batch.signal === 'logs') return readableLogRecords(batch, this.makeResource, losses);
    throw new Error('metrics cannot be handed to an exporter of the SDK');
  }

  /** Exporters over HTTP give the status as `code` of their error and the answer as its `data`. */
  private outcomeOfFailure(error: Error | undefined): Outcome {
    if (error === undefined) return unexplained('the exporter failed and gave no reason');
    const code = 'code' in error ? error.code : undefined;
    const data = 'data' in error && typeof error.data === 'string' ? error.data : '';
    const reason = printableText([error.message, data].filter((text) => text !== '').join(': '));
    if (typeof code === 'number' && code >= 300 && code < 600) {
      return outcomeOfStatus({ status: code, reason }, Number(this.context.clock.nowUnixNano() / 1_000_000n));
    }
    if (/retryable|concurrent export limit/i.test(error.message))
      return outcomeOf(sdkAnswers.busy, { reason });
    const outcome = outcomeOfError(error);
    return outcome.verdict === 'stop' && !outcome.reason.startsWith('TLS') ? unexplained(reason) : outcome;
  }
}

/** A failure that says nothing about its cause may pass, but not for ever. */
function unexplained(reason: string): Outcome {
  return outcomeOf(sdkAnswers.unexplained, { reason });
}

function lossy(losses: Losses): Outcome {
  return {
    verdict: 'stop',
    reason: `the SDK's types cannot carry ${losses.describe()}`,
    remedy: 'use otlp_http, which loses nothing, or `on_loss: warn`',
  };
}

function targetOf({ module, class: className, options }: Config): string {
  const url = options['url'] ?? options['endpoint'];
  const through = className ?? module;
  return typeof url === 'string' && URL.canParse(url) ? `${printableUrl(url)} through ${through}` : through;
}

/** Whole numbers of the config as numbers, which is what constructors expect. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function problemsOf(_config: Config, facts: CheckFacts): CheckedProblem[] {
  if (facts.signals.length < 2) return [];
  return [
    {
      severity: 'error',
      path: [],
      message: `must be in pipelines of one signal, for a class takes spans or log records; found ${facts.signals.join(' and ')}`,
      remedy: 'define one for each: sdk/traces and sdk/logs',
    },
  ];
}
