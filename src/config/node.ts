/**
 * The configuration as a tree that knows where each of its values was written.
 */
import type { Path } from './place.ts';
import type { SourceText } from './source.ts';

export interface Origin {
  source: SourceText;
  start: number;
  end: number;
}

/** bigint is a YAML integer, number a YAML float: `1` and `1.0` stay different. */
export type Scalar = null | boolean | bigint | number | string;

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded';

/** Maps a stretch of a scalar's expanded text to the text as written. Not verbatim: the whole of `from` is one place. */
export interface Segment {
  at: number;
  length: number;
  from: number;
  fromLength: number;
  verbatim: boolean;
}

export interface ScalarNode {
  kind: 'scalar';
  origin: Origin;
  style: ScalarStyle;
  /** The text as written, after YAML's own quoting and folding, before `${...}`. */
  raw: string;
  /** The text after `${...}`; what a text field gets. */
  text: string;
  value: Scalar;
  /** What a number or boolean field gets, where quotes around one `${...}` made `value` a text. */
  typed: Scalar;
  segments?: Segment[];
  /** Filled in from outside: never shown, `raw` is shown instead. */
  substituted?: true;
  /** The substituted text would be a map or a list if structure could be substituted. */
  holds?: 'map' | 'list';
  /** Why a file's text was not read as YAML. */
  note?: string;
  /** A problem was reported here; there is no use in a second one. */
  broken?: true;
  hidden?: true;
}

export interface Entry {
  keyOrigin: Origin;
  node: Node;
}

export interface MapNode {
  kind: 'map';
  origin: Origin;
  entries: Map<string, Entry>;
  /** The whole text of `${file:...}`, for a text field. */
  text?: string;
  /** The `${file:...}` itself, as written. */
  raw?: string;
  broken?: true;
}

export interface ListNode {
  kind: 'list';
  origin: Origin;
  items: Node[];
  text?: string;
  raw?: string;
  broken?: true;
}

export type Node = ScalarNode | MapNode | ListNode;

/** The node at a path below `root`. */
export function nodeAt(root: Node, path: Path): Node | undefined {
  let node: Node | undefined = root;
  for (const part of path) {
    if (node?.kind === 'map') node = node.entries.get(String(part))?.node;
    else if (node?.kind === 'list' && typeof part === 'number') node = node.items[part];
    else return undefined;
  }
  return node;
}

/** The plain value: objects, arrays and scalars. */
export function valueOf(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(valueOf);
  const value: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) value[key] = valueOf(entry.node);
  return value;
}

/** All scalars below a node with their paths. */
export function* scalarsOf(node: Node, path: Path = []): Generator<[Path, ScalarNode]> {
  if (node.kind === 'scalar') yield [path, node];
  else if (node.kind === 'list') {
    for (const [index, item] of node.items.entries()) yield* scalarsOf(item, [...path, index]);
  } else {
    for (const [key, entry] of node.entries) yield* scalarsOf(entry.node, [...path, key]);
  }
}
