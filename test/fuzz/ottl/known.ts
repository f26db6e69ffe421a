/** Differences that stay, each with the reason. At most ten. */
import type { Difference } from './difference.ts';
import { textOfTerm } from './term.ts';

export interface Known {
  readonly reason: string;
  matches(difference: Difference): boolean;
}

export const knownDifferences: readonly Known[] = [
  {
    reason:
      'a map that is set or merged into itself, or at a key made of itself: the Collector reads it while it writes it; and an event is empty for it once the events of its span are set',
    matches: (difference) => intoItself.some((shape) => shape.test(withOneScope(textsOf(difference)))),
  },
  {
    reason:
      'JavaScript text cannot hold bytes that are no UTF-8: they are U+FFFD; and NaN has one pattern of bits, where Go tells several apart',
    matches: (difference) =>
      /Substring\("[^"]*[^\x00-\x7f]/.test(textsOf(difference)) ||
      /7ff8000000000001/.test(JSON.stringify(difference.theirs, bigints)) ||
      /"\?"|\ufffd|\\\\x[0-9a-f]{2}/.test(
        JSON.stringify([difference.item.record, difference.theirs], bigints),
      ) ||
      decodesToBroken(difference),
  },
  {
    reason:
      'antchfx/xpath takes expressions that are no XPath 1.0; xmlquery forgets the prefix of an empty namespace, and where one selected node is in another it links it anew',
    matches: (difference) =>
      ('refused' in difference.ours && difference.ours.refused.includes('XPath')) ||
      /xmlns:\w+=""/.test(textsOf(difference).replaceAll('\\', '')) ||
      (/GetXML\([^]*, "[^"]*(?:\/\/|\||::)/.test(textsOf(difference)) &&
        tagsOf(difference.theirs) !== tagsOf(difference.ours)),
  },
  {
    reason: 'Format of a map, a list or, but as text, a time prints what lies in memory',
    matches: (difference) =>
      /Len\(Format\([^]*\{|[<>=] Format\("[^"]*%[^]*(?:Unix|Now|Time)\(/.test(textsOf(difference)) ||
      (textsOf(difference).includes('Format(') &&
        /\{.*\}|0x[0-9a-f]{6}|time\.Date/i.test(JSON.stringify(withoutFrame(difference.theirs), bigints))),
  },
  {
    reason: 'the last digit of a percentile: that of exp depends on the processor in Go',
    matches: (difference) =>
      textsOf(difference).includes('extract_percentile_metric(') &&
      areClose(difference.theirs, difference.ours),
  },
  {
    reason: 'the last release of uap-core, the data of UserAgent, is older than what the Collector holds',
    matches: (difference) => textsOf(difference).includes('UserAgent(') && !('refused' in difference.ours),
  },
  {
    reason:
      'the Collector does not see that a parameter is missing where another is named, and crashes when it runs',
    matches: ({ theirs, ours }) =>
      'refused' in ours && ours.refused.includes(' lacks ') && !('refused' in theirs),
  },
  {
    reason:
      'engines of patterns: RE2JS takes names of character classes (\\p{Letter}) not in full and in any case, a{01} as a repetition and no [:] in a class; gobwas/glob misses matches beside an empty {}',
    matches: (difference) =>
      /\\[pP](?:\{[^}]*\}|[A-Za-z])|\{\d*,?0\d|\[:\]/.test(
        JSON.stringify(difference.ours, bigints) + textsOf(difference),
      ) || /_match(?:es)?\([^]*, "[^"]*(?:\{(?=["{},\\])|,[},"])/.test(textsOf(difference)),
  },
  {
    reason:
      'a locale has the names of Intl and the rules of all other times; the Collector has a table and rules of its own',
    matches: (difference) => /\bTime\([^]*"[^"]*", "[^"]*", "[^"]*"\)|locale ?=/.test(textsOf(difference)),
  },
  {
    reason:
      'on purpose: Respool fails where the Collector loses the data of a summary (aggregate_on_attribute_value) or makes a list of more than 10 000 elements to set one; it keeps the order of attributes of which one is deleted, where the Collector puts the last in its place',
    matches: (difference) =>
      ('outcomes' in difference.ours && difference.ours.outcomes.some((one) => onPurpose.test(one))) ||
      /^delete_key\([^]*\n.*(?:limit|Keys|Values|MapEach|Find|Reduce|Filter|replace_all_patterns)\(/m.test(
        textsOf(difference),
      ),
  },
];

/** A text, of the case or of its record, that is base64 of bytes that are no UTF-8, where something decodes it. */
function decodesToBroken(difference: Difference): boolean {
  const texts = textsOf(difference);
  if (!texts.includes('Decode(')) return false;
  const given = `${texts} ${JSON.stringify(difference.item.record, bigints)}`;
  const literals = given.match(/"(?:[^"\\]|\\.)*"/gs) ?? [];
  return literals
    .map((literal) => literal.slice(1, -1).replaceAll(/\\n|\n/g, ''))
    .filter((text) => /^[A-Za-z0-9+/_-]{4,}={0,2}$/.test(text) && !fieldNames.test(text))
    .some((text) => Buffer.from(text, 'base64').toString().includes('\ufffd'));
}

/** The names of the fields and attributes of a record. */
const fieldNames = /^(?:[a-z]+[A-Z][A-Za-z]*|resource|scope|spans|events|attributes|value|values|name|none)$/;

function tagsOf(outcome: unknown): number {
  return JSON.stringify(outcome, bigints).split('<').length;
}

function areClose(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number')
    return Object.is(one, other) || Math.abs(one - other) <= 1e-14 * Math.abs(one);
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => areClose(one[key as keyof typeof one], other[key as keyof typeof other]))
  );
}

/** The value alone: the notation around it has braces too. */
function withoutFrame(outcome: unknown): unknown {
  const { value } = outcome as { value?: unknown };
  if (Array.isArray(value)) return value.map(withoutFrame);
  return typeof value === 'object' && value !== null ? withoutFrame(value) : (value ?? outcome);
}

const onPurpose = /cannot aggregate a summary|a new list has at most 10000 elements/;

const intoItself = [
  /^set\(([a-z_.]+)\[.*?\], \1[\])]/su,
  /^merge_maps\(([a-z_.]+)[^,]*, \1/su,
  /^set\(([a-z_.]+)\[[^]*\1[^]*\]/mu,
  /^set\(span\.events, [^]*\n[^]*spanevent\./u,
];

function withOneScope(text: string): string {
  return text.replaceAll('instrumentation_scope', 'scope');
}

function bigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function textsOf({ item }: Difference): string {
  return item.terms.map(textOfTerm).join('\n');
}
