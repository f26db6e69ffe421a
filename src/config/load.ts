/**
 * From the texts of the sources to one tree: parse, merge left to right, lay the `--set` values over it, fill in
 * `${...}`. In this order, as the Collector: a value that a later source replaces is never filled in.
 */
import { expand } from './expand.ts';
import type { ExpandOptions } from './expand.ts';
import { merge } from './merge.ts';
import type { Entry, MapNode, Node } from './node.ts';
import { parseYaml } from './parse.ts';
import type { Problem } from './problem.ts';
import { sortProblems } from './problem.ts';
import { hideSecrets } from './secret-keys.ts';
import { obstacle, parseSetting } from './setting.ts';
import { SourceText } from './source.ts';
import { ConfigTree } from './tree.ts';

export interface ConfigSource {
  /** As it is shown in messages: the path as the user wrote it. */
  name: string;
  text: string;
}

export interface LoadOptions extends ExpandOptions {
  /** The arguments of `--set`: `a.b.c=v`. */
  set?: readonly string[] | undefined;
}

/** Always a tree, as far as one can be had; whether it can be used is up to the errors among the problems. */
export function loadTree(
  sources: readonly ConfigSource[],
  options: LoadOptions,
): { tree: ConfigTree; problems: Problem[] } {
  const problems: Problem[] = [];
  const origin = { source: new SourceText('', ''), start: 0, end: 0 };
  let root: MapNode = { kind: 'map', origin, entries: new Map() };
  for (const { name, text } of sources) {
    const map = parseRoot(new SourceText(name, text), problems);
    root = merge(root, map, problems);
  }
  for (const argument of options.set ?? []) {
    const setting = parseSetting(argument, problems);
    if (setting === undefined) continue;
    const problem = obstacle(root, setting);
    if (problem === undefined) root = merge(root, setting.map, problems);
    else problems.push(problem);
  }
  const expanded = expand(root, options, problems);
  hideSecrets(expanded);
  const tree = new ConfigTree(
    expanded.kind === 'map' ? expanded : root,
    sources.map((source) => source.name),
  );
  return { tree, problems: sortProblems(problems) };
}

function parseRoot(source: SourceText, problems: Problem[]): MapNode {
  const { node, invalid, problems: found } = parseYaml(source);
  problems.push(...found);
  if (node?.kind === 'map') return invalid ? { ...node, broken: true } : unflattened(node, problems);
  if (!invalid) problems.push(noMap(source, node));
  return { kind: 'map', origin: { source, start: 0, end: 0 }, entries: new Map(), broken: true };
}

function noMap(source: SourceText, node: Node | undefined): Problem {
  const remedy = 'a configuration has the sections receivers, processors, exporters and service';
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) {
    return {
      severity: 'error',
      path: [],
      place: source.wholePlace(),
      message: 'holds no configuration',
      remedy,
    };
  }
  const message = `must be a map of sections, found ${node.kind === 'list' ? 'a list' : 'a single value'}`;
  return { severity: 'error', path: [], place: source.placeAt(node.origin.start), message, remedy };
}

/** `exporters::debug::verbosity: detailed` on the top level, as the Collector takes it in `yaml:` arguments. */
function unflattened(root: MapNode, problems: Problem[]): MapNode {
  let result: MapNode = { ...root, entries: new Map() };
  for (const [key, entry] of root.entries) {
    const [first, ...rest] = key.split('::');
    const single: MapNode = { ...root, entries: new Map([[first ?? '', nested(rest, entry)]]) };
    result = merge(result, single, problems);
  }
  return result;
}

function nested(keys: readonly string[], entry: Entry): Entry {
  let node: Node = entry.node;
  for (const key of [...keys].reverse()) {
    node = { kind: 'map', origin: entry.node.origin, entries: new Map([[key, { ...entry, node }]]) };
  }
  return { ...entry, node };
}
