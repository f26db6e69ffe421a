import type { AnyNode } from './ast.ts';

type Children = {
  readonly [K in AnyNode['kind']]: (node: Extract<AnyNode, { kind: K }>) => readonly AnyNode[];
};

const none = (): readonly AnyNode[] => [];

const children: Children = {
  or: ({ operands }) => operands,
  and: ({ operands }) => operands,
  not: ({ operand }) => [operand],
  sign: ({ operand }) => [operand],
  comparison: ({ left, right }) => [left, right],
  statement: ({ editor, where }) => (where === undefined ? [editor] : [editor, where]),
  path: ({ fields }) => fields,
  field: ({ keys }) => keys,
  call: ({ args, keys }) => [...args, ...keys],
  argument: ({ value }) => [value],
  math: ({ first, rest }) => [first, ...rest.map(({ operand }) => operand)],
  list: ({ items }) => items,
  map: ({ entries }) => entries.map(({ value }) => value),
  lambda: ({ body }) => [body],
  nil: none,
  boolean: none,
  int: none,
  float: none,
  string: none,
  bytes: none,
  symbol: none,
};

/** The nodes directly below a node. */
export function childrenOf(node: AnyNode): readonly AnyNode[] {
  const of = children[node.kind] as (node: AnyNode) => readonly AnyNode[];
  return of(node);
}
