/**
 * The YAML parser's errors in words for people who write configuration and no parsers.
 */
import { visit } from 'yaml';
import type { Document, YAMLParseError } from 'yaml';
import type { Path } from './place.ts';
import type { Problem } from './problem.ts';
import type { SourceText } from './source.ts';

/**
 * Nodes further down are not looked at: they are refused as nested too deeply, and the parser's walk takes the square of the
 * depth.
 */
export const deepestVisit = 200;

interface Explained {
  message: string;
  remedy?: string;
  at: number;
  end: number;
  /** Usually the echo of an error before it. */
  aftermath: boolean;
}

type Sentence = readonly [message: string, remedy?: string | undefined];

const sentences: Record<string, Sentence> = {
  TAB_AS_INDENT: ['a tab indents this line; YAML allows only spaces', 'replace all tabs by spaces'],
  BAD_INDENT: ['is indented differently from the lines it belongs to', 'line it up with its neighbours'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second "key: value" begins in the middle of a value',
    'put the value in quotes if ": " belongs to it, or move the key to a line of its own',
  ],
  MULTILINE_IMPLICIT_KEY: [
    'this line is no "key: value", and no value that goes on',
    'add the ":" or indent it to continue the value above',
  ],
  MISSING_CHAR: ['a character is missing here'],
  BAD_SCALAR_START: ['a value cannot begin with this character', 'put the value in quotes'],
  BAD_DQ_ESCAPE: [
    'is no escape that double quotes know',
    'write \\\\ for a backslash, or use single quotes, which know no escapes',
  ],
  BAD_ALIAS: ['is no alias', 'put the value in quotes if it begins with "*"'],
  IMPOSSIBLE: ['cannot be read as YAML'],
  MULTIPLE_ANCHORS: ['a value can have only one anchor'],
  MULTIPLE_TAGS: ['a value can have only one tag'],
  TAG_RESOLVE_FAILED: ['the YAML tag is unknown', 'put the value in quotes if it begins with "!"'],
  BLOCK_IN_FLOW: [
    'a block cannot stand inside [ ] or { }',
    'write the outer list or map over several lines too',
  ],
  COMMENT_SPACE: ['a comment needs a space before its "#"'],
  KEY_OVER_1024_CHARS: ['a key must be shorter than 1024 characters'],
  MISSING_TAG: ['a tag is missing'],
  RESOURCE_EXHAUSTION: ['is nested too deeply'],
};

/**
 * The errors of all documents, one for each line, since the parser stumbles on over what follows from the first;
 * and of all tabs the first.
 */
export function syntaxProblems(
  source: SourceText,
  documents: readonly Document.Parsed[],
  path: Path,
): Problem[] {
  const problems: Problem[] = [];
  const lines = new Set<number>();
  for (const [index, document] of documents.entries()) {
    if (index === 1) problems.push(secondDocument(source, document, path));
    for (const error of document.errors.slice(0, maximumErrors)) {
      const { message, remedy, at, end, aftermath } = explainSyntaxError(error, document, source);
      const line = error.code === 'TAB_AS_INDENT' ? 0 : source.lineAt(at);
      if (lines.has(line) || (aftermath && problems.length > 0)) continue;
      lines.add(line);
      const place = source.placeAt(at, end);
      problems.push({ severity: 'error', path, place, message, ...(remedy === undefined ? {} : { remedy }) });
    }
  }
  return problems;
}

function secondDocument(source: SourceText, document: Document.Parsed, path: Path): Problem {
  return {
    severity: 'error',
    path,
    place: source.placeAt(document.contents?.range[0] ?? document.range[0]),
    message: 'a second YAML document begins here; a configuration is one document',
    remedy:
      'remove the line "---", or put the second part into a file of its own and pass both with --config',
  };
}

/** Who has more to repair looks again. */
const maximumErrors = 50;

