/**
 * Fills in `${env:NAME}`, `${NAME}`, `${env:NAME:-default}`, `${file:PATH}`, `${yaml:TEXT}` in values.
 *
 * As in the Collector, a value that is one reference and nothing else gets a type (`${env:PORT}` is a number)
 * and keeps its text for text fields (`0123` stays `0123`). Ours: an unset variable without a default is an
 * error; what a variable holds is taken as it is and never becomes a map, a list or another reference; and
 * quotes around the one reference say that a text is meant where the field takes both.
 */
import type { ListNode, MapNode, Node, ScalarNode, Segment } from './node.ts';
import { scalarsOf } from './node.ts';
import { parseYaml } from './parse.ts';
import type { Path } from './place.ts';
import type { Problem } from './problem.ts';
import { splitReferences } from './references.ts';
import type { Part } from './references.ts';
import { placeInRaw } from './scalar-place.ts';
import { typedScalar } from './scalar-type.ts';
import { SourceText } from './source.ts';
import { nearest } from './suggest.ts';

export interface ExpandOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** Reads the file of a `${file:...}`; throws an Error whose message says why it cannot. */
  readFile?: ((path: string) => string) | undefined;
}

/** What stands in the place of a reference. */
interface Filled {
  text: string;
  /** From `${file:}` and `${yaml:}` only. */
  node?: Node;
  note?: string;
}

const maximumFiles = 10;
const variableName = /^[a-zA-Z_][a-zA-Z0-9_]*$/u;

/** Expands all values below `node`, which is not changed. Keys are not expanded. */
export function expand(node: Node, options: ExpandOptions, problems: Problem[]): Node {
  return new Expander(options, problems).expand(node, []);
}

class Expander {
  readonly #options: ExpandOptions;
  readonly #problems: Problem[];
  readonly #openFiles: string[] = [];

  constructor(options: ExpandOptions, problems: Problem[]) {
    this.#options = options;
    this.#problems = problems;
  }

  expand(node: Node, path: Path): Node {
    if (node.kind === 'scalar') return node.raw.includes('$') ? this.#scalar(node, path) : node;
    if (node.kind === 'list') {
      return { ...node, items: node.items.map((item, index) => this.expand(item, [...path, index])) };
    }
    const entries: MapNode['entries'] = new Map();
    for (const [key, entry] of node.entries) {
      entries.set(key, { ...entry, node: this.expand(entry.node, [...path, key]) });
    }
    return { ...node, entries };
  }

