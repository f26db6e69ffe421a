import { OttlError } from './errors.ts';
import type { Place } from './errors.ts';

/**
 * What a token is. `word` is any run of letters, digits and `_` that begins with a letter and is no keyword;
 * the reference lexes upper-case and lower-case runs apart and glues them again, which comes to the same.
 */
export type TokenKind =
  | 'bytes'
  | 'float'
  | 'int'
  | 'string'
  | 'word'
  | 'keyword'
  | 'comparison'
  | 'sign'
  | 'factor'
  | 'arrow'
  | 'blank'
  | 'punctuation'
  | 'end';

export interface Token extends Place {
  readonly kind: TokenKind;
  /** The text as written. */
  readonly text: string;
}

const keywords = new Set(['nil', 'not', 'or', 'and', 'true', 'false']);

/** Tried in this order at each position. Each is anchored, has no nested repetition, and so runs in linear time. */
const rules: readonly (readonly [TokenKind, RegExp])[] = [
  ['bytes', /0x[0-9a-fA-F]+/y],
  ['float', /(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y],
  ['int', /[0-9]+/y],
  ['string', /"(?:\\[^]|[^\\"])*"/y],
  ['word', /[A-Za-z][A-Za-z0-9_]*/y],
  ['comparison', /==|!=|>=|<=|>|</y],
  ['arrow', /=>/y],
  ['sign', /[+-]/y],
  ['factor', /[*/]/y],
  ['blank', /_(?![A-Za-z0-9_])/y],
  ['punctuation', /[=(){}:,.[\]]/y],
];

const space = /[ \t\r\n\f]*/y;

/** The tokens of an OTTL text; the last one is `end`. Throws `OttlError` at the first character that fits no rule. */
export function lex(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = afterSpace(text, 0);
  while (position < text.length) {
    const token = tokenAt(text, position);
    tokens.push(token);
    position = afterSpace(text, token.end);
  }
  tokens.push(Object.freeze({ kind: 'end', text: '', start: text.length, end: text.length }));
  return tokens;
}

function afterSpace(text: string, position: number): number {
  space.lastIndex = position;
  space.exec(text);
  return space.lastIndex;
}

function tokenAt(text: string, start: number): Token {
  for (const [kind, rule] of rules) {
    rule.lastIndex = start;
    const found = rule.exec(text)?.[0];
    if (found === undefined) continue;
    const known = kind === 'word' && keywords.has(found) ? 'keyword' : kind;
    return Object.freeze({ kind: known, text: found, start, end: start + found.length });
  }
  throw unreadable(text, start);
}

/** What people write instead of the OTTL form, and the OTTL form. */
const habits: readonly (readonly [string, string])[] = [
  ['"', 'close the string with a double quote; a quote inside it is written \\"'],
  ["'", 'strings are written in double quotes'],
  ['`', 'strings are written in double quotes'],
  ['&&', 'write and'],
  ['||', 'write or'],
  ['!', 'write not'],
  ['~', 'a regex is matched by IsMatch(value, "regex")'],
  [';', 'leave it out: each statement is a text of its own'],
  ['\u201c', 'strings are written in straight double quotes'],
  ['\u201d', 'strings are written in straight double quotes'],
  ['\u2018', 'strings are written in straight double quotes'],
  ['\u2019', 'strings are written in straight double quotes'],
  ['$', 'a variable of the environment is written ${env:NAME}, in double quotes for a string'],
  ['%', 'OTTL has no remainder operator'],
  ['#', 'OTTL has no comments'],
  ['\u00a0', 'this is a no-break space; replace it with an ordinary space'],
];

function unreadable(text: string, start: number): OttlError {
  const remedy = habits.find(([habit]) => text.startsWith(habit, start))?.[1];
  const point = String.fromCodePoint(text.codePointAt(start) ?? 0);
  const what =
    point === '"'
      ? 'the string that begins here has no end'
      : `${JSON.stringify(point)} has no meaning in OTTL`;
  const problem = { text, offset: start, length: point.length, message: what };
  return new OttlError([remedy === undefined ? problem : { ...problem, remedy }]);
}
