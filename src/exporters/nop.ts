/**
 * Delivers to nowhere: takes everything, keeps nothing, counts it as delivered. For measuring a pipeline without a
 * backend, and for pipelines whose only point is what their processors count. It loses everything, on purpose.
 *
 * ```yaml
 * exporters:
 *   nop:
 * ```
 */
import { z } from 'zod';
import type { AnyBatch } from '../model/batches.ts';
import type { Exporter, ExporterFactory, ExportRequest, Outcome } from '../pipeline/component.ts';
import { localPolicy } from '../pipeline/export-config.ts';

const schema = z.strictObject({});

type Config = z.output<typeof schema>;

export const nop: ExporterFactory<Config> = {
  kind: 'exporter',
  type: 'nop',
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Takes everything and keeps nothing.',
  schema,
  policy: () => localPolicy,
  parallel: () => true,
  create: () => new NopExporter(),
};

class NopExporter implements Exporter {
  readonly target = 'nowhere';

  requests(batch: AnyBatch): ExportRequest[] {
    return [{ signal: batch.signal, items: batch.itemCount, bytes: 0 }];
  }

  send(): Promise<Outcome> {
    return Promise.resolve({ verdict: 'delivered' });
  }
}
