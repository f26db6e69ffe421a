import type { ValueNode } from './ast.ts';
import { OttlFailure } from './errors.ts';
import { made, placeOf } from './expressions.ts';
import type { Token } from './lex.ts';
import type { Tokens } from './tokens.ts';
import { unquote } from './unquote.ts';

/** Reads a literal. Throws `OttlError` if the next token begins none. */
export function readLiteral(tokens: Tokens): ValueNode {
  const token = tokens.peek();
  switch (token.kind) {
    case 'keyword':
      return readKeyword(tokens);
    case 'string':
      return made({ kind: 'string', value: readText(tokens), ...placeOf(token) });
    case 'int':
      return readInt(tokens);
    case 'float':
      return readFloat(tokens);
    case 'bytes':
      return readBytes(tokens);
    default:
      throw valueExpected(tokens);
  }
}

/** Reads a string token, and gives the text it stands for. */
export function readText(tokens: Tokens): string {
  const token = tokens.next();
  try {
    return unquote(token.text);
  } catch (error) {
    if (!(error instanceof OttlFailure)) throw error;
    const start = token.start + Number(error.values[0]);
    const remedy = 'a backslash is written \\\\ (in a regex: "\\\\d", "\\\\.")';
    throw tokens.error({ start, end: Math.min(start + 2, token.end) }, error.message, remedy);
  }
}

/** What people write where a value must begin. */
const valueHabits: Readonly<Record<string, string>> = {
  '=': 'equality is written ==',
  '>': 'inequality is written !=',
  '/': 'a text stands in double quotes',
  '*': 'a text stands in double quotes',
};

export function valueExpected(tokens: Tokens): Error {
  const token = tokens.peek();
  const remedy = token.kind === 'end' ? undefined : valueHabits[token.text];
  return tokens.error(token, `expected a value, found ${tokens.describe()}`, remedy);
}

function readKeyword(tokens: Tokens): ValueNode {
  const token = tokens.peek();
  if (token.text !== 'nil' && token.text !== 'true' && token.text !== 'false') throw valueExpected(tokens);
  tokens.next();
  if (token.text === 'nil') return made({ kind: 'nil', ...placeOf(token) });
  return made({ kind: 'boolean', value: token.text === 'true', ...placeOf(token) });
}

const mostInt = 2n ** 63n - 1n;

function readInt(tokens: Tokens): ValueNode {
  const token = tokens.next();
  const value = intOf(token);
  if (value === undefined) throw tokens.error(token, notAnInt(token));
  return made({ kind: 'int', value, ...placeOf(token) });
}

/** As in Go, a number that begins with 0 is octal. */
function intOf({ text }: Token): bigint | undefined {
  const digits = text.replace(/^0+/, '');
  const isOctal = digits.length < text.length;
  if (digits.length > 21 || (isOctal && /[89]/.test(digits))) return undefined;
  const value = BigInt(isOctal ? `0o0${digits}` : digits);
  return value > mostInt ? undefined : value;
}

function notAnInt({ text }: Token): string {
  return /^0.*[89]/.test(text)
    ? 'an int literal that begins with 0 is octal and has no 8 or 9'
    : `an int literal is at most ${mostInt}`;
}

function readFloat(tokens: Tokens): ValueNode {
  const token = tokens.next();
  const value = Number(token.text);
  if (!Number.isFinite(value)) throw tokens.error(token, 'this number is too large for a float');
  return made({ kind: 'float', value, ...placeOf(token) });
}

function readBytes(tokens: Tokens): ValueNode {
  const token = tokens.next();
  if (token.text.length % 2 === 1)
    throw tokens.error(token, 'a bytes literal needs an even number of hex digits');
  return made({ kind: 'bytes', hex: token.text.slice(2).toLowerCase(), ...placeOf(token) });
}
