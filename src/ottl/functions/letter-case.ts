import { converter } from '../function.ts';
import { string } from '../parameters.ts';

/** Like Go, letters that become several in the other case (the German sharp s) stay as they are. */
export const toLowerCase = converter('ToLowerCase', { target: string() }, ({ target }) => {
  return (record) => lowered(target.read(record));
});

export const toUpperCase = converter('ToUpperCase', { target: string() }, ({ target }) => {
  return (record) => raised(target.read(record));
});

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
    changed += Array.from(other).length === 1 ? other : letter;
  }
  return changed;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