  #scalar(node: ScalarNode, path: Path): Node {
    const { parts, error } = splitReferences(node.raw);
    if (error !== undefined) {
      this.#report({ node, path }, { ...error, length: 2 });
      return { ...node, broken: true };
    }
    const only = parts.length === 1 ? parts[0] : undefined;
    if (only?.kind === 'reference') {
      const filled = this.#fill(only, { node, path });
      return filled === undefined ? { ...node, broken: true } : wholeValue(node, filled, only.length);
    }
    return this.#embedded(node, parts, path);
  }

  #embedded(node: ScalarNode, parts: readonly Part[], path: Path): Node {
    const segments: Segment[] = [];
    let text = '';
    let failed = false;
    for (const part of parts) {
      const filled = part.kind === 'text' ? part : this.#fillText(part, { node, path });
      if (filled === undefined) failed = true;
      const added = filled?.text ?? '';
      const verbatim = part.kind === 'text' && part.length === part.text.length;
      segments.push({
        at: text.length,
        length: added.length,
        from: part.from,
        fromLength: part.length,
        verbatim,
      });
      text += added;
    }
    if (failed) return { ...node, broken: true };
    const substituted = parts.some((part) => part.kind === 'reference');
    return {
      ...node,
      text,
      value: text,
      typed: text,
      segments,
      ...(substituted ? { substituted: true as const } : {}),
    };
  }

  /** A reference within a longer text: only a text can stand there. */
  #fillText(part: Part & { kind: 'reference' }, at: At): Filled | undefined {
    const filled = this.#fill(part, at);
    if (filled?.node === undefined || filled.node.kind === 'scalar') return filled;
    const what = filled.node.kind === 'map' ? 'a map' : 'a list';
    this.#report(at, {
      ...part,
      message: `must be a text here, found ${what}`,
      remedy: 'only a value that is one ${file:...} or ${yaml:...} and nothing else can be a map or a list',
    });
    return undefined;
  }

  #fill(part: Part & { kind: 'reference' }, at: At): Filled | undefined {
    const first = part.parts[0];
    const ofVariable = first?.kind === 'text' && first.text.startsWith('env:');
    const { head, fallback } = ofVariable ? splitDefault(part.parts) : { head: part.parts };
    const name = this.#join(head, at);
    if (name === undefined) return undefined;
    const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/u.exec(name)?.[1] ?? 'env';
    const rest = name.startsWith(`${scheme}:`) ? name.slice(scheme.length + 1) : name;
    switch (scheme) {
      case 'env':
        return this.#variable(rest, fallback, { part, ...at });
      case 'yaml':
        return this.#yaml(rest, { part, ...at });
      case 'file':
        return this.#file(rest, { part, ...at });
      default:
        return this.#refuseScheme(scheme, rest, { part, ...at });
    }
  }

  #join(parts: readonly Part[], at: At): string | undefined {
    let text: string | undefined = '';
    for (const part of parts) {
      const added = part.kind === 'text' ? part.text : this.#fillText(part, at)?.text;
      text = text === undefined || added === undefined ? undefined : text + added;
    }
    return text;
  }

  #variable(name: string, fallback: readonly Part[] | undefined, at: AtPart): Filled | undefined {
    if (!variableName.test(name)) return this.#refuseName(name, at);
    const value = Object.hasOwn(this.#options.env, name) ? this.#options.env[name] : undefined;
    if (value !== undefined) return { text: value };
    if (fallback !== undefined) {
      const text = this.#join(fallback, at);
      return text === undefined ? undefined : { text };
    }
    const near = nearest(name, Object.keys(this.#options.env));
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    this.#report(at, {
      ...at.part,
      message: `the environment variable ${name} is not set`,
      remedy: `set it, or give a default: \${env:${name}:-default}${hint}`,
    });
    return undefined;
  }

  #refuseName(name: string, at: AtPart): undefined {
    const [bare, rest] = name.split(/:(-.*)/su);
    if (rest !== undefined && variableName.test(bare ?? '')) return this.#refuseScheme(bare ?? '', rest, at);
    // A name that was filled in itself, or may be a part of a secret, is not told.
    const isFilled = at.part.parts.some((part) => part.kind === 'reference');
    const shown = isFilled || at.node.hidden === true ? '' : ` "${name}"`;
    this.#report(at, {
      ...at.part,
      message: `the variable name${shown} is not valid; it may hold letters, digits and _, and begins with no digit`,
      remedy: 'write $${ where the text ${ itself is meant',
    });
    return undefined;
  }

  #yaml(text: string, at: AtPart): Filled | undefined {
    const parsed = parseYaml(new SourceText('yaml:', text), at.path);
    if (parsed.invalid || parsed.problems.some((problem) => problem.severity === 'error')) {
      const reason = parsed.problems[0]?.message ?? '';
      this.#report(at, { ...at.part, message: `the text after yaml: is not valid YAML: ${reason}` });
      return undefined;
    }
    return { text, node: movedTo(parsed.node ?? at.node, at.node) };
  }

  #file(path: string, at: AtPart): Filled | undefined {
    if (this.#options.readFile === undefined) {
      this.#report(at, { ...at.part, message: '${file:...} cannot be used here' });
      return undefined;
    }
    if (this.#openFiles.includes(path) || this.#openFiles.length >= maximumFiles) {
      const chain = [...this.#openFiles, path].join(' -> ');
      this.#report(at, { ...at.part, message: `the files include each other without end: ${chain}` });
      return undefined;
    }
    let text: string;
    try {
      text = this.#options.readFile(path).replace(/\r?\n$/u, '');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#report(at, { ...at.part, message: `cannot read the file: ${reason}` });
      return undefined;
    }
    return this.#fileText(path, text, at);
  }

  #fileText(path: string, text: string, at: AtPart): Filled {
    const parsed = parseYaml(new SourceText(path, text), at.path);
    const first = parsed.problems[0];
    if (parsed.invalid || parsed.node === undefined) {
      const note = `${path} was read as a text, because it is not YAML: ${first?.message ?? ''}`;
      return first === undefined ? { text } : { text, note };
    }
    if (parsed.node.kind === 'scalar') return { text };
    this.#problems.push(...parsed.problems);
    this.#openFiles.push(path);
    const node = this.expand(parsed.node, at.path);
    this.#openFiles.pop();
    return { text, node };
  }

  #refuseScheme(scheme: string, rest: string, at: AtPart): undefined {
    if (rest.startsWith('-') && variableName.test(scheme)) {
      const remedy = `write \${env:${scheme}:${rest}}`;
      this.#report(at, { ...at.part, message: 'a default needs the prefix env:', remedy });
    } else if (scheme === 'http' || scheme === 'https') {
      const remedy = 'download it to a file and write ${file:PATH}';
      this.#report(at, {
        ...at.part,
        message: 'a configuration is never fetched from the network',
        remedy,
      });
    } else {
      const remedy =
        'known: ${env:NAME}, ${file:PATH}, ${yaml:TEXT}; write $${ where the text ${ itself is meant';
      this.#report(at, { ...at.part, message: `the scheme "${scheme}:" is unknown`, remedy });
    }
    return undefined;
  }

  #report(at: At, what: { message: string; remedy?: string; from: number; length: number }): void {
    const place = placeInRaw(at.node, what.from, what.length);
    const remedy = what.remedy === undefined ? {} : { remedy: what.remedy };
    this.#problems.push({ severity: 'error', path: at.path, place, message: what.message, ...remedy });
  }
}

