import type { CallNode, ComparisonNode, ComparisonOperator, ConditionNode } from './ast.ts';
import { compareValues } from './compare.ts';
import type { ItemTest } from '../model/item-program.ts';
import { comparisonDoubt } from './doubts.ts';
import { comparedData, knownTest, testData } from './item-data.ts';
import type { Binder, Expression } from './parameters.ts';
import type { Read } from './target.ts';
import { describeValue } from './values.ts';
import type { OttlValue } from './values.ts';

/** A compiled condition. */
export interface Test {
  readonly test: Read<boolean>;
  /** Present if the outcome is known without a record. */
  readonly constant?: boolean;
  /** The same as data, where that can be said. */
  readonly data?: ItemTest | undefined;
}

/** What conditions ask of the compiler of values. */
type Values = Pick<Binder, 'expression' | 'site' | 'doubt'>;

const always: Test = { test: () => true, constant: true, data: knownTest(true) };
const never: Test = { test: () => false, constant: false, data: knownTest(false) };

function known(value: boolean): Test {
  return value ? always : never;
}

/** A condition as a closure that throws `OttlEvalError`; undefined after problems were reported. */
export function compileTest(node: ConditionNode, compiler: Values): Test | undefined {
  const compiled = testOf(node, compiler);
  if (compiled === undefined || compiled.constant !== undefined) return compiled;
  const site = compiler.site(node);
  const { test, data } = compiled;
  return {
    data,
    test(target) {
      try {
        return test(target);
      } catch (error) {
        throw site.located(error);
      }
    },
  };
}

function testOf(node: ConditionNode, compiler: Values): Test | undefined {
  switch (node.kind) {
    case 'boolean':
      return known(node.value);
    case 'call':
      return compileBare(node, compiler);
    case 'comparison':
      return compileComparison(node, compiler);
    case 'not': {
      const operand = testOf(node.operand, compiler);
      if (operand === undefined) return undefined;
      if (operand.constant !== undefined) return known(!operand.constant);
      const { test, data } = operand;
      return { test: (target) => !test(target), data: data && { is: 'not', of: data } };
    }
    case 'and':
    case 'or':
      return compileJoined(node.kind, node.operands, compiler);
  }
}

/**
 * As in the reference, `... or true` is true and `... and false` is false whatever stands before it, even where
 * that would fail: constants are folded before anything runs.
 */
function compileJoined(
  kind: 'and' | 'or',
  nodes: readonly ConditionNode[],
  compiler: Values,
): Test | undefined {
  const tests = nodes.map((node) => testOf(node, compiler)).filter((test) => test !== undefined);
  if (tests.length < nodes.length) return undefined;
  const decisive = kind === 'or';
  if (tests.some(({ constant }) => constant === decisive)) return known(decisive);
  const open = tests.filter(({ constant }) => constant === undefined);
  const [only] = open;
  if (only === undefined) return known(!decisive);
  if (open.length === 1) return only;
  const data = open.flatMap((one) => one.data ?? []);
  return {
    test: joinedTest(
      decisive,
      open.map(({ test }) => test),
    ),
    data: data.length === open.length ? { is: decisive ? 'any' : 'all', of: data } : undefined,
  };
}

function joinedTest(isAny: boolean, tests: readonly Read<boolean>[]): Read<boolean> {
  const [first, second, third] = tests;
  if (first === undefined || second === undefined || third !== undefined)
    return isAny
      ? (target) => tests.some((test) => test(target))
      : (target) => tests.every((test) => test(target));
  return isAny ? (target) => first(target) || second(target) : (target) => first(target) && second(target);
}

function compileBare(node: CallNode, compiler: Values): Test | undefined {
  const expression = compiler.expression(node);
  if (expression === undefined) return undefined;
  const { read, data } = expression;
  const site = compiler.site(node);
  return {
    data: testData(data),
    test(target) {
      const value = read(target);
      if (typeof value === 'boolean') return value;
      throw site.error(
        `a converter that stands as a condition must give bool but got ${describeValue(value)}`,
        [value],
      );
    },
  };
}

function compileComparison(node: ComparisonNode, compiler: Values): Test | undefined {
  const left = compiler.expression(node.left);
  const right = compiler.expression(node.right);
  if (left === undefined || right === undefined) return undefined;
  if (left.constant !== undefined && right.constant !== undefined) {
    return known(compareValues(node.operator, left.constant.value, right.constant.value));
  }
  doubtOf(node, [left, right], compiler);
  if (right.constant !== undefined) return literalTest(node.operator, left, right.constant.value);
  if (left.constant !== undefined) return literalTest(mirrored[node.operator], right, left.constant.value);
  const { operator } = node;
  return { test: (target) => compareValues(operator, left.read(target), right.read(target)) };
}

function literalTest(operator: ComparisonOperator, expression: Expression, literal: OttlValue): Test {
  return {
    test: againstLiteral(operator, expression, literal),
    data: comparedData(operator, expression, literal),
  };
}

function doubtOf(
  node: ComparisonNode,
  [left, right]: readonly [Expression, Expression],
  compiler: Values,
): void {
  const { constant: literal } = left.constant === undefined ? right : left;
  if (literal === undefined) return;
  const doubt = comparisonDoubt(left.type ?? right.type, node.operator, literal.value);
  if (doubt !== undefined) compiler.doubt(node, doubt, literal.value);
}

/** `a < b` is `b > a`. */
const mirrored: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** The comparisons that conditions are made of, without the general one's look at types. */
function againstLiteral(
  operator: ComparisonOperator,
  { read, small, isNil }: Expression,
  literal: OttlValue,
): Read<boolean> {
  if (small !== undefined && isSmall(literal)) return againstSmall(operator, small, Number(literal));
  if (operator === '==' || operator === '!=') {
    const same = literal === null && isNil !== undefined ? isNil : sameAs(literal, read);
    if (same !== undefined) return operator === '==' ? same : (target) => !same(target);
  }
  return (target) => compareValues(operator, read(target), literal);
}

function sameAs(literal: OttlValue, read: Read<OttlValue>): Read<boolean> | undefined {
  if (literal === null)
    return (target) => {
      const value = read(target);
      if (typeof value === 'object') return compareValues('==', value, null);
      return value === undefined;
    };
  if (typeof literal === 'string' || typeof literal === 'boolean')
    return (target) => read(target) === literal;
  if (typeof literal !== 'bigint' || !isSmall(literal)) return undefined;
  const double = Number(literal);
  return (target) => {
    const value = read(target);
    return value === literal || value === double;
  };
}

function isSmall(literal: OttlValue): literal is bigint | number {
  if (typeof literal === 'number') return !Number.isNaN(literal);
  return typeof literal === 'bigint' && Number.isSafeInteger(Number(literal));
}

function againstSmall(operator: ComparisonOperator, small: Read<number>, literal: number): Read<boolean> {
  switch (operator) {
    case '==':
      return (target) => small(target) === literal;
    case '!=':
      return (target) => small(target) !== literal;
    case '<':
      return (target) => small(target) < literal;
    case '<=':
      return (target) => small(target) <= literal;
    case '>':
      return (target) => small(target) > literal;
    case '>=':
      return (target) => small(target) >= literal;
  }
}
