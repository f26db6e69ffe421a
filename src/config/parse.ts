/**
 * YAML text to a tree of nodes with places. Everything wrong with the text is reported in one go.
 */
import { isAlias, isMap, isPair, isScalar, parseAllDocuments, visit } from 'yaml';
import type { Document, ParsedNode, Scalar as YamlScalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Entry, ListNode, MapNode, Node, Origin, Scalar, ScalarNode, ScalarStyle } from './node.ts';
import type { Path } from './place.ts';
import type { Problem } from './problem.ts';
import { isOldOctal, typedScalar } from './scalar-type.ts';
import { hideSecretLines, hideSecrets, isSecretPath } from './secret-keys.ts';
import type { SourceText } from './source.ts';
import { deepestVisit, syntaxProblems } from './syntax-errors.ts';

export interface Parsed {
  /** Undefined when the text holds no value at all. */
  node: Node | undefined;
  problems: Problem[];
  /** The text is not YAML: what there is of `node` is a guess. */
  invalid: boolean;
}

/** How many nodes aliases may add: no honest configuration comes near. */
const maximumAliasNodes = 10_000;
const maximumDepth = 64;

/** Reads one YAML document. `path` is where it will stand, for the messages. */
export function parseYaml(source: SourceText, path: Path = []): Parsed {
  const documents = documentsIn(source.text);
  const document = documents[0];
  const invalid = documents.length > 1 || document?.errors.length !== 0;
  if (invalid) hideSecretLines(source);
  const contents = document?.contents ?? null;
  if (document === undefined || contents === null) {
    return {
      node: undefined,
      problems: syntaxProblems(source, documents, path),
      invalid: documents.length > 0 && invalid,
    };
  }
  const builder = new TreeBuilder(source, document);
  const node = builder.build(contents, path);
  hideSecrets(node);
  // Only now, when it is known what must not be shown, places can be made.
  const problems = syntaxProblems(source, documents, path);
  for (const { origin, ...problem } of builder.reports) {
    problems.push({ ...problem, place: source.placeAt(origin.start, origin.end) });
  }
  return { node, problems, invalid };
}

/** A hostile text has thousands of errors, and making their stacks, which nobody reads, took two thirds of the time. */
function documentsIn(text: string): Document.Parsed[] {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const parsed = parseAllDocuments(text, {
      schema: 'failsafe',
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'silent',
    });
    return Array.isArray(parsed) ? parsed : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

type Report = Omit<Problem, 'place'> & { origin: Origin };

const styles: Record<string, ScalarStyle> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
};

class TreeBuilder {
  readonly #source: SourceText;
  readonly #document: Document.Parsed;
  readonly reports: Report[] = [];
  #anchors: Map<string, ParsedNode[]> | undefined;
  #openAliases = 0;
  #aliasNodes = 0;
  #bombReported = false;

  constructor(source: SourceText, document: Document.Parsed) {
    this.#source = source;
    this.#document = document;
  }

  build(item: ParsedNode, path: Path): Node {
    const origin = this.#originOf(item);
    if (this.#openAliases > 0) this.#aliasNodes++;
    if (path.length > maximumDepth) {
      return this.#broken(origin, path, `is nested deeper than ${maximumDepth} levels`);
    }
    if (isAlias(item)) return this.#alias(item.source, origin, path);
    if (isScalar(item)) return this.#scalar(item, origin, path);
    const refusal = this.#collectionTag(item, path);
    if (refusal !== undefined) return refusal;
    return isMap(item) ? this.#map(item, origin, path) : this.#list(item, origin, path);
  }

  #alias(name: string, origin: Origin, path: Path): Node {
    const alias = this.#anchored(name, origin.start);
    if (alias === undefined) {
      // A secret may begin with a star.
      const anchor = isSecretPath(path) ? 'anchor of this name' : `anchor &${name}`;
      return this.#broken(origin, path, `no ${anchor} stands before this alias`);
    }
    if (origin.start < alias.range[1])
      return this.#broken(origin, path, `the alias *${name} contains itself`);
    if (this.#aliasNodes > maximumAliasNodes) {
      if (this.#bombReported) return { ...absent(origin), broken: true };
      this.#bombReported = true;
      const message = `the aliases of this file stand for more than ${maximumAliasNodes} values`;
      return this.#broken(origin, path, message);
    }
    this.#openAliases++;
    const node = this.build(alias, path);
    this.#openAliases--;
    return node;
  }

  /** The last node with this anchor that begins before `offset`. */
  #anchored(name: string, offset: number): ParsedNode | undefined {
    this.#anchors ??= anchorsIn(this.#document);
    return this.#anchors.get(name)?.findLast((node) => node.range[0] < offset);
  }

