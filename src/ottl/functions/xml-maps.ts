import { deepestValue } from '../../model/value.ts';
import type { ExactValue } from '../../model/value.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { string } from '../parameters.ts';
import { trimSpace } from '../space.ts';
import type { OttlMap } from '../values.ts';
import { innerText, nodeTypes } from '../xml/node.ts';
import type { XmlNode } from '../xml/node.ts';
import { scanXml } from '../xml/scan.ts';
import type { XmlToken } from '../xml/scan.ts';
import { parseXml } from '../xml/tree.ts';

/** An XML element as a map of `tag`, and where it has them `content`, `attributes` and `children`. */
export const parseXmlText = converter('ParseXML', { target: string() }, ({ target }) => {
  return (record) => elementMap(target.read(record));
});

interface Open {
  readonly map: OttlMap;
  readonly attributes: OttlMap;
  readonly children: ExactValue[];
  content: string;
}

/** One element; nothing may follow it. */
function elementMap(text: string): OttlMap {
  const open: Open[] = [];
  for (const token of scanXml(text, 'refused')) {
    const inner = open.at(-1);
    if (token.kind === 'start') open.push(opened(token, inner));
    else if (token.kind === 'end' && inner !== undefined) {
      closeElement(inner);
      open.pop();
      if (open.length > 0) continue;
      if (token.end < text.length) throw new OttlFailure('XML: something follows the element');
      return inner.map;
    } else if (inner !== undefined && (token.kind === 'text' || token.kind === 'cdata'))
      inner.content += trimSpace(token.text);
    if (open.length * 2 > deepestValue) throw new OttlFailure('XML is nested too deep for a value');
  }
  throw new OttlFailure('XML: there is no element');
}

function opened(token: Extract<XmlToken, { kind: 'start' }>, parent: Open | undefined): Open {
  const map: OttlMap = new Map([['tag', localName(token.name)]]);
  const attributes = token.attributes.map(([name, value]) => [localName(name), value] as const);
  parent?.children.push(map);
  return { map, attributes: new Map<string, ExactValue>(attributes), children: [], content: '' };
}

/** In the order of the reference. */
function closeElement({ map, attributes, children, content }: Open): void {
  if (content !== '') map.set('content', content);
  if (attributes.size > 0) map.set('attributes', attributes);
  if (children.length > 0) map.set('children', children);
}

/** A colon at the beginning or the end belongs to the name. */
function localName(name: string): string {
  return /^[^:]+:(.+)$/su.exec(name)?.[1] ?? name;
}

/**
 * Elements as keys of maps: text for those that hold text only, lists for those that come several times. Attributes,
 * comments, and text beside elements are left out, and so are elements without anything.
 */
export const parseSimplifiedXml = converter('ParseSimplifiedXML', { target: string() }, ({ target }) => {
  return (record) => childrenMap(parseXml(target.read(record)), 1);
});

function childrenMap(parent: XmlNode, depth: number): OttlMap {
  if (depth > deepestValue) throw new OttlFailure('XML is nested too deep for a value');
  const result: OttlMap = new Map();
  const elements = elementsOf(parent);
  const repeated = new Set<string>();
  const seen = new Set<string>();
  for (const { localName: name } of elements) (seen.has(name) ? repeated : seen).add(name);
  for (const element of elements) {
    if (element.childNodes.length === 0) continue;
    const name = element.localName;
    const list = repeated.has(name) ? listIn(result, name) : undefined;
    const value = leafText(element) || childrenMap(element, depth + (list === undefined ? 1 : 2));
    if (value instanceof Map && value.size === 0) continue;
    if (list === undefined) result.set(name, value);
    else list.push(value);
  }
  return result;
}

function listIn(map: OttlMap, name: string): ExactValue[] {
  const known = map.get(name);
  if (Array.isArray(known)) return known;
  const list: ExactValue[] = [];
  map.set(name, list);
  return list;
}

function elementsOf(parent: XmlNode): XmlNode[] {
  return parent.childNodes.filter(({ nodeType }) => nodeType === nodeTypes.element);
}

/** The first text of an element without elements in it. */
function leafText(element: XmlNode): string {
  if (elementsOf(element).length > 0) return '';
  const text = element.childNodes.find(
    ({ nodeType }) => nodeType === nodeTypes.text || nodeType === nodeTypes.cdata,
  );
  return text === undefined ? '' : innerText(text);
}
