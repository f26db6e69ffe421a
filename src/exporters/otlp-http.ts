/**
 * Sends traces, logs and metrics to any OTLP backend over HTTP: Collector, Tempo, Jaeger, Loki (`http://host:3100/otlp`).
 *
 * Loses nothing on the way: the bytes of a batch are the body of a request, unknown fields included, in pieces of at
 * most `max_request_size`. A 400 or 413 is sent again in halves until what the backend does not take is alone: that goes
 * to the dead-letter file, or counts as refused, as what a partial success rejects does. An answer that is not OTLP, a
 * redirect, wrong credentials or a wrong path stop the run (`on_error`). Requests go in parallel, so order is not kept.
 * docs/retries.md has every answer and what it means. To Loki (`/otlp`) a request holds the logs of one resource, because
 * Loki's 204 can hide what it lost of all streams of a request but the last.
 *
 * Tempo answers 200 also for spans that it drops: beyond 5 MB of one trace, beyond 10 000 traces at a time. `tempo: {}`
 * says that the backend is one, and such spans, and those that it had in memory alone when it went away, are uncertain.
 *
 * ```yaml
 * exporters:
 *   otlp_http:
 *     endpoint: http://localhost:4318
 *     headers:
 *       X-Scope-OrgID: team
 * ```
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { z } from 'zod';
import { byteSize, duration, moot, url } from '../config/fields.ts';
import type { AnyBatch } from '../model/batches.ts';
import type { Signal } from '../model/signal.ts';
import type {
  CheckedProblem,
  CheckFacts,
  Exporter,
  ExporterContext,
  ExporterFactory,
  Outcome,
} from '../pipeline/component.ts';
import { messageOf } from '../pipeline/errors.ts';
import { exportKeys, exportPolicy } from '../pipeline/export-config.ts';
import { outcomeOfError } from '../pipeline/retry.ts';
import type { OtlpDelegate } from '../sdk/otlp-delegate.ts';
import { compressionKeys } from './shared/compress.ts';
import { openHttpClient, type HttpAnswer, type HttpClient } from './shared/http-client.ts';
import { tlsOptions } from './shared/http-tls.ts';
import { httpKeys, tenantIn } from './shared/http-config.ts';
import { readExportResponse, type PartialSuccess } from './shared/otlp-answer.ts';
import { OtlpBodies, type OtlpRequest } from './shared/otlp-bodies.ts';
import { OtlpHints } from './shared/otlp-hints.ts';
import { byResource } from './shared/otlp-resources.ts';
import { outcomeOfExchange, outcomeOfForeignProtocol } from './shared/otlp-outcome.ts';
import { outcomeOfTempo, TempoMemory, traceSizesIn } from './shared/tempo-memory.ts';
import { joinUrl, printableUrl } from './shared/url.ts';

const schema = z.strictObject({
  endpoint: url().optional().describe('The base address; /v1/traces, /v1/logs or /v1/metrics is added.'),
  traces_endpoint: url().optional().describe('The whole address for traces, taken as it is.'),
  logs_endpoint: url().optional().describe('The whole address for logs, taken as it is.'),
  metrics_endpoint: url().optional().describe('The whole address for metrics, taken as it is.'),
  profiles_endpoint: moot('profiles are not read'),
  encoding: z
    .enum(['proto', 'json'])
    .default('proto')
    .describe('proto is smaller and faster; json is for backends that read nothing else.'),
  max_request_size: byteSize()
    .default(4 * 1024 * 1024)
    .describe(
      'The largest body, before compression. Servers allow 20 MiB (Collector) or 64 MiB; many proxies allow less.',
    ),
  tempo: z
    .strictObject({
      max_bytes_per_trace: byteSize()
        .default(5_000_000)
        .describe('Its overrides.defaults.global.max_bytes_per_trace; 0 for no limit.'),
      max_live_traces: z
        .int()
        .min(0)
        .default(10_000)
        .describe('Its overrides.defaults.ingestion.max_traces_per_user; 0 for no limit.'),
      unflushed: duration()
        .default(40_000)
        .describe(
          'How long it keeps spans in memory only: trace_live_period and flush_check_period of its ingester together.',
        ),
    })
    .optional()
    .describe(
      'The backend is a Tempo with these limits, `tempo: {}` for its defaults. It answers 200 for spans that it drops beyond them, and ' +
        'loses what it has in memory when it is killed: such spans count as uncertain.',
    ),
  ...compressionKeys,
  ...httpKeys,
  ...exportKeys,
});

type Config = z.output<typeof schema>;

export const otlpHttp: ExporterFactory<Config> = {
  kind: 'exporter',
  type: 'otlp_http',
  aliases: ['otlphttp'],
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Sends traces, logs and metrics to any OTLP backend over HTTP.',
  schema,
  policy: exportPolicy,
  parallel: isParallel,
  check: problemsOf,
  create: (config, context) => new OtlpHttpExporter(config, context),
};

/** What a Tempo has is counted in one place; a Loki takes log records of a stream only when they are not too far apart. */
function isParallel({ tempo, endpoint, logs_endpoint: logs }: Config): boolean {
  return tempo === undefined && ![endpoint, logs].some((address) => address?.includes('/otlp') === true);
}

