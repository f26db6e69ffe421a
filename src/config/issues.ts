/**
 * From zod's issues to problems: what must hold, what was found, where, and what to do.
 */
import type { z } from 'zod';
import { foundAt, withoutSecret } from './found.ts';
import type { ScalarNode } from './node.ts';
import { pathText } from './place.ts';
import type { Path, Place } from './place.ts';
import type { Problem } from './problem.ts';
import { complaintsOf } from './prepare.ts';
import { schemasAt, shapeOf, unwrap, usableKeys } from './schema.ts';
import type { Schema, Unwrapped } from './schema.ts';
import { nearest } from './suggest.ts';
import type { ConfigTree } from './tree.ts';
import { mustBe } from './type-text.ts';

/** The message that zod is told to give where a schema gives none. */
export const noMessage = '\u0000';

export interface Checked {
  tree: ConfigTree;
  schema: Schema;
  /** Where `schema` stands in the tree. */
  path: Path;
  /** What zod was given. */
  value: unknown;
}

type Issue = z.core.$ZodIssue;

interface Sentence {
  message: string;
  remedy?: string | undefined;
}

/** A key that is missing because it is misspelt is one problem, and not two. */
export function explainIssues(checked: Checked, issues: readonly Issue[]): Problem[] {
  const meant = new Set(issues.flatMap((issue) => meantKeys(checked, issue)));
  return issues
    .filter((issue) => {
      const below = issue.path.filter((part) => typeof part !== 'symbol');
      return !(meant.has(pathText(below)) && isMissing(issue, valueAt(checked.value, below)));
    })
    .flatMap((issue) => explainIssue(checked, issue));
}

/** The paths of the keys that unknown ones were probably meant to be. */
function meantKeys(checked: Checked, issue: Issue): string[] {
  if (issue.code !== 'unrecognized_keys') return [];
  const above = issue.path.filter((part) => typeof part !== 'symbol');
  const known = usableKeys(schemasAt(checked.schema, above, checked.value));
  return issue.keys.flatMap((key) => {
    const near = nearest(key, known);
    return near === undefined ? [] : [pathText([...above, near])];
  });
}

/** One issue can be several problems: one for each unknown key. */
function explainIssue(checked: Checked, issue: Issue): Problem[] {
  const below = issue.path.filter((part) => typeof part !== 'symbol');
  const found = valueAt(checked.value, below);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey(checked, [...below, key]));
  if (isMissing(issue, found)) return [missingKey(checked, below)];
  if (issue.code === 'invalid_union' && issue.message === noMessage)
    return explainUnion(checked, issue, below);
  const sentence = sentenceFor(checked, issue, below, found);
  const place = issue.code === 'invalid_key' ? keyPlace(checked, below) : valuePlace(checked, below);
  return [problem(checked, below, place, sentence)];
}

function isMissing(issue: Issue, found: unknown): boolean {
  const aboutType = ['invalid_type', 'invalid_union', 'invalid_value'].includes(issue.code);
  return aboutType && found === undefined;
}

function explainUnion(checked: Checked, issue: z.core.$ZodIssueInvalidUnion, below: Path): Problem[] {
  const options = [...issue.errors].sort((left, right) => complaintsOf(left) - complaintsOf(right));
  const best = options[0];
  if (best !== undefined && complaintsOf(best) < 1000) {
    return best.flatMap((one) => explainIssue(checked, { ...one, path: [...issue.path, ...one.path] }));
  }
  const words = schemasAt(checked.schema, below, checked.value).map(mustBe);
  const choices = choicesOf(issue) ?? choicesInside(checked, below);
  const found = valueAt(checked.value, below);
  const sentence =
    choices === undefined
      ? { message: `must be ${[...new Set(words)].join(' or ')}${foundText(checked, below, found)}` }
      : choiceSentence(checked, choices, below, found);
  return [problem(checked, below, valuePlace(checked, below), sentence)];
}

function choicesOf(issue: z.core.$ZodIssueInvalidUnion): readonly unknown[] | undefined {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options : undefined;
}

/** A union of literals and enums only is one choice. */
function choicesInside(checked: Checked, below: Path): readonly unknown[] | undefined {
  const choices: unknown[] = [];
  for (const { schema } of schemasAt(checked.schema, below, checked.value)) {
    const { def } = schema._zod;
    if (def.type === 'literal') choices.push(...def.values);
    else if (def.type === 'enum') choices.push(...Object.values(def.entries));
    else return undefined;
  }
  return choices;
}

