import { valueText } from '../../model/value.ts';
import { editor } from '../function.ts';
import { mapSlot } from '../parameters.ts';
import { changing } from './changing.ts';

/** Turns every value into text: numbers in decimal, bytes in base64, lists and maps as JSON, nothing as ''. */
export const stringifyAll = editor('stringify_all', { target: mapSlot() }, ({ target }) =>
  changing(target, (map) => map.update((value) => (typeof value === 'string' ? value : valueText(value)))),
);