/** What the SDK's seam calls a response: our partial success, under the name that it logs. */
interface Response {
  readonly partialSuccess?: { readonly errorMessage: string; readonly rejected: number };
}

class OtlpHttpExporter implements Exporter<OtlpRequest> {
  readonly target: string;
  private readonly config: Config;
  private readonly context: ExporterContext;
  private readonly bodies: OtlpBodies;
  private readonly hints: OtlpHints;
  private readonly tempo: TempoMemory | undefined;
  private client: HttpClient | undefined;
  private readonly addresses = new Map<Signal, Address>();
  private readonly delegates = new Map<Signal, Promise<OtlpDelegate<HttpAnswer, Response>>>();

  constructor(config: Config, context: ExporterContext) {
    this.config = config;
    this.context = context;
    this.target = printableUrl(
      config.endpoint ?? config.traces_endpoint ?? config.logs_endpoint ?? config.metrics_endpoint ?? '',
    );
    const { startedAtUnixNano } = context;
    this.hints = new OtlpHints({
      urlOf: (signal) => urlOf(config, signal),
      tenant: tenantIn(config.headers),
      startedAtUnixNano,
    });
    if (config.tempo !== undefined) this.tempo = new TempoMemory(config.tempo, context.clock);
    this.bodies = new OtlpBodies(config, (batch) => ({
      example: this.hints.exampleOf(batch),
      ...(this.tempo !== undefined && batch.signal === 'traces'
        ? { traces: traceSizesIn(batch.encode()) }
        : {}),
    }));
  }

  async prepare(): Promise<void> {
    await tlsOptions(this.config.tls, this.context.directory);
  }

  async start(): Promise<void> {
    this.client = await openHttpClient(this.config, this.context.directory);
  }

  async *requests(batch: AnyBatch): AsyncGenerator<OtlpRequest> {
    if (batch.itemCount === 0) return;
    const parts = this.addressOf(batch.signal).isLoki ? byResource(batch) : [batch];
    for (const part of parts) yield* this.bodies.requests(part);
  }

  async send(request: OtlpRequest, signal: AbortSignal): Promise<Outcome> {
    const { tempo } = this;
    const { traces } = request;
    if (tempo === undefined || traces === undefined) return await this.sendOnce(request, signal);
    tempo.begin(traces);
    try {
      return outcomeOfTempo(tempo, traces, await this.sendOnce(request, signal));
    } catch (error) {
      return outcomeOfTempo(tempo, traces, outcomeOfError(error));
    }
  }

  private async sendOnce(request: OtlpRequest, signal: AbortSignal): Promise<Outcome> {
    const { url, isLoki } = this.addressOf(request.signal);
    const delegate = await this.delegateOf(request.signal, url);
    try {
      const { answer, response, unreadable } = await delegate.send(request.body, request.items, signal);
      const outcome = outcomeOfExchange({
        url,
        signal: request.signal,
        items: request.items,
        isOneResource: isLoki,
        nowUnixMs: Number(this.context.clock.nowUnixNano() / 1_000_000n),
        answer,
        partial: partialOf(response),
        unreadable: unreadable === undefined ? undefined : messageOf(unreadable),
      });
      if (outcome.verdict === 'delivered' && (outcome.refused ?? 0) < request.items)
        this.hints.delivered(request);
      return outcome;
    } catch (error) {
      const foreign = outcomeOfForeignProtocol(url, error);
      if (foreign !== undefined) return foreign;
      throw error;
    }
  }

