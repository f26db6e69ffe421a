/** Runs OTTL by walking its tree, slowly and plainly: the oracle of the compiler for a small part of the language. */
import { isDeepStrictEqual } from 'node:util';

import type { CallNode, ConditionNode, StatementNode, ValueNode } from '../../src/ottl/ast.ts';

export type PlainValue = null | boolean | bigint | number | string | PlainValue[];

/** What statements work on: a span with a name and attributes. */
export interface PlainRecord {
  name: string;
  readonly attributes: Map<string, PlainValue>;
}

export class Failed extends Error {}

/** Changes the record; answers whether the condition held. Throws `Failed`. */
export function interpret({ editor, where }: StatementNode, record: PlainRecord): boolean {
  if (where !== undefined && !holds(where, record)) return false;
  const [target, ...others] = editor.args.map(({ value }) => value);
  const [first] = others;
  if (target === undefined || first === undefined) throw new Error('an editor of tests has two arguments');
  if (editor.name === 'set') assign(target, valueOf(first, record), record);
  else if (editor.name === 'delete_key') record.attributes.delete(text(valueOf(first, record)));
  else if (editor.name === 'keep_keys') {
    const kept = (valueOf(first, record) as PlainValue[]).map(text);
    for (const key of record.attributes.keys()) if (!kept.includes(key)) record.attributes.delete(key);
  }
  return true;
}

function assign(target: ValueNode, value: PlainValue, record: PlainRecord): void {
  if (value === null || target.kind !== 'path') return;
  const [field] = target.fields;
  const [key] = field?.keys ?? [];
  if (key === undefined) record.name = text(value);
  else record.attributes.set(text(valueOf(key, record)), value);
}

function holds(node: ConditionNode, record: PlainRecord): boolean {
  const known = constantOf(node);
  if (known !== undefined) return known;
  switch (node.kind) {
    case 'boolean':
      return node.value;
    case 'not':
      return !holds(node.operand, record);
    case 'and':
      return node.operands.every((operand) => holds(operand, record));
    case 'or':
      return node.operands.some((operand) => holds(operand, record));
    case 'comparison':
      return compared(node.operator, valueOf(node.left, record), valueOf(node.right, record));
    case 'call': {
      const value = valueOf(node, record);
      if (typeof value !== 'boolean') throw new Failed('no bool');
      return value;
    }
  }
}

/** The Collector folds constants before it runs anything, so that errors beside them never show. */
function constantOf(node: ConditionNode): boolean | undefined {
  if (node.kind === 'boolean') return node.value;
  if (node.kind === 'not') {
    const operand = constantOf(node.operand);
    return operand === undefined ? undefined : !operand;
  }
  if (node.kind === 'and' || node.kind === 'or') {
    const known = node.operands.map(constantOf);
    if (known.includes(node.kind === 'or')) return node.kind === 'or';
    return known.includes(undefined) ? undefined : node.kind === 'and';
  }
  if (node.kind !== 'comparison' || !isLiteral(node.left) || !isLiteral(node.right)) return undefined;
  const nothing: PlainRecord = { name: '', attributes: new Map() };
  return compared(node.operator, valueOf(node.left, nothing), valueOf(node.right, nothing));
}

function isLiteral(node: ValueNode): boolean {
  if (node.kind === 'sign') return isLiteral(node.operand);
  if (node.kind === 'list') return node.items.every(isLiteral);
  return ['nil', 'boolean', 'int', 'float', 'string'].includes(node.kind);
}

function compared(operator: string, left: PlainValue, right: PlainValue): boolean {
  const order = orderOf(left, right);
  if (order === undefined) return operator === (isDeepStrictEqual(left, right) ? '==' : '!=');
  const answers = { '==': order === 0, '!=': order !== 0, '<': order < 0, '<=': order <= 0, '>': order > 0 };
  return answers[operator as keyof typeof answers] ?? order >= 0;
}

/** Undefined where there is no order: lists, and values of different types. */
function orderOf(left: PlainValue, right: PlainValue): number | undefined {
  if (left === null || right === null) return left === right ? 0 : undefined;
  const isComparable = (isNumber(left) && isNumber(right)) || typeof left === typeof right;
  if (!isComparable || Array.isArray(left)) return undefined;
  const [a, b] = typeof left === typeof right ? [left, right] : [Number(left), Number(right)];
  return Number(a > b) - Number(a < b);
}

function isNumber(value: PlainValue): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

function text(value: PlainValue): string {
  if (typeof value !== 'string') throw new Failed('no string');
  return value;
}

function valueOf(node: ValueNode, record: PlainRecord): PlainValue {
  switch (node.kind) {
    case 'nil':
      return null;
    case 'boolean':
    case 'int':
    case 'float':
    case 'string':
      return node.value;
    case 'path': {
      const [key] = node.fields[0]?.keys ?? [];
      return key === undefined ? record.name : (record.attributes.get(text(valueOf(key, record))) ?? null);
    }
    default:
      return compoundOf(node, record);
  }
}

function compoundOf(node: ValueNode, record: PlainRecord): PlainValue {
  switch (node.kind) {
    case 'list':
      return node.items.map((item) => valueOf(item, record));
    case 'sign':
      return calculated('*', valueOf(node.operand, record), node.sign === '-' ? -1n : 1n);
    case 'math':
      return node.rest.reduce<PlainValue>(
        (sum, { operator, operand }) => calculated(operator, sum, valueOf(operand, record)),
        valueOf(node.first, record),
      );
    case 'call':
      return called(node, record);
    default:
      throw new Error(`${node.kind} is not in the language of tests`);
  }
}

function calculated(operator: string, left: PlainValue, right: PlainValue): PlainValue {
  if (!isNumber(left) || !isNumber(right)) throw new Failed('no number');
  if (operator === '/' && Number(right) === 0) throw new Failed('division by zero');
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    const result = {
      '+': left + right,
      '-': left - right,
      '*': left * right,
      '/': right === 0n ? 0n : left / right,
    };
    return BigInt.asIntN(64, result[operator as '+']);
  }
  const [a, b] = [Number(left), Number(right)];
  return { '+': a + b, '-': a - b, '*': a * b, '/': a / b }[operator as '+'];
}

function called({ name, args }: CallNode, record: PlainRecord): PlainValue {
  const values = args.map(({ value }) => valueOf(value, record));
  const [first = null, second = null] = values;
  switch (name) {
    case 'Len':
      if (typeof first === 'string') return BigInt(Buffer.byteLength(first));
      if (Array.isArray(first)) return BigInt(first.length);
      throw new Failed('no length');
    case 'IsString':
      return typeof first === 'string';
    case 'IsInt':
      return typeof first === 'bigint';
    case 'Split':
      return text(first).split(text(second));
    case 'Coalesce':
      return (first as PlainValue[]).find((value) => value !== null) ?? null;
    default:
      throw new Error(`${name} is not in the language of tests`);
  }
}
