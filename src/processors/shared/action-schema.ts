/** The YAML of attribute actions, shared by the processors `attributes` and `resource`. */
import { z } from 'zod';
import { refused, type FieldMeta } from '../../config/fields.ts';
import { compileRegex } from '../../model/regex.ts';
import { messageOf } from '../../pipeline/errors.ts';
import { anyCase } from './any-case.ts';
import { isSet } from './raw-value.ts';

const kinds = ['insert', 'update', 'upsert', 'delete', 'hash', 'extract', 'convert'] as const;
export type ActionKind = (typeof kinds)[number];

/** Any YAML value, `1` and `1.0` kept apart. */
const anyValue = z.unknown().meta({ respool: { type: 'attribute value' } satisfies FieldMeta });

const fields = z.strictObject({
  key: z.string().optional().describe('The attribute to act on.'),
  action: anyCase(kinds).describe(
    '`insert` where the key is absent, `update` where it is present, `upsert` in both cases; `delete`, `hash`, `extract`, `convert`.',
  ),
  value: anyValue
    .optional()
    .describe('The new value, typed as in YAML: `1` is an integer, `1.0` a double, `"1"` text.'),
  from_attribute: z.string().optional().describe('Takes the value of another attribute.'),
  default_value: anyValue
    .optional()
    .describe('Taken where `from_attribute` is absent, or alone in place of `value`.'),
  pattern: z
    .string()
    .optional()
    .describe(
      'An RE2 regular expression: `delete` and `hash` act on all keys that it finds, `extract` makes an attribute of each named group.',
    ),
  converted_type: z
    .enum(['int', 'double', 'string'])
    .optional()
    .describe('`convert` only. What cannot be converted stays as it is.'),
  from_context: refused('a recording carries no request metadata; use value or from_attribute'),
});

export type Action = z.output<typeof fields>;

const action = fields.superRefine((action, context) => {
  // A misspelt key is told already; what is missing because of it need not be.
  if (context.issues.length > 0) return;
  for (const [path, message] of problemsOf(action))
    context.addIssue({ code: 'custom', path: [...path], message });
});

export const actionList = z.array(action).min(1, 'must have at least one action');

type Field = keyof Action;
type ActionProblem = readonly [path: readonly [] | readonly [Field], message: string];

/** What each action reads besides `key`. */
const reads: Record<ActionKind, readonly Field[]> = {
  insert: ['value', 'from_attribute', 'default_value'],
  update: ['value', 'from_attribute', 'default_value'],
  upsert: ['value', 'from_attribute', 'default_value'],
  delete: ['pattern'],
  hash: ['pattern'],
  extract: ['pattern'],
  convert: ['converted_type'],
};
const optionalFields: readonly Field[] = [
  'value',
  'from_attribute',
  'default_value',
  'pattern',
  'converted_type',
];

function problemsOf(action: Action): ActionProblem[] {
  const { action: kind } = action;
  const unused = optionalFields.filter((field) => isSet(action[field]) && !reads[kind].includes(field));
  const missing = missingFrom(action);
  return [
    ...unused.map((field): ActionProblem => [[field], `cannot be used with the action ${kind}`]),
    ...(missing === undefined ? [] : ([[[], `must have ${missing} for the action ${kind}`]] as const)),
    ...(isSet(action.value) && isSet(action.from_attribute) ? ([twoSources] as const) : []),
    ...patternProblems(action),
  ];
}

const twoSources: ActionProblem = [
  ['from_attribute'],
  'cannot stand beside value\nkeep one of them; default_value is for attributes that are absent',
];

function missingFrom({ action: kind, key, pattern, converted_type, ...action }: Action): string | undefined {
  if (kind === 'delete' || kind === 'hash') return key || pattern ? undefined : 'a key, a pattern or both';
  if (!key) return 'a key';
  if (kind === 'convert') return converted_type ? undefined : 'a converted_type (int, double or string)';
  if (kind === 'extract') return pattern ? undefined : 'a pattern';
  const sources = [action.value, action.from_attribute, action.default_value];
  return sources.some(isSet) ? undefined : 'a value, from_attribute or default_value';
}

function patternProblems({ action: kind, pattern }: Action): ActionProblem[] {
  if (!pattern) return [];
  try {
    const [, ...groups] = compileRegex(pattern).groupNames;
    if (kind !== 'extract') return [];
    if (groups.length === 0) return [[['pattern'], 'must have a named group such as (?P<name>...)']];
    return groups.includes(undefined)
      ? [
          [
            ['pattern'],
            'must have no group without a name\nwrite (?P<name>...) or, to take nothing from it, (?:...)',
          ],
        ]
      : [];
  } catch (error) {
    return [[['pattern'], messageOf(error)]];
  }
}
