import type { ExactValue } from '../../model/value.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { any, map } from '../parameters.ts';
import { describeValue } from '../values.ts';
import type { OttlMap, OttlValue } from '../values.ts';

/**
 * The level to which a mapping assigns a value: each level has a list of criteria, `{"equals": ["err"]}` for texts and
 * `{"range": {"min": 400, "max": 499}}` or `{"range": "4xx"}` for ints. The first that fits counts.
 */
export const parseSeverity = converter(
  'ParseSeverity',
  { target: any(), mapping: map() },
  ({ target, mapping }) => {
    return (record) => {
      const levels = mapping.constant?.value;
      if (levels === undefined) throw new OttlFailure('the mapping must be written out');
      const value = target.read(record);
      for (const [level, criteria] of levels) if (fitsAny(value, criteria)) return level;
      throw new OttlFailure(`no level fits ${describeValue(value)}`, [value]);
    };
  },
);

function fitsAny(value: OttlValue, criteria: ExactValue): boolean {
  if (!Array.isArray(criteria)) throw new OttlFailure('the criteria of a level must be a list', [criteria]);
  return criteria.some((criterion) => {
    if (!(criterion instanceof Map)) throw new OttlFailure('a criterion must be a map', [criterion]);
    if (typeof value === 'string') return equalsAny(value, criterion.get('equals'));
    if (typeof value === 'bigint') return isInRange(value, criterion.get('range'));
    throw new OttlFailure(`only texts and ints have a level, found ${describeValue(value)}`, [value]);
  });
}

function equalsAny(value: string, texts: ExactValue | undefined): boolean {
  return Array.isArray(texts) && texts.includes(value);
}

function isInRange(value: bigint, range: ExactValue | undefined): boolean {
  if (range === undefined) return false;
  if (typeof range === 'string') {
    const hundred = /^([1-5])xx$/.exec(range)?.[1];
    if (hundred === undefined) throw new OttlFailure(`a range is 1xx to 5xx, found ${range}`, [range]);
    return value / 100n === BigInt(hundred);
  }
  if (!(range instanceof Map))
    throw new OttlFailure('a range is a map of min and max, or 1xx to 5xx', [range]);
  return value >= bound(range, 'min') && value <= bound(range, 'max');
}

function bound(range: OttlMap, name: 'min' | 'max'): bigint {
  const value = range.get(name);
  if (typeof value !== 'bigint') throw new OttlFailure(`a range must have an int as ${name}`, [range]);
  return value;
}
