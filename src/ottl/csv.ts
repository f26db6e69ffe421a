import { OttlFailure } from './errors.ts';

/**
 * The fields of one CSV record, by the rules of Go's `encoding/csv`. With `lazyQuotes` a quote may stand in a field
 * without quotes. Of several lines the first field of each continues the last one of the line before.
 * Throws `OttlFailure`.
 */
export function parseCsv(text: string, delimiter: string, lazyQuotes: boolean): string[] {
  const reader = new CsvReader(text, delimiter, lazyQuotes);
  const fields: string[] = [];
  for (let line = reader.record(); line !== undefined; line = reader.record()) {
    for (const [index, field] of line.entries())
      fields.push(index > 0 || fields.length === 0 ? field : `${fields.pop() ?? ''}\n${field}`);
  }
  if (fields.length === 0) throw new OttlFailure('there is no line of CSV in the text');
  return fields;
}

class CsvReader {
  readonly #lines: string[];
  readonly #delimiter: string;
  readonly #lazyQuotes: boolean;
  #next = 0;

  constructor(text: string, delimiter: string, lazyQuotes: boolean) {
    // As in Go, a carriage return at the very end goes too.
    this.#lines = text.replaceAll(/\r(?:\n|$)/g, (end) => end.slice(1)).split(/(?<=\n)/);
    if (this.#lines.at(-1) === '') this.#lines.pop();
    this.#delimiter = delimiter;
    this.#lazyQuotes = lazyQuotes;
  }

  /** The fields of the next record; as in the reference, those before a bad one count, if there are any. */
  record(): string[] | undefined {
    while (this.#lines[this.#next] === '\n') this.#next++;
    let rest = this.#lines[this.#next++];
    if (rest === undefined) return undefined;
    const fields: string[] = [];
    try {
      while (rest !== undefined)
        rest = rest.startsWith('"') ? this.#quoted(rest, fields) : this.#bare(rest, fields);
    } catch (error) {
      if (!(error instanceof OttlFailure) || fields.length === 0) throw error;
    }
    return fields;
  }

  /** Adds a field; answers what follows the delimiter, undefined at the end of the line. */
  #bare(line: string, fields: string[]): string | undefined {
    const at = line.indexOf(this.#delimiter);
    const field = at < 0 ? line.replace(/\n$/, '') : line.slice(0, at);
    if (!this.#lazyQuotes && field.includes('"'))
      throw new OttlFailure('a quote stands in a field that does not begin with one', [line]);
    fields.push(field);
    return at < 0 ? undefined : line.slice(at + this.#delimiter.length);
  }

  #quoted(line: string, fields: string[]): string | undefined {
    let rest = line.slice(1);
    let field = '';
    for (;;) {
      const at = rest.indexOf('"');
      if (at < 0) {
        field += rest;
        const next = this.#lines[this.#next];
        if (next === undefined) break;
        this.#next++;
        rest = next;
        continue;
      }
      field += rest.slice(0, at);
      rest = rest.slice(at + 1);
      if (rest.startsWith('"')) {
        field += '"';
        rest = rest.slice(1);
      } else if (rest.startsWith(this.#delimiter)) {
        fields.push(field);
        return rest.slice(this.#delimiter.length);
      } else if (rest === '' || rest === '\n') {
        fields.push(field);
        return undefined;
      } else if (this.#lazyQuotes) field += '"';
      else throw new OttlFailure('text follows the quote that ends a field', [line]);
    }
    if (!this.#lazyQuotes) throw new OttlFailure('a quote is never closed', [line]);
    fields.push(field.replace(/\n$/, ''));
    return undefined;
  }
}
