import { RegexError, compileRegex } from '../../model/regex.ts';
import type { Regex } from '../../model/regex.ts';
import type { ExactValue } from '../../model/value.ts';
import { decimalFloat } from '../coerce.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { RefusedArgument, listOf, literalBool, literalString, optional, string } from '../parameters.ts';
import type { Argument } from '../parameters.ts';
import type { Target } from '../target.ts';
import { grokPatterns } from './grok-table.ts';

const parameters = {
  target: string(),
  pattern: string(),
  namedCapturesOnly: optional(literalBool()),
  patternDefinitions: optional(listOf(literalString())),
};

/**
 * What a grok expression finds: `%{NUMBER:took:int}` is a pattern, the name for what it finds, and its type. Empty
 * finds are left out. Without `namedCapturesOnly` patterns without a name give what they find under their own.
 */
export const extractGrokPatterns = converter('ExtractGrokPatterns', parameters, (args) => {
  const definitions = definitionsOf(args.patternDefinitions ?? []);
  const options = { definitions, namedOnly: args.namedCapturesOnly ?? false };
  const grokFor = groksOf(args.pattern, options);
  return (record) => {
    const text = args.target.read(record);
    return grokFor(record).extract(text);
  };
});

function definitionsOf(texts: readonly string[]): ReadonlyMap<string, string> {
  const definitions = new Map<string, string>();
  for (const text of texts) {
    const equal = text.indexOf('=');
    const name = text.slice(0, Math.max(0, equal));
    if (equal < 0 || name.includes(':'))
      throw new RefusedArgument(
        `a definition is NAME=pattern, found ${JSON.stringify(text)}`,
        'patternDefinitions',
      );
    definitions.set(name, text.slice(equal + 1));
  }
  return definitions;
}

interface Options {
  readonly definitions: ReadonlyMap<string, string>;
  readonly namedOnly: boolean;
}

/** How many expressions that come from records stay compiled. */
const keptGroks = 100;

function groksOf(pattern: Argument<string>, options: Options): (record: Target) => Grok {
  if (pattern.constant !== undefined) {
    const grok = literalGrok(pattern.constant.value, options);
    return () => grok;
  }
  const kept = new Map<string, Grok>();
  return (record) => {
    const text = pattern.read(record);
    const known = kept.get(text);
    if (known !== undefined) return known;
    const grok = new Grok(text, options);
    if (kept.size >= keptGroks) kept.clear();
    kept.set(text, grok);
    return grok;
  };
}

function literalGrok(text: string, options: Options): Grok {
  try {
    return new Grok(text, options);
  } catch (error) {
    if (error instanceof OttlFailure) throw new RefusedArgument(error.message, 'pattern');
    throw error;
  }
}

const reference = /%\{(\w+)(?::([\w.]+)(?::(\w+))?)?\}/g;

/** How often references are replaced before a definition is held to refer to itself. */
const mostRounds = 50;
const longestExpansion = 1 << 18;

class Grok {
  readonly #regex: Regex;
  /** The type of what a name finds. */
  readonly #types = new Map<string, string>();

  constructor(text: string, options: Options) {
    const source = this.#expand(text, options);
    this.#regex = compiled(source);
    const named = this.#regex.groupNames.some((name) => name !== undefined);
    if (options.namedOnly && !named) throw new OttlFailure('nothing in the expression has a name', [text]);
  }

  extract(text: string): Map<string, ExactValue> {
    const found = new Map<string, ExactValue>();
    const match = this.#regex.match(text);
    if (match === undefined) return found;
    for (const [index, group] of this.#regex.groupNames.entries()) {
      const value = match.groups[index];
      if (group === undefined || value === undefined || value === '') continue;
      const name = group.replaceAll('___', '.');
      found.set(name, converted(value, this.#types.get(name)));
    }
    return found;
  }

  /** A name with dots is written with three underscores each, which a regex allows. */
  #expand(text: string, { definitions, namedOnly }: Options): string {
    let source = text;
    for (let round = 0; source.search(reference) >= 0; round++) {
      if (round >= mostRounds || source.length > longestExpansion)
        throw new OttlFailure('a definition refers to itself, or there is no end to it', [text]);
      source = source.replaceAll(reference, (_, id: string, name?: string, type?: string) => {
        const pattern = definitions.get(id) ?? grokPatterns.get(id);
        if (pattern === undefined) throw new OttlFailure(`there is no pattern ${id}`, [text]);
        const group = name ?? (namedOnly ? undefined : id);
        if (name !== undefined && type !== undefined) this.#types.set(name, type);
        return group === undefined ? `(?:${pattern})` : `(?P<${group.replaceAll('.', '___')}>${pattern})`;
      });
    }
    return source;
  }
}

function compiled(source: string): Regex {
  try {
    return compileRegex(source, { bounded: true });
  } catch (error) {
    if (error instanceof RegexError) throw new OttlFailure(error.reason, [source]);
    throw error;
  }
}

function converted(text: string, type: string | undefined): ExactValue {
  switch (type) {
    case undefined:
    case 'string':
      return text;
    case 'int':
    case 'long':
      return integer(text);
    case 'float':
    case 'double':
      return float(text);
    case 'bool':
    case 'boolean':
      return bool(text);
    default:
      throw new OttlFailure(`there is no type ${type} (int, long, float, double, bool, boolean, string)`);
  }
}

function integer(text: string): bigint {
  const value = /^[+-]?[0-9]{1,30}$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
  if (value === undefined || BigInt.asIntN(64, value) !== value)
    throw new OttlFailure(`${JSON.stringify(text)} is no int`, [text]);
  return value;
}

function float(text: string): number {
  const value = decimalFloat.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new OttlFailure(`${JSON.stringify(text)} is no float`, [text]);
  return value;
}

function bool(text: string): boolean {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(?:0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new OttlFailure(`${JSON.stringify(text)} is no bool`, [text]);
}
