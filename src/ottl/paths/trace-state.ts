import { trimLetters } from '../space.ts';

/** The members of a W3C trace state (https://www.w3.org/TR/trace-context/#tracestate-header), in their order. */
type Members = readonly (readonly [key: string, value: string])[];

const mostMembers = 32;
const simpleKey = /^[a-z][a-z0-9_\-*/]{0,255}$/;
const tenantKey = /^[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13}$/;
const valueShape = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** The value of a member; '' if it is missing, nil if the whole text is no trace state. */
export function traceStateEntry(state: string, key: string): string | null {
  let found = '';
  for (const member of state.split(',')) {
    const trimmed = member.trim();
    if (trimmed === '') continue;
    const equal = trimmed.indexOf('=');
    if (equal <= 0) return null;
    if (trimmed.slice(0, equal) === key) found = trimmed.slice(equal + 1);
  }
  return found;
}

/** The trace state with the member in front. A state, key or value that the standard does not allow changes nothing. */
export function withTraceStateEntry(state: string, key: string, value: string): string {
  const members = membersOf(state);
  if (members === undefined || !isMember(key, value)) return state;
  const others = members.filter(([other]) => other !== key).slice(0, mostMembers - 1);
  return [[key, value] as const, ...others].map((member) => member.join('=')).join(',');
}

function membersOf(state: string): Members | undefined {
  const members = new Map<string, string>();
  for (const part of state.split(',')) {
    const trimmed = trimLetters(part, ' \t');
    if (trimmed === '') continue;
    const equal = trimmed.indexOf('=');
    const [key, value] = [trimmed.slice(0, Math.max(0, equal)), trimmed.slice(equal + 1)];
    if (!isMember(key, value) || members.has(key)) return undefined;
    members.set(key, value);
  }
  return members.size > mostMembers ? undefined : [...members];
}

function isMember(key: string, value: string): boolean {
  return (simpleKey.test(key) || tenantKey.test(key)) && valueShape.test(value);
}
