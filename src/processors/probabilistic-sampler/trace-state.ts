/** The W3C trace state of a span, of which sampling reads and writes the member `ot`. */
import { parseRandomness, parseThreshold, type Randomness, type Threshold } from './threshold.ts';

/** A value with the text that it had; a value that is written gets its own text. */
export interface Parsed<Value> {
  readonly text: string;
  readonly value: Value;
}

export interface TraceState {
  randomness: Parsed<Randomness> | undefined;
  threshold: Parsed<Threshold> | undefined;
  /** The other fields of `ot`, and the other members, as they came. */
  readonly fields: string[];
  readonly members: string[];
  /** Whether all of it could be read. */
  sound: boolean;
}

const mostBytes = 1024;
const mostMembers = 31;
const mostFieldBytes = 256;

const plainKey = String.raw`[a-z][a-z0-9_\-*/]*`;
const tenantKey = String.raw`[a-z0-9][a-z0-9_\-*/]*@[a-z][a-z0-9_\-*/]*`;
const member = new RegExp(
  String.raw`^(${plainKey}|${tenantKey})=([\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e])$`,
);
const fields = /^[a-z][a-z0-9]*:[\w.-]*(?:;[a-z][a-z0-9]*:[\w.-]*)*$/;

/** What of a state that is not sound was read before its first error stays. */
export function parseTraceState(text: string): TraceState {
  const state: TraceState = {
    randomness: undefined,
    threshold: undefined,
    fields: [],
    members: [],
    sound: true,
  };
  if (text === '') return state;
  if (text.length > mostBytes) return unsound(state);
  const parts = text.split(',').map(trimmed);
  const matches = parts.filter((part) => part !== '').map((part) => member.exec(part));
  if (matches.includes(null)) return unsound(state);
  // A comma at the end begins no member.
  const count = parts.length - (text.endsWith(',') ? 1 : 0);
  for (const [whole, key = '', value = ''] of matches
    .slice(0, mostMembers)
    .filter((match) => match !== null)) {
    if (!hasKeyOfRightSize(key)) unsound(state);
    else if (key === 'ot') readFields(value, state);
    else state.members.push(whole);
  }
  return count > mostMembers ? unsound(state) : state;
}

function unsound(state: TraceState): TraceState {
  state.sound = false;
  return state;
}

function hasKeyOfRightSize(key: string): boolean {
  const [tenant = '', system] = key.split('@');
  return key.length <= 256 && (system === undefined || (tenant.length <= 241 && system.length <= 14));
}

/** A later `ot` takes the place of an earlier one. */
function readFields(value: string, state: TraceState): void {
  state.randomness = state.threshold = undefined;
  state.fields.length = 0;
  if (value.length > mostFieldBytes || !fields.test(value)) {
    unsound(state);
    return;
  }
  for (const field of value.split(';')) {
    const text = field.slice(3);
    if (field.startsWith('rv:')) state.randomness = parsed(text, parseRandomness, state);
    else if (field.startsWith('th:')) state.threshold = parsed(text, parseThreshold, state);
    else state.fields.push(field);
  }
}

function parsed<Value>(
  text: string,
  parse: (text: string) => Value | undefined,
  state: TraceState,
): Parsed<Value> | undefined {
  const value = parse(text);
  if (value !== undefined) return { text, value };
  unsound(state);
  return undefined;
}

export function formatTraceState({ randomness, threshold, fields, members }: TraceState): string {
  const own = [
    ...(randomness === undefined ? [] : [`rv:${randomness.text}`]),
    ...(threshold === undefined ? [] : [`th:${threshold.text}`]),
    ...fields,
  ];
  return [...(own.length === 0 ? [] : [`ot=${own.join(';')}`]), ...members].join(',');
}

/** Blanks and tabs alone. */
function trimmed(text: string): string {
  return text.replaceAll(/^[ \t]+|[ \t]+$/g, '');
}
