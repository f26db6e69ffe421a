import type { Place } from './errors.ts';

/**
 * The tree that the parser makes of an OTTL text. Nodes are frozen plain objects with the place they were read
 * from; nothing is resolved yet: names are names. Parentheses leave no node, and operators of one level are one
 * flat node, so the depth of a tree is the depth of nesting that the parser allows.
 */
export type ValueNode =
  | NilNode
  | BooleanNode
  | IntNode
  | FloatNode
  | StringNode
  | BytesNode
  | SymbolNode
  | PathNode
  | CallNode
  | MathNode
  | SignNode
  | ListNode
  | MapNode
  | LambdaNode;

export type ConditionNode = OrNode | AndNode | NotNode | ComparisonNode | BooleanNode | CallNode;

export interface NilNode extends Place {
  readonly kind: 'nil';
}

export interface BooleanNode extends Place {
  readonly kind: 'boolean';
  readonly value: boolean;
}

/** An unsigned literal; a sign before it is a `SignNode`. */
export interface IntNode extends Place {
  readonly kind: 'int';
  readonly value: bigint;
}

export interface FloatNode extends Place {
  readonly kind: 'float';
  readonly value: number;
}

export interface StringNode extends Place {
  readonly kind: 'string';
  readonly value: string;
}

export interface BytesNode extends Place {
  readonly kind: 'bytes';
  /** Lower-case hex, two digits a byte: text, because a frozen node cannot hold a frozen byte array. */
  readonly hex: string;
}

/** A bare name that begins with a capital: an enum symbol, or as an argument the name of a converter. */
export interface SymbolNode extends Place {
  readonly kind: 'symbol';
  readonly name: string;
}

/** `span.attributes["a"]["b"]`: whether the first field is a context is not known here. */
export interface PathNode extends Place {
  readonly kind: 'path';
  readonly fields: readonly FieldNode[];
}

export interface FieldNode extends Place {
  readonly kind: 'field';
  readonly name: string;
  readonly keys: readonly KeyNode[];
}

/** What stands between `[` and `]`: a string, an int, or an expression that is computed for each record. */
export type KeyNode = ValueNode;

/** A converter (`Len(x)["key"]`) or an editor (`set(a, b)`, never with keys). */
export interface CallNode extends Place {
  readonly kind: 'call';
  readonly name: string;
  /** Where the name stands. */
  readonly namePlace: Place;
  readonly args: readonly ArgumentNode[];
  readonly keys: readonly KeyNode[];
}

export interface ArgumentNode extends Place {
  readonly kind: 'argument';
  /** Undefined for an argument by position. */
  readonly name: string | undefined;
  readonly value: ValueNode;
}

/** `first op operand op operand ...`, all `+ -` or all `* /`, left to right. */
export interface MathNode extends Place {
  readonly kind: 'math';
  readonly first: ValueNode;
  readonly rest: readonly MathStep[];
}

export type MathOperator = '+' | '-' | '*' | '/';

export interface MathStep {
  readonly operator: MathOperator;
  readonly operand: ValueNode;
}

export interface SignNode extends Place {
  readonly kind: 'sign';
  readonly sign: '+' | '-';
  readonly operand: ValueNode;
}

export interface ListNode extends Place {
  readonly kind: 'list';
  readonly items: readonly ValueNode[];
}

export interface MapNode extends Place {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
}

export interface MapEntry {
  readonly key: string;
  readonly value: ValueNode;
}

/** `(key, value) => body`; a formal named `_` is not bound. */
export interface LambdaNode extends Place {
  readonly kind: 'lambda';
  readonly formals: readonly string[];
  readonly body: ValueNode | ConditionNode;
}

export interface OrNode extends Place {
  readonly kind: 'or';
  readonly operands: readonly ConditionNode[];
}

export interface AndNode extends Place {
  readonly kind: 'and';
  readonly operands: readonly ConditionNode[];
}

export interface NotNode extends Place {
  readonly kind: 'not';
  readonly operand: ConditionNode;
}

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export interface ComparisonNode extends Place {
  readonly kind: 'comparison';
  readonly operator: ComparisonOperator;
  readonly left: ValueNode;
  readonly right: ValueNode;
}

/** `editor(...) where condition`. */
export interface StatementNode extends Place {
  readonly kind: 'statement';
  readonly editor: CallNode;
  readonly where: ConditionNode | undefined;
}

export type AnyNode = ValueNode | ConditionNode | FieldNode | ArgumentNode | StatementNode;
