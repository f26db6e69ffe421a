import { editor } from '../function.ts';
import { optional, string } from '../parameters.ts';
import { metricOf } from './metrics-made.ts';

const parameters = { name: optional(string()), description: optional(string()), unit: optional(string()) };

/**
 * Adds a copy of a metric behind those of its scope, with another name, description or unit. The statements run on the
 * copy too, so that one without a condition would never come to an end: the run stops then.
 */
export const copyMetric = editor('copy_metric', parameters, ({ name, description, unit }) => (record) => {
  const metric = metricOf(record);
  // As in the reference, the copy stays if what follows fails.
  const copy = metric.scopeMetrics.addCopyOf(metric);
  if (name !== undefined) copy.name = name.read(record);
  if (description !== undefined) copy.description = description.read(record);
  if (unit !== undefined) copy.unit = unit.read(record);
});
