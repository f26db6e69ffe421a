/**
 * `--set a.b.c=v`: one value from the command line, as a source of its own.
 */
import type { MapNode, Node, Origin } from './node.ts';
import { parseYaml } from './parse.ts';
import { pathText } from './place.ts';
import type { Path } from './place.ts';
import type { Problem } from './problem.ts';
import { hideSecrets } from './secret-keys.ts';
import { SourceText } from './source.ts';

export interface Setting {
  path: string[];
  map: MapNode;
}

/** Undefined when a problem was reported. The value is YAML. */
export function parseSetting(argument: string, problems: Problem[]): Setting | undefined {
  const equals = argument.indexOf('=');
  const keyText = equals === -1 ? argument : argument.slice(0, equals);
  const path = settingPath(keyText.trim());
  if (equals === -1 || path === undefined) {
    const message =
      equals === -1
        ? 'the = between key and value is missing'
        : 'the key before the = is empty or has an empty part';
    const remedy =
      'write --set exporters.debug.verbosity=detailed; keys that hold dots stand in quotes: a."b.c"=v';
    const place = { file: `--set ${keyText}`, line: 0, column: 0, text: '' };
    problems.push({ severity: 'error', path: [], place, message, remedy });
    return undefined;
  }
  const source = new SourceText('--set', argument.slice(equals + 1), keyText.trim());
  const parsed = parseYaml(source, path);
  const origin: Origin = { source, start: 0, end: source.text.length };
  const nothing: Node = {
    kind: 'scalar',
    origin,
    style: 'plain',
    raw: '',
    text: '',
    value: null,
    typed: null,
  };
  let node = parsed.node ?? nothing;
  for (const key of [...path].reverse()) {
    node = { kind: 'map', origin, entries: new Map([[key, { keyOrigin: origin, node }]]) };
  }
  hideSecrets(node);
  // The places of problems are made anew, now that the value may be known as a secret.
  problems.push(...parsed.problems.map((problem) => ({ ...problem, place: source.wholePlace() })));
  return node.kind === 'map' && !parsed.invalid ? { path, map: node } : undefined;
}

/** Why a setting cannot be laid over `root`; it would replace a list or a text by a map. */
export function obstacle(root: MapNode, setting: Setting): Problem | undefined {
  let node: Node = root;
  for (const [index, key] of setting.path.entries()) {
    if (node.kind !== 'map') {
      const path: Path = setting.path.slice(0, index);
      const what = node.kind === 'list' ? 'a list' : 'a single value';
      if (node.kind === 'scalar' && node.value === null) return undefined;
      const place = setting.map.origin.source.wholePlace();
      const remedy = `set the whole of it: --set ${pathText(path)}=${node.kind === 'list' ? '[one, two]' : 'VALUE'}`;
      return { severity: 'error', path, place, message: `is ${what}; --set cannot reach into it`, remedy };
    }
    const next: Node | undefined = node.entries.get(key)?.node;
    if (next === undefined) return undefined;
    node = next;
  }
  return undefined;
}

/** `a.b."c.d"`, `a::b::c.d`. */
function settingPath(text: string): string[] | undefined {
  const parts = text.includes('::') ? text.split('::') : dottedParts(text);
  return parts === undefined || parts.includes('') ? undefined : parts;
}

function dottedParts(text: string): string[] | undefined {
  const parts: string[] = [];
  const part = /"((?:[^"\\]|\\.)*)"|([^."]+)/uy;
  for (;;) {
    const match = part.exec(text);
    if (match === null) return undefined;
    parts.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll(/\\(.)/gu, '$1'));
    if (part.lastIndex === text.length) return parts;
    if (text.charAt(part.lastIndex) !== '.') return undefined;
    part.lastIndex++;
  }
}
