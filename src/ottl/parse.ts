import type {
  ArgumentNode,
  CallNode,
  ConditionNode,
  FieldNode,
  KeyNode,
  MapEntry,
  MathNode,
  MathOperator,
  MathStep,
  StatementNode,
  ValueNode,
} from './ast.ts';
import {
  describe,
  isComparisonOperator,
  isCondition,
  isFieldName,
  isOperand,
  isValue,
  list,
  made,
  placeOf,
  snakeRemedy,
} from './expressions.ts';
import type { Expression } from './expressions.ts';
import { readLiteral, readText, valueExpected } from './literals.ts';
import { converterRemedy, editorRemedy, symbolRemedy } from './names.ts';
import { Tokens } from './tokens.ts';

/** Parses a boolean expression, as filters and `where` take it. Throws `OttlError`. */
export function parseCondition(text: string): ConditionNode {
  const parser = new Parser(text);
  return parser.whole(() => parser.condition());
}

/** Parses a value expression. Throws `OttlError`. */
export function parseValue(text: string): ValueNode {
  const parser = new Parser(text);
  return parser.whole(() => parser.value());
}

/** Parses `editor(...) where condition`. Throws `OttlError`. */
export function parseStatement(text: string): StatementNode {
  const parser = new Parser(text);
  return parser.whole(() => parser.statement());
}

/**
 * Recursive descent over one grammar in which `(` may open arithmetic or a condition; what came out is checked
 * where it is used (`#asValue`, `#asCondition`, `#asOperand`). So nothing is ever read twice: the reference
 * tries alternatives instead, which costs time exponential in the nesting.
 */
class Parser {
  readonly #tokens: Tokens;
  /** Conditions that stood in parentheses: `(true) == true` is refused, `true == true` is not. */
  readonly #grouped = new WeakSet<Expression>();
  /** True among the items of a list that need no comma between them. */
  #isBare = false;
  /** Where a `[` begins no key but such an item. */
  readonly #noKeys = new Set<number>();

  constructor(text: string) {
    this.#tokens = new Tokens(text);
  }

  whole<T>(read: () => T): T {
    const result = read();
    this.#tokens.expectEnd();
    return result;
  }

  condition(): ConditionNode {
    return this.#asCondition(this.#or());
  }

  value(): ValueNode {
    return this.#asValue(this.#sum());
  }

  statement(): StatementNode {
    const tokens = this.#tokens;
    const name = tokens.peek();
    const words = this.#wordsBefore('(');
    if (words === 0) {
      const message = `expected an editor such as set(...), found ${tokens.describe()}`;
      throw tokens.error(name, message, 'a statement is written set(path, value)');
    }
    if (!/^[a-z]/.test(name.text)) {
      const message = `editor names begin with a small letter, found ${name.text}`;
      throw tokens.error(name, message, editorRemedy(name.text));
    }
    const editor = this.#call(words);
    const [key] = editor.keys;
    if (key !== undefined) throw tokens.error(key, 'an editor gives no value that could be indexed');
    const where = tokens.acceptBeforeCapital('where') ? this.condition() : undefined;
    return made({ kind: 'statement', editor, where, start: name.start, end: tokens.lastEnd });
  }

