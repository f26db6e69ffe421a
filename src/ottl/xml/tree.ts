import { OttlFailure } from '../errors.ts';
import { XmlNode, nodeTypes } from './node.ts';
import { scanXml } from './scan.ts';
import type { Attribute, XmlToken } from './scan.ts';

/**
 * The tree of an XML text, which may have several roots. What stands before the first element or instruction is left
 * out, as in the reference. Throws `OttlFailure`, also if there is no element.
 */
export function parseXml(xml: string): XmlNode {
  const document = new XmlNode(nodeTypes.document, '#document');
  let parent = document;
  let order = 0;
  const prefixes = new Prefixes();
  const add = (node: XmlNode): XmlNode => {
    node.ownerDocument = document;
    node.order = ++order;
    parent.append(node);
    return node;
  };
  for (const token of scanXml(xml, 'read')) {
    if (token.kind === 'end') {
      parent = parent.parentNode ?? document;
      prefixes.close();
    } else if (token.kind === 'start') {
      prefixes.open(token.name, token.attributes);
      parent = add(new XmlNode(nodeTypes.element, token.name));
      for (const [name, value] of token.attributes) {
        const attribute = new XmlNode(nodeTypes.attribute, name, value);
        attribute.ownerElement = parent;
        attribute.ownerDocument = document;
        attribute.order = ++order;
        parent.attributes.items.push(attribute);
      }
    } else if (document.childNodes.length > 0 || token.kind === 'instruction') add(nodeOf(token));
  }
  // As in the reference, an instruction is taken for the declaration, which stays only where the text began with it.
  const [first] = document.childNodes;
  if (first?.nodeType === nodeTypes.instruction && !xml.startsWith('<?xml'))
    document.removeAll(new Set([first]));
  if (document.documentElement === null) throw new OttlFailure('XML: there is no element');
  return document;
}

/** The namespaces that are declared: the prefix of an element must be. */
class Prefixes {
  readonly #declared: ReadonlySet<string>[] = [new Set(['xml'])];

  open(name: string, attributes: readonly Attribute[]): void {
    const outer = this.#declared.at(-1) ?? new Set<string>();
    const own = attributes.filter(([key]) => key.startsWith('xmlns:')).map(([key]) => key.slice(6));
    const declared = own.length === 0 ? outer : new Set([...outer, ...own]);
    this.#declared.push(declared);
    const [prefix = '', local] = name.split(':');
    if (local !== undefined && local !== '' && prefix !== '' && !declared.has(prefix))
      throw new OttlFailure(`XML: the namespace ${prefix} is not declared`, [name]);
  }

  close(): void {
    this.#declared.pop();
  }
}

const simpleTypes = {
  text: nodeTypes.text,
  cdata: nodeTypes.cdata,
  comment: nodeTypes.comment,
  directive: nodeTypes.directive,
} as const;

function nodeOf(token: Exclude<XmlToken, { kind: 'start' | 'end' }>): XmlNode {
  if (token.kind === 'instruction') return new XmlNode(nodeTypes.instruction, token.name, token.text);
  return new XmlNode(simpleTypes[token.kind], `#${token.kind}`, token.text);
}
