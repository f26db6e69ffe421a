/**
 * What was found, in words: `the text "x"`, `the number of ${env:PORT}`, `***`.
 */
import type { Path } from './place.ts';
import type { ScalarNode } from './node.ts';
import { withoutPasswords } from './secret.ts';
import type { ConfigTree } from './tree.ts';

/** Words for the value at a path. Secrets are never told, and what a variable holds is called by its name. */
export function foundAt(tree: ConfigTree, path: Path, value: unknown): string {
  const node = tree.nodeAt(path);
  if (node?.kind !== 'scalar') return describe(value);
  if (node.hidden === true && node.value !== null) return `a ${kindOf(node.value)} that is not shown`;
  if (node.substituted !== true) return describe(node.value);
  return `the ${node.text === '' ? 'empty text' : kindOf(node.value)} of ${shortened(node.raw)}`;
}

/** A text in which the value at a path no longer occurs, if it must not be told. */
export function withoutSecret(node: ScalarNode, text: string): string {
  const secret = node.hidden === true || node.substituted === true;
  return secret && node.text.length >= 3 ? text.replaceAll(node.text, '***') : text;
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'no value';
  if (typeof value === 'string') return value === '' ? 'an empty text' : `the text ${quoted(value)}`;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${String(value)}`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return Object.keys(value).length === 0 ? 'an empty map' : 'a map';
}

function kindOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return 'number';
  return typeof value === 'boolean' ? 'boolean' : 'text';
}

function quoted(text: string): string {
  return JSON.stringify(shortened(withoutPasswords(text)));
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
