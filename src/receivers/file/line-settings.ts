/** The keys for recordings that do not say their times, or that are lines of text. */
import { z } from 'zod';
import { LineRules, LineRulesError, type LinesConfig } from '../../encodings/lines/rules.ts';
import { parseIsoTime } from '../../model/time.ts';
import type { CheckedProblem } from '../../pipeline/component.ts';

const timestamp = z.strictObject({
  parse_from: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The field, or the group of `regex`, that holds the time; without it, the beginning of the line.',
    ),
  layout: z
    .string()
    .min(1)
    .optional()
    .describe('What the time looks like: `%Y-%m-%d %H:%M:%S.%L`; without it, any of the usual forms.'),
  layout_type: z
    .enum(['strptime', 'gotime', 'epoch'])
    .optional()
    .describe("The words of `layout`, as in the Collector's `time_parser`; strptime unless given."),
  location: z
    .string()
    .min(1)
    .optional()
    .describe('The zone of times that name none, such as `Europe/Lisbon`; UTC unless given.'),
});

const severityValue = z.union([
  z.string(),
  z.int(),
  z.strictObject({
    min: z.int().describe('The first number that means it.'),
    max: z.int().describe('The last one.'),
  }),
]);

const severity = z.strictObject({
  parse_from: z.string().min(1).describe('The field, or the group of `regex`, that holds the level.'),
  mapping: z
    .record(z.string(), z.union([severityValue, z.array(severityValue)]))
    .optional()
    .describe('What each level is called there: `{error: [E, 5xx, {min: 500, max: 599}]}`.'),
});

const multiline = z.strictObject({
  line_start_pattern: z.string().min(1).optional().describe('What the first line of a record matches.'),
  line_end_pattern: z.string().min(1).optional().describe('What the last line of a record matches.'),
});

const ways = z.enum(['auto', 'none']);

const lines = z.strictObject({
  regex: z
    .string()
    .min(1)
    .optional()
    .describe('With named groups: they become attributes, and `parse_from` names them. RE2 syntax.'),
  timestamp: z
    .union([ways, timestamp])
    .default('auto')
    .describe('Where the time of a line is. auto: at its beginning, or in a field of JSON or logfmt.'),
  severity: z
    .union([ways, severity])
    .default('auto')
    .describe('Where its level is. auto: behind the time, or in a field of JSON or logfmt.'),
  multiline: z
    .union([ways, multiline])
    .default('auto')
    .describe(
      'Which lines continue a record. auto: those that are indented or have no time, where others have one. With `--follow` the last record of a file waits for the line after it; `none` hands each line on at once.',
    ),
});

export const lineKeys = {
  base_time: z
    .string()
    .optional()
    .transform((text, context) => {
      const nanos = text === undefined ? undefined : parseIsoTime(text);
      if (text !== undefined && nanos === undefined)
        context.addIssue({
          code: 'custom',
          message: 'must be a time with its zone, such as 2026-11-21T10:00:00Z',
        });
      return nanos;
    })
    .describe(
      'What times count from that are relative, or have no date: `2026-11-21T10:00:00Z`. Lines without any time get it too.',
    ),
  lines: lines
    .optional()
    .describe('How plain lines of text are read, where that cannot be told from the lines.'),
};

const rules = new WeakMap<LinesConfig, LineRules>();

/** Made once for a config; throws what is wrong with its patterns. */
export function lineRulesOf(config: LinesConfig | undefined): LineRules | undefined {
  if (config === undefined) return undefined;
  let known = rules.get(config);
  if (known === undefined) rules.set(config, (known = new LineRules(config)));
  return known;
}

/** What a schema cannot see. */
export function linesProblem(config: LinesConfig | undefined): CheckedProblem | undefined {
  try {
    lineRulesOf(config);
    return undefined;
  } catch (error) {
    if (!(error instanceof LineRulesError)) throw error;
    return { severity: 'error', path: ['lines', ...error.path], message: error.message };
  }
}
