/** Times, values and attributes as the SDK has them. */
import type { Attributes as SdkAttributes, HrTime, TraceState } from '@opentelemetry/api';
import type { Attributes } from '../model/attributes.ts';
import type { ExactValue } from '../model/value.ts';
import type { Losses } from './losses.ts';

const nanosPerSecond = 1_000_000_000n;

/** Seconds and nanoseconds; exact for every time that OTLP can write. */
export function hrTimeOf(unixNano: bigint): HrTime {
  return [Number(unixNano / nanosPerSecond), Number(unixNano % nanosPerSecond)];
}

/** The time between two; zero where the end is before the start or missing. */
export function hrDuration(startUnixNano: bigint, endUnixNano: bigint): HrTime {
  return hrTimeOf(endUnixNano > startUnixNano ? endUnixNano - startUnixNano : 0n);
}

/** The last double within int64: a backend refuses a whole request for one number that was rounded out of it. */
const farthest = 2 ** 63 - 1024;

/** The value as the SDK's exporters read it. They write every integral number as an integer. */
export function sdkValue(value: ExactValue, losses: Losses): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) losses.add('int64');
    return Math.max(-farthest, Math.min(farthest, number));
  }
  if (typeof value === 'number') {
    if (Number.isInteger(value)) losses.add('integral_double');
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => sdkValue(item, losses));
  if (value instanceof Map) return objectOf([...value], losses);
  // The bytes may belong to a buffer that is used again.
  return value instanceof Uint8Array ? Uint8Array.from(value) : value;
}

/** The first value of each key, as the Collector reads duplicates. */
export function sdkAttributes(attributes: Attributes, losses: Losses): SdkAttributes {
  return objectOf(attributes.exactEntries(), losses) as SdkAttributes;
}

function objectOf(entries: readonly [string, ExactValue][], losses: Losses): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    if (Object.hasOwn(object, key)) losses.add('duplicate_key');
    else if (key === '__proto__') Object.defineProperty(object, key, ownProperty(sdkValue(value, losses)));
    else object[key] = sdkValue(value, losses);
  }
  return object;
}

function ownProperty(value: unknown): PropertyDescriptor {
  return { value, enumerable: true, configurable: true, writable: true };
}

/** The text of a trace state as it came: the SDK's own class would parse, check and reorder it. */
export class RawTraceState implements TraceState {
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  serialize(): string {
    return this.text;
  }

  get(key: string): string | undefined {
    const found = this.members().find(([name]) => name === key);
    return found?.[1];
  }

  /** A changed or new member stands first, as W3C wants it. */
  set(key: string, value: string): TraceState {
    return RawTraceState.of([[key, value], ...this.members().filter(([name]) => name !== key)]);
  }

  unset(key: string): TraceState {
    return RawTraceState.of(this.members().filter(([name]) => name !== key));
  }

  private static of(members: readonly (readonly [string, string])[]): RawTraceState {
    return new RawTraceState(members.map(([name, value]) => `${name}=${value}`).join(','));
  }

  private members(): [string, string][] {
    return this.text.split(',').flatMap((member): [string, string][] => {
      const at = member.indexOf('=');
      return at < 0 ? [] : [[member.slice(0, at).trim(), member.slice(at + 1).trim()]];
    });
  }
}
