import { AsciiText } from '../../model/ascii-text.ts';
import type { Scalar } from '../../model/prepared-attribute.ts';
import { unfitValue } from '../doubts.ts';
import { editor } from '../function.ts';
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
  ({ target, value }) => unfitValue(target.type, value),
);

function isScalar(value: OttlValue): value is Scalar {
  return value !== undefined && typeof value !== 'object';
}
