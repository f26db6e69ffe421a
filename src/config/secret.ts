/**
 * A text that no log, message or dump shows.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself: only for the request that needs it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***';
  }
}

/** A text with the passwords of the URLs in it hidden: `http://user:***@host`. */
export function withoutPasswords(text: string): string {
  return text.replaceAll(/(\/\/[^/\s@:"']*:)[^/\s@"']+@/gu, '$1***@');
}
