import { checkUnits, unitsPerValue } from '../budget.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { RefusedArgument, literalString, optional, string } from '../parameters.ts';
import { XmlNode, innerText, nodeTypes, removeNodes } from '../xml/node.ts';
import { printXml } from '../xml/print.ts';
import { compileXPath } from '../xml/select.ts';
import { parseXml } from '../xml/tree.ts';

type Select = (document: XmlNode) => XmlNode[];

/** As in the reference, a declaration is in the result if the text began with one. */
function changed(text: string, change: (document: XmlNode) => void): string {
  const document = parseXml(text);
  change(document);
  return printXml(document);
}

function selecting(expression: string): Select {
  try {
    const select = compileXPath(expression);
    // What selects no nodes (`1 + 1`) shows when it is run.
    select(new XmlNode(nodeTypes.document, '#document'));
    return select;
  } catch (error) {
    if (error instanceof OttlFailure) throw new RefusedArgument(error.message, 'xPath');
    throw error;
  }
}

/** What an XPath expression selects: elements as XML, texts and attributes as text. */
export const getXml = converter(
  'GetXML',
  { target: string(), xPath: literalString() },
  ({ target, xPath }) => {
    const select = selecting(xPath);
    return (record) => {
      const text = target.read(record);
      if (text === '') return '';
      const result = new XmlNode(nodeTypes.document, '#document');
      for (const node of select(parseXml(text))) {
        if (node.nodeType === nodeTypes.element) result.childNodes.push(node);
        else if (isValue(node)) result.childNodes.push(new XmlNode(nodeTypes.text, '#text', node.nodeValue));
      }
      return printXml(result);
    };
  },
);

function isValue({ nodeType }: XmlNode): boolean {
  return nodeType === nodeTypes.text || nodeType === nodeTypes.cdata || nodeType === nodeTypes.attribute;
}

/** The XML without what an XPath expression selects. */
export const removeXml = converter(
  'RemoveXML',
  { target: string(), xPath: literalString() },
  ({ target, xPath }) => {
    const select = selecting(xPath);
    return (record) => {
      const text = target.read(record);
      if (text === '') return '';
      return changed(text, (document) => {
        const selected = select(document);
        for (const node of selected) if (node.nodeType === nodeTypes.text) node.nodeValue = '';
        removeNodes(selected.filter((node) => node.nodeType !== nodeTypes.text && canGo(node)));
      });
    };
  },
);

/** The XML with a part added at the end of each element that an XPath expression selects. */
export const insertXml = converter(
  'InsertXML',
  { target: string(), xPath: literalString(), subDocument: string() },
  ({ target, xPath, subDocument }) => {
    const select = selecting(xPath);
    return (record) => {
      const text = target.read(record);
      const document = text === '' ? new XmlNode(nodeTypes.document, '#document') : parseXml(text);
      const added = subDocument.read(record);
      parseXml(added);
      const places = select(document);
      checkUnits(text.length + places.length * unitsOf(added));
      for (const node of places) {
        if (node.nodeType !== nodeTypes.element && node.nodeType !== nodeTypes.document)
          throw new OttlFailure(`${xPath} selects ${node.nodeName}, which is no element`, [node.nodeName]);
        // Each place gets nodes of its own.
        for (const child of parseXml(added).childNodes.slice()) node.append(child);
      }
      return printXml(document);
    };
  },
);

/** Each tag begins a node or ends one. */
function unitsOf(xml: string): number {
  return xml.length + unitsPerValue * (xml.split('<').length - 1);
}

/** The XML with attributes turned into elements, at the end of the element that had them. */
export const convertAttributesToElementsXml = converter(
  'ConvertAttributesToElementsXML',
  { target: string(), xPath: optional(literalString()) },
  ({ target, xPath }) => {
    const select = selecting(xPath === undefined || xPath === '' ? '//@*' : xPath);
    return (record) =>
      changed(target.read(record), (document) => {
        const attributes = select(document).filter(({ ownerElement }) => ownerElement !== null);
        for (const { ownerElement, localName, nodeValue } of attributes)
          ownerElement?.append(elementWith(localName, nodeValue));
        removeNodes(attributes.filter(canGo));
      });
  },
);

/** As in the reference, attributes with a prefix stay. */
function canGo({ nodeType, nodeName }: XmlNode): boolean {
  if (nodeType === nodeTypes.attribute) return nodeName.indexOf(':') <= 0;
  return nodeType !== nodeTypes.document && nodeType !== nodeTypes.instruction;
}

function elementWith(name: string, text: string): XmlNode {
  const element = new XmlNode(nodeTypes.element, name);
  element.append(new XmlNode(nodeTypes.text, '#text', text));
  return element;
}

/** The XML with texts wrapped in elements of their own where they stand beside others. */
export const convertTextToElementsXml = converter(
  'ConvertTextToElementsXML',
  { target: string(), xPath: optional(literalString()), elementName: optional(literalString()) },
  ({ target, xPath, elementName }) => {
    const select = selecting(xPath === undefined || xPath === '' ? '/' : xPath);
    const name = elementName === undefined || elementName === '' ? 'value' : elementName;
    return (record) =>
      changed(target.read(record), (document) => {
        const done = new Set<XmlNode>();
        for (const node of select(document)) wrapTexts(node, name, done);
      });
  },
);

/** Once is enough for a node, however many of those it stands in are selected. */
function wrapTexts(node: XmlNode, name: string, done: Set<XmlNode>): void {
  if (done.has(node)) return;
  done.add(node);
  const elements = node.childNodes.filter(({ nodeType }) => nodeType === nodeTypes.element);
  const texts = node.childNodes.filter(({ nodeType }) => nodeType === nodeTypes.text);
  for (const element of elements) wrapTexts(element, name, done);
  if (elements.length + texts.length <= 1) return;
  for (const text of texts) text.replaceBy(elementWith(name, innerText(text)));
}
