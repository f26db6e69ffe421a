/** What one print-out holds. */
import type { LogRecordParts, ResourceParts, ScopeParts, SpanParts } from '../../model/item-writer.ts';
import type { ExactValue } from '../../model/value.ts';
import { JsonObject, textOfJson, valueOfJson, type Json } from '../shared/json.ts';
import { PrintedBytes } from './inspect.ts';

/** Its parts are made only where it is new. */
export interface Keyed<Parts> {
  readonly key: string;
  readonly make: () => Parts;
}

interface Origin {
  readonly resource: Keyed<ResourceParts>;
  readonly scope?: Keyed<ScopeParts> | undefined;
}

export type PrintedItem =
  | (Origin & { readonly kind: 'span'; readonly span: SpanParts })
  | (Origin & { readonly kind: 'log'; readonly log: LogRecordParts })
  | { readonly kind: 'metrics' };

/** The attributes that an object is; none for what is no object. */
export function attributesIn(json: Json | undefined): [string, ExactValue][] {
  if (!(json instanceof JsonObject)) return [];
  return json.names.map((name, index) => [name, valueOfPrinted(json.values[index] ?? null)]);
}

/** As `valueOfJson`, with bytes. */
export function valueOfPrinted(json: Json): ExactValue {
  if (json instanceof PrintedBytes) return json.bytes;
  if (Array.isArray(json)) return json.map(valueOfPrinted);
  if (!(json instanceof JsonObject)) return valueOfJson(json);
  return new Map(attributesIn(json));
}

/** Told apart by what is printed of it. */
export function keyed<Parts>(json: Json | undefined, make: () => Parts): Keyed<Parts> {
  return { key: json === undefined ? '' : textOfJson(json), make };
}

/** Ids of nothing are zeros in some print-outs. */
export function unlessZero(id: string): string {
  return /^0*$/.test(id) ? '' : id;
}
