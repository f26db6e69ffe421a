import type { ExactValue } from '../../model/value.ts';
import type { Regex } from '../../model/regex.ts';
import { OttlEvalError, OttlFailure } from '../errors.ts';
import { editor } from '../function.ts';
import { compileGlob } from '../glob.ts';
import {
  RefusedArgument,
  literalString,
  mapSlot,
  optional,
  slot,
  string,
  textFunction,
} from '../parameters.ts';
import type { Argument } from '../parameters.ts';
import { isNumberField, placeData } from '../item-data.ts';
import { literalRegex, regexOf } from '../regex-argument.ts';
import { expansion, expansionTable, replaceAll } from '../replacement.ts';
import type { Expand } from '../replacement.ts';
import type { EditableMap } from '../slot.ts';
import type { Read, Target } from '../target.ts';
import { describeValue } from '../values.ts';
import type { OttlValue } from '../values.ts';
import { changing } from './changing.ts';

/** What follows the replacement in a call: a converter for it, and a format for what that gives. */
const treatment = { function: optional(textFunction()), replacementFormat: optional(string()) };

interface Treatment {
  readonly function: ((target: Target, text: string) => OttlValue) | undefined;
  readonly replacementFormat: Argument<string> | undefined;
}

/** Replaces what matches in a text. A value that is no text is left alone. */
export const replacePattern = editor(
  'replace_pattern',
  { target: slot(), regexPattern: string(), replacement: string(), ...treatment },
  ({ target, regexPattern, replacement, ...rest }) => {
    const regexFor = regexOf(regexPattern);
    const expandWith = expansions();
    return (record) => {
      const text = target.read(record);
      if (text === undefined || text === null) return;
      const template = replacement.read(record);
      if (typeof text !== 'string') return;
      const regex = regexFor(record);
      const result = replaceAll(text, regex, treating(expandWith(template, regex), record, rest));
      if (result !== undefined) target.write(record, result);
    };
  },
  {
    data({ target, regexPattern, replacement: { constant: template }, ...rest }) {
      const place = placeData(target);
      const regex = literalRegex(regexPattern);
      if (place === undefined || isNumberField(place) || regex === undefined) return undefined;
      if (template === undefined || rest.function !== undefined) return undefined;
      const expand = expansion(template.value, regex);
      const table = expansionTable(template.value, regex);
      return { do: 'replace', place, by: (text) => replaceAll(text, regex, expand), table };
    },
  },
);

const allPatterns = {
  target: mapSlot(),
  mode: literalString(),
  regexPattern: string(),
  replacement: string(),
  ...treatment,
};

/** The same for all keys of a map, or for all its values that are text. */
export const replaceAllPatterns = editor(
  'replace_all_patterns',
  allPatterns,
  ({ target, mode, regexPattern, replacement, ...rest }) => {
    if (mode !== 'key' && mode !== 'value')
      throw new RefusedArgument(`the mode must be key or value, found ${JSON.stringify(mode)}`, 'mode');
    const regexFor = regexOf(regexPattern);
    const expandWith = expansions();
    return changing(target, (map, record) => {
      const regex = regexFor(record);
      const by = treating(expandWith(replacement.read(record), regex), record, rest);
      const edit = (text: string): string => replaceAll(text, regex, by) ?? text;
      if (mode === 'key') renameKeys(map, regex, edit);
      else map.editTexts((text) => orUnchanged(text, edit));
    });
  },
);

/** As in the reference, an entry whose value cannot be computed stays as it is. */
function orUnchanged(text: string, edit: (text: string) => string): string {
  try {
    return edit(text);
  } catch (error) {
    if (isFailure(error)) return text;
    throw error;
  }
}

/** Of keys that become the same the last counts; an entry whose key cannot be computed goes. */
function renameKeys(map: EditableMap, regex: Regex, edit: (text: string) => string): void {
  const entries = map.exactEntries();
  if (!entries.some(([key]) => regex.test(key))) return;
  const renamed = new Map<string, ExactValue>();
  for (const [key, value] of entries) {
    const name = regex.test(key) ? orNothing(key, edit) : key;
    if (name !== undefined) renamed.set(name, value);
  }
  map.replaceAll(renamed);
}

function orNothing(text: string, edit: (text: string) => string): string | undefined {
  try {
    return edit(text);
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

function isFailure(error: unknown): boolean {
  return error instanceof OttlFailure || error instanceof OttlEvalError;
}

/** Replaces a whole text that the glob matches. As in the reference, the replacement is computed in any case. */
export const replaceMatch = editor(
  'replace_match',
  { target: slot(), pattern: string(), replacement: string(), ...treatment },
  ({ target, pattern, replacement, ...rest }) => {
    const globFor = globs(pattern);
    return (record) => {
      const glob = globFor(record);
      const text = target.read(record);
      const by = treated(replacement.read(record), record, rest);
      if (typeof text === 'string' && glob.test(text)) target.write(record, by);
    };
  },
);

/** The same for all values of a map. */
export const replaceAllMatches = editor(
  'replace_all_matches',
  { target: mapSlot(), pattern: string(), replacement: string(), ...treatment },
  ({ target, pattern, replacement, ...rest }) => {
    const globFor = globs(pattern);
    return changing(target, (map, record) => {
      const glob = globFor(record);
      const by = treated(replacement.read(record), record, rest);
      map.editTexts((text) => (glob.test(text) ? by : text));
    });
  },
);

/** What comes in the place of a match. */
function treating(expand: Expand, record: Target, rest: Treatment): Expand {
  return rest.function === undefined ? expand : (match) => treated(expand(match), record, rest);
}

/** What the converter and the format make of a replacement. The format counts only with a converter. */
function treated(text: string, record: Target, { function: convert, replacementFormat }: Treatment): string {
  if (convert === undefined) return text;
  const value = convert(record, text);
  if (typeof value !== 'string')
    throw new OttlFailure(`a replacement must be a string, found ${describeValue(value)}`, [value]);
  return replacementFormat === undefined ? value : formatted(replacementFormat.read(record), value);
}

function formatted(format: string, value: string): string {
  if (!format.includes('%s') || /%[^s]|\n/.test(format)) {
    throw new OttlFailure('the replacement format must hold %s and no other verb', [format]);
  }
  const [first = '', ...others] = format.split('%s');
  // As in Go: the verbs behind the first find nothing to print, nor does a % at the end.
  const text = `${first}${value}${others.join('%!s(MISSING)')}`;
  return format.endsWith('%') ? `${text.slice(0, -1)}%!(NOVERB)` : text;
}

/** What a replacement means for a pattern, kept until one of the two is another one. */
function expansions(): (template: string, regex: Regex) => Expand {
  let last: { template: string; regex: Regex; expand: Expand } | undefined;
  return (template, regex) => {
    if (last?.regex !== regex || last.template !== template)
      last = { template, regex, expand: expansion(template, regex) };
    return last.expand;
  };
}

/** A literal glob is compiled once, and refused at once if it is none. */
function globs(pattern: Argument<string>): Read<Regex> {
  if (pattern.constant === undefined) {
    return (record) => {
      const text = pattern.read(record);
      const glob = compileGlob(text);
      if (glob === undefined) throw new OttlFailure(`${JSON.stringify(text)} is no glob`, [text]);
      return glob;
    };
  }
  const { value } = pattern.constant;
  const glob = compileGlob(value);
  if (glob === undefined) throw new RefusedArgument(`${JSON.stringify(value)} is no glob`, pattern);
  return () => glob;
}