  #scalar(item: YamlScalar.Parsed, origin: Origin, path: Path): Node {
    const raw = item.source ?? '';
    const style = styles[item.type ?? 'PLAIN'] ?? 'plain';
    let value: Scalar = style === 'plain' ? typedScalar(raw) : raw;
    if (item.tag !== undefined) {
      const tagged = taggedValue(item.tag, raw);
      if (tagged === undefined) return this.#refuseTag(item.tag, origin, path);
      value = tagged;
    } else if (style === 'plain' && isOldOctal(raw)) {
      const decimal = raw.replace(/^([-+]?)0+/u, '$1');
      this.reports.push({
        severity: 'warning',
        path,
        origin,
        message: `${raw} is read as the octal number ${String(value)}, as the Collector reads it`,
        remedy: `write "${raw}" in quotes if it is a text, ${decimal} if it is decimal`,
      });
    }
    return { kind: 'scalar', origin, style, raw, text: raw, value, typed: value };
  }

  #map(item: YAMLMap.Parsed, origin: Origin, path: Path): MapNode {
    const node: MapNode = { kind: 'map', origin, entries: new Map() };
    const merges: Node[] = [];
    for (const pair of item.items) {
      const keyOrigin = this.#originOf(pair.key);
      const key = this.#key(pair.key, keyOrigin, path);
      if (key === undefined) continue;
      const childPath = [...path, key];
      const first = node.entries.get(key);
      const value = pair.value ?? null;
      const child = value === null ? absent(keyOrigin) : this.build(value, childPath);
      if (first !== undefined) this.#duplicate(first, { keyOrigin, node: child }, childPath);
      else if (key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') merges.push(child);
      else node.entries.set(key, { keyOrigin, node: child });
    }
    for (const merge of merges) this.#merge(node, merge, path);
    return node;
  }

  /** YAML's `<<: *defaults`: what the map does not set itself comes from there. */
  #merge(node: MapNode, from: Node, path: Path): void {
    const maps = from.kind === 'list' ? from.items : [from];
    for (const map of maps) {
      if (map.kind !== 'map') {
        if (map.broken !== true) this.#report(map.origin, [...path, '<<'], 'must be an alias of a map');
        continue;
      }
      for (const [key, entry] of map.entries) if (!node.entries.has(key)) node.entries.set(key, entry);
    }
  }

  #list(item: YAMLSeq.Parsed, origin: Origin, path: Path): ListNode {
    const node: ListNode = { kind: 'list', origin, items: [] };
    for (const [index, child] of item.items.entries()) {
      // A sequence of `? key` pairs is only allowed in `!!omap`, which is refused by its tag.
      if (!isPair(child)) node.items.push(this.build(child, [...path, index]));
    }
    return node;
  }

  #key(key: unknown, origin: Origin, path: Path): string | undefined {
    if (!isScalar(key)) {
      const message = isAlias(key)
        ? 'an alias cannot be a key'
        : 'a key must be a text, found a map or a list';
      this.#report(origin, path, message, 'put a key that begins with [, {, * or ? in quotes');
      return undefined;
    }
    const text = key.source ?? '';
    if (text === '' && key.type === 'PLAIN') {
      this.#report(origin, path, 'a key is missing before the ":"');
      return undefined;
    }
    if (text === '__proto__') {
      this.#report(origin, path, '__proto__ cannot be a key');
      return undefined;
    }
    return text;
  }

  #duplicate(first: Entry, again: Entry, path: Path): void {
    const line = this.#source.lineAt(first.keyOrigin.start);
    this.#report(
      again.keyOrigin,
      path,
      `is set a second time; it was first set in line ${line}`,
      'keep one of the two',
    );
    // The second value is in no tree, but its line will be shown.
    let node = again.node;
    for (const key of [...path].reverse()) {
      node = {
        kind: 'map',
        origin: again.keyOrigin,
        entries: new Map([[String(key), { keyOrigin: again.keyOrigin, node }]]),
      };
    }
    hideSecrets(node);
  }

  #collectionTag(item: YAMLMap.Parsed | YAMLSeq.Parsed, path: Path): Node | undefined {
    const allowed = isMap(item) ? 'tag:yaml.org,2002:map' : 'tag:yaml.org,2002:seq';
    if (item.tag === undefined || item.tag === allowed) return undefined;
    return this.#refuseTag(item.tag, this.#originOf(item), path);
  }

  #refuseTag(tag: string, origin: Origin, path: Path): Node {
    const shown = tag.replace(/^tag:yaml\.org,2002:/u, '!!');
    const known = 'known tags: !!str, !!int, !!float, !!bool, !!null, !!map, !!seq';
    const remedy = `remove the tag, or put the value in quotes if it begins with "!"; ${known}`;
    const node = absent(origin);
    node.broken = true;
    this.#report(origin, path, `the YAML tag ${shown} is unknown or does not fit its value`, remedy);
    return node;
  }

  #broken(origin: Origin, path: Path, message: string): ScalarNode {
    this.#report(origin, path, message);
    const node = absent(origin);
    node.broken = true;
    return node;
  }

  #report(origin: Origin, path: Path, message: string, remedy?: string): void {
    this.reports.push({
      severity: 'error',
      path,
      origin,
      message,
      ...(remedy === undefined ? {} : { remedy }),
    });
  }

  #originOf(item: { range?: readonly [number, number, number] | null } | null): Origin {
    const [start, end] = item?.range ?? [0, 0];
    return { source: this.#source, start, end };
  }
}