/** One parser error as a sentence, a place and what to do. */
function explainSyntaxError(error: YAMLParseError, document: Document.Parsed, source: SourceText): Explained {
  const [at, end] = error.pos;
  const reference = unquotedReference(source.text, at);
  if (reference !== undefined) {
    const written = source.text.slice(reference.at, reference.end);
    return {
      message:
        'inside [ ] or { } a ${...} must stand in quotes, because YAML reads its { as the beginning of a map',
      remedy: `write "${written}" in quotes, or the list over several lines`,
      ...reference,
      aftermath: false,
    };
  }
  const open = unclosed(error, document, source.text);
  if (open !== undefined) {
    const [mark, close] = [source.text.charAt(open), error.code];
    const what = mark === '[' || mark === '{' ? 'bracket' : 'quote';
    const message = `this ${mark} is never closed${close === 'BAD_INDENT' ? ', or what it closes with is indented too little' : ''}`;
    return { message, remedy: `add the closing ${what}`, at: open, end: open + 1, aftermath: false };
  }
  const [message, remedy] = sentenceOf(error, source.text);
  const from = error.code === 'BAD_INDENT' ? at + leadingBlanks(source.text, at) : at;
  const to = error.code === 'BAD_DQ_ESCAPE' ? at + 2 : Math.max(end, from + 1);
  const aftermath = error.code === 'UNEXPECTED_TOKEN';
  return { message, ...(remedy === undefined ? {} : { remedy }), at: from, end: to, aftermath };
}

function leadingBlanks(text: string, at: number): number {
  return /^[ \t]*/u.exec(text.slice(at, at + 200))?.[0].length ?? 0;
}

/** Where the quote or bracket stands whose end the parser looks for. */
function unclosed(error: YAMLParseError, document: Document.Parsed, text: string): number | undefined {
  const wanted =
    /closing (["'])quote/u.exec(error.message)?.[1] ??
    (/^Flow (map|sequence) .*end with a/u.exec(error.message)?.[1] === 'map' ? '{' : undefined) ??
    (error.message.startsWith('Flow sequence') ? '[' : undefined);
  if (wanted === undefined) return undefined;
  return nodeStarts(document)
    .get(error.pos[0])
    ?.findLast((start) => text.charAt(start) === wanted);
}

/** Each document is looked through once, however many errors it has. */
const startsOf = new WeakMap<Document.Parsed, Map<number, number[]>>();

/** Where nodes begin, by where they end, in the order of the text; those that are nested too deeply are left out. */
function nodeStarts(document: Document.Parsed): Map<number, number[]> {
  const known = startsOf.get(document);
  if (known !== undefined) return known;
  const starts = new Map<number, number[]>();
  visit(document, {
    Node(_, node, path) {
      const range = 'range' in node ? node.range : undefined;
      const ending = range === undefined || range === null ? undefined : starts.get(range[1]);
      if (range && ending === undefined) starts.set(range[1], [range[0]]);
      else if (range) ending?.push(range[0]);
      return path.length > deepestVisit ? visit.SKIP : undefined;
    },
  });
  startsOf.set(document, starts);
  return starts;
}

function sentenceOf(error: YAMLParseError, text: string): Sentence {
  if (error.code === 'MISSING_CHAR') return missingCharacter(error.message);
  if (error.code === 'UNEXPECTED_TOKEN') return unexpected(error.message);
  const [message, remedy] = sentences[error.code] ?? [`is not valid YAML: ${error.message}`];
  const [at] = error.pos;
  return [error.code === 'BAD_DQ_ESCAPE' ? `${text.slice(at, at + 2)} ${message}` : message, remedy];
}

function missingCharacter(message: string): Sentence {
  if (message.includes('between flow')) return ['a comma is missing between two entries', 'add the comma'];
  const close = /end with a (\S)/u.exec(message)?.[1];
  if (close !== undefined) return [`the closing ${close} is missing`, `add the ${close}`];
  if (message.includes('followed by map values'))
    return ['the ":" after this key is missing', 'write "key: value"'];
  return [`is not valid YAML: ${message}`];
}

function unexpected(message: string): Sentence {
  if (message.startsWith('Block scalar header')) {
    return ['after | or > only +, - or an indentation width may stand', 'begin the text on the next line'];
  }
  const mark = /"(.+)"$/u.exec(message)?.[1];
  if (mark !== undefined && /^[\]}]$/u.test(mark))
    return [`this ${mark} closes nothing`, `remove the ${mark}`];
  return ['does not belong here', 'check the quotes, brackets and the indentation before it'];
}

/** `[${env:A}]`: the parser stumbles at the `{` after the `$`. */
function unquotedReference(text: string, at: number): { at: number; end: number } | undefined {
  const from = text.lastIndexOf('${', at);
  if (from === -1 || at - from > 2) return undefined;
  const close = /[}\r\n]/u.exec(text.slice(from));
  const end = close === null ? text.length : from + close.index + (close[0] === '}' ? 1 : 0);
  return { at: from, end };
}
