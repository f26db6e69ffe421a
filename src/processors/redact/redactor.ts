/** Redacts one value after the other, and says what it found. */
import { RegexLimit } from '../../model/regex-work.ts';
import type { Regex } from '../../model/regex.ts';
import { valueText, type ExactValue } from '../../model/value.ts';
import { findCards, isCard } from './cards.ts';
import { findCredentials, pushCookies, schemeLength, type Wanted } from './credentials.ts';
import { findEmails } from './emails.ts';
import { disjoint, type Found } from './found.ts';
import { nameJudge, type JudgeName, type NameKind } from './names.ts';
import type { Replace } from './pseudonym.ts';
import { findCloudKeys, findJwts } from './tokens.ts';

export const presets = ['auth', 'cookies', 'jwt', 'emails', 'cards', 'cloud_keys'] as const;
export type Preset = (typeof presets)[number];

export interface NamedPattern {
  readonly name: string;
  readonly regex: Regex;
}

export interface Rules {
  readonly presets: ReadonlySet<Preset>;
  /** Keys whose values go as a whole. */
  readonly keys: readonly Regex[];
  readonly patterns: readonly NamedPattern[];
  /** Keys whose values stay as they are. */
  readonly ignored: readonly Regex[];
  readonly replace: Replace;
}

/** Called for each thing that is replaced. */
export type Tell = (kind: string) => void;

/** What is to become of the value of a key. */
type Fate = 'ignore' | 'key' | NameKind;

const mostKnown = 4096;
/** Texts of this length come again; longer ones are rather one of a kind. */
const longestKnown = 200;
/** Nothing shorter is found by a preset: `a@b.de`, `sid=1`. */
const shortest = 5;

export class Redactor {
  private readonly rules: Rules;
  private readonly judge: JudgeName = nameJudge();
  private readonly wanted: Wanted;
  private readonly namesMatter: boolean;
  private readonly fates = new Map<string, Fate>();
  /** Texts in which nothing was found. */
  private readonly clean = new Set<string>();

  constructor(rules: Rules) {
    this.rules = rules;
    this.wanted = { auth: rules.presets.has('auth'), cookies: rules.presets.has('cookies') };
    this.namesMatter = this.wanted.auth || this.wanted.cookies;
  }

  /** The value of an attribute or of a member; the same one when nothing is in it. */
  valueOf(key: string, value: ExactValue, tell: Tell): ExactValue {
    const fate = this.fateOf(key);
    if (fate === 'ignore') return value;
    return fate === undefined ? this.value(value, tell) : this.whole(value, fate, tell);
  }

  value(value: ExactValue, tell: Tell): ExactValue {
    if (typeof value === 'string') return this.text(value, tell);
    if (typeof value === 'bigint') return this.integer(value, tell);
    if (value instanceof Uint8Array) return this.bytes(value, tell);
    if (Array.isArray(value)) return this.list(value, (item) => this.value(item, tell));
    return value instanceof Map ? this.map(value, tell) : value;
  }

  text(text: string, tell: Tell): string {
    const isKnown = text.length <= longestKnown;
    if (isKnown && this.clean.has(text)) return text;
    const found = this.find(text);
    if (found === undefined) {
      tell('texts that take a pattern too many steps');
      return this.rules.replace({ kind: '', normal: text });
    }
    if (found.length > 0) return this.replaced(text, disjoint(text, found), tell);
    if (isKnown) this.remember(text);
    return text;
  }

  /** Undefined when a pattern of the config takes too many steps: then the text is taken for the worst. */
  private find(text: string): Found[] | undefined {
    const found: Found[] = [];
    const { presets: on, patterns } = this.rules;
    if (text.length >= shortest) {
      if (on.has('jwt')) findJwts(text, found);
      if (on.has('cloud_keys')) findCloudKeys(text, found);
      if (this.namesMatter) findCredentials(text, found, this.wanted, this.judge);
      if (on.has('emails')) findEmails(text, found);
      if (on.has('cards')) findCards(text, found);
    }
    try {
      for (const { name, regex } of patterns) findPattern(text, found, { name, regex });
      return found;
    } catch (error) {
      if (error instanceof RegexLimit) return undefined;
      throw error;
    }
  }

