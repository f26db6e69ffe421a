/**
 * The seam to the OTLP exporters of the OpenTelemetry SDK. Requests go through the official `OTLPExporterBase` and its
 * network delegate, with a serializer that hands on bytes already encoded and a transport of ours, because the SDK's
 * span type cannot hold all of OTLP, and its HTTP transport retries by itself and hides the status.
 *
 * These packages promise nothing between minor versions: the pins are exact, this file is the only one that knows
 * them, and test/sdk/otlp-delegate.test.ts holds what is relied on. It is loaded when the first delegate is made, and names
 * what it takes of them, so that the rest is neither bundled nor loaded.
 */
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import {
  createOtlpNetworkExportDelegate,
  ExporterMetrics,
  OTLPExporterBase,
  OTLPExporterError,
  type IExporterTransport,
} from '@opentelemetry/otlp-exporter-base';
import type { ISerializer } from '@opentelemetry/otlp-transformer';
import type { Signal } from '../model/signal.ts';

/** What the backend said about a successful request, in the shape that the SDK logs. */
export interface SdkResponse {
  readonly partialSuccess?: { readonly errorMessage?: string };
}

export interface DelegateOptions<Answer extends DelegateAnswer, Response extends SdkResponse> {
  readonly signal: Signal;
  readonly url: string;
  /** One attempt of a payload. */
  readonly post: (payload: Uint8Array, signal: AbortSignal) => Promise<Answer>;
  /** Reads the answer of a successful request; may throw. */
  readonly read: (answer: Answer) => Response;
}

export interface DelegateAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** An answer, and for a successful one what it says or why it cannot be read. */
export interface Delivered<Answer, Response> {
  readonly answer: Answer;
  readonly response?: Response;
  readonly unreadable?: unknown;
}

export interface OtlpDelegate<Answer, Response> {
  /** Rejects with what `post` rejects with, and with the signal's reason at the latest when that aborts. */
  send(payload: Uint8Array, items: number, signal: AbortSignal): Promise<Delivered<Answer, Response>>;
  shutdown(): Promise<void>;
}

/** One attempt on its way through the SDK, which knows it only as a request and as bytes. */
interface Attempt<Answer, Response> {
  readonly payload: Uint8Array;
  readonly items: number;
  readonly signal: AbortSignal;
  answer?: Answer;
  response?: Response;
  unreadable?: unknown;
}

const sdkNames: Record<Signal, { component: string; item: 'span' | 'log' | 'metric_data_point' }> = {
  traces: { component: 'otlp_http_span_exporter', item: 'span' },
  logs: { component: 'otlp_http_log_exporter', item: 'log' },
  metrics: { component: 'otlp_http_metric_exporter', item: 'metric_data_point' },
};

/** How many attempts are under way is bounded by the exporter's queue; the SDK would fail instead of wait. */
const noLimit = Number.MAX_SAFE_INTEGER;

/** The deadline is the signal's; this one is only handed to our own transport, which does not look at it. */
const unusedTimeoutMillis = 2 ** 31 - 1;

export function createOtlpDelegate<Answer extends DelegateAnswer, Response extends SdkResponse>(
  options: DelegateOptions<Answer, Response>,
): OtlpDelegate<Answer, Response> {
  const exporter = createExporter(options);
  const through = (attempt: Attempt<Answer, Response>): Promise<void> =>
    new Promise((resolve, reject) => {
      const untraced = suppressTracing(context.active());
      context.with(untraced, () =>
        exporter.export(attempt, ({ error }) => {
          if (error === undefined || attempt.answer !== undefined) resolve();
          else reject(error);
        }),
      );
    });
  return {
    async send(payload, items, signal) {
      const attempt: Attempt<Answer, Response> = { payload, items, signal };
      await untilAborted(through(attempt), signal);
      if (attempt.answer === undefined) throw new Error('the SDK reported a success without an answer');
      return { ...attempt, answer: attempt.answer };
    },
    shutdown: () => exporter.shutdown(),
  };
}

function createExporter<Answer extends DelegateAnswer, Response extends SdkResponse>(
  options: DelegateOptions<Answer, Response>,
): OTLPExporterBase<Attempt<Answer, Response>> {
  const attempts = new Attempts<Answer, Response>();
  const { component, item } = sdkNames[options.signal];
  const metrics = new ExporterMetrics<Attempt<Answer, Response>>({
    componentType: component,
    metricsHelper: { name: item, countItems: (attempt) => attempt.items },
    url: options.url,
    meterProvider: undefined,
    responseAttributesFromError: () => ({}),
  });
  const serializer: ISerializer<Attempt<Answer, Response>, Response> = {
    serializeRequest: (attempt) => attempts.viewOf(attempt.payload, attempt),
    deserializeResponse(data) {
      const attempt = attempts.of(data);
      try {
        return (attempt.response = options.read(attempt.answer as Answer));
      } catch (error) {
        attempt.unreadable = error;
        throw error;
      }
    },
  };
  const transport: IExporterTransport = {
    async send(bytes) {
      const attempt = attempts.of(bytes);
      const answer = await options.post(bytes, attempt.signal);
      attempt.answer = answer;
      if (answer.status >= 200 && answer.status < 300) {
        return { status: 'success', data: attempts.viewOf(answer.body, attempt) };
      }
      return { status: 'failure', error: new OTLPExporterError('not taken', answer.status) };
    },
    shutdown() {},
  };
  const limits = {
    concurrencyLimit: noLimit,
    timeoutMillis: unusedTimeoutMillis,
    compression: 'none',
  } as const;
  return new OTLPExporterBase(createOtlpNetworkExportDelegate(limits, serializer, metrics, transport));
}

/** Which attempt the bytes belong to that the SDK hands on. */
class Attempts<Answer, Response> {
  private readonly byBytes = new WeakMap<Uint8Array, Attempt<Answer, Response>>();

  /** A view of its own for each attempt: the same body may go twice, and empty answers may share their memory. */
  viewOf({ buffer, byteOffset, length }: Uint8Array, attempt: Attempt<Answer, Response>): Uint8Array {
    const view = new Uint8Array(buffer, byteOffset, length);
    this.byBytes.set(view, attempt);
    return view;
  }

  of(bytes: Uint8Array): Attempt<Answer, Response> {
    const attempt = this.byBytes.get(bytes);
    if (attempt === undefined) throw new Error('the SDK handed on other bytes than it was given');
    return attempt;
  }
}

/** A deadline that does not depend on anyone calling back. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
