import type { Regex } from '../model/regex.ts';
import type { RegexMatch } from '../model/regex-engine.ts';
import { replacementTable, type ReplacementTable } from '../model/regex-table.ts';
import { checkUnits } from './budget.ts';

/** A part of a replacement: literal text, or the numbers of the groups of which the first that took part counts. */
type Part = string | readonly number[];

/** The text that comes in the place of one match. */
export type Expand = (match: RegexMatch) => string;

const piece = /\$(?:(\$)|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;

/**
 * A replacement as Go reads it: literal text and the groups `$1`, `$name`, `${name}`; `$$` is a dollar sign. Never
 * fails: a dollar sign that begins nothing is taken as it is, and groups that do not exist or took no part are empty.
 */
export function expansion(template: string, regex: Regex): Expand {
  const parts = partsOf(template, regex);
  const [first] = parts;
  if (first === undefined) return () => '';
  if (parts.length === 1 && typeof first === 'string') return () => first;
  return ({ groups }) => {
    let text = '';
    for (let i = 0; i < parts.length; i++) text += partText(parts[i] ?? '', groups);
    return text;
  };
}

/** The same for texts as bytes. */
export function expansionTable(template: string, regex: Regex): ReplacementTable | undefined {
  const parts = partsOf(template, regex);
  // Which of several groups took part is not known before.
  const isClear = parts.every((part) => typeof part === 'string' || part.length < 2);
  const plain = parts.map((part) => (typeof part === 'string' ? part : (part[0] ?? '')));
  return replacementTable(regex.pattern, isClear ? plain : undefined);
}

function partText(part: Part, groups: RegexMatch['groups']): string {
  if (typeof part === 'string') return part;
  for (let i = 0; i < part.length; i++) {
    const text = groups[part[i] ?? 0];
    if (text !== undefined) return text;
  }
  return '';
}

function partsOf(template: string, regex: Regex): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of template.matchAll(piece)) {
    const [whole, dollar, bare, braced] = match;
    parts.push(template.slice(end, match.index));
    parts.push(dollar ?? groupsNamed(bare ?? braced ?? '', regex));
    end = match.index + whole.length;
  }
  parts.push(template.slice(end));
  return parts.filter((part) => part !== '');
}

const groupNumber = /^(?:0|[1-9][0-9]{0,8})$/;

function groupsNamed(name: string, { groupNames }: Regex): readonly number[] {
  if (groupNumber.test(name)) return [Number(name)];
  return groupNames.flatMap((known, index) => (known === name ? [index] : []));
}

/** Replaces all matches; undefined where there is none. Throws `OttlFailure` for a result that is too long. */
export function replaceAll(text: string, regex: Regex, replace: Expand): string | undefined {
  if (!regex.findsAsFast && !regex.test(text)) return undefined;
  return regex.replaced(text, (match, length) => {
    const by = replace(match);
    checkUnits(length + by.length);
    return by;
  });
}
