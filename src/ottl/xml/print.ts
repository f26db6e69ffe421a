import { checkUnits } from '../budget.ts';
import { trimLetters, trimSpace } from '../space.ts';
import { nodeTypes } from './node.ts';
import type { XmlNode } from './node.ts';

/**
 * The XML of what is in a document, as the reference writes it: elements with both tags, texts with the space
 * around them unless `xml:space` is `default`. Throws `OttlFailure` for what is too long: nodes that stand in each
 * other are written each on its own.
 */
export function printXml(document: XmlNode): string {
  let xml = '';
  for (const node of document.childNodes) {
    xml += printNode(node, true);
    checkUnits(xml.length);
  }
  return xml;
}

function printNode(node: XmlNode, preserve: boolean): string {
  switch (node.nodeType) {
    case nodeTypes.text:
      return escaped(preserve ? node.nodeValue : trimSpace(node.nodeValue));
    case nodeTypes.cdata:
      return `<![CDATA[${node.nodeValue}]]>`;
    case nodeTypes.comment:
      return `<!--${node.nodeValue}-->`;
    case nodeTypes.directive:
      return `<!${node.nodeValue}>`;
    case nodeTypes.instruction:
      return printInstruction(node);
    default:
      return printElement(node, preserve);
  }
}

/** As in the reference, what has no `name=value` in a declaration gets lost. */
function printInstruction({ nodeName, nodeValue }: XmlNode): string {
  if (nodeName !== 'xml') return `<?${nodeName}${nodeValue === '' ? '' : ` ${nodeValue}`}?>`;
  const pairs = nodeValue.split(' ').map(trimSpace);
  const attributes = pairs
    .filter((pair) => pair.indexOf('=') > 0)
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return ` ${name}="${escaped(trimLetters(value.join('='), `"'`))}"`;
    });
  return `<?xml${attributes.join('')}?>`;
}

function printElement(node: XmlNode, preserve: boolean): string {
  const { items } = node.attributes;
  const space = items.find(({ nodeName }) => nodeName === 'xml:space')?.nodeValue;
  const keep = space === 'preserve' || (preserve && space !== 'default');
  const attributes = items.map(({ nodeName, nodeValue }) => ` ${nodeName}="${escaped(nodeValue)}"`).join('');
  const content = node.childNodes.map((child) => printNode(child, keep)).join('');
  return `<${node.nodeName}${attributes}>${content}</${node.nodeName}>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => entities[letter] ?? letter);
}
