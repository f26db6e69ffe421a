/** Attribute actions, with the results of the Collector's: the same types, the same hashes, the same conversions. */
import { hash } from 'node:crypto';
import type { Attributes } from '../../model/attributes.ts';
import { compileRegex } from '../../model/regex.ts';
import { valueText, type ExactValue } from '../../model/value.ts';
import type { Action } from './action-schema.ts';
import { parseGoFloat, parseGoInt, truncateToInt } from './go-numbers.ts';
import { exactFromYaml, isSet } from './raw-value.ts';

/** Edits one set of attributes. */
export type Edit = (attributes: Attributes) => void;

/** All actions in order; each sees what the ones before it did. Expects actions that the schema accepted. */
export function compileActions(actions: readonly Action[]): Edit {
  const edits = actions.map(compileAction);
  return (attributes) => {
    for (const edit of edits) edit(attributes);
  };
}

function compileAction(action: Action): Edit {
  const key = action.key ?? '';
  switch (action.action) {
    case 'insert':
      return put(action, (attributes) => !attributes.has(key));
    case 'update':
      return put(action, (attributes) => attributes.has(key));
    case 'upsert':
      return put(action, () => true);
    case 'delete':
      return byKeyAndPattern(
        action,
        (attributes) => deleteAll(attributes, key),
        (attributes, matches) => attributes.deleteKeys(matches),
      );
    case 'hash':
      return byKeyAndPattern(
        action,
        (attributes) => change(attributes, key, hashed),
        (attributes, matches) => attributes.update((value, name) => (matches(name) ? hashed(value) : value)),
      );
    case 'extract':
      return extract(key, action.pattern ?? '');
    case 'convert':
      return convert(key, action.converted_type);
  }
}

/** Writes the configured value, or copies another attribute; `when` decides whether the key may be written. */
function put(action: Action, when: (attributes: Attributes) => boolean): Edit {
  const { key = '', from_attribute: from } = action;
  const fallback = isSet(action.value) ? action.value : action.default_value;
  const value = isSet(fallback) ? exactFromYaml(fallback) : undefined;
  return (attributes) => {
    if (!when(attributes)) return;
    if (from !== undefined && attributes.has(from)) attributes.copy(from, key);
    else if (value !== undefined) attributes.setExact(key, value);
  };
}

function byKeyAndPattern(
  action: Action,
  byKey: Edit,
  byPattern: (attributes: Attributes, matches: (key: string) => boolean) => void,
): Edit {
  if (!action.pattern) return byKey;
  const regex = compileRegex(action.pattern);
  return (attributes) => {
    if (action.key) byKey(attributes);
    byPattern(attributes, (key) => regex.test(key));
  };
}

/** Duplicates too, which the Collector leaves behind: who deletes a secret means all of it. */
function deleteAll(attributes: Attributes, key: string): void {
  while (attributes.delete(key));
}

function extract(key: string, pattern: string): Edit {
  const regex = compileRegex(pattern);
  return (attributes) => {
    const text = attributes.getExact(key);
    const match = typeof text === 'string' ? regex.match(text) : undefined;
    if (match === undefined) return;
    for (const [group, name] of regex.groupNames.entries()) {
      if (name !== undefined) attributes.setExact(name, match.groups[group] ?? '');
    }
  };
}

const conversions: Record<NonNullable<Action['converted_type']>, (value: ExactValue) => ExactValue> = {
  int: toInt,
  double: toDouble,
  string: valueText,
};

function convert(key: string, type: Action['converted_type']): Edit {
  const conversion = conversions[type ?? 'string'];
  return (attributes) => change(attributes, key, conversion);
}

function change(attributes: Attributes, key: string, edit: (value: ExactValue) => ExactValue): void {
  const value = attributes.getExact(key);
  if (value === undefined) return;
  const edited = edit(value);
  if (!Object.is(edited, value)) attributes.setExact(key, edited);
}

/** SHA-256 in hex: of the UTF-8 of text, of eight little-endian bytes of a number, of one byte of a boolean; '' for the rest. */
function hashed(value: ExactValue): string {
  if (typeof value === 'string') return hash('sha256', value);
  if (typeof value === 'boolean') return hash('sha256', Uint8Array.of(value ? 1 : 0));
  if (typeof value !== 'bigint' && typeof value !== 'number') return '';
  const bytes = new DataView(new ArrayBuffer(8));
  if (typeof value === 'bigint') bytes.setBigInt64(0, value, true);
  else bytes.setFloat64(0, value, true);
  return hash('sha256', bytes);
}

function toInt(value: ExactValue): ExactValue {
  if (typeof value === 'number') return truncateToInt(value);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'string' ? (parseGoInt(value) ?? value) : value;
}

function toDouble(value: ExactValue): ExactValue {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' ? (parseGoFloat(value) ?? value) : value;
}
