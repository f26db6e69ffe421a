/** What an ItemProgram means, on plain objects and slowly. */
import { createHash } from 'node:crypto';
import type {
  AttributesOf,
  ItemPlace,
  ItemProgram,
  ItemStep,
  ItemTest,
  ItemValue,
} from '../../src/model/item-program.ts';
import type { ExactValue } from '../../src/model/value.ts';
import type { Plain, PlainAttribute, PlainValue } from './plain-otlp.ts';

/** A record that the engine has to leave to the views. */
export class LeftToViews extends Error {}

interface Records {
  readonly item: Plain;
  readonly resource: Plain;
}

type Outcome = { readonly dropped: string } | undefined;

/** Runs the program on the items of a TracesData or LogsData, which is changed. Answers how many each reason dropped. */
export function runOnPlain({ signal, steps }: ItemProgram, data: Plain): Map<string, number> {
  const drops = new Map<string, number>();
  const sweeps = steps.some((step) => step.do === 'drop');
  const names =
    signal === 'traces'
      ? (['resourceSpans', 'scopeSpans', 'spans'] as const)
      : (['resourceLogs', 'scopeLogs', 'logRecords'] as const);
  const groups = listOf(data, names[0]);
  for (const group of groups) {
    const resource = (group['resource'] ?? {}) as Plain;
    for (const scope of listOf(group, names[1])) {
      const kept = listOf(scope, names[2]).filter((item) => {
        const outcome = runSteps(steps, { item, resource });
        if (outcome !== undefined) drops.set(outcome.dropped, (drops.get(outcome.dropped) ?? 0) + 1);
        return outcome === undefined;
      });
      if (scope[names[2]] !== undefined) scope[names[2]] = kept;
    }
    if (sweeps) replaceList(group, names[1], (scope) => listOf(scope, names[2]).length > 0);
  }
  if (sweeps) replaceList(data, names[0], (group) => listOf(group, names[1]).length > 0);
  return drops;
}

function listOf(message: Plain, name: string): Plain[] {
  return (message[name] ?? []) as Plain[];
}

function replaceList(message: Plain, name: string, isKept: (one: Plain) => boolean): void {
  const kept = listOf(message, name).filter((one) => isKept(one));
  if (kept.length > 0) message[name] = kept;
  else delete message[name];
}

function runSteps(steps: readonly ItemStep[], records: Records): Outcome {
  for (const step of steps) {
    if (step.when !== undefined && !holds(step.when, records)) continue;
    if (step.do === 'stop') return undefined;
    if (step.do === 'drop') return { dropped: step.reason };
    run(step, records);
  }
  return undefined;
}

function run(step: ItemStep, records: Records): void {
  switch (step.do) {
    case 'set':
      set(step.place, read(step.value, records), records);
      break;
    case 'put':
      putConstant(step, records.item);
      break;
    case 'hash':
    case 'change':
      change(step, records.item);
      break;
    case 'delete':
      keep(records[step.of], ({ key = '' }) => key !== step.key);
      break;
    case 'deleteKeys':
      keep(records[step.of], ({ key = '' }) => !step.which(key));
      break;
    case 'truncate':
      for (const one of attributesOf(records[step.of])) truncate(one, step.bytes);
      break;
    case 'replace':
      replace(step, records);
      break;
    case 'drop':
    case 'stop':
      break;
  }
}

type Step<Do extends ItemStep['do']> = ItemStep & { do: Do };

function putConstant({ key, where, value }: Step<'put'>, item: Plain): void {
  const isThere = find(item, key) !== undefined;
  if (where === 'always' || isThere === (where === 'present')) put(item, key, plainOf(value));
}

function change(step: Step<'hash' | 'change'>, item: Plain): void {
  const one = find(item, step.key);
  if (one === undefined) return;
  const old = exactOf(one.value ?? {});
  const by = step.do === 'hash' ? hashed(old) : step.by(old);
  if (!Object.is(by, old)) one.value = plainOf(by);
}

function replace({ place, by }: Step<'replace'>, records: Records): void {
  const text = read(place, records)?.['stringValue'];
  const other = typeof text === 'string' ? by(text) : undefined;
  if (other !== undefined) set(place, { stringValue: other }, records);
}

function truncate(one: PlainAttribute, bytes: number): void {
  const text = one.value?.['stringValue'];
  if (typeof text !== 'string') return;
  let cut = '';
  for (const letter of text) {
    if (Buffer.byteLength(cut + letter) > bytes) break;
    cut += letter;
  }
  one.value = { stringValue: cut };
}

function attributesOf(record: Plain): PlainAttribute[] {
  return (record['attributes'] ?? []) as PlainAttribute[];
}

function find(record: Plain, key: string): PlainAttribute | undefined {
  return attributesOf(record).find((one) => (one.key ?? '') === key);
}

function put(record: Plain, key: string, value: PlainValue): void {
  const one = find(record, key);
  if (one === undefined) record['attributes'] = [...attributesOf(record), { key, value }];
  else one.value = value;
}

function keep(record: Plain, isKept: (one: PlainAttribute) => boolean): void {
  const kept = attributesOf(record).filter((one) => isKept(one));
  if (kept.length > 0) record['attributes'] = kept;
  else delete record['attributes'];
}

