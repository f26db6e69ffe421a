import type { ValueNode } from './ast.ts';
import * as coerce from './coerce.ts';
import { OttlFailure } from './errors.ts';
import type { Place, Site } from './errors.ts';
import type { Read } from './target.ts';
import type { OttlDuration, OttlMap, OttlTime, OttlValue } from './values.ts';

/** A compiled value expression. */
export interface Expression {
  readonly read: Read<OttlValue>;
  /** Present if the value is known without a record: the text is a literal. */
  readonly constant?: { readonly value: OttlValue };
  /** Present if the value is always an int64 that a JavaScript number holds exactly; the same value as `read`. */
  readonly small?: Read<number>;
}

/** What a function gets for a parameter that is computed for each record. */
export interface Argument<T> {
  readonly read: Read<T>;
  readonly constant: { readonly value: T } | undefined;
  readonly site: Site;
}

/** What the parameters ask of the compiler. */
export interface Binder {
  /** Compiles a value; undefined after a problem was reported. */
  expression(node: ValueNode): Expression | undefined;
  problem(place: Place, message: string, remedy?: string): void;
  site(place: Place): Site;
}

/** A kind of parameter: how a function receives what stands in its call. */
export interface Parameter<T> {
  readonly optional: boolean;
  /** The bound argument, or undefined after a problem was reported. */
  bind(node: ValueNode, binder: Binder): T | undefined;
}

/** Thrown by a function's `build` when a literal argument makes no sense: a problem at `place`. */
export class RefusedArgument extends Error {
  override readonly name = 'RefusedArgument';
  readonly place: Place | undefined;

  constructor(message: string, argument?: { readonly site: Site }) {
    super(message);
    this.place = argument?.site.place;
  }
}

/** A parameter that may be left out; the function then gets undefined. */
export function optional<T>(parameter: Parameter<T>): Parameter<T | undefined> {
  return { optional: true, bind: (node, binder) => parameter.bind(node, binder) };
}

function getter<T>(convert: (value: OttlValue) => T): Parameter<Argument<T>> {
  return { optional: false, bind: (node, binder) => bindGetter(node, binder, convert) };
}

function bindGetter<T>(
  node: ValueNode,
  binder: Binder,
  convert: (value: OttlValue) => T,
): Argument<T> | undefined {
  const expression = binder.expression(node);
  if (expression === undefined) return undefined;
  const site = binder.site(node);
  if (expression.constant !== undefined) {
    const constant = checked(() => convert(expression.constant?.value), node, binder);
    return constant && { read: () => constant.value, constant, site };
  }
  const { read } = expression;
  const converted: Read<T> = (target) => {
    try {
      return convert(read(target));
    } catch (error) {
      throw site.located(error);
    }
  };
  return { read: converted, constant: undefined, site };
}

/** A literal of the wrong type is a problem of the text, not of a record. */
function checked<T>(convert: () => T, node: ValueNode, binder: Binder): { value: T } | undefined {
  try {
    return { value: convert() };
  } catch (error) {
    if (!(error instanceof OttlFailure)) throw error;
    binder.problem(node, error.message);
    return undefined;
  }
}

export const any = (): Parameter<Argument<OttlValue>> => getter(coerce.toAnything);
export const string = (): Parameter<Argument<string>> => getter(coerce.toText);
export const int = (): Parameter<Argument<bigint>> => getter(coerce.toInt);
export const map = (): Parameter<Argument<OttlMap>> => getter(coerce.toMap);
export const items = (): Parameter<Argument<readonly OttlValue[]>> => getter(coerce.toItems);
export const time = (): Parameter<Argument<OttlTime>> => getter(coerce.toTime);
export const duration = (): Parameter<Argument<OttlDuration>> => getter(coerce.toDuration);
export const stringLike = (): Parameter<Argument<string | undefined>> => getter(coerce.toTextLike);
export const intLike = (): Parameter<Argument<bigint | undefined>> => getter(coerce.toIntLike);
export const floatLike = (): Parameter<Argument<number | undefined>> => getter(coerce.toFloatLike);
export const boolLike = (): Parameter<Argument<boolean | undefined>> => getter(coerce.toBoolLike);
export const bytesLike = (): Parameter<Argument<Uint8Array | undefined>> => getter(coerce.toBytesLike);

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
    optional: false,
    bind(node, binder) {
      const argument = bindGetter(node, binder, coerce.toAnything);
      if (argument?.constant === undefined) return argument;
      return checked(() => convert(argument.constant?.value), node, binder) && argument;
    },
  };
}

/** A bool that must be written as a literal. */
export function literalBool(): Parameter<boolean> {
  return {
    optional: false,
    bind(node, binder) {
      if (node.kind === 'boolean') return node.value;
      binder.problem(node, 'this argument must be true or false');
      return undefined;
    },
  };
}

/** A list literal, each item bound by itself. */
export function listOf<T>(item: Parameter<T>): Parameter<readonly T[]> {
  return {
    optional: false,
    bind(node, binder) {
      if (node.kind !== 'list') {
        binder.problem(node, 'this argument must be a list in brackets', 'write [a, b]');
        return undefined;
      }
      const bound = node.items.map((part) => item.bind(part, binder));
      const found = bound.filter((part) => part !== undefined);
      return found.length === bound.length ? found : undefined;
    },
  };
}