  #or(): Expression {
    return this.#joined('or', () => this.#joined('and', () => this.#unit()));
  }

  #joined(kind: 'or' | 'and', operand: () => Expression): Expression {
    const first = operand();
    if (!this.#tokens.at(kind)) return first;
    const operands = [this.#asCondition(first)];
    while (this.#tokens.accept(kind)) operands.push(this.#asCondition(operand()));
    return made({ kind, operands: list(operands), start: first.start, end: this.#tokens.lastEnd });
  }

  #unit(): Expression {
    const token = this.#tokens.peek();
    if (!this.#tokens.accept('not')) return this.#comparison();
    if (this.#tokens.at('not'))
      throw this.#tokens.error(this.#tokens.peek(), 'only one not may stand before a condition');
    const operand = this.#asCondition(this.#comparison());
    return made({ kind: 'not', operand, start: token.start, end: this.#tokens.lastEnd });
  }

  #comparison(): Expression {
    const left = this.#sum();
    const token = this.#tokens.peek();
    if (token.kind !== 'comparison') {
      if (token.text === '=') throw this.#tokens.error(token, 'equality is written ==, found =');
      return left;
    }
    this.#tokens.next();
    const operator = token.text;
    if (!isComparisonOperator(operator)) throw this.#tokens.error(token, `${operator} compares nothing`);
    const right = this.#asValue(this.#sum());
    const place = { start: left.start, end: this.#tokens.lastEnd };
    return made({ kind: 'comparison', operator, left: this.#asValue(left), right, ...place });
  }

  #sum(): Expression {
    return this.#arithmetic('sign', () => this.#arithmetic('factor', () => this.#signed()));
  }

  #arithmetic(kind: 'sign' | 'factor', operand: () => Expression): Expression {
    const first = operand();
    if (!this.#tokens.atKind(kind)) return first;
    // ["a" -1] are two items.
    if (this.#isBare && kind === 'sign' && !isOperand(first)) return first;
    const start = this.#asOperand(first);
    const rest: MathStep[] = [];
    while (this.#tokens.atKind(kind)) {
      const operator = this.#tokens.next().text as MathOperator;
      rest.push(Object.freeze({ operator, operand: this.#asOperand(operand()) }));
    }
    const node: MathNode = {
      kind: 'math',
      first: start,
      rest: list(rest),
      start: first.start,
      end: this.#tokens.lastEnd,
    };
    return made(node);
  }

  #signed(): Expression {
    const token = this.#tokens.peek();
    if (token.kind !== 'sign') return this.#primary();
    this.#tokens.next();
    const operand = this.#asOperand(this.#primary());
    return made({
      kind: 'sign',
      sign: token.text as '+' | '-',
      operand,
      start: token.start,
      end: this.#tokens.lastEnd,
    });
  }

  #primary(): Expression {
    const token = this.#tokens.peek();
    switch (token.kind) {
      case 'word':
        return this.#named();
      case 'punctuation':
        return this.#bracketed();
      default:
        return readLiteral(this.#tokens);
    }
  }

  #bracketed(): Expression {
    const token = this.#tokens.peek();
    if (token.text === '(') return this.#opensLambda() ? this.#lambda() : this.#group();
    if (token.text === '[') return this.#list();
    if (token.text === '{') return this.#map();
    throw valueExpected(this.#tokens);
  }

  #group(): Expression {
    const tokens = this.#tokens;
    const open = tokens.next();
    const inner = this.#nested(() => this.#or());
    tokens.expect(')', `to close the ( at ${open.start + 1}`);
    const holdsCondition = isCondition(inner);
    if (!holdsCondition && !isOperand(inner)) {
      throw tokens.error(inner, `parentheses hold a condition or arithmetic, found ${describe(inner)}`);
    }
    if (holdsCondition && inner.kind !== 'call') this.#grouped.add(inner);
    return inner;
  }

  #opensLambda(): boolean {
    let ahead = 1;
    while (this.#tokens.peek(ahead).kind === 'word' || this.#tokens.peek(ahead).kind === 'blank') {
      ahead++;
      if (this.#tokens.peek(ahead).text !== ',') break;
      ahead++;
    }
    return this.#tokens.peek(ahead).text === ')' && this.#tokens.peek(ahead + 1).kind === 'arrow';
  }

  #lambda(): ValueNode {
    const tokens = this.#tokens;
    const { start } = tokens.next();
    const formals: string[] = [];
    while (!tokens.accept(')')) {
      const token = tokens.next();
      if (token.kind === 'blank' || isFieldName(token.text)) formals.push(token.text);
      else if (token.text !== ',')
        throw tokens.error(token, 'the names of a lambda are lower case', snakeRemedy(token.text));
    }
    tokens.next();
    const body = tokens.nested(() => this.#or());
    if (body.kind === 'lambda') throw tokens.error(body, 'the body of a lambda cannot be a lambda');
    return made({ kind: 'lambda', formals: list(formals), body, start, end: tokens.lastEnd });
  }

  /** As in the reference, the commas of the first values may be missing: `[1 2, 3]`. */
  #list(): ValueNode {
    const tokens = this.#tokens;
    const { start } = tokens.next();
    const items = this.#nested(() => {
      const found: ValueNode[] = [];
      this.#isBare = true;
      while (!tokens.at(']') && !tokens.at(',') && !tokens.atKind('end')) found.push(this.value());
      this.#isBare = false;
      while (tokens.accept(',')) found.push(this.value());
      return found;
    });
    tokens.expect(']', 'to close the list');
    return made({ kind: 'list', items: list(items), start, end: tokens.lastEnd });
  }

  #map(): ValueNode {
    const tokens = this.#tokens;
    const { start } = tokens.next();
    const entries: MapEntry[] = [];
    this.#nested(() => {
      while (tokens.atKind('string')) {
        const key = readText(tokens);
        tokens.expect(':', 'between the key and the value of a map');
        entries.push(Object.freeze({ key, value: this.value() }));
        tokens.accept(',');
      }
    });
    tokens.expect('}', 'or a key in double quotes');
    return made({ kind: 'map', entries: list(entries), start, end: tokens.lastEnd });
  }

  #named(): ValueNode {
    const tokens = this.#tokens;
    const token = tokens.peek();
    const words = this.#wordsBefore('(');
    const startsCapital = /^[A-Z]/.test(token.text);
    if (words > 0) {
      if (/^(?:NOT|AND|OR)$/i.test(token.text))
        throw tokens.error(token, `${token.text} has no meaning here`, converterRemedy(token.text));
      if (startsCapital) return this.#call(words);
      const message = `converter names begin with a capital letter, found ${token.text}(`;
      throw tokens.error(token, message, converterRemedy(token.text));
    }
    if (!startsCapital) return this.#path();
    if (/[a-z]/.test(token.text)) {
      const isPath = tokens.peek(1).text === '.' || tokens.peek(1).text === '[';
      const remedy = isPath ? snakeRemedy(token.text) : symbolRemedy(token.text);
      throw tokens.error(token, `${token.text} is a name without meaning here`, remedy);
    }
    tokens.next();
    return made({ kind: 'symbol', name: token.text, ...placeOf(token) });
  }

  /** How many words stand before the mark and form a name; 0 if it does not follow. `Parse JSON(x)` is `ParseJSON(x)`. */
  #wordsBefore(mark: string): number {
    let words = 0;
    while (this.#tokens.peek(words).kind === 'word') words++;
    const next = this.#tokens.peek(words);
    return next.kind !== 'string' && next.text === mark ? words : 0;
  }

  #oneName(words: number): string {
    let name = '';
    for (let word = 0; word < words; word++) name += this.#tokens.next().text;
    return name;
  }

  #call(words: number): CallNode {
    const tokens = this.#tokens;
    const { start } = tokens.peek();
    const name = this.#oneName(words);
    const namePlace = Object.freeze({ start, end: tokens.lastEnd });
    tokens.next();
    const args = this.#nested(() => this.#arguments());
    tokens.expect(')', `to close the arguments of ${name}`, tokens.commaRemedy());
    const keys = this.#keys();
    return made({ kind: 'call', name, namePlace, args: list(args), keys, start, end: tokens.lastEnd });
  }

  #arguments(): ArgumentNode[] {
    const found: ArgumentNode[] = [];
    if (this.#tokens.at(')')) return found;
    do found.push(this.#argument());
    while (this.#tokens.accept(','));
    return found;
  }

  #argument(): ArgumentNode {
    const tokens = this.#tokens;
    const { start } = tokens.peek();
    const name = this.#argumentName();
    const value = this.#functionName() ?? this.value();
    return made({ kind: 'argument', name, value, start, end: tokens.lastEnd });
  }

  #argumentName(): string | undefined {
    const tokens = this.#tokens;
    const token = tokens.peek();
    const words = this.#wordsBefore('=');
    if (words === 0) return undefined;
    if (!/^[a-z]/.test(token.text)) {
      throw tokens.error(token, `argument names begin with a small letter, found ${token.text}`);
    }
    const name = this.#oneName(words);
    tokens.next();
    return name;
  }

  /** `ToUpperCase` alone as an argument names a function. */
  #functionName(): ValueNode | undefined {
    const { start, text } = this.#tokens.peek();
    const words = this.#wordsBefore(',') + this.#wordsBefore(')');
    if (words === 0 || !/^[A-Z]/.test(text)) return undefined;
    // As in the reference, capitals alone are an enum, unless small letters follow.
    const isEnum = /^[A-Z0-9_]+$/.test(text) && !/^[a-z]/.test(this.#tokens.peek(1).text);
    const name = this.#oneName(isEnum ? 1 : words);
    return made({ kind: 'symbol', name, start, end: this.#tokens.lastEnd });
  }

  #path(): ValueNode {
    const { start } = this.#tokens.peek();
    const fields = [this.#field()];
    while (this.#tokens.accept('.')) fields.push(this.#field());
    return made({ kind: 'path', fields: list(fields), start, end: this.#tokens.lastEnd });
  }

  #field(): FieldNode {
    const tokens = this.#tokens;
    const token = tokens.peek();
    if (token.kind !== 'word' || !isFieldName(token.text)) {
      const remedy = token.kind === 'word' ? snakeRemedy(token.text) : undefined;
      throw tokens.error(
        token,
        `expected the name of a field in lower case, found ${tokens.describe()}`,
        remedy,
      );
    }
    tokens.next();
    return made({
      kind: 'field',
      name: token.text,
      keys: this.#keys(),
      start: token.start,
      end: tokens.lastEnd,
    });
  }

  #keys(): readonly KeyNode[] {
    const tokens = this.#tokens;
    const keys: KeyNode[] = [];
    while (tokens.at('[')) {
      const key = this.#isBare ? this.#keyOrItem() : this.#bracketedKey();
      if (key === undefined) break;
      keys.push(key);
    }
    return list(keys);
  }

  #bracketedKey(): KeyNode {
    this.#tokens.next();
    const key = this.#nested(() => this.#key());
    this.#tokens.expect(']', 'after the key');
    return key;
  }

  /** In `[a [1, 2]]` no key follows but another item: undefined. What was no key once is not tried again. */
  #keyOrItem(): KeyNode | undefined {
    const { start } = this.#tokens.peek();
    if (this.#noKeys.has(start)) return undefined;
    const key = this.#tokens.attempt(() => this.#bracketedKey());
    this.#isBare = true;
    if (key === undefined) this.#noKeys.add(start);
    return key;
  }

  /** One level deeper, where items need commas. */
  #nested<T>(read: () => T): T {
    const outer = this.#isBare;
    this.#isBare = false;
    const result = this.#tokens.nested(read);
    this.#isBare = outer;
    return result;
  }

  #key(): KeyNode {
    const tokens = this.#tokens;
    const token = tokens.peek();
    if (token.kind === 'string') return readLiteral(this.#tokens);
    if (token.kind === 'int') {
      const literal = readLiteral(tokens);
      if (tokens.at(']')) return literal;
      throw tokens.error(
        tokens.peek(),
        'a key that begins with a number must be that number',
        'put the key into parentheses: [(1 + 2)]',
      );
    }
    const key = this.value();
    if (isOperand(key)) return key;
    throw tokens.error(
      key,
      `a key is a string, an int, a path, a converter or arithmetic, found ${describe(key)}`,
    );
  }

  #asCondition(node: Expression): ConditionNode {
    if (isCondition(node)) return node;
    this.#tokens.refuseOtherOperator();
    const remedy = node.kind === 'path' ? 'compare it with a value, for example == true' : undefined;
    throw this.#tokens.error(node, `expected a condition, found ${describe(node)}`, remedy);
  }

  #asValue(node: Expression): ValueNode {
    if (isValue(node) && !this.#grouped.has(node)) return node;
    throw this.#tokens.error(node, 'expected a value, found a condition');
  }

  #asOperand(node: Expression): ValueNode {
    if (isValue(node) && isOperand(node)) return node;
    const remedy = node.kind === 'string' ? 'strings are joined by Concat([a, b], "")' : undefined;
    throw this.#tokens.error(node, `${describe(node)} takes no part in arithmetic`, remedy);
  }
}
