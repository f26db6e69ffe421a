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

/** A text with what is secret in its URLs hidden: `http://user:***@host/path?key=***`. */
export function withoutPasswords(text: string): string {
  return text
    .replaceAll(/(\/\/[^/\s@:"']*:)[^/\s@"']+@/gu, '$1***@')
    .replaceAll(
      /(:\/\/[^\s"'?]*\?)([^\s"'#]+)/gu,
      (_, begin: string, query: string) => begin + withoutValues(query),
    );
}

function withoutValues(query: string): string {
  return query.replaceAll(/=[^&]*/gu, '=***');
}
