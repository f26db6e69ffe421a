/** Records as YAML that a test can hold, line by line. */
import type { ExactValue } from '../../model/value.ts';

const plainText = /^[A-Za-z/_](?:[\w ./()@+-]*[\w/).@+])?$|^-?\d+(?:\.\d+)?(?:ns|us|ms|s)$/;
const reserved = /^(?:true|false|null|yes|no|on|off|y|n|~|\.inf|\.nan)$/i;
const plainKey = /^[A-Za-z_/][\w./-]*$/;
const shortest = 72;

/** The lines of a value, without indentation of their own. */
export function yamlLines(value: ExactValue): string[] {
  if (value instanceof Map && value.size > 0) return mapLines(value);
  if (Array.isArray(value) && value.length > 0) return value.flatMap(itemLines);
  return [flowText(value)];
}

function mapLines(value: ReadonlyMap<string, ExactValue>): string[] {
  return [...value].flatMap(([key, each]) => {
    const name = plainKey.test(key) && !reserved.test(key) ? key : JSON.stringify(key);
    const flow = flowText(each);
    if (isLeaf(each) && flow.length + name.length <= shortest) return [`${name}: ${flow}`];
    if (!isCompound(each)) return [`${name}: ${flow}`];
    return [`${name}:`, ...yamlLines(each).map((line) => `  ${line}`)];
  });
}

function itemLines(value: ExactValue): string[] {
  if (!isCompound(value)) return [`- ${flowText(value)}`];
  const [first = '', ...others] = yamlLines(value);
  return [`- ${first}`, ...others.map((line) => `  ${line}`)];
}

function isCompound(value: ExactValue): boolean {
  return (value instanceof Map && value.size > 0) || (Array.isArray(value) && value.length > 0);
}

/** Whether everything in it fits into one line. */
function isLeaf(value: ExactValue): boolean {
  if (value instanceof Map) return [...value.values()].every((each) => !isCompound(each));
  return !Array.isArray(value) || value.every((each) => !isCompound(each));
}

/** A value on one line: `1` is an int64, `1.0` a double. */
export function flowText(value: ExactValue): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return numberText(value);
  if (value instanceof Uint8Array) return `{$bytes: "${Buffer.from(value).toString('hex')}"}`;
  if (value instanceof Map)
    return `{${[...value].map(([key, each]) => `${plainKey.test(key) ? key : JSON.stringify(key)}: ${flowText(each)}`).join(', ')}}`;
  if (Array.isArray(value)) return `[${value.map(flowText).join(', ')}]`;
  if (typeof value !== 'string') return String(value);
  return plainText.test(value) && !reserved.test(value) ? value : quoted(value);
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(1) : String(value);
}

/** With `$` doubled: it would begin a reference, or be one of two. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('$', '$$$$');
}
