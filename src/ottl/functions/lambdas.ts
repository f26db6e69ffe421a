import type { ExactValue } from '../../model/value.ts';
import { heldItems } from '../coerce.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { countCall, limitingCalls } from '../lambda-work.ts';
import type { Lambda } from '../local.ts';
import { any, lambda, map, optional } from '../parameters.ts';
import type { Argument } from '../parameters.ts';
import type { Read, Target } from '../target.ts';
import { toTelemetry } from '../telemetry.ts';
import { describeValue } from '../values.ts';
import type { OttlMap, OttlValue } from '../values.ts';

type Entry = readonly [key: bigint | string, value: OttlValue];

/** The elements of a list with their positions, or the entries of a map. */
function entriesOf(source: OttlValue): readonly Entry[] {
  if (source instanceof Map) return [...source];
  const items = heldItems(source);
  if (items !== undefined) return items.map((item, index) => [BigInt(index), item]);
  throw new OttlFailure(`only lists and maps have elements, found ${describeValue(source)}`, [source]);
}

/** What a function does with the elements of what its source gives: it calls a lambda for each. */
function forElements<In, Out>(source: Argument<In>, run: (value: In, record: Target) => Out): Read<Out> {
  return (record) => {
    const value = source.read(record);
    return limitingCalls(() => run(value, record));
  };
}

function holds(predicate: Lambda, record: Target, values: readonly OttlValue[]): boolean {
  countCall();
  const result = predicate.call(record, ...values);
  if (typeof result === 'boolean') return result;
  throw new OttlFailure(`the lambda must give bool, found ${describeValue(result)}`, [result]);
}

/** As in the reference, a lambda that makes something must not give nil. */
function made(lambda: Lambda, record: Target, values: readonly OttlValue[]): OttlValue {
  countCall();
  const result = lambda.call(record, ...values);
  if (result === undefined || result === null) throw new OttlFailure('the lambda gives nil');
  return result;
}

const collection = { source: any(), predicate: lambda(2) };

/** Whether the lambda holds for every element; true for none. */
export const all = converter('All', collection, ({ source, predicate }) => {
  return forElements(source, (value, record) =>
    entriesOf(value).every((entry) => holds(predicate, record, entry)),
  );
});

/** Whether the lambda holds for some element; false for none. */
export const anyOf = converter('Any', collection, ({ source, predicate }) => {
  return forElements(source, (value, record) =>
    entriesOf(value).some((entry) => holds(predicate, record, entry)),
  );
});

/** The elements for which the lambda holds. */
export const filter = converter('Filter', collection, ({ source, predicate }) => {
  return forElements(source, (value, record) =>
    collected(
      value,
      entriesOf(value).filter((entry) => holds(predicate, record, entry)),
    ),
  );
});

/** The first element for which the lambda holds, or what a second lambda makes of it; nil if there is none. */
export const find = converter(
  'Find',
  { ...collection, mapper: optional(lambda(2)) },
  ({ source, predicate, mapper }) => {
    return forElements(source, (value, record) => {
      const found = entriesOf(value).find((entry) => holds(predicate, record, entry));
      if (found === undefined) return null;
      return mapper === undefined ? found[1] : made(mapper, record, found);
    });
  },
);

/** What the lambda makes of each element, under the same keys. */
export const mapEach = converter('MapEach', { source: any(), mapper: lambda(2) }, ({ source, mapper }) => {
  return forElements(source, (value, record) =>
    collected(
      value,
      entriesOf(value).map(([key, item]) => [key, made(mapper, record, [key, item])]),
    ),
  );
});

/** A map with the keys that the lambda makes of the keys and values. */
export const mapKeys = converter(
  'MapKeys',
  { source: map(), keyMapper: lambda(2) },
  ({ source, keyMapper }) => {
    return forElements(source, (map, record) => {
      const result: OttlMap = new Map();
      for (const [key, value] of map) {
        countCall();
        const name = keyMapper.call(record, key, value);
        if (typeof name !== 'string')
          throw new OttlFailure(`the lambda must give string, found ${describeValue(name)}`, [name]);
        result.set(name, value);
      }
      return result;
    });
  },
);

/** One value of all elements: the lambda gets what came out so far, beginning with `seed`, the key and the value. */
export const reduce = converter(
  'Reduce',
  { source: any(), seed: any(), accumulator: lambda(3) },
  ({ source, seed, accumulator }) => {
    return forElements(source, (value, record) => {
      let result = seed.read(record);
      for (const [key, item] of entriesOf(value)) result = made(accumulator, record, [result, key, item]);
      return result;
    });
  },
);

/** One value if the lambda holds, another if not; only that one is computed. */
export const when = converter(
  'When',
  { condition: lambda(0), trueValue: any(), falseValue: any() },
  ({ condition, trueValue, falseValue }) => {
    return (record) => (holds(condition, record, []) ? trueValue : falseValue).read(record);
  },
);

/** A map or a list, as the source was. */
function collected(source: OttlValue, entries: readonly Entry[]): OttlMap | ExactValue[] {
  if (!(source instanceof Map)) return entries.map(([, value]) => held(value));
  return new Map(entries.map(([key, value]) => [String(key), held(value)]));
}

function held(value: OttlValue): ExactValue {
  heldItems(value);
  return toTelemetry(value);
}
