import { AsciiText } from '../../model/ascii-text.ts';
import type { ItemPlace, ItemValue } from '../../model/item-program.ts';
import type { Scalar } from '../../model/prepared-attribute.ts';
import { unfitValue } from '../doubts.ts';
import { editor } from '../function.ts';
import { isNumberField, isTextField, mayBeNil, placeData, valueData } from '../item-data.ts';
import { any, slot } from '../parameters.ts';
import type { Target } from '../target.ts';
import type { OttlValue } from '../values.ts';

/** Writes a value to a path. Nil changes nothing, unless the gate `ottl.set.allowNil` is on. */
export const set = editor(
  'set',
  { target: slot(), value: any() },
  ({ target, value }, gates) => {
    const allowNil = gates.has('ottl.set.allowNil');
    const write = (record: Target): void => {
      const found = value.read(record);
      if (allowNil || (found !== undefined && found !== null)) target.write(record, found);
    };
    const literal = value.constant?.value;
    if (target.prepare !== undefined && isScalar(literal)) return target.prepare(literal);
    const { copyText } = value;
    const { putText } = target;
    if (copyText === undefined || putText === undefined) return write;
    const text = new AsciiText();
    return (record) => {
      if (copyText(record, text.reset())) putText(record, text);
      else write(record);
    };
  },
  {
    doubt: ({ target, value }) => unfitValue(target.type, value),
    data({ target, value }, gates) {
      const place = placeData(target);
      const from = valueData(value);
      if (place === undefined || from === undefined) return undefined;
      if (gates.has('ottl.set.allowNil') && mayBeNil(from)) return undefined;
      return mayFit(place, from) ? { do: 'set', place, value: from } : undefined;
    },
  },
);

/** Beyond, numbers wrap around or are no enum. */
const mostOfEnum = 0x7fff_ffffn;

/** Whether not every record fails, or does nothing, for the type of the value. */
function mayFit(place: ItemPlace, value: ItemValue): boolean {
  if (value.at === 'constant') {
    const { value: constant } = value;
    if (isTextField(place)) return typeof constant === 'string';
    if (!isNumberField(place)) return constant !== null;
    return typeof constant === 'bigint' && constant >= 0n && constant <= mostOfEnum && isWritable(place);
  }
  if (isNumberField(place)) return false;
  return !isTextField(place) || value.at === 'joined' || value.at === 'made' || !isNumberField(value);
}

function isWritable(place: ItemPlace): boolean {
  return place.at === 'attribute' || place.field !== 'statusCode';
}

function isScalar(value: OttlValue): value is Scalar {
  return value !== undefined && typeof value !== 'object';
}