  split(request: OtlpRequest): Promise<OtlpRequest[]> {
    return this.bodies.halves(request);
  }

  itemsOf(request: OtlpRequest): Promise<AnyBatch> {
    return this.bodies.itemsOf(request);
  }

  whereToLook(): string[] {
    return this.hints.lines();
  }

  async shutdown(): Promise<void> {
    // The client first: what is still under way is what the run gave up on.
    await this.client?.close();
    for (const delegate of this.delegates.values()) await (await delegate).shutdown();
  }

  private addressOf(signal: Signal): Address {
    let address = this.addresses.get(signal);
    if (address === undefined) this.addresses.set(signal, (address = addressOf(this.config, signal)));
    return address;
  }

  private async createDelegate(signal: Signal, url: string): Promise<OtlpDelegate<HttpAnswer, Response>> {
    const { createOtlpDelegate } = await import('../sdk/otlp-delegate.ts');
    const post = (body: Uint8Array, abort: AbortSignal) => this.post(url, body, abort);
    return createOtlpDelegate({
      signal,
      url,
      post,
      read: (answer) => responseOf(readExportResponse(answer)),
    });
  }

  private delegateOf(signal: Signal, url: string): Promise<OtlpDelegate<HttpAnswer, Response>> {
    let delegate = this.delegates.get(signal);
    if (delegate === undefined) {
      delegate = this.createDelegate(signal, url);
      this.delegates.set(signal, delegate);
    }
    return delegate;
  }

  private post(url: string, body: Uint8Array, signal: AbortSignal): Promise<HttpAnswer> {
    if (this.client === undefined) throw new Error('the exporter was not started');
    return this.client.post({ url, headers: this.bodies.headers, body, signal });
  }
}

function responseOf(partial: PartialSuccess | undefined): Response {
  if (partial === undefined) return {};
  return { partialSuccess: { rejected: partial.rejected, errorMessage: partial.message } };
}

function partialOf(response: Response | undefined): PartialSuccess | undefined {
  const partial = response?.partialSuccess;
  return partial === undefined ? undefined : { rejected: partial.rejected, message: partial.errorMessage };
}

/** Where a signal goes. */
interface Address {
  readonly url: string;
  /** Loki tells what it lost of the last stream of a request only, with a 204 where that is nothing: one resource is one stream. */
  readonly isLoki: boolean;
}

function addressOf(config: Config, signal: Signal): Address {
  const url = urlOf(config, signal);
  return { url, isLoki: signal === 'logs' && /\/otlp\/v1\/logs\/*$/.test(new URL(url).pathname) };
}

function urlOf(config: Config, signal: Signal): string {
  return config[`${signal}_endpoint`] ?? joinUrl(config.endpoint ?? '', `/v1/${signal}`);
}

function problemsOf(config: Config, facts: CheckFacts): CheckedProblem[] {
  const missing =
    config.endpoint === undefined
      ? facts.signals.filter((signal) => config[`${signal}_endpoint`] === undefined)
      : [];
  const problems = missing.map((signal) => missingEndpoint(signal));
  const path = config.endpoint === undefined ? '' : new URL(config.endpoint).pathname;
  const signal = /\/v1\/(traces|logs|metrics)\/*$/.exec(path)?.[1];
  if (signal !== undefined) {
    problems.push({
      severity: 'warning',
      path: ['endpoint'],
      message: `must be the base address, but ends in /v1/${signal}, to which another /v1/... is added`,
      remedy: `leave /v1/${signal} out, or write \`${signal}_endpoint\``,
    });
  }
  for (const key of ['endpoint', 'traces_endpoint', 'logs_endpoint', 'metrics_endpoint'] as const) {
    if (config[key] === undefined || new URL(config[key]).port !== '4317') continue;
    const message = '4317 is the usual port of OTLP over gRPC';
    problems.push({
      severity: 'warning',
      path: [key],
      message,
      remedy: 'OTLP over HTTP is usually at port 4318',
    });
  }
  return problems;
}

function missingEndpoint(signal: Signal): CheckedProblem {
  return {
    severity: 'error',
    path: [],
    message: `needs \`endpoint\` or \`${signal}_endpoint\`, for a pipeline of ${signal} ends here`,
    remedy: 'endpoint: http://localhost:4318',
  };
}
