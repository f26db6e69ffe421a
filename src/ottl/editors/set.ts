import { unfitValue } from '../doubts.ts';
import { editor } from '../function.ts';
import { any, slot } from '../parameters.ts';

/** Writes a value to a path. Nil changes nothing, unless the gate `ottl.set.allowNil` is on. */
export const set = editor(
  'set',
  { target: slot(), value: any() },
  ({ target, value }, gates) => {
    const allowNil = gates.has('ottl.set.allowNil');
    return (record) => {
      const found = value.read(record);
      if (allowNil || (found !== undefined && found !== null)) target.write(record, found);
    };
  },
  ({ target, value }) => unfitValue(target.type, value),
);