const plainFields = {
  name: 'name',
  kind: 'kind',
  severityNumber: 'severityNumber',
  severityText: 'severityText',
  body: 'body',
  statusCode: 'code',
} as const;

/** Undefined for nil. */
function read(value: ItemValue, records: Records): PlainValue | undefined {
  switch (value.at) {
    case 'constant':
      return notNil(plainOf(value.value));
    case 'joined':
      return { stringValue: value.parts.map((part) => textOf(read(part, records))).join(value.by) };
    case 'made': {
      const text = read(value.of, records)?.['stringValue'];
      if (typeof text !== 'string') throw new LeftToViews();
      return { stringValue: value.by(text) };
    }
    case 'attribute':
      return notNil(find(records[value.of satisfies AttributesOf], value.key)?.value);
    case 'field':
      return readField(value, records.item);
  }
}

function readField({ field }: ItemPlace & { at: 'field' }, item: Plain): PlainValue | undefined {
  const holder = field === 'statusCode' ? ((item['status'] ?? {}) as Plain) : item;
  const found = holder[plainFields[field]];
  if (field === 'body') return notNil(found as PlainValue | undefined);
  if (field === 'name' || field === 'severityText') return { stringValue: found ?? '' };
  return { intValue: BigInt((found ?? 0) as number | bigint) };
}

function notNil(value: PlainValue | undefined): PlainValue | undefined {
  return value === undefined || Object.keys(value).length === 0 ? undefined : value;
}

function textOf(value: PlainValue | undefined): string {
  if (value === undefined) return '<nil>';
  const found = value['stringValue'] ?? value['boolValue'] ?? value['intValue'];
  if (typeof found === 'string' || typeof found === 'boolean' || typeof found === 'bigint')
    return String(found);
  throw new LeftToViews();
}

function set(place: ItemPlace, value: PlainValue | undefined, { item, resource }: Records): void {
  if (value === undefined) return;
  if (place.at === 'attribute') put(place.of === 'item' ? item : resource, place.key, value);
  else if (place.field === 'body') item['body'] = value;
  else if (place.field === 'name' || place.field === 'severityText') {
    if (typeof value['stringValue'] !== 'string') throw new LeftToViews();
    setField(item, plainFields[place.field], value['stringValue']);
  } else {
    if (typeof value['intValue'] !== 'bigint') throw new LeftToViews();
    setField(item, plainFields[place.field], Number(value['intValue']));
  }
}

function setField(item: Plain, name: string, value: string | number): void {
  if (value === '' || value === 0) delete item[name];
  else item[name] = value;
}

function matched(value: PlainValue | undefined, { by, nil }: ItemTest & { is: 'matched' }): boolean {
  if (value === undefined && nil === false) return false;
  if (typeof value?.['stringValue'] !== 'string') throw new LeftToViews();
  return by(value['stringValue']);
}

function holds(test: ItemTest, records: Records): boolean {
  switch (test.is) {
    case 'all':
      return test.of.every((one) => holds(one, records));
    case 'any':
      return test.of.some((one) => holds(one, records));
    case 'not':
      return !holds(test.of, records);
    case 'nil': {
      const value = read(test.value, records);
      return value === undefined || value['bytesValue'] === '';
    }
    case 'matched':
      return matched(read(test.value, records), test);
    case 'compared':
      return compared(exactOf(read(test.value, records) ?? {}), test);
  }
}

type Numeric = bigint | number;

function compared(left: ExactValue, { operator, with: right }: ItemTest & { is: 'compared' }): boolean {
  const isNumeric = (value: ExactValue): value is Numeric =>
    typeof value === 'bigint' || typeof value === 'number';
  if (isNumeric(left) && isNumeric(right)) {
    // An int and a double meet as doubles.
    const [a, b] = typeof left === typeof right ? [left, right] : [Number(left), Number(right)];
    return { '==': a === b, '!=': a !== b, '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b }[operator];
  }
  return (operator === '==' && left === right) || (operator === '!=' && left !== right);
}

function plainOf(value: ExactValue): PlainValue {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: value };
  if (typeof value === 'number') return { doubleValue: value };
  throw new Error('the oracle knows scalars only');
}

/** Lists, maps and bytes are all an empty list: nothing is equal to it. */
function exactOf(value: PlainValue): ExactValue {
  const found = value['stringValue'] ?? value['boolValue'] ?? value['intValue'] ?? value['doubleValue'];
  if (found !== undefined) return found as ExactValue;
  return Object.keys(value).length === 0 ? null : [];
}

function hashed(value: ExactValue): string {
  const hash = createHash('sha256');
  const bytes = Buffer.alloc(8);
  if (typeof value === 'string') return hash.update(value).digest('hex');
  if (typeof value === 'boolean') return hash.update(Buffer.of(Number(value))).digest('hex');
  if (typeof value === 'bigint') bytes.writeBigInt64LE(value);
  else if (typeof value === 'number') bytes.writeDoubleLE(value);
  else return '';
  return hash.update(bytes).digest('hex');
}
