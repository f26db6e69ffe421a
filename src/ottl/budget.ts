import { OttlFailure } from './errors.ts';
import { listItems } from './values.ts';
import type { OttlValue } from './values.ts';

/**
 * The largest value that an expression makes, in units: a UTF-16 unit of text or a byte is one, each value in a list
 * or map is `unitsPerValue` more. It stops statements that double a record, each building on the one before.
 */
const mostUnits = 1 << 24;

/** About what a value costs beside its text. */
export const unitsPerValue = 16;

/** Throws `OttlFailure` for a text that is too large to be made. */
export function checkUnits(units: number): void {
  if (units > mostUnits)
    throw new OttlFailure(
      `the value would be larger than ${mostUnits} units (characters, and ${unitsPerValue} for each value in it)`,
    );
}

/** The same text. Throws `OttlFailure` if it is too large. */
export function bounded(text: string): string {
  checkUnits(text.length);
  return text;
}

/**
 * Throws `OttlFailure` for a list or map that is too large. What stands in it several times counts as often. A text
 * alone is never too large: it was there before.
 */
export function checkSize(value: OttlValue): void {
  if (isCompound(value)) addSize(value, 0);
}

/** As deep as the value, which is bounded. Stops as soon as it is too much. */
function addSize(value: OttlValue, before: number): number {
  let units = before + unitsPerValue;
  if (typeof value === 'string' || value instanceof Uint8Array) units += value.length;
  else if (value instanceof Map) {
    for (const [key, item] of value) units = addSize(item, units + key.length);
  } else for (const item of listItems(value) ?? []) units = addSize(item, units);
  checkUnits(units);
  return units;
}

function isCompound(value: OttlValue): boolean {
  return value instanceof Map || listItems(value) !== undefined;
}
