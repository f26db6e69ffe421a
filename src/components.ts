/** THE list: every component that a config may name, and the only file that imports them all: each when it is named. */
import type {
  AnyExporterFactory,
  AnyProcessorFactory,
  AnyReceiverFactory,
  Components,
} from './pipeline/component.ts';

const all = ['traces', 'logs', 'metrics'] as const;

export const components: Components = {
  receivers: [
    { type: 'file', signals: all, load: async () => (await import('./receivers/file.ts')).file },
    { type: 'otlp', signals: all, load: async () => (await import('./receivers/otlp.ts')).otlp },
    {
      type: 'otlp_json_file',
      signals: all,
      aliases: ['otlpjsonfile'],
      load: async () => (await import('./receivers/otlp-json-file.ts')).otlpJsonFile,
    },
  ],
  processors: [
    {
      type: 'attributes',
      signals: all,
      load: async () => (await import('./processors/attributes.ts')).attributes,
    },
    { type: 'batch', signals: all, load: async () => (await import('./processors/batch.ts')).batch },
    { type: 'filter', signals: all, load: async () => (await import('./processors/filter.ts')).filter },
    {
      type: 'group_by_attrs',
      signals: all,
      aliases: ['groupbyattrs'],
      load: async () => (await import('./processors/group-by-attrs.ts')).groupByAttrs,
    },
    {
      type: 'memory_limiter',
      signals: all,
      load: async () => (await import('./processors/memory-limiter.ts')).memoryLimiter,
    },
    {
      type: 'probabilistic_sampler',
      signals: ['traces', 'logs'],
      load: async () => (await import('./processors/probabilistic-sampler.ts')).probabilisticSampler,
    },
    { type: 'redact', signals: all, load: async () => (await import('./processors/redact.ts')).redact },
    {
      type: 'redaction',
      signals: all,
      load: async () => (await import('./processors/redaction.ts')).redaction,
    },
    { type: 'resource', signals: all, load: async () => (await import('./processors/resource.ts')).resource },
    {
      type: 'time_shift',
      signals: all,
      load: async () => (await import('./processors/time-shift.ts')).timeShift,
    },
    {
      type: 'transform',
      signals: all,
      load: async () => (await import('./processors/transform.ts')).transform,
    },
  ],
  exporters: [
    { type: 'debug', signals: all, load: async () => (await import('./exporters/debug.ts')).debug },
    { type: 'file', signals: all, load: async () => (await import('./exporters/file.ts')).file },
    { type: 'loki', signals: ['logs'], load: async () => (await import('./exporters/loki.ts')).loki },
    { type: 'nop', signals: all, load: async () => (await import('./exporters/nop.ts')).nop },
    {
      type: 'otlp_http',
      signals: all,
      aliases: ['otlphttp'],
      load: async () => (await import('./exporters/otlp-http.ts')).otlpHttp,
    },
    { type: 'sdk', signals: ['traces', 'logs'], load: async () => (await import('./exporters/sdk.ts')).sdk },
  ],
};

export interface LoadedComponents {
  readonly receivers: readonly AnyReceiverFactory[];
  readonly processors: readonly AnyProcessorFactory[];
  readonly exporters: readonly AnyExporterFactory[];
}

/** All of them, for what tells about each. */
export async function loadComponents(): Promise<LoadedComponents> {
  return {
    receivers: await Promise.all(components.receivers.map(({ load }) => load())),
    processors: await Promise.all(components.processors.map(({ load }) => load())),
    exporters: await Promise.all(components.exporters.map(({ load }) => load())),
  };
}
