import type { AnyNode, ArgumentNode, ConditionNode, FieldNode, KeyNode, MathNode, ValueNode } from './ast.ts';

/**
 * The OTTL text of a tree: parsing it again gives the same tree (places apart).
 * Parentheses appear only where they are needed.
 */
export function printOttl(node: AnyNode): string {
  switch (node.kind) {
    case 'or':
      return node.operands.map((operand) => bracketIf(operand.kind === 'or', operand)).join(' or ');
    case 'and':
      return node.operands.map((operand) => bracketIf(joins(operand), operand)).join(' and ');
    case 'not':
      return `not ${bracketIf(joins(node.operand) || node.operand.kind === 'not', node.operand)}`;
    case 'comparison':
      return `${printOttl(node.left)} ${node.operator} ${printOttl(node.right)}`;
    case 'statement':
      return printOttl(node.editor) + (node.where === undefined ? '' : ` where ${printOttl(node.where)}`);
    case 'argument':
      return printArgument(node);
    case 'field':
      return printField(node);
    default:
      return printValue(node);
  }
}

function printValue(node: ValueNode): string {
  switch (node.kind) {
    case 'nil':
      return 'nil';
    case 'boolean':
    case 'int':
      return String(node.value);
    case 'float':
      return printFloat(node.value);
    case 'string':
      return quote(node.value);
    case 'bytes':
      return `0x${node.hex}`;
    case 'symbol':
      return node.name;
    default:
      return printCompound(node);
  }
}

type Compound = Extract<ValueNode, { kind: 'path' | 'call' | 'math' | 'sign' | 'list' | 'map' | 'lambda' }>;

function printCompound(node: Compound): string {
  switch (node.kind) {
    case 'path':
      return node.fields.map(printField).join('.');
    case 'call':
      return `${node.name}(${node.args.map(printArgument).join(', ')})${printKeys(node.keys)}`;
    case 'math':
      return printMath(node);
    case 'sign':
      return `${node.sign}${bracketIf(node.operand.kind === 'math' || node.operand.kind === 'sign', node.operand)}`;
    case 'list':
      return `[${node.items.map(printValue).join(', ')}]`;
    case 'map':
      return `{${node.entries.map(({ key, value }) => `${quote(key)}: ${printValue(value)}`).join(', ')}}`;
    case 'lambda':
      return `(${node.formals.join(', ')}) => ${printOttl(node.body)}`;
  }
}

function printMath(node: MathNode): string {
  const isProduct = node.rest.some(({ operator }) => operator === '*' || operator === '/');
  const brackets = (operand: ValueNode): boolean => operand.kind === 'math' && (isProduct || isSum(operand));
  let text = bracketIf(brackets(node.first), node.first);
  for (const { operator, operand } of node.rest)
    text += ` ${operator} ${bracketIf(brackets(operand), operand)}`;
  return text;
}

function isSum(node: MathNode): boolean {
  return node.rest.some(({ operator }) => operator === '+' || operator === '-');
}

function printArgument(node: ArgumentNode): string {
  return (node.name === undefined ? '' : `${node.name}=`) + printValue(node.value);
}

function printField(node: FieldNode): string {
  return node.name + printKeys(node.keys);
}

function printKeys(keys: readonly KeyNode[]): string {
  return keys.map((key) => `[${printKey(key)}]`).join('');
}

/** A key that begins with an int literal must be nothing but that literal. */
function printKey(key: KeyNode): string {
  const text = printValue(key);
  return key.kind === 'math' && /^[0-9]+(?![0-9.])/.test(text) ? `(${text})` : text;
}

function joins(node: ConditionNode): boolean {
  return node.kind === 'or' || node.kind === 'and';
}

function bracketIf(needed: boolean, node: AnyNode): string {
  return needed ? `(${printOttl(node)})` : printOttl(node);
}

/** Unsigned, with a point, and with no exponent unless a point comes before it. */
function printFloat(value: number): string {
  const text = String(value);
  if (text.includes('.')) return text;
  const exponent = text.indexOf('e');
  return exponent < 0 ? `${text}.0` : `${text.slice(0, exponent)}.0${text.slice(exponent)}`;
}

function quote(text: string): string {
  // Only these two need an escape: the lexer takes everything else, newlines included, as it is.
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
