import type { ExactValue } from '../model/value.ts';
import type {
  LambdaNode,
  ListNode,
  MapNode,
  MathNode,
  PathNode,
  SignNode,
  SymbolNode,
  ValueNode,
} from './ast.ts';
import { checkSize } from './budget.ts';
import { compileCall, textFunction } from './calls.ts';
import type { TextFunction } from './calls.ts';
import { resolveFunction, resolvePath, resolveSymbol, symbolMeant } from './check.ts';
import type { Scope } from './check.ts';
import { compileTest } from './compile-condition.ts';
import { compileMapSlot, compileSlot } from './compile-slot.ts';
import { OttlFailure, Site } from './errors.ts';
import type { Place } from './errors.ts';
import { isValue } from './expressions.ts';
import { compileField, compileResult } from './keys.ts';
import { bindLocals } from './local.ts';
import type { Lambda } from './local.ts';
import { arithmetic, signed } from './math.ts';
import type { Binder, Expression } from './parameters.ts';
import type { MapSlot, Slot } from './slot.ts';
import type { Read } from './target.ts';
import { OttlLambda, OttlList, describeValue } from './values.ts';
import type { OttlMap, OttlValue } from './values.ts';

/**
 * Turns value nodes into closures over the views of a record. Names are resolved here, once: what runs per record
 * looks nothing up. Problems go to the scope, and everything that can be compiled is compiled, so that they all show.
 */
export class Compiler implements Binder {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  problem(place: Place, message: string, remedy?: string): void {
    this.#scope.problems.add(place, message, remedy);
  }

  doubt(place: Place, message: string, literal: OttlValue): void {
    const { problems, context } = this.#scope;
    problems.warn(place, message, symbolMeant(literal, context));
  }

