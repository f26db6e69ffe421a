import { readFileSync } from 'node:fs';

import { RegexError, compileRegex } from '../../model/regex.ts';
import type { Regex } from '../../model/regex.ts';
import type { RegexMatch } from '../../model/regex-engine.ts';
import { converter } from '../function.ts';
import { string } from '../parameters.ts';
import { expansion } from '../replacement.ts';
import { OttlLooseMap } from '../values.ts';
import type { OttlMap } from '../values.ts';

/** Browser and operating system by the header of a request, as the regexes of uap-core know them. */
export const userAgent = converter('UserAgent', { userAgent: string() }, ({ userAgent: header }) => {
  const kept = new Map<string, OttlMap>();
  return (record) => {
    const text = header.read(record);
    const known = kept.get(text);
    if (known !== undefined) return new Map(known);
    if (kept.size >= keptAgents) kept.clear();
    const found = identify(text);
    kept.set(text, found);
    return new OttlLooseMap(found);
  };
});

/** How many answers are kept: the same few agents come again and again. */
const keptAgents = 1000;

/** The longest header that is looked at: hundreds of regexes run over it. */
const longestAgent = 4096;

function identify(text: string): OttlMap {
  rules ??= readRules();
  const shown = text.slice(0, longestAgent);
  const agent = firstOf(rules.agents, shown);
  const system = firstOf(rules.systems, shown);
  const found: OttlMap = new Map([
    ['user_agent.name', agent.name],
    ['user_agent.version', agent.version],
    ['user_agent.original', text],
    ['os.name', system.name],
  ]);
  if (system.version !== '') found.set('os.version', system.version);
  return found;
}

/** A regex of the data, and what its groups give; without a template that is the group of that number. */
interface Rule {
  readonly source: string;
  /** The name, then the parts of the version. */
  readonly templates: readonly string[];
  regex?: Regex | undefined;
}

interface Rules {
  readonly agents: readonly Rule[];
  readonly systems: readonly Rule[];
}

/** Read when the function is first used. */
let rules: Rules | undefined;

function firstOf(candidates: readonly Rule[], text: string): { name: string; version: string } {
  for (const rule of candidates) {
    rule.regex ??= compiled(rule.source);
    const match = rule.regex.test(text) ? rule.regex.match(text) : undefined;
    if (match !== undefined) return described(rule, rule.regex, match);
  }
  return { name: 'Other', version: '' };
}

/** A rule that is no RE2 matches nothing. */
function compiled(source: string): Regex {
  try {
    return compileRegex(source);
  } catch (error) {
    if (error instanceof RegexError) return compileRegex('[^\\x00-\\x{10FFFF}]');
    throw error;
  }
}

function described({ templates }: Rule, regex: Regex, match: RegexMatch): { name: string; version: string } {
  const [name = '', ...version] = templates.map((template, index) =>
    template === '' ? (match.groups[index + 1] ?? '') : expansion(template, regex)(match).trim(),
  );
  const end = version.indexOf('');
  return { name, version: version.slice(0, end < 0 ? undefined : end).join('.') };
}

/** The file is YAML of the simplest form: lists of entries, one `key: 'value'` a line. */
function readRules(): Rules {
  const file = new URL(import.meta.resolve('uap-core/regexes.yaml'));
  const sections = readFileSync(file, 'utf8').split(/^(?=\w+_parsers:)/m);
  const section = (name: string): string => sections.find((text) => text.startsWith(name)) ?? '';
  return {
    agents: rulesOf(section('user_agent_parsers'), [
      'family_replacement',
      'v1_replacement',
      'v2_replacement',
      'v3_replacement',
    ]),
    systems: rulesOf(section('os_parsers'), [
      'os_replacement',
      'os_v1_replacement',
      'os_v2_replacement',
      'os_v3_replacement',
      'os_v4_replacement',
    ]),
  };
}

function rulesOf(section: string, names: readonly string[]): Rule[] {
  return section
    .split(/^ *- (?=regex:)/m)
    .slice(1)
    .map((entry) => {
      const fields = new Map(
        [...entry.matchAll(/^ *(\w+): *(?:'((?:[^']|'')*)'|"([^"]*)")/gm)].map(
          ([, key = '', single, double]) => [key, single?.replaceAll("''", "'") ?? double ?? ''],
        ),
      );
      return { source: fields.get('regex') ?? '', templates: names.map((name) => fields.get(name) ?? '') };
    });
}
