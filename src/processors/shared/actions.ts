/** Attribute actions, with the results of the Collector's: the same types, the same hashes, the same conversions. */
import { hash } from 'node:crypto';
import type { Attributes } from '../../model/attributes.ts';
import type { ItemStep } from '../../model/item-program.ts';
import { KeyEdits, type KeyEdit } from '../../model/key-edits.ts';
import { compileRegex } from '../../model/regex.ts';
import { valueText, type ExactValue } from '../../model/value.ts';
import type { Action } from './action-schema.ts';
import { parseGoFloat, parseGoInt, truncateToInt } from './go-numbers.ts';
import { all } from './quickly.ts';
import { exactFromYaml, isSet } from './raw-value.ts';

/** Edits one set of attributes. */
export type Edit = (attributes: Attributes) => void;

/** All actions in order; each sees what the ones before it did. Expects actions that the schema accepted. */
export function compileActions(actions: readonly Action[]): Edit {
  const edits: Edit[] = [];
  let together: KeyEdit[] = [];
  const finish = (): void => {
    if (together.length > 0) edits.push(inOnePass(together));
    together = [];
  };
  for (const action of actions) {
    const own = keyEdit(action);
    if (own === undefined || together.some(({ key }) => key === own.key)) finish();
    if (own === undefined) edits.push(compileAlone(action));
    else together.push(own);
  }
  finish();
  const [only] = edits;
  if (only !== undefined && edits.length === 1) return only;
  return (attributes) => {
    for (const edit of edits) edit(attributes);
  };
}

function inOnePass(list: readonly KeyEdit[]): Edit {
  const keyEdits = new KeyEdits(list);
  return (attributes) => attributes.editKeys(keyEdits);
}

/** The same as steps of a program on items; undefined where an action looks at more than its own key. */
export function stepsOf(actions: readonly Action[]): ItemStep[] | undefined {
  return all(actions.map(keyEdit))?.map(stepOf);
}

function stepOf({ key, present, adds = false, value = null }: KeyEdit): ItemStep {
  if (present === 'delete') return { do: 'delete', of: 'item', key };
  if (present === hashed) return { do: 'hash', key };
  if (typeof present === 'function') return { do: 'change', key, by: present };
  if (present === 'keep') return { do: 'put', key, value, where: 'absent' };
  return { do: 'put', key, value, where: adds ? 'always' : 'present' };
}

type Effect = (action: Action) => Omit<KeyEdit, 'key'>;

/** What actions do to their key. A delete takes duplicates too: who deletes a secret means all of it. */
const effects: Record<Exclude<Action['action'], 'extract'>, Effect> = {
  insert: (action) => ({ present: 'keep', adds: true, value: valueOf(action) ?? null }),
  update: (action) => ({ present: 'set', value: valueOf(action) ?? null }),
  upsert: (action) => ({ present: 'set', adds: true, value: valueOf(action) ?? null }),
  delete: () => ({ present: 'delete' }),
  hash: () => ({ present: hashed }),
  convert: (action) => ({ present: conversions[action.converted_type ?? 'string'] }),
};

/** An action that looks at nothing but its own key; undefined for others. */
function keyEdit(action: Action): KeyEdit | undefined {
  const { action: kind, key = '', pattern, from_attribute: from } = action;
  if (kind === 'extract' || pattern || from) return undefined;
  return { key, ...effects[kind](action) };
}

function compileAlone(action: Action): Edit {
  const key = action.key ?? '';
  switch (action.action) {
    case 'insert':
      return put(action, (attributes) => !attributes.has(key));
    case 'update':
      return put(action, (attributes) => attributes.has(key));
    case 'delete':
      return byKeyAndPattern(action, (attributes, matches) => attributes.deleteKeys(matches));
    case 'hash':
      return byKeyAndPattern(action, (attributes, matches) =>
        attributes.update((value, name) => (matches(name) ? hashed(value) : value)),
      );
    case 'extract':
      return extract(key, action.pattern ?? '');
    default:
      return put(action, () => true);
  }
}

/** The configured value; undefined where there is none. */
function valueOf(action: Action): ExactValue | undefined {
  const raw = isSet(action.value) ? action.value : action.default_value;
  return isSet(raw) ? exactFromYaml(raw) : undefined;
}

/** Writes the configured value, or copies another attribute; `when` decides whether the key may be written. */
function put(action: Action, when: (attributes: Attributes) => boolean): Edit {
  const { key = '', from_attribute: from } = action;
  const value = valueOf(action);
  return (attributes) => {
    if (!when(attributes)) return;
    if (from && attributes.has(from)) attributes.copy(from, key);
    else if (value !== undefined) attributes.setExact(key, value);
  };
}

/** First the key, which is the empty one where none is given, as in the Collector; then all keys that the pattern finds. */
function byKeyAndPattern(
  action: Action,
  byPattern: (attributes: Attributes, matches: (key: string) => boolean) => void,
): Edit {
  const regex = compileRegex(action.pattern ?? '');
  const own = keyEdit({ ...action, pattern: undefined });
  const byKey = own === undefined ? undefined : inOnePass([own]);
  return (attributes) => {
    byKey?.(attributes);
    byPattern(attributes, (key) => regex.test(key));
  };
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
