/**
 * From an offset in a scalar's text to the offset in the source, through YAML's quoting and folding and through
 * the `${...}` in it. An error in an OTTL statement gets its caret this way.
 */
import type { ScalarNode } from './node.ts';
import type { Place } from './place.ts';

/** The place of a stretch of the expanded text. Where it cannot be told, the place of the whole scalar. */
export function placeInText(node: ScalarNode, offset: number, length = 1): Place {
  const from = rawOffset(node, offset, 'start');
  const to = rawOffset(node, offset + Math.max(1, length) - 1, 'end');
  return placeInRaw(node, from, Math.max(1, to - from));
}

/** The place of a stretch of the text as written. */
export function placeInRaw(node: ScalarNode, offset: number, length = 1): Place {
  const { source, start, end } = node.origin;
  const offsets = knownOffsets(node);
  const at = offsets?.[Math.min(offset, node.raw.length)];
  if (offsets === undefined || at === undefined) return source.placeAt(start, end);
  const last = offsets[Math.min(offset + length - 1, node.raw.length)] ?? at;
  return source.placeAt(at, Math.max(last + 1, at + 1));
}

/** The offset in `raw` at which the expanded text's character begins, or behind which it ends. */
function rawOffset(node: ScalarNode, offset: number, edge: 'start' | 'end'): number {
  const after = edge === 'end' ? 1 : 0;
  if (node.segments === undefined) return offset + after;
  for (const segment of node.segments) {
    if (offset >= segment.at + segment.length) continue;
    if (segment.verbatim) return segment.from + (offset - segment.at) + after;
    return segment.from + (edge === 'end' ? segment.fromLength : 0);
  }
  return node.raw.length + after;
}

/** Of one scalar many places may be asked for, as many as its references. */
const known = new WeakMap<
  ScalarNode,
  Pick<ScalarNode, 'raw' | 'origin'> & { offsets: number[] | undefined }
>();

function knownOffsets(node: ScalarNode): number[] | undefined {
  const { raw, origin } = node;
  const found = known.get(node);
  if (found?.raw === raw && found.origin === origin) return found.offsets;
  const offsets = sourceOffsets(node);
  known.set(node, { raw, origin, offsets });
  return offsets;
}

/** For each character of `raw` its offset in the source, and one more for its end. */
function sourceOffsets(node: ScalarNode): number[] | undefined {
  const { source, start, end } = node.origin;
  const reader = new Reader(source.text, start, end, node.style);
  const offsets: number[] = [];
  for (const character of node.raw) {
    const at = isBlank(character) ? reader.blank(character) : reader.visible(character);
    if (at === undefined) return undefined;
    for (let unit = 0; unit < character.length; unit++) offsets.push(at + (reader.escaped ? 0 : unit));
  }
  offsets.push(reader.at);
  return offsets;
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r';
}

/**
 * Walks the source beside the decoded text. Folding changes nothing but white space, so a visible character is
 * the next visible one of the source, and white space is about where the reader stands.
 */
class Reader {
  at: number;
  escaped = false;
  readonly #text: string;
  readonly #end: number;
  readonly #style: ScalarNode['style'];

  constructor(text: string, start: number, end: number, style: ScalarNode['style']) {
    this.#text = text;
    this.#end = end;
    this.#style = style;
    this.at = start;
    if (style === 'single' || style === 'double') this.at = start + 1;
    if (style === 'literal' || style === 'folded') {
      const lineEnd = text.indexOf('\n', start);
      this.at = lineEnd === -1 ? end : lineEnd + 1;
    }
  }

  visible(character: string): number | undefined {
    while (this.at < this.#end) {
      const escape = this.#escape();
      if (escape !== undefined && escape.text === '') {
        this.at += escape.length;
        continue;
      }
      if (escape === undefined && isBlank(this.#text.charAt(this.at))) {
        this.at++;
        continue;
      }
      return this.#take(character, escape);
    }
    return undefined;
  }

  blank(character: string): number {
    const escape = this.#escape();
    if (escape !== undefined && escape.text === character) return this.#take(character, escape) ?? this.at;
    const from = this.at;
    if (this.at < this.#end && this.#text.charAt(this.at) === character && character !== '\n') this.at++;
    else if (character === '\n') this.#skipLineEnd();
    this.escaped = false;
    return from;
  }

  /** Leaves the indentation of the next line to `visible`, but for a literal's own spaces they are equal anyway. */
  #skipLineEnd(): void {
    const rest = /^[ \t]*\r?\n/u.exec(this.#text.slice(this.at, this.#end));
    if (rest !== null) this.at += rest[0].length;
  }

  #take(character: string, escape: { text: string; length: number } | undefined): number | undefined {
    const from = this.at;
    this.escaped = escape !== undefined;
    const found = escape?.text ?? String.fromCodePoint(this.#text.codePointAt(from) ?? 0);
    if (found !== character) return undefined;
    this.at += escape?.length ?? character.length;
    return from;
  }

  #escape(): { text: string; length: number } | undefined {
    const rest = this.#text.slice(this.at, Math.min(this.#end, this.at + 12));
    if (this.#style === 'single') return rest.startsWith("''") ? { text: "'", length: 2 } : undefined;
    if (this.#style !== 'double' || !rest.startsWith('\\')) return undefined;
    const lineBreak = /^\\\r?\n/u.exec(rest);
    if (lineBreak !== null) return { text: '', length: lineBreak[0].length };
    const code = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/u.exec(rest);
    if (code !== null) return this.#codePoint(code);
    const name = rest.charAt(1);
    return { text: escapes[name] ?? name, length: 2 };
  }

  /** `\ud83d\ude00` is one character to the text and two escapes here. */
  #codePoint(code: RegExpExecArray): { text: string; length: number } {
    const value = Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '0', 16);
    const low = this.#text.slice(this.at + 6, this.at + 12);
    const pair = value >= 0xd800 && value < 0xdc00 ? /^\\u([dD][c-fC-F][0-9a-fA-F]{2})$/u.exec(low) : null;
    if (pair === null)
      return { text: String.fromCodePoint(Math.min(value, 0x10ffff)), length: code[0].length };
    return { text: String.fromCharCode(value, Number.parseInt(pair[1] ?? '0', 16)), length: 12 };
  }
}

const escapes: Record<string, string> = {
  '0': '\0',
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
