import type { Regex } from '../model/regex.ts';
import type { RegexMatch } from '../model/regex-engine.ts';
import { checkUnits } from './budget.ts';

/** A replacement as Go reads it: literal text and the groups `$1`, `$name`, `${name}`; `$$` is a dollar sign. */
export type Template = readonly (string | { readonly group: string })[];

const piece = /\$(?:(\$)|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;

/** Never fails: a dollar sign that begins nothing is taken as it is. */
export function parseTemplate(text: string): Template {
  const parts: (string | { group: string })[] = [];
  let end = 0;
  for (const match of text.matchAll(piece)) {
    const [whole, dollar, bare, braced] = match;
    parts.push(text.slice(end, match.index));
    if (dollar === undefined) parts.push({ group: bare ?? braced ?? '' });
    else parts.push('$');
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== '');
}

/** The text of the template for one match. Groups that do not exist or took no part are empty. */
export function expand(template: Template, match: RegexMatch, regex: Regex): string {
  let text = '';
  for (const part of template) text += typeof part === 'string' ? part : groupText(part.group, match, regex);
  return text;
}

const groupNumber = /^(?:0|[1-9][0-9]{0,8})$/;

function groupText(name: string, { groups }: RegexMatch, { groupNames }: Regex): string {
  if (groupNumber.test(name)) return groups[Number(name)] ?? '';
  for (const [index, known] of groupNames.entries()) {
    if (known === name && groups[index] !== undefined) return groups[index];
  }
  return '';
}

/** Replaces all matches. Throws `OttlFailure` for a result that is too long. */
export function replaceAll(text: string, regex: Regex, replace: (match: RegexMatch) => string): string {
  let result = '';
  let end = 0;
  for (const match of regex.matches(text)) {
    result += text.slice(end, match.start) + replace(match);
    end = match.end;
    checkUnits(result.length);
  }
  return result + text.slice(end);
}
