/** Labels as text: `{app="shop", env="prod"}`, with the escapes of Go. */
import type { Pairs } from './entry.ts';

const pair = /\s*([\w.:-]+)\s*=\s*"((?:[^"\\\n]|\\.){0,65536})"\s*(,|\})/y;

/** The labels that begin at `from`, and where they end; undefined for what is none. */
export function labelsAt(text: string, from: number): { labels: Pairs; end: number } | undefined {
  if (text[from] !== '{') return undefined;
  const labels: [string, string][] = [];
  const empty = /\{\s*\}/y;
  empty.lastIndex = from;
  if (empty.test(text)) return { labels, end: empty.lastIndex };
  pair.lastIndex = from + 1;
  for (;;) {
    const found = pair.exec(text);
    if (found === null) return undefined;
    const [, name = '', value = '', end] = found;
    labels.push([name, value.includes('\\') ? unquoted(value) : value]);
    if (end === '}') return { labels, end: pair.lastIndex };
  }
}

const simple: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const escape = /\\(?:x([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|([0-7]{3})|(.))/gs;

function unquoted(text: string): string {
  return text.replaceAll(escape, (whole, ...groups: (string | undefined)[]) => {
    const [x, u, long, octal, letter = ''] = groups;
    const hex = x ?? u ?? long;
    const code = hex === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(hex, 16);
    if (Number.isNaN(code)) return Object.hasOwn(simple, letter) ? (simple[letter] ?? whole) : letter;
    return code > 0x10ffff ? '\uFFFD' : String.fromCodePoint(code);
  });
}
