import type { LambdaNode, PathNode, SymbolNode, ValueNode } from './ast.ts';
import * as coerce from './coerce.ts';
import type { FieldType } from './doubts.ts';
import { OttlFailure } from './errors.ts';
import type { Place, Site } from './errors.ts';
import { describe } from './expressions.ts';
import type { Gate } from './gates.ts';
import type { ItemData } from './item-data.ts';
import type { Lambda } from './local.ts';
import type { MapSlot, Slot } from './slot.ts';
import type { CopyText, Read, Target } from './target.ts';
import type { OttlDuration, OttlMap, OttlTime, OttlValue } from './values.ts';

/** A compiled value expression. */
export interface Expression {
  readonly read: Read<OttlValue>;
  /** Present if the value is known without a record: the text is a literal. */
  readonly constant?: { readonly value: OttlValue };
  /** Present if the value is always an int64 that a JavaScript number holds exactly; the same value as `read`. */
  readonly small?: Read<number>;
  /** Whether the value is nil or bytes of length 0, found out without reading it. */
  readonly isNil?: Read<boolean>;
  /** A short way for values that are texts. */
  readonly copyText?: CopyText | undefined;
  /** Present if every value is of this type. */
  readonly type?: FieldType;
  /** What gives the same value, or decides or does the same. */
  readonly data?: ItemData | undefined;
}

/** What a function gets for a parameter that is computed for each record. */
export interface Argument<T> {
  readonly read: Read<T>;
  readonly constant: { readonly value: T } | undefined;
  readonly site: Site;
  /** A short way for texts that the parameter takes as they are. */
  readonly copyText?: CopyText | undefined;
  /** What stands in the call, before the parameter converts or refuses it. */
  readonly data?: ItemData | undefined;
}

/** What the parameters ask of the compiler. */
export interface Binder {
  /** Compiles a value; undefined after a problem was reported. */
  expression(node: ValueNode): Expression | undefined;
  problem(place: Place, message: string, remedy?: string): void;
  /** Warns of a literal; where it names an enum symbol, that is the remedy. */
  doubt(place: Place, message: string, literal: OttlValue): void;
  site(place: Place): Site;
  readonly gates: ReadonlySet<Gate>;
  /** A path as something to write to; undefined after a problem was reported, as all of these. */
  slot(node: PathNode): Slot | undefined;
  mapSlot(node: PathNode): MapSlot | undefined;
  /** A converter by its name, for texts. */
  textFunction(node: SymbolNode): ((target: Target, text: string) => OttlValue) | undefined;
  lambda(node: LambdaNode): Lambda | undefined;
}

/** A kind of parameter: how a function receives what stands in its call. */
export interface Parameter<T> {
  /** What the documentation says that it takes. */
  readonly type: string;
  readonly optional: boolean;
  /** The bound argument, or undefined after a problem was reported, which calls the parameter by its name. */
  bind(node: ValueNode, binder: Binder, name: string): T | undefined;
  /** The argument for a text that is known only when it runs; absent if a text cannot be bound. */
  ofText?(read: () => string, site: Site): T;
}

/** Thrown by a function's `build` when a literal argument makes no sense: a problem there. */
export class RefusedArgument extends Error {
  override readonly name = 'RefusedArgument';
  /** The parameter, or the place of a part of an argument; undefined for the whole call. */
  readonly at: string | Place | undefined;

  constructor(message: string, at?: string | { readonly site: Site }) {
    super(message);
    this.at = typeof at === 'string' ? at : at?.site.place;
  }
}

/** A parameter that may be left out; the function then gets undefined. */
export function optional<T>(parameter: Parameter<T>): Parameter<T | undefined> {
  return { type: parameter.type, optional: true, bind: parameter.bind };
}

function getter<T>(type: string, convert: (value: OttlValue) => T): Parameter<Argument<T>> {
  return {
    type,
    optional: false,
    bind: (node, binder, name) => bindGetter(node, binder, { name, convert }),
    ofText: (read, site) => ({ read: () => convert(read()), constant: undefined, site }),
  };
}

interface Conversion<T> {
  readonly name: string;
  readonly convert: (value: OttlValue) => T;
}

function bindGetter<T>(
  node: ValueNode,
  binder: Binder,
  { name, convert }: Conversion<T>,
): Argument<T> | undefined {
  const expression = binder.expression(node);
  if (expression === undefined) return undefined;
  const site = binder.site(node);
  if (expression.constant !== undefined) {
    const constant = checked(() => convert(expression.constant?.value), binder, { node, name });
    return constant && { read: () => constant.value, constant, site, copyText: copyLiteral(constant.value) };
  }
  const { read, copyText, data } = expression;
  const converted: Read<T> = (target) => {
    try {
      return convert(read(target));
    } catch (error) {
      throw site.located(error);
    }
  };
  return { read: converted, constant: undefined, site, copyText, data };
}

function copyLiteral(value: unknown): CopyText | undefined {
  return typeof value === 'string' ? (_, to) => to.add(value) : undefined;
}

/** A literal of the wrong type is a problem of the text, not of a record. */
function checked<T>(
  convert: () => T,
  binder: Binder,
  { node, name }: { node: ValueNode; name: string },
): { value: T } | undefined {
  try {
    return { value: convert() };
  } catch (error) {
    if (!(error instanceof OttlFailure)) throw error;
    binder.problem(node, `${name}: ${error.message}`);
    return undefined;
  }
}

