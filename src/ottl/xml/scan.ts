import { OttlFailure } from '../errors.ts';

/** A piece of an XML text. */
export type XmlToken =
  | {
      readonly kind: 'start';
      readonly name: string;
      readonly attributes: readonly Attribute[];
      readonly end: number;
    }
  | { readonly kind: 'end'; readonly name: string; readonly end: number }
  | { readonly kind: 'text' | 'cdata' | 'comment' | 'directive'; readonly text: string }
  | { readonly kind: 'instruction'; readonly name: string; readonly text: string };

export type Attribute = readonly [name: string, value: string];

/** How deep elements may be nested. */
const deepestElement = 1000;

const nameRun = /[A-Za-z0-9_:.\-\u0080-\uffff]*/y;
const space = /[ \t\r\n]*/y;

/**
 * The pieces of an XML text from the left, as strict as Go's `encoding/xml`: tags must match, values be quoted,
 * entities be known. Throws `OttlFailure` when it gets to what is wrong. As in the reference, what follows a
 * declaration with another character set than UTF-8 is refused, or its bytes are read in that set.
 */
export function* scanXml(xml: string, otherSets: 'refused' | 'read'): Generator<XmlToken, undefined> {
  const scanner = new Scanner(xml, otherSets);
  const open: string[] = [];
  for (let token = scanner.next(); token !== undefined; token = scanner.next()) {
    if (token.kind === 'end') checkEnd(token.name, open.pop());
    yield token;
    if (token.kind === 'start') {
      open.push(token.name);
      if (open.length > deepestElement) throw new OttlFailure(`XML is nested deeper than ${deepestElement}`);
      if (scanner.wasEmptyElement) {
        open.pop();
        yield { kind: 'end', name: token.name, end: token.end };
      }
    }
  }
  if (open.length > 0) throw new OttlFailure(`<${open.at(-1)}> is never closed`);
}

function checkEnd(name: string, expected: string | undefined): void {
  if (expected === undefined) throw new OttlFailure(`</${name}> closes nothing`);
  if (expected !== name) throw new OttlFailure(`<${expected}> is closed by </${name}>`);
}

/** Its sets of characters are made when it is first called: they take a while. */
function isName(text: string): boolean {
  return /^[\p{L}_:][\p{L}\p{N}\p{M}_:.\-\u00b7]*$/u.test(text);
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };

class Scanner {
  wasEmptyElement = false;
  #xml: string;
  readonly #otherSets: 'refused' | 'read';
  #at = 0;

  constructor(xml: string, otherSets: 'refused' | 'read') {
    this.#xml = xml;
    this.#otherSets = otherSets;
  }