function sentenceFor(checked: Checked, issue: Issue, below: Path, found: unknown): Sentence {
  if (issue.message !== noMessage) return ownSentence(checked, issue.message, below, found);
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(checked, below, found);
    case 'invalid_value':
      return choiceSentence(checked, issue.values, below, found);
    case 'invalid_key':
      return keySentence(issue);
    default:
      return { message: `${ruleText(issue)}${foundText(checked, below, found)}` };
  }
}

function ruleText(issue: Issue): string {
  switch (issue.code) {
    case 'too_small':
    case 'too_big':
      return limitText(issue);
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.format === 'regex'
        ? `must match ${issue.pattern ?? ''}`
        : `must be a valid ${issue.format}`;
    default:
      return 'is not valid';
  }
}

function keySentence(issue: z.core.$ZodIssueInvalidKey): Sentence {
  const inner = issue.issues[0];
  if (inner !== undefined && inner.message !== noMessage) return split(inner.message);
  const pattern = inner?.code === 'invalid_format' ? inner.pattern : undefined;
  return { message: pattern === undefined ? 'is not a valid key here' : `the key must match ${pattern}` };
}

/** A message from a schema, with what was found. */
function ownSentence(checked: Checked, message: string, below: Path, found: unknown): Sentence {
  const sentence = split(message);
  const node = checked.tree.nodeAt([...checked.path, ...below]);
  const safe = node?.kind === 'scalar' ? withoutSecret(node, sentence.message) : sentence.message;
  const wantsFound = safe.startsWith('must ') && !safe.includes('found') && typeof found !== 'object';
  return { ...sentence, message: wantsFound ? `${safe}${foundText(checked, below, found)}` : safe };
}

function split(message: string): Sentence {
  const end = message.indexOf('\n');
  return end === -1 ? { message } : { message: message.slice(0, end), remedy: message.slice(end + 1) };
}

function wrongType(checked: Checked, below: Path, found: unknown): Sentence {
  const candidates = schemasAt(checked.schema, below, checked.value);
  const wanted = candidates[0];
  const words = [...new Set(candidates.map(mustBe))].join(' or ');
  const message = `must be ${words}${foundText(checked, below, found)}`;
  return { message, remedy: wanted === undefined ? undefined : typeRemedy(checked, wanted, below, found) };
}

function typeRemedy(checked: Checked, wanted: Unwrapped, below: Path, found: unknown): string | undefined {
  if (found === null) return 'give it a value, or remove the key';
  const { type } = wanted.schema._zod.def;
  const node = checked.tree.nodeAt([...checked.path, ...below]);
  const scalar = node?.kind === 'scalar' ? node : undefined;
  if (type === 'array' || type === 'object' || type === 'record') return structureRemedy(type, scalar, found);
  const shown = scalar !== undefined && scalar.substituted !== true && scalar.hidden !== true;
  return shown ? quoteRemedy(type, scalar.text, found) : undefined;
}

function structureRemedy(type: string, scalar: ScalarNode | undefined, found: unknown): string | undefined {
  if (scalar?.note !== undefined) return scalar.note;
  if (scalar?.holds !== undefined) {
    const instead = 'where one is meant, write ${yaml:${env:NAME}} or ${file:PATH}';
    return `a variable gives one value and never a map or a list; ${instead}`;
  }
  return type === 'array' && typeof found !== 'object' ? 'write a list: [one, two]' : undefined;
}

function quoteRemedy(type: string, written: string, found: unknown): string | undefined {
  if (typeof found === 'string') {
    if (type === 'boolean') return booleanRemedy(found);
    return type === 'number' && /^[-+]?[0-9.]+$/u.test(found) ? 'remove the quotes' : undefined;
  }
  return type === 'string' && typeof found !== 'object' ? `put it in quotes: "${written}"` : undefined;
}

function booleanRemedy(found: string): string | undefined {
  const word = found.toLowerCase();
  if (word === 'true' || word === 'false') return 'remove the quotes';
  if (['yes', 'on', 'y', 'enabled'].includes(word)) return 'write true';
  return ['no', 'off', 'n', 'disabled'].includes(word) ? 'write false' : undefined;
}

function choiceSentence(
  checked: Checked,
  choices: readonly unknown[],
  below: Path,
  found: unknown,
): Sentence {
  const words = choices.map(String);
  const near = typeof found === 'string' ? nearest(found, words) : undefined;
  const list = words.length === 1 ? (words[0] ?? '') : `one of ${words.join(', ')}`;
  const remedy = near === undefined ? undefined : `did you mean ${near}?`;
  return { message: `must be ${list}${foundText(checked, below, found)}`, remedy };
}

