import { visit } from './visits.ts';

/** The kinds of nodes, numbered as the DOM does. */
export const nodeTypes = {
  element: 1,
  attribute: 2,
  text: 3,
  cdata: 4,
  instruction: 7,
  comment: 8,
  document: 9,
  directive: 10,
} as const;

export type NodeType = (typeof nodeTypes)[keyof typeof nodeTypes];

/**
 * A node of an XML text. Unlike a DOM it takes what the reference takes (several roots), and it has just those
 * properties of the DOM that the XPath engine reads.
 */
export class XmlNode {
  readonly nodeType: NodeType;
  /** With the prefix. */
  readonly nodeName: string;
  readonly prefix: string;
  readonly localName: string;
  /** As in the reference, XPath compares prefixes, not what they stand for. */
  readonly namespaceURI: string;
  /** The text of a text, a comment or an attribute; attributes of an instruction as they were written. */
  nodeValue: string;
  readonly childNodes: XmlNode[] = [];
  readonly attributes = new AttributeList();
  parentNode: XmlNode | null = null;
  /** The element of an attribute. */
  ownerElement: XmlNode | null = null;
  ownerDocument: XmlNode | null = null;
  /** The place in the document. */
  order = 0;

  constructor(nodeType: NodeType, nodeName: string, nodeValue = '') {
    // A colon at the beginning or the end belongs to the name.
    const found = nodeName.indexOf(':');
    const colon = found < nodeName.length - 1 && found > 0 ? found : -1;
    this.nodeType = nodeType;
    this.nodeName = nodeName;
    this.prefix = colon > 0 ? nodeName.slice(0, colon) : '';
    this.localName = nodeName.slice(colon + 1);
    this.namespaceURI = this.prefix;
    this.nodeValue = nodeValue;
  }

  get value(): string {
    return this.nodeValue;
  }

  get firstChild(): XmlNode | null {
    return this.childNodes[0] ?? null;
  }

  get nextSibling(): XmlNode | null {
    return this.#sibling(1);
  }

  get previousSibling(): XmlNode | null {
    return this.#sibling(-1);
  }

  get documentElement(): XmlNode | null {
    return this.childNodes.find(({ nodeType }) => nodeType === nodeTypes.element) ?? null;
  }

  /** The bits of the DOM: 4 if the other one follows, 2 if it precedes. */
  compareDocumentPosition(other: XmlNode): number {
    if (this === other) return 0;
    return this.order < other.order ? 4 : 2;
  }

  append(child: XmlNode): void {
    child.parentNode = this;
    child.#index = this.childNodes.length;
    this.childNodes.push(child);
  }

  /** Takes nodes out of it, attributes too, in one pass. */
  removeAll(gone: ReadonlySet<XmlNode>): void {
    removeFrom(this.attributes.items, gone);
    removeFrom(this.childNodes, gone);
    for (const [index, child] of this.childNodes.entries()) child.#index = index;
  }

  /** Puts another node in the place of this one. */
  replaceBy(other: XmlNode): void {
    const parent = this.parentNode;
    if (parent === null) return;
    parent.childNodes[this.#index] = other;
    other.parentNode = parent;
    other.#index = this.#index;
    this.parentNode = null;
  }

  #index = 0;

  #sibling(step: 1 | -1): XmlNode | null {
    visit();
    return this.parentNode?.childNodes[this.#index + step] ?? null;
  }
}

/** The attributes of an element, as the DOM lists them. */
class AttributeList {
  readonly items: XmlNode[] = [];

  get length(): number {
    return this.items.length;
  }

  item(index: number): XmlNode | null {
    visit();
    return this.items[index] ?? null;
  }
}

function removeFrom(list: XmlNode[], gone: ReadonlySet<XmlNode>): void {
  let kept = 0;
  for (const node of list) if (!gone.has(node)) list[kept++] = node;
  list.length = kept;
}

/** Takes nodes out of their parents, and attributes off their elements. */
export function removeNodes(nodes: readonly XmlNode[]): void {
  const gone = new Set(nodes);
  const parents = new Set(nodes.map((node) => node.ownerElement ?? node.parentNode));
  for (const parent of parents) parent?.removeAll(gone);
}

/** The text in a node and below. */
export function innerText(node: XmlNode): string {
  if (node.nodeType === nodeTypes.comment) return '';
  if (node.childNodes.length === 0) return node.nodeValue;
  return node.childNodes.map(innerText).join('');
}