  next(): XmlToken | undefined {
    const xml = this.#xml;
    if (this.#at >= xml.length) return undefined;
    if (xml[this.#at] !== '<') {
      const end = xml.indexOf('<', this.#at);
      const text = xml.slice(this.#at, end < 0 ? undefined : end);
      this.#at += text.length;
      if (text.includes(']]>')) throw new OttlFailure('XML: ]]> stands in a text');
      return { kind: 'text', text: decoded(text) };
    }
    if (xml.startsWith('<!--', this.#at)) return this.#comment();
    if (xml.startsWith('<![CDATA[', this.#at))
      return { kind: 'cdata', text: checked(withNewlines(this.#until(9, ']]>', 'a CDATA section'))) };
    if (xml.startsWith('<![', this.#at)) throw new OttlFailure('XML: <![ begins no CDATA section');
    if (xml.startsWith('<!-', this.#at)) throw new OttlFailure('XML: <!- begins no comment');
    if (xml.startsWith('<!', this.#at)) return this.#directive();
    if (xml.startsWith('<?', this.#at)) return this.#instruction();
    return xml[this.#at + 1] === '/' ? this.#endTag() : this.#startTag();
  }

  /** What stands between `skipped` characters from here and `end`. */
  #until(skipped: number, end: string, what: string): string {
    const start = this.#at + skipped;
    const at = this.#xml.indexOf(end, start);
    if (at < 0) throw new OttlFailure(`XML: ${what} has no end`);
    this.#at = at + end.length;
    return this.#xml.slice(start, at);
  }

  #comment(): XmlToken {
    const text = this.#until(4, '-->', 'a comment');
    if (text.includes('--') || text.endsWith('-')) throw new OttlFailure('XML: -- stands in a comment');
    return { kind: 'comment', text: checked(text) };
  }

  /** `<!DOCTYPE ...>`, with quotes and angle brackets inside; a comment inside is a space. */
  #directive(): XmlToken {
    const start = this.#at + 2;
    // As in Go, the first character ends nothing.
    const inner = /(["'])(?:[^]*?\1|[^]*)|<!--(?:[^]*?-->|[^]*)|[<>]/g;
    inner.lastIndex = start + 1;
    let depth = 0;
    for (let found = inner.exec(this.#xml); found !== null; found = inner.exec(this.#xml)) {
      if (found[0] === '<') depth++;
      else if (found[0] === '>' && depth-- === 0) {
        this.#at = inner.lastIndex;
        return { kind: 'directive', text: withoutComments(this.#xml.slice(start, found.index)) };
      }
    }
    throw new OttlFailure('XML: a directive has no end');
  }

  #instruction(): XmlToken {
    const text = this.#until(2, '?>', 'an instruction');
    nameRun.lastIndex = 0;
    const name = nameRun.exec(text)?.[0] ?? '';
    if (!isName(name)) throw new OttlFailure('XML: an instruction has no name');
    if (name === 'xml') this.#declare(text);
    return { kind: 'instruction', name, text: text.slice(name.length).trim() };
  }

  #declare(text: string): void {
    const version = declared('version', text);
    if (version !== '' && version !== '1.0')
      throw new OttlFailure(`the version of XML is 1.0, found ${version}`);
    const encoding = declared('encoding', text);
    if (encoding === '' || encoding.toLowerCase() === 'utf-8') return;
    const decode = this.#otherSets === 'read' ? decoderOf(encoding) : undefined;
    if (decode === undefined) throw new OttlFailure(`XML: the character set ${encoding} is not read`);
    this.#xml = this.#xml.slice(0, this.#at) + decode(Buffer.from(this.#xml.slice(this.#at)));
  }

  #endTag(): XmlToken {
    this.#at += 2;
    const name = this.#name('a tag');
    this.#match(space);
    this.#expect('>', `</${name}`);
    return { kind: 'end', name, end: this.#at };
  }

  #startTag(): XmlToken {
    this.#at++;
    const name = this.#name('a tag');
    const attributes: Attribute[] = [];
    for (;;) {
      this.#match(space);
      const letter = this.#xml.charAt(this.#at);
      if (letter === '/' || letter === '>') break;
      attributes.push(this.#attribute());
    }
    this.wasEmptyElement = this.#xml.charAt(this.#at) === '/';
    if (this.wasEmptyElement) this.#at++;
    this.#expect('>', `<${name}`);
    return { kind: 'start', name, attributes, end: this.#at };
  }

  #attribute(): Attribute {
    const name = this.#name('an attribute');
    this.#match(space);
    this.#expect('=', name);
    this.#match(space);
    const quote = this.#xml.charAt(this.#at);
    if (quote !== '"' && quote !== "'") throw new OttlFailure(`XML: the value of ${name} is not in quotes`);
    const value = this.#until(1, quote, `the value of ${name}`);
    if (value.includes('<')) throw new OttlFailure(`XML: < stands in the value of ${name}`);
    return [name, decoded(value)];
  }

  #name(what: string): string {
    const name = this.#match(nameRun);
    if (!isName(name) || name.indexOf(':') !== name.lastIndexOf(':'))
      throw new OttlFailure(`XML: the name of ${what} is missing at ${this.#at}`);
    return name;
  }

  #match(shape: RegExp): string {
    shape.lastIndex = this.#at;
    const found = shape.exec(this.#xml)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #expect(letter: string, after: string): void {
    if (this.#xml.charAt(this.#at) !== letter)
      throw new OttlFailure(`XML: ${letter} is missing after ${after}`);
    this.#at++;
  }
}

function withoutComments(directive: string): string {
  const inner = /(["'])[^]*?\1|<!--[^]*?-->/g;
  return (
    directive.slice(0, 1) +
    directive.slice(1).replaceAll(inner, (found: string) => (found.startsWith('<') ? ' ' : found))
  );
}

/** What a declaration says, '' for nothing. */
function declared(name: string, declaration: string): string {
  return new RegExp(`${name}=(["'])(.*?)\\1`, 's').exec(declaration)?.[2] ?? '';
}

function decoderOf(encoding: string): ((bytes: Uint8Array) => string) | undefined {
  try {
    const decoder = new TextDecoder(encoding, { ignoreBOM: true });
    return (bytes) => decoder.decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** As Go has it in texts and values, not in comments and the like. */
function withNewlines(text: string): string {
  return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
}

/** Entities as what they stand for. */
function decoded(raw: string): string {
  const text = withNewlines(raw);
  if (!text.includes('&')) return checked(text);
  const plain = text.replaceAll(/&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|\w*);?/g, (whole, name: string) => {
    const point = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    const isPoint = name.startsWith('#') && point <= 0x10ffff;
    const character = isPoint
      ? String.fromCodePoint(point)
      : Object.hasOwn(entities, name)
        ? entities[name]
        : undefined;
    if (character === undefined || !whole.endsWith(';'))
      throw new OttlFailure(`XML: ${JSON.stringify(whole)} is no entity that is known`);
    return character;
  });
  return checked(plain);
}

function checked(text: string): string {
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text))
    throw new OttlFailure('XML must not hold control characters');
  return text;
}
