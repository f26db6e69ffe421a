import { checkUnits } from '../budget.ts';
import { compareText } from '../compare.ts';
import { goDuration } from '../time/durations.ts';
import { formatLayout } from '../time/layout.ts';
import { OttlDuration, OttlId, OttlList, OttlTime, describeValue, goTypeName, listItems } from '../values.ts';
import type { OttlValue } from '../values.ts';
import { formatFloat } from './floats.ts';
import { formatInteger } from './integers.ts';
import { formatHex, formatText, truncated } from './strings.ts';
import { padded } from './style.ts';
import type { Style } from './style.ts';

/** Where a value stands: in others it is not the argument itself, and in a mistake its methods are not asked. */
interface Place {
  readonly isInside: boolean;
  readonly isMistake: boolean;
}

/** A value for a verb as Go's `fmt` prints the reference's value; a verb that it does not know shows as a mistake. */
export function formatValue(value: OttlValue, verb: string, style: Style): string {
  if (verb === 'T' && value !== undefined && value !== null)
    return padded(truncated(goTypeName(value), style), style);
  return show(value, verb, style, { isInside: false, isMistake: false });
}

function show(value: OttlValue, verb: string, style: Style, place: Place): string {
  if (value === undefined || value === null) return nothing(verb, style, place);
  const asked = place.isMistake ? undefined : methodText(value, verb, style, place);
  const text = asked ?? kindText(value, verb, style, place);
  return text ?? mistake(verb, value, style);
}

function nothing(verb: string, style: Style, { isInside }: Place): string {
  if (isInside) return style.sharpV ? 'interface {}(nil)' : '<nil>';
  return verb === 'v' || verb === 'T' ? padded('<nil>', style) : `%!${verb}(<nil>)`;
}

function mistake(verb: string, value: OttlValue, style: Style): string {
  return `%!${verb}(${goTypeName(value)}=${show(value, 'v', style, { isInside: false, isMistake: true })})`;
}

/** What has a text of its own in Go; undefined for everything else. */
function methodText(value: OttlValue, verb: string, style: Style, { isInside }: Place): string | undefined {
  const isPlain = typeof value !== 'object' || value instanceof Uint8Array;
  if (verb === 'w' && (isInside || !isPlain)) return mistake(verb, value, style);
  if (value === undefined || isPlain || style.sharpV || !'vsxXq'.includes(verb)) return undefined;
  const text = stringerText(value);
  return text === undefined ? undefined : formatText(text, verb, style);
}

function stringerText(value: OttlValue): string | undefined {
  if (value instanceof OttlDuration) return goDuration(value.nanos);
  if (value instanceof OttlTime) return formatLayout(value, '2006-01-02 15:04:05.999999999 -0700 MST');
  return value instanceof OttlId ? value.hex : undefined;
}

/** Undefined for a verb that the type does not know. */
function kindText(
  value: Exclude<OttlValue, undefined | null>,
  verb: string,
  style: Style,
  place: Place,
): string | undefined {
  switch (typeof value) {
    case 'string':
      return formatText(value, verb, style);
    case 'bigint':
      return formatInteger(value, verb, style);
    case 'number':
      return formatFloat(value, verb, style);
    case 'boolean':
      return verb === 't' || verb === 'v' ? padded(String(value), style) : undefined;
    default:
      return objectText(value, verb, style, place);
  }
}

function objectText(value: object & OttlValue, verb: string, style: Style, place: Place): string | undefined {
  if (value instanceof Uint8Array) return bytesText(value, verb, style, place);
  if (value instanceof OttlDuration) return formatInteger(value.nanos, verb, style);
  if (value instanceof OttlId) return arrayText(value, verb, style);
  if (value instanceof Map) return mapText(value, verb, style, place);
  if (listItems(value) !== undefined) return listText(value, verb, style, place);
  return verb === 'v' ? (stringerText(value) ?? describeValue(value)) : undefined;
}

function bytesText(bytes: Uint8Array, verb: string, style: Style, { isInside }: Place): string {
  if (verb === 'x' || verb === 'X') return formatHex(bytes, verb, style);
  if (verb === 's' || verb === 'q') return formatText(Buffer.from(bytes).toString(), verb, style) ?? '';
  const type = isInside ? '[]uint8' : '[]byte';
  if (style.sharpV && bytes.length === 0) return `${type}(nil)`;
  return enclosed(bytesOf(bytes, verb, style), type, style);
}

function arrayText(id: OttlId, verb: string, style: Style): string {
  return enclosed(bytesOf(Buffer.from(id.hex, 'hex'), verb, style), goTypeName(id), style);
}

function bytesOf(bytes: Uint8Array, verb: string, style: Style): string[] {
  return [...bytes].map((byte) => {
    const text = formatInteger(BigInt(byte), verb, style, 'unsigned');
    return text ?? `%!${verb}(uint8=${formatInteger(BigInt(byte), 'v', style, 'unsigned')})`;
  });
}

function listText(list: OttlValue, verb: string, style: Style, place: Place): string {
  const items = listItems(list) ?? [];
  const origin = list instanceof OttlList ? list.origin : 'literal';
  const type = list instanceof OttlList ? goTypeName(list) : '[]interface {}';
  if (style.sharpV && items.length === 0 && (origin === 'counts' || origin === 'floats'))
    return `${type}(nil)`;
  const inside = { ...place, isInside: true };
  const texts = bounded(items, (item) =>
    origin === 'counts' && typeof item === 'bigint'
      ? (formatInteger(item, verb, style, 'unsigned') ?? `%!${verb}(uint64=${item})`)
      : show(item, verb, style, inside),
  );
  return enclosed(texts, type, style);
}

function mapText(map: ReadonlyMap<string, OttlValue>, verb: string, style: Style, place: Place): string {
  const inside = { ...place, isInside: true };
  const entries = [...map].toSorted(([a], [b]) => compareText(a, b));
  const texts = bounded(
    entries,
    ([key, item]) => `${show(key, verb, style, inside)}:${show(item, verb, style, inside)}`,
  );
  return style.sharpV ? `map[string]interface {}{${texts.join(', ')}}` : `map[${texts.join(' ')}]`;
}

function enclosed(texts: readonly string[], type: string, { sharpV }: Style): string {
  return sharpV ? `${type}{${texts.join(', ')}}` : `[${texts.join(' ')}]`;
}

/** Each can be as wide as the verb says, so the whole is bounded as it grows. */
function bounded<T>(items: readonly T[], textOfItem: (item: T) => string): string[] {
  let length = 0;
  return items.map((item) => {
    const text = textOfItem(item);
    length += text.length + 1;
    checkUnits(length);
    return text;
  });
}
