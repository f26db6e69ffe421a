import type {
  ItemEffect,
  ItemPlace,
  ItemTest,
  ItemValue,
  Operator,
  TextField,
} from '../model/item-program.ts';
import { OttlFailure } from './errors.ts';
import { copyTelemetry, toTelemetry } from './telemetry.ts';
import type { OttlValue } from './values.ts';

/**
 * What a compiled part of a text is or does, said as data for programs on the bytes of spans and log records. A part
 * has none where the data would not say exactly the same, failures included.
 */
export type ItemData = ItemValue | ItemTest | ItemEffect;

/** A value, or what is computed for each record. */
interface Source {
  readonly constant?: { readonly value: OttlValue } | undefined;
  readonly data?: ItemData | undefined;
}

export function valueData({ constant, data }: Source): ItemValue | undefined {
  if (constant !== undefined) return constantData(constant.value);
  return data !== undefined && 'at' in data ? data : undefined;
}

export function placeData({ data }: Pick<Source, 'data'>): ItemPlace | undefined {
  if (data === undefined || !('at' in data)) return undefined;
  return data.at === 'attribute' || data.at === 'field' ? data : undefined;
}

export function testData(data: ItemData | undefined): ItemTest | undefined {
  return data !== undefined && 'is' in data ? data : undefined;
}

export function effectData(data: ItemData | undefined): ItemEffect | undefined {
  return data !== undefined && 'do' in data ? data : undefined;
}

/** A value that an attribute can have, as setting it would store it. */
function constantData(value: OttlValue): ItemValue | undefined {
  try {
    return { at: 'constant', value: copyTelemetry(toTelemetry(value)) };
  } catch (error) {
    if (error instanceof OttlFailure) return undefined;
    throw error;
  }
}

/** A field that is a text for every record. */
export function isTextField(place: ItemPlace): place is ItemPlace & { readonly field: TextField } {
  return place.at === 'field' && (place.field === 'name' || place.field === 'severityText');
}

/** A field that is an int64 for every record. */
export function isNumberField(place: ItemPlace): boolean {
  return place.at === 'field' && place.field !== 'body' && !isTextField(place);
}

/** What is no constant and may be nothing at all. */
export function mayBeNil(value: ItemValue): boolean {
  return value.at === 'attribute' || (value.at === 'field' && value.field === 'body');
}

/** What a constant test says; reading an item cannot fail, so what stands beside it may be read in vain or not. */
export function knownTest(outcome: boolean): ItemTest {
  return { is: outcome ? 'all' : 'any', of: [] };
}

/** A comparison with a literal on the right. */
export function comparedData(operator: Operator, value: Source, literal: OttlValue): ItemTest | undefined {
  const place = placeData(value);
  if (place === undefined) return undefined;
  if (literal === null || literal === undefined) return nilData(operator, place);
  if (typeof literal === 'object') return undefined;
  return { is: 'compared', value: place, operator, with: literal };
}

/** Two nils are equal, and have that order; nil and anything else are neither less nor greater. */
function nilData(operator: Operator, place: ItemPlace): ItemTest {
  if (operator === '<' || operator === '>') return knownTest(false);
  const isNil: ItemTest = mayBeNil(place) ? { is: 'nil', value: place } : knownTest(false);
  return operator === '!=' ? { is: 'not', of: isNil } : isNil;
}