  site(place: Place): Site {
    return new Site(this.#scope.problems.text, { start: place.start, end: place.end });
  }

  get gates(): Scope['gates'] {
    return this.#scope.gates;
  }

  slot(node: PathNode): Slot | undefined {
    const found = this.#field(node);
    return found && compileSlot(found.field, found.node.keys, this, this.site(node));
  }

  mapSlot(node: PathNode): MapSlot | undefined {
    const found = this.#field(node);
    return found && compileMapSlot(found.field, found.node.keys, this, this.site(node));
  }

  textFunction(node: SymbolNode): TextFunction | undefined {
    const spec = resolveFunction({ name: node.name, namePlace: node }, this.#scope);
    return spec && textFunction(spec, this.site(node), this.gates);
  }

  lambda(node: LambdaNode): Lambda | undefined {
    const bound = bindLocals(node, this.#scope.locals, this);
    if (bound === undefined) return undefined;
    const inner = new Compiler({ ...this.#scope, locals: bound.locals });
    const { body } = node;
    const read = isValue(body) ? inner.expression(body)?.read : compileTest(body, inner)?.test;
    return read && bound.lambda(read);
  }

  expression(node: ValueNode): Expression | undefined {
    switch (node.kind) {
      case 'nil':
        return constant(null);
      case 'boolean':
      case 'int':
      case 'float':
      case 'string':
        return constant(node.value);
      case 'bytes':
        return constant(new Uint8Array(Buffer.from(node.hex, 'hex')));
      default:
        return this.#computed(node);
    }
  }

  #computed(
    node: Exclude<ValueNode, { kind: 'nil' | 'boolean' | 'int' | 'float' | 'string' | 'bytes' }>,
  ): Expression | undefined {
    switch (node.kind) {
      case 'symbol': {
        const number = resolveSymbol(node, this.#scope);
        return number === undefined ? undefined : constant(number);
      }
      case 'path':
        return this.#path(node);
      case 'call': {
        const spec = resolveFunction(node, this.#scope);
        return spec && compileCall(node, spec, this);
      }
      case 'math':
        return this.#math(node);
      case 'sign':
        return this.#sign(node);
      case 'list':
        return this.#list(node);
      case 'map':
        return this.#map(node);
      case 'lambda':
        return this.lambda(node) && constant(new OttlLambda());
    }
  }

  #path(node: PathNode): Expression | undefined {
    const local = this.#local(node);
    if (local !== undefined) return local.expression;
    const found = resolvePath(node, this.#scope);
    const expression = found && compileField(found.field, found.node.keys, this);
    return expression && this.#located(expression, node);
  }

  /** An argument of a lambda around, which hides the field of that name. */
  #local(node: PathNode): { expression: Expression | undefined } | undefined {
    const [first, second] = node.fields;
    const local = first && this.#scope.locals.get(first.name);
    if (first === undefined || local === undefined) return undefined;
    if (second !== undefined) {
      const remedy = `write ["${second.name}"] for a key`;
      this.problem(second, `${first.name} is an argument of a lambda and has no fields`, remedy);
      return { expression: undefined };
    }
    const read = compileResult(() => local.value, first.keys, this);
    return { expression: read && { read } };
  }

  #field(node: PathNode): ReturnType<typeof resolvePath> {
    const [first] = node.fields;
    if (first === undefined || !this.#scope.locals.has(first.name)) return resolvePath(node, this.#scope);
    this.problem(node, `${first.name} is an argument of a lambda and cannot be written to`);
    return undefined;
  }

  /** Few fields can fail to be read; they do not know their place. */
  #located(expression: Expression, node: PathNode): Expression {
    if (node.fields.at(-1)?.name !== 'event_index') return expression;
    return { read: guarded(expression.read, this.site(node)) };
  }

  #math(node: MathNode): Expression | undefined {
    const site = this.site(node);
    const first = this.expression(node.first)?.read;
    const operands = this.#all(node.rest.map(({ operand }) => operand));
    if (first === undefined || operands === undefined) return undefined;
    const steps = node.rest.map(({ operator }, index) => ({
      operator,
      read: operands[index]?.read ?? first,
    }));
    const sum: Read<OttlValue> = (target) => {
      let value = first(target);
      for (const { operator, read } of steps) value = arithmetic(operator, value, read(target));
      return value;
    };
    return { read: guarded(sum, site) };
  }

  #sign(node: SignNode): Expression | undefined {
    const operand = this.expression(node.operand);
    if (operand === undefined) return undefined;
    const literal = operand.constant?.value;
    if (typeof literal === 'bigint' || typeof literal === 'number')
      return constant(signed(node.sign, literal));
    const { read } = operand;
    return { read: guarded((target) => signed(node.sign, read(target)), this.site(node)) };
  }

  #list(node: ListNode): Expression | undefined {
    const items = this.#all(node.items);
    if (items === undefined) return undefined;
    if (items.every(isConstant))
      return constant(
        new OttlList(
          items.map(({ constant: { value } }) => value),
          'literal',
        ),
      );
    const reads = items.map(({ read }) => read);
    return {
      read: guarded(
        (target) =>
          ofBoundedSize(
            new OttlList(
              reads.map((read) => read(target)),
              'literal',
            ),
          ),
        this.site(node),
      ),
    };
  }

  #map(node: MapNode): Expression | undefined {
    const all = this.#all(node.entries.map(({ value }) => value));
    if (all === undefined) return undefined;
    // Of entries with the same key only the last is ever computed.
    const entries = new Map(node.entries.map(({ key }, index) => [key, all[index]]));
    const keys = [...entries.keys()];
    const values = [...entries.values()].filter((value) => value !== undefined);
    // What cannot stand in a map fails when it is run, also if it is a literal.
    if (values.every(({ constant: known }) => known !== undefined && canStandInMap(known.value)))
      return constant(
        mapOf(
          keys,
          values.map(({ constant: known }) => known?.value),
        ),
      );
    const reads = values.map(({ read }) => read);
    return {
      read: guarded(
        (target) =>
          ofBoundedSize(
            mapOf(
              keys,
              reads.map((read) => read(target)),
            ),
          ),
        this.site(node),
      ),
    };
  }

  #all(nodes: readonly ValueNode[]): readonly Expression[] | undefined {
    const all = nodes.map((node) => this.expression(node)).filter((expression) => expression !== undefined);
    return all.length === nodes.length ? all : undefined;
  }
}

type Constant = Expression & Required<Pick<Expression, 'constant'>>;

function constant(value: OttlValue): Constant {
  return { read: () => value, constant: { value } };
}

function isConstant(expression: Expression): expression is Constant {
  return expression.constant !== undefined;
}

/** Gives failures their place. */
function guarded(read: Read<OttlValue>, site: Site): Read<OttlValue> {
  return (target) => {
    try {
      return read(target);
    } catch (error) {
      throw site.located(error);
    }
  };
}

function ofBoundedSize<T extends OttlValue>(value: T): T {
  checkSize(value);
  return value;
}

function mapOf(keys: readonly string[], values: readonly OttlValue[]): OttlMap {
  return new Map(keys.map((key, index) => [key, asTelemetry(values[index])]));
}

function canStandInMap(value: OttlValue): boolean {
  if (value instanceof OttlList) return value.items.every(canStandInMap);
  return value === undefined || isTelemetry(value);
}

/** What a map literal can hold. As in the reference, a list from a path or a converter is not among it. */
function asTelemetry(value: OttlValue): ExactValue {
  if (value === undefined) return null;
  if (value instanceof OttlList && value.origin === 'literal') return value.items.map(asTelemetry);
  if (isTelemetry(value)) return value;
  throw new OttlFailure(`${describeValue(value)} cannot stand in a map`, [value]);
}

function isTelemetry(value: Exclude<OttlValue, undefined>): value is ExactValue {
  return typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Map;
}
