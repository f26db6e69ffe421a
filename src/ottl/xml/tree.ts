import { OttlFailure } from '../errors.ts';
import { XmlNode, nodeTypes } from './node.ts';
import { scanXml } from './scan.ts';
import type { XmlToken } from './scan.ts';

/**
 * The tree of an XML text, which may have several roots. What stands before the first element or instruction is left
 * out, as in the reference. Throws `OttlFailure`, also if there is no element.
 */
export function parseXml(xml: string): XmlNode {
  const document = new XmlNode(nodeTypes.document, '#document');
  let parent = document;
  let order = 0;
  const add = (node: XmlNode): XmlNode => {
    node.ownerDocument = document;
    node.order = ++order;
    parent.append(node);
    return node;
  };
  for (const token of scanXml(xml)) {
    if (token.kind === 'end') parent = parent.parentNode ?? document;
    else if (token.kind === 'start') {
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
  if (document.documentElement === null) throw new OttlFailure('XML: there is no element');
  return document;
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
