/** The YAML of `transform`: flat lists of statements, and groups. */
import { z } from 'zod';
import { refused } from '../../config/fields.ts';
import type { ContextName } from '../../ottl/contexts.ts';
import { anyCase } from '../shared/any-case.ts';
import { errorMode } from '../shared/error-mode.ts';

function statementGroups<const Names extends readonly [ContextName, ...ContextName[]]>(contexts: Names) {
  const group = z.strictObject({
    context: anyCase(contexts)
      .optional()
      .describe('What the statements run on; paths then need no prefix. Left out: inferred for all of them.'),
    error_mode: errorMode.optional().describe('Instead of the error_mode of the processor.'),
    conditions: z
      .array(z.string())
      .default([])
      .describe('The statements run on a record for which one is true. None: on all.'),
    statements: z.array(z.string()).default([]).describe('Run in this order on each record.'),
  });
  return z
    .array(z.union([z.string(), group]))
    .superRefine((list, context) => {
      const firstText = list.findIndex((item) => typeof item === 'string');
      const group = list.findIndex(
        (item, index) => typeof item !== 'string' && firstText >= 0 && index > firstText,
      );
      if (group < 0) return;
      const message =
        'cannot follow statements: either all entries are statements or all are groups\nwrite {statements: [...]}';
      context.addIssue({ code: 'custom', path: [group], message });
    })
    .optional();
}

/** Switches of the Collector's process; here they are the processor's own. */
const featureGates = ['ottl.set.allowNil', 'ottl.functions.enableLambda', 'transform.flatten.logs'] as const;

export const schema = z.strictObject({
  error_mode: errorMode
    .default('ignore')
    .describe(
      'When a statement or condition fails on a record: `ignore` goes on with the next one and warns once, `silent` does not warn, `propagate` stops the run. All of them count it in the summary.',
    ),
  trace_statements: statementGroups(['resource', 'scope', 'span', 'spanevent']).describe(
    'OTTL for traces: statements whose context is inferred together, or groups.',
  ),
  log_statements: statementGroups(['resource', 'scope', 'log']).describe('OTTL for logs.'),
  metric_statements: statementGroups(['resource', 'scope', 'metric', 'datapoint']).describe(
    'OTTL for metrics.',
  ),
  flatten_data: z
    .boolean()
    .default(false)
    .describe(
      'Logs: each record has a resource and scope of its own while the statements run; equal ones are united after. Needs the gate `transform.flatten.logs`.',
    ),
  feature_gates: z
    .array(z.enum(featureGates))
    .default([])
    .describe('Respool only: what a Collector is given as `--feature-gates`.'),
  profile_statements: refused('profiles are not read here'),
});

export type Config = z.output<typeof schema>;
