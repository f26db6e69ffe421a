import type { AnyNode, ComparisonOperator, ConditionNode, ValueNode } from './ast.ts';
import type { Place } from './errors.ts';
import type { Token } from './lex.ts';

/** What the parser reads before it knows whether a value or a condition is wanted. */
export type Expression = ValueNode | ConditionNode;

const operandKinds = new Set<string>(['int', 'float', 'path', 'call', 'math', 'sign']);
const conditionKinds = new Set<string>(['or', 'and', 'not', 'comparison', 'boolean', 'call']);
const valueFree = new Set<string>(['or', 'and', 'not', 'comparison']);

const comparisonOperators: ReadonlySet<string> = new Set<ComparisonOperator>([
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
]);

/** Whether it can be an operand of arithmetic. */
export function isOperand(node: Expression): boolean {
  return operandKinds.has(node.kind);
}

export function isCondition(node: Expression): node is ConditionNode {
  return conditionKinds.has(node.kind);
}

export function isValue(node: Expression): node is ValueNode {
  return !valueFree.has(node.kind);
}

export function isComparisonOperator(text: string): text is ComparisonOperator {
  return comparisonOperators.has(text);
}

export function isFieldName(text: string): boolean {
  return /^[a-z][a-z0-9_]*$/.test(text);
}

export function snakeRemedy(word: string): string | undefined {
  if (!/^[A-Za-z]\w*$/.test(word)) return undefined;
  const snake = word.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
  return `did you mean ${snake}?`;
}

const nouns: Readonly<Partial<Record<Expression['kind'], string>>> = {
  nil: 'nil',
  boolean: 'a bool',
  int: 'an int',
  float: 'a float',
  string: 'a string',
  bytes: 'bytes',
  symbol: 'an enum symbol',
  path: 'a path',
  call: 'a converter call',
  math: 'arithmetic',
  sign: 'a value with a sign',
  list: 'a list',
  map: 'a map',
  lambda: 'a lambda',
};

export function describe(node: Expression): string {
  return nouns[node.kind] ?? 'a condition';
}

export function placeOf(token: Token): Place {
  return { start: token.start, end: token.end };
}

export function list<T>(items: T[]): readonly T[] {
  return Object.freeze(items);
}

export function made<T extends AnyNode>(node: T): T {
  return Object.freeze(node);
}
