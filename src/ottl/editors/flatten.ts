import type { ExactValue } from '../../model/value.ts';
import { editor } from '../function.ts';
import { RefusedArgument, literalBool, literalInt, literalString, mapSlot, optional } from '../parameters.ts';
import { changing } from './changing.ts';

const parameters = {
  target: mapSlot(),
  prefix: optional(literalString()),
  depth: optional(literalInt()),
  resolveConflicts: optional(literalBool()),
};

/**
 * Moves what is in nested maps and lists up, under keys joined by dots. `depth` limits how many levels are taken
 * apart. Where two values come to have one key, the later one stays, or with `resolveConflicts` it gets a number.
 */
export const flatten = editor('flatten', parameters, ({ target, prefix, depth, resolveConflicts }) => {
  if (depth !== undefined && depth < 1n)
    throw new RefusedArgument(`the depth is at least 1, found ${depth}`, 'depth');
  const levels = depth === undefined ? Number.POSITIVE_INFINITY : Number(depth);
  return changing(target, (map) => {
    const result = new Flattened(levels, resolveConflicts ?? false);
    for (const [key, value] of map.exactEntries()) result.add(joined(prefix ?? '', key), value, 0);
    map.replaceAll(result.entries);
  });
});

function joined(prefix: string, key: string): string {
  return prefix === '' ? key : `${prefix}.${key}`;
}

class Flattened {
  readonly entries = new Map<string, ExactValue>();
  readonly #levels: number;
  readonly #resolveConflicts: boolean;
  /** How many values have asked for a key that was taken. */
  readonly #clashes = new Map<string, number>();

  constructor(levels: number, resolveConflicts: boolean) {
    this.#levels = levels;
    this.#resolveConflicts = resolveConflicts;
  }

  /** The depth of values is bounded where they are made. */
  add(key: string, value: ExactValue, depth: number): void {
    if (depth >= this.#levels) this.#put(key, value);
    else if (value instanceof Map) {
      for (const [inner, item] of value) this.add(joined(key, inner), item, depth + 1);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.#addItem(key, index, item, depth + 1);
    } else this.#put(key, value);
  }

  #addItem(key: string, index: number, item: ExactValue, depth: number): void {
    const own = `${key}.${index}`;
    if (depth >= this.#levels) this.#put(this.#resolveConflicts ? key : own, item);
    else if (item instanceof Map) this.add(own, item, depth);
    else if (Array.isArray(item)) {
      // As in the reference, no dot stands before the position in a list inside a list, and two levels are counted.
      for (const [position, inner] of item.entries()) this.add(`${own}${position}`, inner, depth + 2);
    } else this.#put(this.#resolveConflicts ? key : own, item);
  }

  #put(key: string, value: ExactValue): void {
    if (!this.#resolveConflicts || !this.entries.has(key)) {
      this.entries.set(key, value);
      return;
    }
    const clash = this.#clashes.get(key) ?? 0;
    this.#clashes.set(key, clash + 1);
    this.entries.set(`${key}.${clash}`, value);
  }
}
