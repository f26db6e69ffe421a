/** What changed of a record, as lines to read. */
import { printable } from '../../exporters/debug/text.ts';
import { plural } from '../text.ts';
import type { Field } from './fields.ts';
import type { Snapshot } from './record.ts';

/** More lines of one record than this are only counted. */
const mostLines = 40;
/** Of longer values, the part is shown where they begin to differ. */
const longestText = 160;
const shownBefore = 40;

/** `- path: value` for what is gone, `+ path: value` for what is new, both for what is different; nothing for equal ones. */
export function difference(before: Snapshot, after: Snapshot): string[] {
  const lines = after.flatMap((fields, at) => {
    const old = before[at] ?? [];
    return old === fields ? [] : changesIn(unique(old), unique(fields));
  });
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines), `and ${plural(lines.length - mostLines, 'more line')}`];
}

function changesIn(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const lines: string[] = [];
  const added = [...after];
  const places = new Map(added.map(([path], at) => [path, at]));
  let next = 0;
  const addUpTo = (end: number): void => {
    for (; next < end; next++) {
      const [path, text] = added[next] ?? ['', ''];
      if (!before.has(path)) lines.push(lineOf('+', path, shown(text)));
    }
  };
  for (const [path, old] of before) {
    const now = after.get(path);
    if (now === undefined) lines.push(lineOf('-', path, shown(old)));
    else {
      addUpTo(places.get(path) ?? 0);
      if (now !== old) lines.push(...changed(path, old, now));
    }
  }
  addUpTo(added.length);
  return lines;
}

/** A map may hold a key twice. */
function unique(fields: readonly Field[]): Map<string, string> {
  const all = new Map<string, string>();
  for (const [path, text] of fields) {
    let name = path;
    for (let again = 2; all.has(name); again++) name = `${path} #${again}`;
    all.set(name, text);
  }
  return all;
}

function changed(path: string, old: string, now: string): string[] {
  let same = 0;
  while (same < old.length && old[same] === now[same]) same++;
  const from = old.length > longestText || now.length > longestText ? same - shownBefore : 0;
  return [lineOf('-', path, shown(old, from)), lineOf('+', path, shown(now, from))];
}

function shown(text: string, from = 0): string {
  const start = Math.max(0, from);
  const part = text.slice(start, start + longestText);
  const size = part.length < text.length ? ` (${plural(text.length, 'character')})` : '';
  const end = start + longestText < text.length ? '…' : '';
  return `${start > 0 ? '…' : ''}${printable(part)}${end}${size}`;
}

function lineOf(sign: string, path: string, text: string): string {
  return `${sign} ${printable(path, longestText)}: ${text}`;
}
