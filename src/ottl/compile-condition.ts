import type { CallNode, ComparisonNode, ComparisonOperator, ConditionNode } from './ast.ts';
import { compareValues } from './compare.ts';
import { comparisonDoubt } from './doubts.ts';
import type { Binder, Expression } from './parameters.ts';
import type { Read } from './target.ts';
import { describeValue } from './values.ts';
import type { OttlValue } from './values.ts';

/** A compiled condition. */
export interface Test {
  readonly test: Read<boolean>;
  /** Present if the outcome is known without a record. */
  readonly constant?: boolean;
}

/** What conditions ask of the compiler of values. */
type Values = Pick<Binder, 'expression' | 'site' | 'doubt'>;

const always: Test = { test: () => true, constant: true };
const never: Test = { test: () => false, constant: false };

function known(value: boolean): Test {
  return value ? always : never;
}

/** A condition as a closure that throws `OttlEvalError`; undefined after problems were reported. */
export function compileTest(node: ConditionNode, compiler: Values): Test | undefined {
  const compiled = testOf(node, compiler);
  if (compiled === undefined || compiled.constant !== undefined) return compiled;
  const site = compiler.site(node);
  const { test } = compiled;
  return {
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
      const { test } = operand;
      return { test: (target) => !test(target) };
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
  const open = tests.filter(({ constant }) => constant === undefined).map(({ test }) => test);
  const [first, second] = open;
  if (first === undefined) return known(!decisive);
  if (second === undefined) return { test: first };
  if (open.length === 2) {
    return {
      test: decisive
        ? (target) => first(target) || second(target)
        : (target) => first(target) && second(target),
    };
  }
  return {
    test: decisive
      ? (target) => open.some((test) => test(target))
      : (target) => open.every((test) => test(target)),
  };
}

function compileBare(node: CallNode, compiler: Values): Test | undefined {
  const expression = compiler.expression(node);
  if (expression === undefined) return undefined;
  const { read } = expression;
  const site = compiler.site(node);
  return {
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
  if (right.constant !== undefined)
    return { test: againstLiteral(node.operator, left, right.constant.value) };
  if (left.constant !== undefined)
    return { test: againstLiteral(mirrored[node.operator], right, left.constant.value) };
  const { operator } = node;
  return { test: (target) => compareValues(operator, left.read(target), right.read(target)) };
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
