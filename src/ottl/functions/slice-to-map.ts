import type { ExactValue } from '../../model/value.ts';
import { checkUnits, unitsPerValue } from '../budget.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { items, listOf, literalString, optional } from '../parameters.ts';
import { toTelemetry } from '../telemetry.ts';
import { describeValue } from '../values.ts';
import type { OttlMap } from '../values.ts';

const parameters = {
  target: items(),
  keyPath: optional(listOf(literalString())),
  valuePath: optional(listOf(literalString())),
};

/** A map of the elements of a list: by their position, or by what they hold at `keyPath`; whole, or what is at `valuePath`. */
export const sliceToMap = converter('SliceToMap', parameters, ({ target, keyPath, valuePath }) => {
  return (record) => {
    const result: OttlMap = new Map();
    const list = target.read(record);
    checkUnits(list.length * (unitsPerValue + 1));
    for (const [index, item] of list.entries()) {
      const element = asStored(toTelemetry(item));
      const key = keyPath === undefined ? String(index) : at(element, keyPath, `the key of element ${index}`);
      if (typeof key !== 'string')
        throw new OttlFailure(`the key of element ${index} must be a string, found ${describeValue(key)}`, [
          key,
        ]);
      const value =
        valuePath === undefined ? element : at(element, valuePath, `the value of element ${index}`);
      result.set(key, value);
    }
    return result;
  };
});

/** Counts are unsigned; a map holds int64. */
function asStored(value: ExactValue): ExactValue {
  return typeof value === 'bigint' ? BigInt.asIntN(64, value) : value;
}

function at(element: ExactValue, path: readonly string[], what: string): ExactValue {
  if (path.length === 0) throw new OttlFailure(`the path to ${what} is empty`);
  let value = element;
  for (const key of path) {
    const next = value instanceof Map ? value.get(key) : undefined;
    if (next === undefined) throw new OttlFailure(`${what} is not there: ${path.join('.')}`, [element]);
    value = next;
  }
  return value;
}
