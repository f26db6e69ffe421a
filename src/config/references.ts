/**
 * The grammar of `${...}`: text, `$$`, and references, which may hold references.
 */

export type Part =
  | { kind: 'text'; text: string; from: number; length: number }
  | { kind: 'reference'; parts: Part[]; from: number; length: number };

export interface BadReference {
  message: string;
  remedy: string;
  from: number;
}

const maximumNesting = 20;

/** Splits a text. `$$` becomes `$`; a `$` before anything but `{` stays. */
export function splitReferences(text: string): { parts: Part[]; error?: BadReference } {
  const splitter = new Splitter(text);
  const parts = splitter.read(0);
  return splitter.error === undefined ? { parts } : { parts, error: splitter.error };
}

class Splitter {
  error: BadReference | undefined;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Up to the end, or inside of a reference up to its `}`. */
  read(depth: number): Part[] {
    const parts: Part[] = [];
    while (this.#at < this.#text.length && this.error === undefined) {
      if (depth > 0 && this.#text.charAt(this.#at) === '}') return parts;
      const next = this.#text.slice(this.#at, this.#at + 2);
      if (next === '$$') {
        parts.push({ kind: 'text', text: '$', from: this.#at, length: 2 });
        this.#at += 2;
      } else if (next === '${') parts.push(this.#reference(depth + 1));
      else parts.push(this.#plain(depth));
    }
    return parts;
  }

  #plain(depth: number): Part {
    const from = this.#at;
    let end = from + 1;
    while (end < this.#text.length) {
      const character = this.#text.charAt(end);
      if (character === '$' || (depth > 0 && character === '}')) break;
      end++;
    }
    this.#at = end;
    return { kind: 'text', text: this.#text.slice(from, end), from, length: end - from };
  }

  #reference(depth: number): Part {
    const from = this.#at;
    this.#at += 2;
    const parts = depth > maximumNesting ? [] : this.read(depth);
    if (depth > maximumNesting) {
      const message = `references are nested deeper than ${maximumNesting} levels`;
      this.error = { message, remedy: 'give the inner ones variables of their own', from };
    } else if (this.error === undefined && this.#text.charAt(this.#at) !== '}') {
      const remedy = 'add the }, or write $${ where the text ${ itself is meant';
      this.error = { message: 'the } that closes this ${ is missing', remedy, from };
    }
    this.#at++;
    return { kind: 'reference', parts, from, length: this.#at - from };
  }
}
