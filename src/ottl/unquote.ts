import { OttlFailure } from './errors.ts';

const shortEscapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};

/** Digits after the letter of a numeric escape. */
const hexLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * The text that a quoted literal (with its quotes) stands for, by Go's rules: `\a \b \f \n \r \t \v \\ \"`,
 * three octal digits, `\xhh`, `\uhhhh`, `\Uhhhhhhhh`; every other escape is refused. A number names a code
 * point, `\xff` too, so a literal never holds invalid UTF-8. A raw newline is taken as it is.
 * Throws `OttlFailure` whose first value is the offset of the escape inside the literal.
 */
export function unquote(literal: string): string {
  const body = literal.slice(1, -1);
  if (!body.includes('\\')) return body;
  let text = '';
  let position = 0;
  while (position < body.length) {
    const slash = body.indexOf('\\', position);
    if (slash < 0) return text + body.slice(position);
    text += body.slice(position, slash);
    const escape = escapeAt(body, slash);
    text += escape.text;
    position = slash + escape.length;
  }
  return text;
}

function escapeAt(body: string, slash: number): { text: string; length: number } {
  const letter = body.charAt(slash + 1);
  const short = shortEscapes[letter];
  if (short !== undefined) return { text: short, length: 2 };
  const digits = hexLengths[letter];
  if (digits !== undefined) {
    return {
      text: codePoint(body.slice(slash + 2, slash + 2 + digits), 16, slash, digits),
      length: 2 + digits,
    };
  }
  if (letter >= '0' && letter <= '7') {
    return { text: codePoint(body.slice(slash + 1, slash + 4), 8, slash, 3), length: 4 };
  }
  throw new OttlFailure(`\\${letter} is no escape sequence`, [slash + 1]);
}

function codePoint(digits: string, base: 8 | 16, slash: number, wanted: number): string {
  const shape = base === 8 ? /^[0-7]+$/ : /^[0-9a-fA-F]+$/;
  const value = digits.length === wanted && shape.test(digits) ? Number.parseInt(digits, base) : -1;
  const surrogate = value >= 0xd800 && value <= 0xdfff;
  const limit = base === 8 ? 0xff : 0x10ffff;
  if (value < 0 || value > limit || surrogate) {
    throw new OttlFailure(`this escape sequence is no character`, [slash + 1]);
  }
  return String.fromCodePoint(value);
}
