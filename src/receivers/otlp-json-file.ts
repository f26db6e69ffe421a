/**
 * The Collector's receiver of OTLP JSON files with its keys and their effects, on the reader of receiver `file`.
 *
 * Unlike there, files are read once, from the beginning, unless the run has `--follow`; no line is too long; and what
 * cannot be read is named and counted. `log.file.name` is added to each span and log record unless `include_file_name` is false.
 *
 * ```yaml
 * receivers:
 *   otlp_json_file:
 *     include: ["/var/log/otel/*.jsonl"]
 *     start_at: beginning
 * ```
 */
import { z } from 'zod';
import { moot } from '../config/fields.ts';
import type { ReceiverFactory } from '../pipeline/component.ts';
import {
  checkSettings,
  fileKeys,
  includeFileName,
  otherCollectorKeys,
  readingKeys,
  startAtNotice,
} from './file/settings.ts';

const unused = 'the Collector ignores it in this receiver too; use processor `attributes` or `resource`';

const schema = z.strictObject({
  ...fileKeys,
  include_file_name: z.boolean().default(true).describe(includeFileName),
  ...readingKeys,
  ...otherCollectorKeys,
  operators: moot(unused),
  attributes: moot(unused),
  resource: moot(unused),
  retry_on_failure: moot('exporters retry by themselves, and a file is never read past what is not safe'),
});

export const otlpJsonFile: ReceiverFactory<z.infer<typeof schema>> = {
  kind: 'receiver',
  type: 'otlp_json_file',
  aliases: ['otlpjsonfile'],
  signals: ['traces', 'logs', 'metrics'],
  summary: "Reads OTLP JSON files with the keys of the Collector's receiver of that name.",
  schema,
  check: (config, facts) => [...checkSettings(config, facts), ...startAtNotice(facts)],
  canScan: (config) => !config.include.includes('-'),
  readsStdin: (config) => config.include.includes('-'),
  async create(config, context) {
    const { FileReceiver } = await import('./file/receiver.ts');
    return new FileReceiver(config, context);
  },
};
