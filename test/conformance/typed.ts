/** Values of OTTL in the notation of the corpus. */
import { OttlDuration, OttlId, OttlItems, OttlStatus, OttlTime, listItems } from '../../src/ottl/values.ts';
import type { OttlValue } from '../../src/ottl/values.ts';

export interface Typed {
  readonly type?: string;
  readonly value?: unknown;
  readonly [more: string]: unknown;
}

/** An empty value inside a map or list of telemetry is `empty`, in a list literal it is `nil`. */
export function typed(value: OttlValue, inside: 'telemetry' | 'literal' = 'literal'): unknown {
  if (value === undefined || value === null) return { type: inside === 'telemetry' ? 'empty' : 'nil' };
  if (typeof value === 'bigint') return { type: 'int', value: String(value) };
  if (typeof value === 'number') return { type: 'double', value: typedDouble(value) };
  if (typeof value === 'boolean') return { type: 'bool', value };
  if (typeof value === 'string') return { type: 'string', value };
  return typedObject(value);
}

function typedDouble(value: number): unknown {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

function typedObject(value: Extract<OttlValue, object>): unknown {
  if (value instanceof Uint8Array) return { type: 'bytes', value: Buffer.from(value).toString('base64') };
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => [key, typed(item, 'telemetry')]);
    return { type: 'map', value: Object.fromEntries(entries) };
  }
  const items = listItems(value);
  if (items !== undefined) {
    const inside = Array.isArray(value) ? 'telemetry' : 'literal';
    return { type: 'list', value: items.map((item) => typed(item, inside)) };
  }
  if (value instanceof OttlTime) return typedTime(value);
  if (value instanceof OttlDuration) return { type: 'duration', nanos: String(value.nanos) };
  if (value instanceof OttlId) return { type: `${value.of}_id`, value: value.hex };
  if (value instanceof OttlItems) return { type: `span_${value.of}`, length: value.length };
  if (value instanceof OttlStatus) return { type: 'status', code: value.code, message: value.message };
  return { type: 'opaque' };
}

function typedTime(time: OttlTime): unknown {
  return { type: 'time', nanos: String(time.nanos), offset: time.offsetSeconds };
}

/** What a case expects, less what is given in two forms. */
export function expected(value: Typed): unknown {
  switch (value.type) {
    case 'time':
      return { type: 'time', nanos: value['unix_nano'], offset: value['offset_seconds'] };
    case 'duration':
      return { type: 'duration', nanos: value['nanos'] };
    case 'list':
      return { ...value, value: (value.value as Typed[]).map(expected) };
    case 'map': {
      const entries = Object.entries(value.value as Record<string, Typed>);
      return { ...value, value: Object.fromEntries(entries.map(([key, item]) => [key, expected(item)])) };
    }
    default:
      return value;
  }
}