interface At {
  node: ScalarNode;
  path: Path;
}

interface AtPart extends At {
  part: Part & { kind: 'reference' };
}

/** The parts before and behind the first `:-`. The default is only looked at when it is needed. */
function splitDefault(parts: readonly Part[]): { head: Part[]; fallback?: Part[] } {
  for (const [index, part] of parts.entries()) {
    const found = part.kind === 'text' ? part.text.indexOf(':-') : -1;
    if (part.kind !== 'text' || found === -1) continue;
    const [before, behind] = [part.text.slice(0, found), part.text.slice(found + 2)];
    return {
      head: [...parts.slice(0, index), { ...part, text: before }],
      fallback: [{ ...part, text: behind }, ...parts.slice(index + 1)],
    };
  }
  return { head: [...parts] };
}

/** The node in the place of a scalar that was one reference. */
function wholeValue(node: ScalarNode, filled: Filled, length: number): Node {
  const inner = filled.node;
  if (inner !== undefined && inner.kind !== 'scalar')
    return { ...inner, text: filled.text, raw: node.raw } satisfies MapNode | ListNode;
  const text = filled.text;
  const typed = inner?.kind === 'scalar' ? inner.value : typedScalar(text.trim());
  const holds = inner === undefined && typeof typed === 'string' ? structureIn(text) : undefined;
  return {
    ...node,
    text,
    typed,
    value: node.style === 'plain' ? typed : text,
    segments: [{ at: 0, length: text.length, from: 0, fromLength: length, verbatim: false }],
    substituted: true,
    ...(holds === undefined ? {} : { holds }),
    ...(filled.note === undefined ? {} : { note: filled.note }),
  };
}

/** Whether a variable's text would have been a map or a list. */
function structureIn(text: string): 'map' | 'list' | undefined {
  if (!/[:[{-]/u.test(text)) return undefined;
  const parsed = parseYaml(new SourceText('', text));
  const kind = parsed.invalid ? undefined : parsed.node?.kind;
  return kind === 'map' || kind === 'list' ? kind : undefined;
}

/** All of a `${yaml:...}` stands where the reference stands. */
function movedTo(node: Node, at: ScalarNode): Node {
  for (const [, scalar] of scalarsOf(node)) {
    scalar.origin = at.origin;
    scalar.substituted = true;
    scalar.raw = at.raw;
    scalar.segments = [
      { at: 0, length: scalar.text.length, from: 0, fromLength: at.raw.length, verbatim: false },
    ];
  }
  return withOrigin(node, at);
}

function withOrigin(node: Node, at: ScalarNode): Node {
  if (node.kind === 'scalar') return node;
  if (node.kind === 'list') {
    return { ...node, origin: at.origin, items: node.items.map((item) => withOrigin(item, at)) };
  }
  const entries: MapNode['entries'] = new Map();
  for (const [key, entry] of node.entries) {
    entries.set(key, { keyOrigin: at.origin, node: withOrigin(entry.node, at) });
  }
  return { ...node, origin: at.origin, entries };
}
