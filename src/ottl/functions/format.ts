import { bounded } from '../budget.ts';
import { converter } from '../function.ts';
import { any, listOf, literalString } from '../parameters.ts';
import { sprintf } from '../sprintf.ts';

/** Go's `Sprintf`: `Format("%s took %dms", [name, 15])`. */
export const format = converter(
  'Format',
  { format: literalString(), vals: listOf(any()) },
  ({ format: pattern, vals }) => {
    return (record) =>
      bounded(
        sprintf(
          pattern,
          vals.map((value) => value.read(record)),
        ),
      );
  },
);
