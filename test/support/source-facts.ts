/** What the architecture laws need to know of a source file, read off its syntax tree. */
import { parseAst } from 'vitest/node';

export interface ImportFact {
  specifier: string;
  typeOnly: boolean;
  /** Imported names; `*` for a namespace, a dynamic import or `export *`. */
  names: string[];
  line: number;
}

export interface UseFact {
  /** A dotted global, for example `process.env`, or `new Date()`. */
  text: string;
  line: number;
}

export interface FactoryFact {
  name: string;
  /** The `type: '...'` literal in the object the factory is made of. */
  type: string | undefined;
}

export interface SourceFacts {
  path: string;
  imports: ImportFact[];
  uses: UseFact[];
  factories: FactoryFact[];
  /** It holds nothing but imports and re-exports. */
  barrel: boolean;
}

interface Node {
  type: string;
  start: number;
  [key: string]: unknown;
}

export function readFacts(path: string, source: string): SourceFacts {
  const program = parseAst(source, { lang: 'ts' }, path) as unknown as Node;
  const facts: SourceFacts = { path, imports: [], uses: [], factories: [], barrel: isBarrel(program) };
  const lineAt = (offset: number) => source.slice(0, offset).split('\n').length;

  visit(program, undefined, '', (node, parent, key) => {
    const found = importOf(node);
    if (found) facts.imports.push({ ...found, line: lineAt(node.start) });
    const text = useOf(node, parent, key);
    if (text) facts.uses.push({ text, line: lineAt(node.start) });
  });
  for (const statement of children(program, 'body')) facts.factories.push(...factoriesOf(statement));
  return facts;
}

type Visitor = (node: Node, parent: Node | undefined, key: string) => void;

function visit(node: Node, parent: Node | undefined, key: string, visitor: Visitor): void {
  visitor(node, parent, key);
  for (const name of Object.keys(node)) {
    const value = node[name];
    for (const item of Array.isArray(value) ? value : [value]) {
      if (isNode(item)) visit(item, node, name, visitor);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function child(node: Node, key: string): Node | undefined {
  const value = node[key];
  return isNode(value) ? value : undefined;
}

function children(node: Node, key: string): Node[] {
  const value = node[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function text(node: Node | undefined, key: string): string | undefined {
  const value = node?.[key];
  return typeof value === 'string' ? value : undefined;
}

function importOf(node: Node): Omit<ImportFact, 'line'> | undefined {
  const specifier = text(child(node, 'source') ?? child(node, 'argument'), 'value');
  if (specifier === undefined) return undefined;
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
      return namedImport(node, specifier);
    case 'ExportAllDeclaration':
      return { specifier, typeOnly: node['exportKind'] === 'type', names: ['*'] };
    case 'ImportExpression':
      return { specifier, typeOnly: false, names: ['*'] };
    case 'TSImportType':
      return { specifier, typeOnly: true, names: ['*'] };
    default:
      return undefined;
  }
}

function namedImport(node: Node, specifier: string): Omit<ImportFact, 'line'> {
  const parts = children(node, 'specifiers');
  const isType = (part: Node) => part['importKind'] === 'type' || part['exportKind'] === 'type';
  return {
    specifier,
    typeOnly: isType(node) || (parts.length > 0 && parts.every(isType)),
    names: parts.map((part) => nameOf(child(part, 'imported') ?? child(part, 'local')) ?? '*'),
  };
}

function nameOf(node: Node | undefined): string | undefined {
  return text(node, 'name') ?? text(node, 'value');
}

/** The dotted name of a value that is read, called or made; undefined where the word is only a label. */
function useOf(node: Node, parent: Node | undefined, key: string): string | undefined {
  if (parent && isLabel(parent, key)) return undefined;
  if (node.type === 'NewExpression' && children(node, 'arguments').length === 0) {
    return dotted(child(node, 'callee')) === 'Date' ? 'new Date()' : undefined;
  }
  if (node.type === 'CallExpression') {
    return dotted(child(node, 'callee')) === 'Date' ? 'Date()' : undefined;
  }
  return dotted(node);
}

function isLabel(parent: Node, key: string): boolean {
  if (parent['computed'] === true) return false;
  if (parent.type === 'MemberExpression') return key === 'property';
  if (parent.type === 'TSTypeQuery' || parent.type === 'TSQualifiedName') return true;
  if (parent.type.startsWith('Import') || parent.type.startsWith('Export')) return key !== 'declaration';
  return key === 'key' || key === 'label';
}

function dotted(node: Node | undefined): string | undefined {
  if (node?.type === 'Identifier') return text(node, 'name');
  if (node?.type !== 'MemberExpression') return undefined;
  const object = dotted(child(node, 'object'));
  const property = child(node, 'property');
  const name = node['computed'] === true ? text(property, 'value') : text(property, 'name');
  if (object === undefined || name === undefined) return undefined;
  return object === 'globalThis' ? name : `${object}.${name}`;
}

function isBarrel(program: Node): boolean {
  const body = children(program, 'body');
  const only = body.every((node) => node.type === 'ImportDeclaration' || isReExport(node));
  return only && body.some(isReExport);
}

function isReExport(node: Node): boolean {
  if (node.type === 'ExportAllDeclaration') return true;
  return node.type === 'ExportNamedDeclaration' && child(node, 'declaration') === undefined;
}

function factoriesOf(statement: Node): FactoryFact[] {
  const declaration = child(statement, 'declaration');
  if (statement.type !== 'ExportNamedDeclaration' || declaration?.['kind'] !== 'const') return [];
  return children(declaration, 'declarations').map((part) => ({
    name: nameOf(child(part, 'id')) ?? '',
    type: typeLiteralOf(child(part, 'init')),
  }));
}

/** Looks through `satisfies`, `as`, and a call such as `defineProcessor({ type: 'x' })`. */
function typeLiteralOf(node: Node | undefined): string | undefined {
  if (!node) return undefined;
  if (node.type === 'ObjectExpression') {
    const property = children(node, 'properties').find((part) => nameOf(child(part, 'key')) === 'type');
    const value = property && child(property, 'value');
    return text((value && child(value, 'expression')) ?? value, 'value');
  }
  const inner = child(node, 'expression') ?? children(node, 'arguments')[0];
  return typeLiteralOf(inner);
}
