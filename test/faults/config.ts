/** The configs of the rows: one receiver of files, one exporter per backend. */
import type { Config } from './world.ts';

export interface PipelineOptions {
  /** Of the receiver `file`; `include` is every recording in the folder. */
  readonly receiver?: Config;
  readonly processors?: Readonly<Record<string, unknown>>;
  readonly exporters: Readonly<Record<string, unknown>>;
  readonly signals?: readonly ('traces' | 'logs')[];
  readonly service?: Config;
}

export function pipeline(options: PipelineOptions): Config {
  const { receiver, processors = {}, exporters, signals = ['traces'], service } = options;
  const lists = {
    receivers: ['file'],
    processors: Object.keys(processors),
    exporters: Object.keys(exporters),
  };
  return {
    receivers: { file: { include: ['in'], batch_bytes: '4KiB', ...receiver } },
    ...(Object.keys(processors).length === 0 ? {} : { processors }),
    exporters,
    service: { pipelines: Object.fromEntries(signals.map((signal) => [signal, lists])), ...service },
  };
}

/** Waits short enough for a test. */
export const quickRetry = { initial_interval: '20ms', max_interval: '200ms' };

export function otlpTo(url: string, more: Config = {}): { otlp_http: Config } {
  return { otlp_http: { endpoint: url, compression: 'none', retry_on_failure: quickRetry, ...more } };
}

export function lokiTo(url: string, more: Config = {}): { loki: Config } {
  return { loki: { endpoint: url, retry_on_failure: quickRetry, ...more } };
}
