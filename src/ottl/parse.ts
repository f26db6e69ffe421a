import type {
  AnyNode,
  ArgumentNode,
  CallNode,
  ComparisonOperator,
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
import { OttlFailure } from './errors.ts';
import type { Place } from './errors.ts';
import type { Token } from './lex.ts';
import { Tokens } from './tokens.ts';
import { unquote } from './unquote.ts';

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

type Expression = ValueNode | ConditionNode;

const operandKinds = new Set<string>(['int', 'float', 'path', 'call', 'math', 'sign']);
const conditionKinds = new Set<string>(['or', 'and', 'not', 'comparison', 'boolean', 'call']);
const valueFree = new Set<string>(['or', 'and', 'not', 'comparison']);

const comparisonOperators: ReadonlySet<string> = new Set<ComparisonOperator>([
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
]);

/**
 * Recursive descent over one grammar in which `(` may open arithmetic or a condition; what came out is checked
 * where it is used (`#asValue`, `#asCondition`, `#asOperand`). So nothing is ever read twice: the reference
 * tries alternatives instead, which costs time exponential in the nesting.
 */
class Parser {
  readonly #tokens: Tokens;
  /** Conditions that stood in parentheses: `(true) == true` is refused, `true == true` is not. */
  readonly #grouped = new WeakSet<Expression>();

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
    if (name.kind !== 'word' || tokens.peek(1).text !== '(') {
      throw tokens.error(name, `expected an editor such as set(...), found ${tokens.describe()}`);
    }
    if (!/^[a-z]/.test(name.text)) {
      const remedy = 'converters give values; a statement begins with an editor';
      throw tokens.error(name, `editor names begin with a small letter, found ${name.text}`, remedy);
    }
    const editor = this.#call(1);
    const [key] = editor.keys;
    if (key !== undefined) throw tokens.error(key, 'an editor gives no value that could be indexed');
    const where = tokens.accept('where') ? this.condition() : undefined;
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
      case 'keyword':
        return this.#keyword();
      case 'punctuation':
        return this.#bracketed();
      default:
        return this.#literal();
    }
  }

  #keyword(): Expression {
    const token = this.#tokens.peek();
    if (token.text === 'nil') return made({ kind: 'nil', ...placeOf(this.#tokens.next()) });
    if (token.text === 'true' || token.text === 'false') {
      this.#tokens.next();
      return made({ kind: 'boolean', value: token.text === 'true', ...placeOf(token) });
    }
    throw this.#valueExpected();
  }

  #literal(): ValueNode {
    const token = this.#tokens.peek();
    switch (token.kind) {
      case 'string':
        return made({ kind: 'string', value: this.#unquoted(this.#tokens.next()), ...placeOf(token) });
      case 'int':
        return this.#int();
      case 'float':
        return this.#float();
      case 'bytes':
        if (token.text.length % 2 === 1) {
          throw this.#tokens.error(token, 'a bytes literal needs an even number of hex digits');
        }
        this.#tokens.next();
        return made({ kind: 'bytes', hex: token.text.slice(2).toLowerCase(), ...placeOf(token) });
      default:
        throw this.#valueExpected();
    }
  }

  #int(): ValueNode {
    const token = this.#tokens.next();
    const value = token.text.length > 40 ? 2n ** 63n : BigInt(token.text);
    if (value >= 2n ** 63n) {
      throw this.#tokens.error(token, 'an int literal must be at most 9223372036854775807');
    }
    return made({ kind: 'int', value, ...placeOf(token) });
  }

  #float(): ValueNode {
    const token = this.#tokens.next();
    const value = Number(token.text);
    if (!Number.isFinite(value)) throw this.#tokens.error(token, 'this number is too large for a float');
    return made({ kind: 'float', value, ...placeOf(token) });
  }

  #unquoted(token: Token): string {
    try {
      return unquote(token.text);
    } catch (error) {
      if (!(error instanceof OttlFailure)) throw error;
      const offset = token.start + Number(error.values[0]);
      const remedy = 'a backslash is written \\\\ (in a regex: "\\\\d", "\\\\.")';
      throw this.#tokens.error(
        { start: offset, end: Math.min(offset + 2, token.end) },
        error.message,
        remedy,
      );
    }
  }

  #bracketed(): Expression {
    const token = this.#tokens.peek();
    if (token.text === '(') return this.#opensLambda() ? this.#lambda() : this.#group();
    if (token.text === '[') return this.#list();
    if (token.text === '{') return this.#map();
    throw this.#valueExpected();
  }

  #group(): Expression {
    const tokens = this.#tokens;
    const open = tokens.next();
    const inner = tokens.nested(() => this.#or());
    tokens.expect(')', `to close the ( at ${open.start + 1}`);
    const isCondition = conditionKinds.has(inner.kind);
    if (!isCondition && !operandKinds.has(inner.kind)) {
      throw tokens.error(inner, `parentheses hold a condition or arithmetic, found ${describe(inner)}`);
    }
    if (isCondition && inner.kind !== 'call') this.#grouped.add(inner);
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
    const items = tokens.nested(() => {
      const found: ValueNode[] = [];
      while (!tokens.at(']') && !tokens.at(',') && !tokens.atKind('end')) found.push(this.value());
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
    tokens.nested(() => {
      while (tokens.atKind('string')) {
        const key = this.#unquoted(tokens.next());
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
    const words = this.#wordsBeforeCall();
    const startsCapital = /^[A-Z]/.test(token.text);
    if (words > 0) {
      if (startsCapital) return this.#call(words);
      const remedy =
        'a converter such as Len(...) gives a value; editors such as set(...) only begin statements';
      throw tokens.error(token, `converter names begin with a capital letter, found ${token.text}(`, remedy);
    }
    if (!startsCapital) return this.#path();
    if (/[a-z]/.test(token.text)) {
      throw tokens.error(
        token,
        `${token.text} is a name without meaning here`,
        `write ${token.text}(...) for a converter`,
      );
    }
    tokens.next();
    return made({ kind: 'symbol', name: token.text, ...placeOf(token) });
  }

  /** How many words form the name of a call here; 0 if this is no call. `Parse JSON(x)` is `ParseJSON(x)`. */
  #wordsBeforeCall(): number {
    let words = 0;
    while (this.#tokens.peek(words).kind === 'word') words++;
    const next = this.#tokens.peek(words);
    return next.kind === 'punctuation' && next.text === '(' ? words : 0;
  }

  #call(words: number): CallNode {
    const tokens = this.#tokens;
    const { start } = tokens.peek();
    let name = '';
    for (let word = 0; word < words; word++) name += tokens.next().text;
    const namePlace = Object.freeze({ start, end: tokens.lastEnd });
    tokens.next();
    const args = tokens.nested(() => this.#arguments());
    tokens.expect(')', `to close the arguments of ${name}`);
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
    if (token.kind !== 'word' || tokens.peek(1).text !== '=') return undefined;
    if (!/^[a-z]/.test(token.text)) {
      throw tokens.error(token, `argument names begin with a small letter, found ${token.text}`);
    }
    tokens.next();
    tokens.next();
    return token.text;
  }

  /** `ToUpperCase` alone as an argument names a function. */
  #functionName(): ValueNode | undefined {
    const token = this.#tokens.peek();
    const after = this.#tokens.peek(1).text;
    if (token.kind !== 'word' || !/^[A-Z]/.test(token.text) || (after !== ',' && after !== ')'))
      return undefined;
    this.#tokens.next();
    return made({ kind: 'symbol', name: token.text, ...placeOf(token) });
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
    while (tokens.accept('[')) {
      keys.push(tokens.nested(() => this.#key()));
      tokens.expect(']', 'after the key');
    }
    return list(keys);
  }

  #key(): KeyNode {
    const tokens = this.#tokens;
    const token = tokens.peek();
    if (token.kind === 'string') return this.#literal();
    if (token.kind === 'int') {
      const literal = this.#literal();
      if (tokens.at(']')) return literal;
      throw tokens.error(
        tokens.peek(),
        'a key that begins with a number must be that number',
        'put the key into parentheses: [(1 + 2)]',
      );
    }
    const key = this.value();
    if (operandKinds.has(key.kind)) return key;
    throw tokens.error(
      key,
      `a key is a string, an int, a path, a converter or arithmetic, found ${describe(key)}`,
    );
  }

  #asCondition(node: Expression): ConditionNode {
    if (isCondition(node)) return node;
    const remedy = node.kind === 'path' ? 'compare it with a value, for example == true' : undefined;
    throw this.#tokens.error(node, `expected a condition, found ${describe(node)}`, remedy);
  }

  #asValue(node: Expression): ValueNode {
    if (isValue(node) && !this.#grouped.has(node)) return node;
    throw this.#tokens.error(node, 'expected a value, found a condition');
  }

  #asOperand(node: Expression): ValueNode {
    if (isValue(node) && operandKinds.has(node.kind)) return node;
    const remedy = node.kind === 'string' ? 'strings are joined by Concat([a, b], "")' : undefined;
    throw this.#tokens.error(node, `${describe(node)} takes no part in arithmetic`, remedy);
  }

  #valueExpected(): Error {
    return this.#tokens.error(this.#tokens.peek(), `expected a value, found ${this.#tokens.describe()}`);
  }
}

function isCondition(node: Expression): node is ConditionNode {
  return conditionKinds.has(node.kind);
}

function isValue(node: Expression): node is ValueNode {
  return !valueFree.has(node.kind);
}

function isComparisonOperator(text: string): text is ComparisonOperator {
  return comparisonOperators.has(text);
}

function isFieldName(text: string): boolean {
  return /^[a-z][a-z0-9_]*$/.test(text);
}

function snakeRemedy(word: string): string | undefined {
  if (!/^[A-Za-z]\w*$/.test(word)) return undefined;
  const snake = word.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
  return `did you mean ${snake}?`;
}

const nouns: Readonly<Partial<Record<Expression['kind'], string>>> = {
  nil: 'nil',
  boolean: 'a bool',
  int: 'an int',
  float: 'a float',
  string: 'a string',
  bytes: 'bytes',
  symbol: 'an enum symbol',
  path: 'a path',
  call: 'a converter call',
  math: 'arithmetic',
  sign: 'arithmetic',
  list: 'a list',
  map: 'a map',
  lambda: 'a lambda',
};

function describe(node: Expression): string {
  return nouns[node.kind] ?? 'a condition';
}

function placeOf(token: Token): Place {
  return { start: token.start, end: token.end };
}

function list<T>(items: T[]): readonly T[] {
  return Object.freeze(items);
}

function made<T extends AnyNode>(node: T): T {
  return Object.freeze(node);
}
