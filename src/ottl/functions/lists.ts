import type { ItemValue } from '../../model/item-program.ts';
import { bounded } from '../budget.ts';
import { heldItems } from '../coerce.ts';
import { compareValues } from '../compare.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { valueData } from '../item-data.ts';
import { RefusedArgument, any, items, listOf, map, string, stringLike } from '../parameters.ts';
import type { Argument } from '../parameters.ts';
import type { CopyText, Target } from '../target.ts';
import { OttlList, describeValue } from '../values.ts';
import type { OttlValue } from '../values.ts';

/** Whether an item equals the value, by the rules of `==`. */
export const containsValue = converter(
  'ContainsValue',
  { target: items(), item: any() },
  ({ target, item }) => {
    return (record) => {
      const wanted = item.read(record);
      return target.read(record).some((found) => compareValues('==', found, wanted));
    };
  },
);

/** Position of a text in a text (in bytes) or of an item in a list; -1 if absent. */
export const index = converter('Index', { target: any(), value: any() }, ({ target, value }) => {
  return (record) => BigInt(positionOf(target.read(record), value.read(record)));
});

function positionOf(target: OttlValue, value: OttlValue): number {
  if (typeof target === 'string') {
    if (typeof value !== 'string')
      throw new OttlFailure(`expected string but got ${describeValue(value)}`, [value]);
    const at = target.indexOf(value);
    return at < 0 ? at : Buffer.byteLength(target.slice(0, at));
  }
  const list = heldItems(target);
  if (list === undefined)
    throw new OttlFailure(`expected pcommon.Slice but got ${describeValue(target)}`, [target]);
  return list.findIndex((found) => compareValues('==', found, value));
}

/** The first value that is not nil. */
export const coalesce = converter('Coalesce', { values: listOf(any()) }, ({ values }) => {
  if (values.length === 0) throw new RefusedArgument('Coalesce needs at least one value', 'values');
  return (record) => {
    for (const value of values) {
      const found = value.read(record);
      if (found !== undefined && found !== null) return found;
    }
    return null;
  };
});

/** Texts joined; nil prints as <nil>, lists and maps as JSON. */
export const concat = converter(
  'Concat',
  { vals: listOf(stringLike()), delimiter: string() },
  ({ vals, delimiter }) => {
    return (record) => {
      let joined = textOf(vals[0], record);
      const rest: string[] = [];
      for (let i = 1; i < vals.length; i++) rest.push(textOf(vals[i], record));
      const between = delimiter.read(record);
      // Unlike `join` this copies nothing, which counts where a lambda adds to a text again and again.
      for (const text of rest) joined += between + text;
      return bounded(joined);
    };
  },
  {
    copyText: ({ vals, delimiter }) => joining(vals, delimiter),
    data({ vals, delimiter: { constant: delimiter } }) {
      const parts = vals.flatMap((part) => partData(part) ?? []);
      if (delimiter === undefined || parts.length < vals.length) return undefined;
      return { at: 'joined', parts, by: delimiter.value };
    },
  },
);

function partData(part: Argument<string | undefined>): ItemValue | undefined {
  if (part.constant === undefined) return valueData(part);
  return { at: 'constant', value: part.constant.value ?? '<nil>' };
}

/** A delimiter that is read off the record fails where it is no text, even between no two values. */
function joining(vals: readonly Argument<unknown>[], delimiter: Argument<string>): CopyText | undefined {
  const between = delimiter.constant && delimiter.copyText;
  const copies = vals.map(({ copyText }) => copyText).filter((copy) => copy !== undefined);
  const [first, ...rest] = copies;
  if (between === undefined || first === undefined || copies.length < vals.length) return undefined;
  return (target, to) => {
    if (!first(target, to)) return false;
    for (let i = 0; i < rest.length; i++)
      if (!between(target, to) || rest[i]?.(target, to) !== true) return false;
    return true;
  };
}

function textOf(value: Argument<string | undefined> | undefined, record: Target): string {
  return value === undefined ? '' : (value.read(record) ?? '<nil>');
}

/** The parts between the delimiters; an empty delimiter cuts between all characters. */
export const split = converter(
  'Split',
  { target: string(), delimiter: string() },
  ({ target, delimiter }) => {
    return (record) => {
      const text = target.read(record);
      const at = delimiter.read(record);
      return new OttlList(at === '' ? Array.from(text) : text.split(at), 'strings');
    };
  },
);

export const keys = converter('Keys', { target: map() }, ({ target }) => {
  return (record) => [...target.read(record).keys()];
});

export const values = converter('Values', { target: map() }, ({ target }) => {
  return (record) => [...target.read(record).values()];
});
