import { createRequire } from 'node:module';

import { XmlNode, nodeTypes } from './node.ts';
import { limitingVisits, visit } from './visits.ts';

/** What is used of the package `xpath`; its types leave most of it out. */
interface Internals {
  parse(expression: string): Parsed;
  readonly XNodeSet: { readonly prototype: NodeSet };
  readonly PathExpr: PathExpression;
  readonly Step: Readonly<Record<'PRECEDING' | 'DESCENDANTORSELF', number>>;
  /** `nodeTest` is the test `node()`. */
  readonly NodeTest: { readonly nodeTest: unknown };
}

interface Parsed {
  select(options: { node: XmlNode; namespaces: (prefix: string) => string }): XmlNode[];
}

export type Engine = Pick<Internals, 'parse'>;

interface NodeSet {
  nodes: XmlNode[];
  size: number;
  add(node: XmlNode): void;
  addArray(nodes: readonly XmlNode[]): void;
  toArray(): XmlNode[];
  first(): XmlNode | null;
  stringForNode(node: XmlNode): string;
  compareWithNodeSet(other: NodeSet, operator: unknown): unknown;
}

interface Step {
  readonly axis: number;
  readonly predicates: readonly unknown[];
  readonly nodeTest: { matches(node: XmlNode, context: Context): boolean };
}

interface Context {
  contextNode: XmlNode;
}

interface PathExpression {
  applySteps(steps: readonly Step[], context: Context, nodes: readonly XmlNode[]): readonly XmlNode[];
  applyStep(step: Step, context: Context, node: XmlNode): XmlNode[];
}

/**
 * The XPath engine, with sets of nodes that take constant time for a node where the engine's own look through all
 * others, without the nodes that a step finds again and again, and with a limit to what an expression looks at.
 */
export function loadEngine(): Engine {
  const internals = createRequire(import.meta.url)('xpath') as Internals;
  quickenSets(internals.XNodeSet.prototype);
  quickenSteps(internals);
  return {
    parse(expression) {
      const parsed = internals.parse(expression);
      return { select: (options) => limitingVisits(() => parsed.select(options)) };
    },
  };
}

function quickenSets(prototype: NodeSet): void {
  prototype.addArray = function addArray(this: NodeSet, nodes) {
    visit(nodes.length * visitsToSort);
    this.nodes = [...new Set([...this.nodes, ...nodes])];
    this.size = this.nodes.length;
  };
  prototype.add = function add(this: NodeSet, node) {
    this.addArray([node]);
  };
  prototype.toArray = function toArray(this: NodeSet) {
    return inOrder(this.nodes);
  };
  prototype.first = function first(this: NodeSet) {
    let found: XmlNode | null = null;
    for (const node of this.nodes) if (found === null || placeOf(node) < placeOf(found)) found = node;
    return found;
  };
  prototype.stringForNode = stringOf;
  const compare = prototype.compareWithNodeSet;
  prototype.compareWithNodeSet = function compareWithNodeSet(this: NodeSet, other, operator) {
    visit(this.size * other.size);
    return compare.call(this, other, operator);
  };
}

/** To have a node in a set, and to sort it, takes as long as to look at so many. */
const visitsToSort = 16;

function inOrder(nodes: readonly XmlNode[]): XmlNode[] {
  return nodes.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** The engine makes nodes of its own for namespaces; they stand between their element and its attributes. */
function placeOf(node: XmlNode): number {
  return node instanceof XmlNode ? node.order : ((node as XmlNode).ownerElement?.order ?? 0) + 0.5;
}

/** How many characters take as long as to look at a node. */
const charactersPerVisit = 16;

function stringOf(node: XmlNode): string {
  const { nodeType } = node;
  const isContainer = nodeType === nodeTypes.element || nodeType === nodeTypes.document;
  const text = isContainer ? textIn(node) : node.nodeValue;
  visit(1 + text.length / charactersPerVisit);
  return text;
}

/** What is in an element, without comments and instructions. As deep as the XML, which is bounded. */
function textIn(node: XmlNode): string {
  let text = '';
  for (const child of node.childNodes) {
    visit();
    if (child.nodeType === nodeTypes.element) text += textIn(child);
    else if (child.nodeType === nodeTypes.text || child.nodeType === nodeTypes.cdata) text += child.nodeValue;
  }
  return text;
}

function quickenSteps({ PathExpr, Step, NodeTest }: Internals): void {
  const { applySteps, applyStep } = PathExpr;
  PathExpr.applySteps = (steps, context, nodes) =>
    steps.reduce<readonly XmlNode[]>((from, step) => {
      const isWhole = step.axis === Step.DESCENDANTORSELF && step.predicates.length === 0;
      const found = isWhole ? below(step, context, from) : applySteps([step], context, from);
      return from.length > 1 ? [...new Set(found)] : found;
    }, nodes);
  PathExpr.applyStep = (step, context, node) => {
    visit();
    return step.axis === Step.PRECEDING ? preceding(step, context, node) : applyStep(step, context, node);
  };

  /** What `//` finds. Of a node that was found, all below was found too. */
  function below(step: Step, context: Context, from: readonly XmlNode[]): readonly XmlNode[] {
    const found = new Set<XmlNode>();
    const findsAll = step.nodeTest === NodeTest.nodeTest;
    for (const node of from.length > 1 ? inOrder(from) : from)
      if (!findsAll || !found.has(node))
        for (const inner of PathExpr.applyStep(step, context, node)) found.add(inner);
    return [...found];
  }
}

/** All that begins before a node, nearest first. */
function preceding(step: Step, context: Context, node: XmlNode): XmlNode[] {
  const found: XmlNode[] = [];
  // One of the engine's own.
  if (!(node instanceof XmlNode)) return found;
  context.contextNode = node;
  let at: XmlNode | null = node;
  while (at.parentNode !== null) at = at.parentNode;
  while (at !== null && at !== node) {
    if (step.nodeTest.matches(at, context)) found.push(at);
    at = following(at);
  }
  return found.toReversed();
}

function following(node: XmlNode): XmlNode | null {
  if (node.firstChild !== null) return node.firstChild;
  let at: XmlNode | null = node;
  while (at !== null && at.nextSibling === null) at = at.parentNode;
  return at?.nextSibling ?? null;
}