export const any = (): Parameter<Argument<OttlValue>> => getter('any', coerce.toAnything);
export const string = (): Parameter<Argument<string>> => getter('string', coerce.toText);
export const int = (): Parameter<Argument<bigint>> => getter('int', coerce.toInt);
export const float = (): Parameter<Argument<number>> => getter('float', coerce.toFloat);
export const bool = (): Parameter<Argument<boolean>> => getter('bool', coerce.toBool);
export const map = (): Parameter<Argument<OttlMap>> => getter('map', coerce.toMap);
export const items = (): Parameter<Argument<readonly OttlValue[]>> => getter('list', coerce.toItems);
export const time = (): Parameter<Argument<OttlTime>> => getter('time', coerce.toTime);
export const duration = (): Parameter<Argument<OttlDuration>> => getter('duration', coerce.toDuration);
export const stringLike = (): Parameter<Argument<string | undefined>> =>
  getter('like string', coerce.toTextLike);
export const intLike = (): Parameter<Argument<bigint | undefined>> => getter('like int', coerce.toIntLike);
export const floatLike = (): Parameter<Argument<number | undefined>> =>
  getter('like float', coerce.toFloatLike);
export const boolLike = (): Parameter<Argument<boolean | undefined>> =>
  getter('like bool', coerce.toBoolLike);
export const bytesLike = (): Parameter<Argument<Uint8Array | undefined>> =>
  getter('like bytes', coerce.toBytesLike);

const probes = {
  string: coerce.toText,
  int: coerce.toInt,
  float: coerce.toFloat,
  bool: coerce.toBool,
  map: coerce.toMap,
} as const;

/** For `IsString` and its family: the value as it is, but a literal of another type is refused. */
export function probe(type: keyof typeof probes): Parameter<Argument<OttlValue>> {
  const convert = probes[type];
  return {
    type: 'any',
    optional: false,
    bind(node, binder, name) {
      const argument = bindGetter(node, binder, { name, convert: coerce.toAnything });
      if (argument?.constant === undefined) return argument;
      return checked(() => convert(argument.constant?.value), binder, { node, name }) && argument;
    },
  };
}

/** A literal of one kind: the value must stand in the text. As in the reference, a number must not have a sign. */
function literal<T>(type: string, read: (node: ValueNode) => T | undefined, expected: string): Parameter<T> {
  return {
    type: `literal ${type}`,
    optional: false,
    bind(node, binder, name) {
      const value = read(node);
      if (value === undefined) binder.problem(node, `${name} must be ${expected}, found ${describe(node)}`);
      return value;
    },
  };
}

export const literalBool = (): Parameter<boolean> =>
  literal('bool', (node) => (node.kind === 'boolean' ? node.value : undefined), 'true or false');
export const literalInt = (): Parameter<bigint> =>
  literal('int', (node) => (node.kind === 'int' ? node.value : undefined), 'an int that is written out');
export const literalFloat = (): Parameter<number> =>
  literal(
    'float',
    (node) => (node.kind === 'float' ? node.value : undefined),
    'a float that is written out with a point, as 10.0',
  );
export const literalString = (): Parameter<string> =>
  literal(
    'string',
    (node) => (node.kind === 'string' ? node.value : undefined),
    'a string that is written out',
  );

/** A path to write to. */
export const slot = (): Parameter<Slot> => pathTo('path', (node, binder) => binder.slot(node));
/** A path to a map that is changed where it is. */
export const mapSlot = (): Parameter<MapSlot> =>
  pathTo('path to a map', (node, binder) => binder.mapSlot(node));

function pathTo<T>(type: string, bindPath: (node: PathNode, binder: Binder) => T | undefined): Parameter<T> {
  return {
    type,
    optional: false,
    bind(node, binder, name) {
      if (node.kind === 'path') return bindPath(node, binder);
      binder.problem(node, `${name} must be a path, for something is written to it, found ${describe(node)}`);
      return undefined;
    },
  };
}

/** The bare name of a converter. */
export function textFunction(): Parameter<(target: Target, text: string) => OttlValue> {
  return {
    type: 'name of a converter',
    optional: false,
    bind(node, binder, name) {
      if (node.kind === 'symbol') return binder.textFunction(node);
      const message = `${name} must be the name of a converter, found ${describe(node)}`;
      binder.problem(node, message, 'write the name alone: SHA256');
      return undefined;
    },
  };
}

/** A lambda with so many arguments. */
export function lambda(formals: number): Parameter<Lambda> {
  return {
    type: `lambda of ${formals}`,
    optional: false,
    bind(node, binder, name) {
      if (node.kind !== 'lambda') {
        binder.problem(
          node,
          `${name} must be a lambda, found ${describe(node)}`,
          'write (key, value) => ...',
        );
        return undefined;
      }
      if (node.formals.length === formals) return binder.lambda(node);
      binder.problem(node, `this lambda must have ${formals} arguments, found ${node.formals.length}`);
      return undefined;
    },
  };
}

/** A list literal, each item bound by itself. */
export function listOf<T>(item: Parameter<T>): Parameter<readonly T[]> {
  return {
    type: `list of ${item.type}`,
    optional: false,
    bind(node, binder, name) {
      if (node.kind !== 'list') {
        binder.problem(node, `${name} must be a list in brackets, found ${describe(node)}`, 'write [a, b]');
        return undefined;
      }
      const bound = node.items.map((part) => item.bind(part, binder, name));
      const found = bound.filter((part) => part !== undefined);
      return found.length === bound.length ? found : undefined;
    },
  };
}
