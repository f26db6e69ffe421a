import type { ExactValue } from '../../model/value.ts';
import { OttlFailure } from '../errors.ts';
import { editor } from '../function.ts';
import { RefusedArgument, any, listOf, optional, slot } from '../parameters.ts';
import { OttlList, OttlLooseMap, describeValue } from '../values.ts';
import type { OttlValue } from '../values.ts';

const parameters = { target: slot(), value: optional(any()), values: optional(listOf(any())) };

/** Adds values at the end of a list. A scalar becomes the first element of a new list, nil an empty one. */
export const append = editor('append', parameters, ({ target, value, values }) => {
  if (value === undefined && values === undefined)
    throw new RefusedArgument('append needs a value or values', target);
  const added = [...(value === undefined ? [] : [value]), ...(values ?? [])];
  return (record) => {
    const list = asList(target.read(record));
    for (const item of added) list.push(element(item.read(record)));
    target.write(record, list);
  };
});

function asList(value: OttlValue): ExactValue[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? [...value] : [element(value)];
}

/** As in the reference, only scalars, bytes and list literals of them: no map, and no list of another kind. */
function element(value: OttlValue): ExactValue {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return value;
  if (value instanceof OttlList && value.origin === 'literal') return value.items.map(element);
  if (value instanceof OttlLooseMap) return value;
  if (typeof value === 'object') throw new OttlFailure(`${describeValue(value)} cannot be appended`, [value]);
  return value;
}
