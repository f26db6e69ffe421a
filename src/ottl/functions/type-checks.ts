import { converter } from '../function.ts';
import { isNumberField, placeData } from '../item-data.ts';
import { any, probe } from '../parameters.ts';
import { OttlDuration, OttlId, OttlItems, OttlList, listItems } from '../values.ts';
import type { OttlValue } from '../values.ts';

/** Whether the value has the type. Nil has none, so every answer is false. */
export const isString = converter(
  'IsString',
  { target: probe('string') },
  ({ target }) => {
    return (record) => typeof target.read(record) === 'string';
  },
  {
    data({ target }) {
      const value = placeData(target);
      return value && !isNumberField(value)
        ? { is: 'matched', value, by: () => true, nil: false }
        : undefined;
    },
  },
);

export const isInt = converter('IsInt', { target: probe('int') }, ({ target }) => {
  return (record) => typeof target.read(record) === 'bigint';
});

export const isDouble = converter('IsDouble', { target: probe('float') }, ({ target }) => {
  return (record) => typeof target.read(record) === 'number';
});

export const isBool = converter('IsBool', { target: probe('bool') }, ({ target }) => {
  return (record) => typeof target.read(record) === 'boolean';
});

export const isMap = converter('IsMap', { target: probe('map') }, ({ target }) => {
  return (record) => target.read(record) instanceof Map;
});

export const isList = converter('IsList', { target: any() }, ({ target }) => {
  return (record) => {
    const value = target.read(record);
    // As in the reference, the counts of buckets are none.
    if (value instanceof OttlList && value.origin === 'counts') return false;
    return value instanceof OttlItems || listItems(value) !== undefined;
  };
});

/** Nil, the zero value of a type, and what has no elements. As in the reference, times, events and links are never empty. */
export const isEmpty = converter('IsEmpty', { target: any() }, ({ target }) => {
  return (record) => emptiness(target.read(record));
});

const zeros: ReadonlySet<OttlValue> = new Set<OttlValue>([undefined, null, '', 0, 0n, false]);

function emptiness(value: OttlValue): boolean {
  if (zeros.has(value)) return true;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  if (value instanceof OttlDuration) return value.nanos === 0n;
  if (value instanceof OttlId) return !/[^0]/.test(value.hex);
  return listItems(value)?.length === 0;
}
