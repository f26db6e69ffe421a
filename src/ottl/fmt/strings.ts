import { padded } from './style.ts';
import type { Style } from './style.ts';

/** A text for a verb as in Go's `fmt`; undefined for a verb that texts do not know. */
export function formatText(text: string, verb: string, style: Style): string | undefined {
  switch (verb) {
    case 'v':
      return style.sharpV ? quotedText(text, style) : padded(truncated(text, style), style);
    case 's':
      return padded(truncated(text, style), style);
    case 'q':
      return quotedText(text, style);
    case 'x':
    case 'X':
      return formatHex(Buffer.from(text), verb, style);
    default:
      return undefined;
  }
}

/** At most as many code points as the precision says. */
export function truncated(text: string, { precision }: Style): string {
  return precision === undefined ? text : Array.from(text).slice(0, precision).join('');
}

function quotedText(text: string, style: Style): string {
  const shown = truncated(text, style);
  if (style.sharp && !/[\u0000-\u0008\u000a-\u001f`\u007f\ufeff]/.test(shown))
    return padded(`\`${shown}\``, style);
  return padded(quoted(shown, '"', style.plus), style);
}

/** Bytes in hex; with a space each byte stands alone. */
export function formatHex(bytes: Uint8Array, verb: 'x' | 'X', style: Style): string {
  const pairs = [...bytes.subarray(0, style.precision)].map((byte) => byte.toString(16).padStart(2, '0'));
  const prefix = style.sharp ? '0x' : '';
  const text = pairs.length === 0 ? '' : prefix + pairs.join(style.space ? ` ${prefix}` : '');
  return padded(verb === 'X' ? text.toUpperCase() : text, style);
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** In quotes, with escapes for what cannot be seen, or all that is not ASCII. */
export function quoted(text: string, quote: '"' | "'", onlyAscii: boolean): string {
  let body = '';
  for (const letter of text) {
    const isShown = onlyAscii ? /^[ -~]$/.test(letter) : isPrintable(letter);
    if (letter === quote) body += `\\${quote}`;
    else body += shortEscapes[letter] ?? (isShown ? letter : numericEscape(letter));
  }
  return quote + body + quote;
}

function numericEscape(letter: string): string {
  const point = letter.codePointAt(0) ?? 0;
  const hex = point.toString(16);
  if (point < 0x20 || point === 0x7f) return `\\x${hex.padStart(2, '0')}`;
  return point < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

export function isPrintable(letter: string): boolean {
  // Not made when the file is loaded: sets of characters take a while.
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(letter);
}