  private replaced(text: string, found: readonly Found[], tell: Tell): string {
    let result = '';
    let done = 0;
    for (const one of found) {
      result += text.slice(done, one.start) + this.rules.replace(one);
      done = one.end;
      tell(one.kind);
    }
    return result + text.slice(done);
  }

  private remember(text: string): void {
    if (this.clean.size >= mostKnown) this.clean.clear();
    this.clean.add(text);
  }

  private fateOf(key: string): Fate {
    const before = this.fates.get(key);
    if (before !== undefined || this.fates.has(key)) return before;
    const fate = this.judged(key);
    if (this.fates.size >= mostKnown) this.fates.clear();
    this.fates.set(key, fate);
    return fate;
  }

  private judged(key: string): Fate {
    const { keys, ignored } = this.rules;
    if (ignored.some((regex) => regex.test(key))) return 'ignore';
    if (keys.some((regex) => regex.test(key))) return 'key';
    const kind = this.judge(key);
    return kind !== undefined && this.wanted[kind] ? kind : undefined;
  }

  /** A value whose key says that it is one secret; of lists and maps each value is. */
  private whole(value: ExactValue, fate: 'key' | 'auth' | 'cookies', tell: Tell): ExactValue {
    if (value === null || typeof value === 'boolean' || value === '') return value;
    if (Array.isArray(value)) return this.list(value, (item) => this.whole(item, fate, tell));
    if (value instanceof Map) {
      return new Map([...value].map(([key, item]) => [this.text(key, tell), this.whole(item, fate, tell)]));
    }
    const text = value instanceof Uint8Array ? Buffer.from(value).toString() : valueText(value);
    return this.replaced(text, this.wholeFound(text, fate), tell);
  }

  private wholeFound(text: string, fate: 'key' | 'auth' | 'cookies'): readonly Found[] {
    const found: Found[] = [];
    if (fate === 'cookies') pushCookies(text, { start: 0, end: text.length }, found);
    const start = fate === 'auth' ? schemeLength(text) : 0;
    if (found.length === 0) found.push({ start, end: text.length, kind: fate, normal: text.slice(start) });
    return found;
  }

  private integer(value: bigint, tell: Tell): ExactValue {
    if (value < 1_000_000_000_000n || !this.rules.presets.has('cards')) return value;
    const normal = String(value);
    if (!isCard(normal)) return value;
    tell('cards');
    return this.rules.replace({ kind: 'cards', normal });
  }

  /** Bytes that are text are redacted as such. */
  private bytes(value: Uint8Array, tell: Tell): ExactValue {
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
    } catch {
      return value;
    }
    const after = this.text(text, tell);
    return after === text ? value : Buffer.from(after);
  }

  private list(list: ExactValue[], edit: (item: ExactValue) => ExactValue): ExactValue {
    const edited = list.map(edit);
    return edited.every((item, at) => Object.is(item, list[at])) ? list : edited;
  }

  /** Written anew it has each key once: one that came twice hides nothing. */
  private map(map: Map<string, ExactValue>, tell: Tell): ExactValue {
    const edited = new Map<string, ExactValue>();
    for (const [key, item] of map)
      edited.set(freeKey(this.text(key, tell), edited), this.valueOf(key, item, tell));
    return edited;
  }
}

/** Keys that are masked alike stay apart. */
export function freeKey(key: string, taken: { has(key: string): boolean }): string {
  let free = key;
  for (let count = 2; taken.has(free); count++) free = `${key}_${count}`;
  return free;
}

/** With a group, what that matched is replaced, else the whole match. */
function findPattern(text: string, found: Found[], { name, regex }: NamedPattern): void {
  for (const { start, end, groups } of regex.matches(text)) {
    const group = groups[1];
    const at = group === undefined ? start : start + (groups[0]?.indexOf(group) ?? 0);
    const normal = group ?? text.slice(start, end);
    if (normal !== '') found.push({ start: at, end: at + normal.length, kind: name, normal });
  }
}
