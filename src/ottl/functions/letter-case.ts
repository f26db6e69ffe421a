import { converter } from '../function.ts';
import { string } from '../parameters.ts';

/** Like Go, letters that become several in the other case (the German sharp s) stay as they are. */
export const toLowerCase = converter(
  'ToLowerCase',
  { target: string() },
  ({ target }) => {
    return (record) => lowered(target.read(record));
  },
  { isOfText: true },
);

export const toUpperCase = converter(
  'ToUpperCase',
  { target: string() },
  ({ target }) => {
    return (record) => raised(target.read(record));
  },
  { isOfText: true },
);

export function lowered(text: string): string {
  return letterByLetter(text, (part) => part.toLowerCase());
}

export function raised(text: string): string {
  return letterByLetter(text, (part) => part.toUpperCase());
}

function letterByLetter(text: string, change: (text: string) => string): string {
  if (isAscii(text)) return change(text);
  let changed = '';
  for (const letter of text) {
    const other = change(letter);
    changed += Array.from(other).length === 1 ? other : (simple(letter, other) ?? letter);
  }
  return changed;
}

/** The other case in one letter, of letters that Unicode also gives one of several: the dotted I, and Greek ones with an iota. */
function simple(letter: string, other: string): string | undefined {
  if (letter === '\u0130' && other.startsWith('i')) return 'i';
  if (!/^[\u1f80-\u1f87\u1f90-\u1f97\u1fa0-\u1fa7\u1fb3\u1fc3\u1ff3]$/.test(letter)) return undefined;
  const code = letter.charCodeAt(0);
  return String.fromCharCode(code + (/^[\u1fb3\u1fc3\u1ff3]$/.test(letter) ? 9 : 8));
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
