/** The YAML of `filter`: the flat form, the lists by context, and `include` and `exclude`. */
import { z } from 'zod';
import { moot, refused } from '../../config/fields.ts';
import type { ContextName } from '../../ottl/contexts.ts';
import { anyCase } from '../shared/any-case.ts';
import { errorMode } from '../shared/error-mode.ts';
import { attributeList, matchSchema, matchType } from '../shared/match-schema.ts';
import { severityNumbers } from './severity.ts';

const conditionTexts = z.array(z.string());

/** One list of texts, whose contexts are inferred, or groups that name theirs. */
function conditionGroups<const Names extends readonly [ContextName, ...ContextName[]]>(contexts: Names) {
  const group = z.strictObject({
    context: anyCase(contexts)
      .optional()
      .describe(
        'What the conditions look at; paths then need no prefix. Left out: inferred for each of them.',
      ),
    error_mode: errorMode.optional().describe('Instead of the error_mode of the processor.'),
    conditions: conditionTexts.default([]).describe('One that is true is enough.'),
  });
  return z
    .array(z.union([z.string(), group]))
    .superRefine((list, context) => {
      const first = typeof list[0];
      const other = list.findIndex((item) => typeof item !== first);
      if (other < 0) return;
      const message =
        'cannot be mixed: either all entries are conditions or all are groups\nwrite {conditions: [...]}';
      context.addIssue({ code: 'custom', path: [other], message });
    })
    .optional();
}

const severity = z
  .string()
  .toUpperCase()
  .refine((text) => severityNumbers.has(text), { error: 'must be a severity such as INFO, WARN2 or "9"' })
  .transform((text) => severityNumbers.get(text) ?? 0);

const logProperties = z.strictObject({
  match_type: matchType,
  resource_attributes: attributeList.describe('All of them are attributes of the resource.'),
  record_attributes: attributeList.describe('All of them are attributes of the log record.'),
  severity_texts: conditionTexts.optional().describe('One of them is the severity text.'),
  severity_number: z
    .strictObject({
      min: severity.describe('The lowest severity that matches.'),
      match_undefined: z.boolean().default(false).describe('Whether records without a severity match.'),
    })
    .optional(),
  bodies: conditionTexts.optional().describe('One of them is the body.'),
});

const metricProperties = z.strictObject({
  match_type: matchType,
  metric_names: conditionTexts.optional().describe('One of them is the name.'),
  resource_attributes: attributeList.describe('All of them are attributes of the resource.'),
  expressions: refused('a language of its own; write metric_conditions in OTTL'),
  regexp: moot('results of regular expressions are not cached'),
});

const noProfiles = 'profiles are not read here';

export const schema = z.strictObject({
  error_mode: errorMode
    .default('ignore')
    .describe(
      'When a condition fails on an item: `ignore` counts that as false and warns once, `silent` does not warn, `propagate` stops the run. All of them count it in the summary.',
    ),
  trace_conditions: conditionGroups(['resource', 'scope', 'span', 'spanevent']).describe(
    'OTTL. A span, event, scope or resource for which one is true is dropped.',
  ),
  log_conditions: conditionGroups(['resource', 'scope', 'log']).describe(
    'OTTL. A log record, scope or resource for which one is true is dropped.',
  ),
  metric_conditions: conditionGroups(['resource', 'scope', 'metric', 'datapoint']).describe(
    'OTTL. A data point, metric, scope or resource for which one is true is dropped.',
  ),
  traces: z
    .strictObject({
      resource: conditionTexts.optional(),
      span: conditionTexts.optional(),
      spanevent: conditionTexts.optional(),
    })
    .optional()
    .describe('The older form of trace_conditions.'),
  logs: z
    .strictObject({
      resource: conditionTexts.optional(),
      log_record: conditionTexts.optional(),
      include: logProperties.optional(),
      exclude: logProperties.optional(),
    })
    .optional()
    .describe('The older form of log_conditions.'),
  metrics: z
    .strictObject({
      resource: conditionTexts.optional(),
      metric: conditionTexts.optional(),
      datapoint: conditionTexts.optional(),
      include: metricProperties.optional(),
      exclude: metricProperties.optional(),
      regexp: moot('results of regular expressions are not cached'),
    })
    .optional()
    .describe('The older form of metric_conditions.'),
  spans: z
    .strictObject({ include: matchSchema.optional(), exclude: matchSchema.optional() })
    .optional()
    .describe('Keeps the spans that match `include` and drops those that match `exclude`.'),
  profile_conditions: refused(noProfiles),
  profiles: refused(noProfiles),
});

export type Config = z.output<typeof schema>;
export type LogProperties = z.output<typeof logProperties>;
export type MetricProperties = z.output<typeof metricProperties>;
