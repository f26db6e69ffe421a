import type { AnyNode } from './ast.ts';

/** The nodes directly below a node. */
export function childrenOf(node: AnyNode): readonly AnyNode[] {
  switch (node.kind) {
    case 'or':
    case 'and':
      return node.operands;
    case 'not':
    case 'sign':
      return [node.operand];
    case 'comparison':
      return [node.left, node.right];
    case 'statement':
      return node.where === undefined ? [node.editor] : [node.editor, node.where];
    case 'path':
      return node.fields;
    case 'field':
      return node.keys;
    case 'call':
      return [...node.args, ...node.keys];
    case 'argument':
      return [node.value];
    case 'math':
      return [node.first, ...node.rest.map(({ operand }) => operand)];
    case 'list':
      return node.items;
    case 'map':
      return node.entries.map(({ value }) => value);
    case 'lambda':
      return [node.body];
    case 'nil':
    case 'boolean':
    case 'int':
    case 'float':
    case 'string':
    case 'bytes':
    case 'symbol':
      return [];
  }
}
