/**
 * The whole configuration after merging and filling in: plain values, and for each of them its place.
 */
import { nodeAt, scalarsOf, valueOf } from './node.ts';
import type { MapNode, Node, Origin } from './node.ts';
import type { Path, Place } from './place.ts';
import { placeInText } from './scalar-place.ts';
import { withoutPasswords } from './secret.ts';
import { hideScalar } from './secret-keys.ts';

export class ConfigTree {
  /** The names of the sources, as given. */
  readonly files: readonly string[];
  readonly #root: MapNode;

  constructor(root: MapNode, files: readonly string[]) {
    this.#root = root;
    this.files = files;
  }

  /**
   * Objects, arrays and scalars. A YAML integer is a bigint and a float a number; `validate` turns them into what
   * the schema asks for.
   */
  get value(): unknown {
    return valueOf(this.#root);
  }

  /** The value at a path, undefined where there is none. */
  get(path: Path): unknown {
    const node = nodeAt(this.#root, path);
    return node === undefined ? undefined : valueOf(node);
  }

  /** The node at a path: for this folder, where text, type and origin of a value matter. */
  nodeAt(path: Path): Node | undefined {
    return nodeAt(this.#root, path);
  }

  /** Where the value, or the key in front of it, was written. A key without a value has one place for both. */
  placeOf(path: Path, part: 'key' | 'value' = 'value'): Place | undefined {
    const origin = part === 'key' ? this.#keyOrigin(path) : this.nodeAt(path)?.origin;
    return origin?.source.placeAt(origin.start, origin.end);
  }

  /**
   * The place of the path or, where there is none, of the nearest key above it. What has no value, or one that begins
   * on a line of its own, is where its key is.
   */
  nearestPlace(path: Path): Place | undefined {
    for (let length = path.length; length > 0; length--) {
      const above = path.slice(0, length);
      const node = this.nodeAt(above);
      const whole = length === path.length || node?.kind === 'scalar';
      const place = this.placeOf(above, whole && node !== undefined && !isBelowKey(node) ? 'value' : 'key');
      if (place !== undefined) return place;
    }
    return undefined;
  }

  /** The place of a stretch of a text value, through quotes, folding and `${...}`. Offsets are UTF-16. */
  placeInScalar(path: Path, offset: number, length = 1): Place | undefined {
    const node = this.nodeAt(path);
    return node?.kind === 'scalar' ? placeInText(node, offset, length) : undefined;
  }

  /** From now on the values at and below a path are shown nowhere. */
  hide(path: Path): void {
    const node = this.nodeAt(path);
    if (node === undefined) return;
    for (const [, scalar] of scalarsOf(node)) hideScalar(scalar);
  }

  /** True at, or below, a place that a problem was already reported for. */
  isBroken(path: Path): boolean {
    for (let length = 0; length <= path.length; length++) {
      if (this.nodeAt(path.slice(0, length))?.broken === true) return true;
    }
    return false;
  }

  /** The values for people: secrets are `***`, and what holds `$` stays as written, `${env:NAME}`. */
  shown(path: Path = []): unknown {
    const node = this.nodeAt(path);
    return node === undefined ? undefined : shownValue(node);
  }

  /** The values as they are, but for secrets, which are `***`: what tells one config from another. */
  masked(path: Path): unknown {
    const node = this.nodeAt(path);
    return node === undefined ? undefined : shownValue(node, { expanded: true });
  }

  #keyOrigin(path: Path): Origin | undefined {
    const key = path.at(-1);
    const parent = this.nodeAt(path.slice(0, -1));
    if (typeof key === 'number') return this.nodeAt(path)?.origin;
    return parent?.kind === 'map' && key !== undefined ? parent.entries.get(key)?.keyOrigin : undefined;
  }
}

/** Whether nothing of the value stands beside its key: `debug:`, or a map in lines of its own. */
function isBelowKey({ kind, origin }: Node): boolean {
  if (kind === 'scalar') return origin.start === origin.end;
  return kind === 'map' && origin.source.text.charAt(origin.start) !== '{';
}

function shownValue(node: Node, options: { readonly expanded?: boolean } = {}): unknown {
  const expanded = options.expanded === true;
  if (node.kind !== 'scalar' && node.raw !== undefined && !expanded) return node.raw;
  if (node.kind === 'list') return node.items.map((item) => shownValue(item, options));
  if (node.kind === 'map') {
    const value: Record<string, unknown> = {};
    for (const [key, entry] of node.entries) value[key] = shownValue(entry.node, options);
    return value;
  }
  return shownScalar(node, expanded);
}

function shownScalar(node: Node & { kind: 'scalar' }, expanded: boolean): unknown {
  if (node.hidden === true && node.value !== null) return '***';
  const shown = node.raw.includes('$') && !expanded ? node.raw : node.value;
  return typeof shown === 'string' ? withoutPasswords(shown) : shown;
}
