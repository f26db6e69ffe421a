import { OttlError } from './errors.ts';
import type { Place } from './errors.ts';
import { lex } from './lex.ts';
import type { Token, TokenKind } from './lex.ts';

/** How deep parentheses, brackets, braces and calls may be nested; everything that walks the tree relies on it. */
const maxNesting = 100;

/** The tokens of one text and how far they have been read. */
export class Tokens {
  readonly text: string;
  #tokens: readonly Token[];
  readonly #end: Token;
  #position = 0;
  #nesting = 0;

  constructor(text: string) {
    this.text = text;
    this.#tokens = lex(text);
    this.#end = this.#tokens.at(-1) ?? { kind: 'end', text: '', start: 0, end: 0 };
  }

  /** The token `ahead` of the next one, without reading it. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#position + ahead] ?? this.#end;
  }

  next(): Token {
    const token = this.peek();
    if (this.#position < this.#tokens.length - 1) this.#position++;
    return token;
  }

  /** End of the token read last. */
  get lastEnd(): number {
    return this.#tokens[this.#position - 1]?.end ?? 0;
  }

  /** True if the next token is this operator, keyword or punctuation. */
  at(text: string): boolean {
    const token = this.peek();
    return token.text === text && token.kind !== 'string' && token.kind !== 'end';
  }

  atKind(kind: TokenKind): boolean {
    return this.peek().kind === kind;
  }

  /** Reads the next token if it is `text`. */
  accept(text: string): boolean {
    const found = this.at(text);
    if (found) this.next();
    return found;
  }

  expect(text: string, purpose: string, remedy?: string): Token {
    if (!this.at(text))
      throw this.error(this.peek(), `expected ${text} ${purpose}, found ${this.describe()}`, remedy);
    return this.next();
  }

  expectEnd(): void {
    const token = this.peek();
    if (token.kind === 'end') return;
    throw this.error(token, `expected the end, found ${this.describe()}`, otherOperator(token));
  }

  /** Runs `read` one level deeper; refuses a text that nests too deep. */
  nested<T>(read: () => T): T {
    this.#nesting++;
    if (this.#nesting > maxNesting) {
      throw this.error(
        this.peek(),
        `parentheses, lists, maps and calls may be nested ${maxNesting} deep, not deeper`,
      );
    }
    const result = read();
    this.#nesting--;
    return result;
  }

  /** What `read` gives; where it throws `OttlError`, undefined, as if it had read nothing. */
  attempt<T>(read: () => T): T | undefined {
    const [position, nesting] = [this.#position, this.#nesting];
    try {
      return read();
    } catch (error) {
      if (!(error instanceof OttlError)) throw error;
      this.#position = position;
      this.#nesting = nesting;
      return undefined;
    }
  }

  /** Reads `word`, also where it stands right before a capital, which begins another word. */
  acceptBeforeCapital(word: string): boolean {
    const { kind, text, start, end } = this.peek();
    if (kind !== 'word' || !text.startsWith(word)) return false;
    if (text === word) return this.accept(word);
    if (!/^[A-Z]/.test(text.slice(word.length))) return false;
    const rest = { kind, text: text.slice(word.length), start: start + word.length, end } as const;
    this.#tokens = this.#tokens.with(this.#position, rest);
    return true;
  }

  describe(token: Token = this.peek()): string {
    return token.kind === 'end' ? 'the end of the text' : token.text;
  }

  /** Throws if the next token is an operator in other languages. */
  refuseOtherOperator(): void {
    const remedy = otherOperator(this.peek());
    if (remedy === undefined) return;
    const message = `expected a comparison such as ==, found ${this.describe()}`;
    throw this.error(this.peek(), message, remedy);
  }

  /** For a value where only a comma or the end of the arguments can stand. */
  commaRemedy(): string | undefined {
    const beginsValue = /^["\w[{]/.test(this.peek().text) && !this.at('where');
    return beginsValue ? 'a comma stands between arguments' : undefined;
  }

  error(place: Place, message: string, remedy?: string): OttlError {
    const problem = { text: this.text, offset: place.start, length: place.end - place.start, message };
    return new OttlError([remedy === undefined ? problem : { ...problem, remedy }]);
  }
}

/** For what stands where an operator, `where` or the end must. */
function otherOperator(token: Token): string | undefined {
  if (/^(?:and|or|not)$/i.test(token.text)) return `write ${token.text.toLowerCase()} in lower case`;
  if (token.kind === 'comparison') return 'comparisons cannot be chained; write a < b and b < c';
  if (token.text === '=') return 'equality is written ==';
  if (/^(?:if|when|where)$/i.test(token.text)) return 'a condition follows the word where';
  if (/^(?:in|is|like|matches|contains)$/i.test(token.text))
    return 'values are compared by ==, texts matched by IsMatch(value, "regex")';
  return undefined;
}
