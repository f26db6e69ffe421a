/** `log.file.*` on each span, log record and metric, as the Collector's receivers of files have it. */
import type { Attributes } from '../../model/attributes.ts';
import type { AnyBatch } from '../../model/batches.ts';
import type { InputFile } from './inputs.ts';
import { nameOf } from './inputs.ts';
import type { FileSettings } from './settings.ts';

export function fileAttributes(settings: FileSettings, file: InputFile | undefined): [string, string][] {
  if (file === undefined) return [];
  const attributes: [wanted: boolean, key: string, value: string][] = [
    [settings.include_file_name, 'log.file.name', nameOf(file)],
    [settings.include_file_path, 'log.file.path', file.path],
    [settings.include_file_name_resolved, 'log.file.name_resolved', nameOf({ ...file, path: file.resolved })],
    [settings.include_file_path_resolved, 'log.file.path_resolved', file.resolved],
  ];
  return attributes.filter(([wanted]) => wanted).map(([, key, value]) => [key, value]);
}

/** On a metric they are its metadata. */
export function addToItems(batch: AnyBatch, attributes: readonly [string, string][]): void {
  if (attributes.length === 0) return;
  for (const target of targetsIn(batch)) {
    for (const [key, value] of attributes) target.set(key, value);
  }
}

function targetsIn(batch: AnyBatch): Attributes[] {
  if (batch.signal === 'metrics') return batch.metrics().map((metric) => metric.metadata);
  if (batch.signal === 'traces') return batch.spans().map((span) => span.attributes);
  return batch.logRecords().map((record) => record.attributes);
}