function limitText(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const small = issue.code === 'too_small';
  const limit = Number(small ? issue.minimum : issue.maximum);
  const bound = issue.exact === true ? 'exactly' : `at ${small ? 'least' : 'most'}`;
  if (issue.origin === 'string') {
    return small && limit === 1 ? 'must not be empty' : `must have ${bound} ${limit} characters`;
  }
  if (issue.origin === 'array') {
    return small && limit === 1 ? 'must have at least one entry' : `must have ${bound} ${limit} entries`;
  }
  const strict = small ? 'more than' : 'less than';
  return `must be ${issue.inclusive === false ? strict : bound} ${limit}`;
}

function foundText(checked: Checked, below: Path, found: unknown): string {
  return `, found ${foundAt(checked.tree, [...checked.path, ...below], found)}`;
}

function unknownKey(checked: Checked, below: Path): Problem {
  const key = String(below.at(-1));
  const parents = schemasAt(checked.schema, below.slice(0, -1), checked.value);
  const keys = usableKeys(parents);
  const near = nearest(key, keys);
  // What was meant for a secret is one.
  if (near !== undefined && parents.some(({ schema }) => isSecret(shapeOf(schema)?.[near])))
    checked.tree.hide([...checked.path, ...below]);
  const lines: string[] = [];
  if (near !== undefined) lines.push(`did you mean ${near}?`);
  else lines.push(...belongsElsewhere(checked, parents, below));
  lines.push(keys.length === 0 ? 'no keys are known here' : `known keys: ${keys.join(', ')}`);
  const sentence = { message: 'is not a known key', remedy: lines.join('\n') };
  return problem(checked, below, keyPlace(checked, below), sentence);
}

function isSecret(schema: Schema | undefined): boolean {
  return schema !== undefined && unwrap(schema).meta.type === 'secret';
}

/** A known key that stands one level too high or too low. */
function belongsElsewhere(checked: Checked, parents: readonly Unwrapped[], below: Path): string[] {
  const key = String(below.at(-1));
  for (const { schema } of parents) {
    for (const [name, child] of Object.entries(shapeOf(schema) ?? {})) {
      const inner = shapeOf(unwrap(child).schema);
      if (inner !== undefined && Object.hasOwn(inner, key)) return [`it belongs under ${name}`];
    }
  }
  if (below.length < 2) return [];
  const above = usableKeys(schemasAt(checked.schema, below.slice(0, -2), checked.value));
  return above.includes(key) ? ['it belongs one level further out'] : [];
}

function missingKey(checked: Checked, below: Path): Problem {
  const wanted = schemasAt(checked.schema, below, checked.value)[0];
  const choices = choicesInside(checked, below)?.map(String) ?? [];
  const words = wanted === undefined ? '' : `: ${mustBe(wanted)}`;
  const what = choices.length > 1 ? `: one of ${choices.join(', ')}` : words;
  const place = parentPlace(checked, below);
  return problem(checked, below, place, { message: `is required${what}`, remedy: wanted?.description });
}

function parentPlace(checked: Checked, below: Path): Place | undefined {
  const path = [...checked.path, ...below];
  if (typeof path.at(-1) === 'number') return checked.tree.nearestPlace(path);
  const parent = path.slice(0, -1);
  // The entry of a list has no key: its first line is the place.
  return checked.tree.placeOf(parent, 'key') ?? checked.tree.nearestPlace(parent);
}

function valuePlace(checked: Checked, below: Path): Place | undefined {
  return checked.tree.nearestPlace([...checked.path, ...below]);
}

function keyPlace(checked: Checked, below: Path): Place | undefined {
  const path = [...checked.path, ...below];
  return checked.tree.placeOf(path, 'key') ?? checked.tree.nearestPlace(path);
}

function problem(checked: Checked, below: Path, place: Place | undefined, sentence: Sentence): Problem {
  return {
    severity: 'error',
    path: [...checked.path, ...below],
    ...(place === undefined ? {} : { place }),
    message: sentence.message,
    ...(sentence.remedy === undefined ? {} : { remedy: sentence.remedy }),
  };
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.hasOwn(current, part) ? (current as Record<string | number, unknown>)[part] : undefined;
  }
  return current;
}