function anchorsIn(document: Document.Parsed): Map<string, ParsedNode[]> {
  const anchors = new Map<string, ParsedNode[]>();
  visit(document, {
    Node(_, item, path) {
      const node = item as ParsedNode;
      if (!isAlias(node) && node.anchor !== undefined)
        anchors.set(node.anchor, [...(anchors.get(node.anchor) ?? []), node]);
      return path.length > deepestVisit ? visit.SKIP : undefined;
    },
  });
  return anchors;
}

/** A key without a value. Its place is the key's. */
function absent(origin: Origin): ScalarNode {
  return { kind: 'scalar', origin, style: 'plain', raw: '', text: '', value: null, typed: null };
}

function taggedValue(tag: string, raw: string): Scalar | undefined {
  const typed = typedScalar(raw);
  switch (tag) {
    case '!':
    case 'tag:yaml.org,2002:str':
      return raw;
    case 'tag:yaml.org,2002:int':
      return typeof typed === 'bigint' ? typed : undefined;
    case 'tag:yaml.org,2002:float':
      return typeof typed === 'bigint' || typeof typed === 'number' ? Number(typed) : undefined;
    case 'tag:yaml.org,2002:bool':
      return typeof typed === 'boolean' ? typed : undefined;
    case 'tag:yaml.org,2002:null':
      return typed === null ? typed : undefined;
    default:
      return undefined;
  }
}
