/** What an author of an OTTL function writes: a converter that statements and conditions can call then. */
import type { Value } from '../model/value.ts';

/** What an argument may be. An int beyond 2^53 is a bigint. */
interface ArgumentTypes {
  string: string;
  int: number | bigint;
  float: number;
  bool: boolean;
  map: Map<string, Value>;
  list: Value[];
  any: Value | undefined;
}

type TypeName = keyof ArgumentTypes;

/** `string`, or `string?` for an argument that may be left out. */
export type ParameterType = TypeName | `${TypeName}?`;

export type Parameters = Readonly<Record<string, ParameterType>>;

export type ArgumentsOf<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends TypeName
    ? ArgumentTypes[P[Name]]
    : P[Name] extends `${infer Type extends TypeName}?`
      ? ArgumentTypes[Type] | undefined
      : never;
};

/** A function of OTTL in one TypeScript file: its default export, or an element of it. */
export interface FunctionDefinition<P extends Parameters = Parameters> {
  readonly kind?: 'function';
  /** As statements call it: it begins with a capital letter, as all functions that answer a value. */
  readonly name: string;
  /**
   * The arguments in the order of the call, each with its type: `string`, `int`, `float`, `bool`, `map`, `list` or `any`,
   * with a `?` behind for one that may be left out. A call is checked as those of the built-in functions are.
   */
  readonly parameters: P;
  /**
   * Called for each record; answers what the statement goes on with. A whole number becomes an int, another one a
   * double; nothing answered is nil. What it throws is an error of the statement, for its `error_mode`.
   */
  call(args: ArgumentsOf<P>): Value | undefined;
}

/** A function whose types are not known any more. */
export type AnyFunctionDefinition = Omit<FunctionDefinition, 'call'> & {
  call(args: Readonly<Record<string, unknown>>): unknown;
};

/**
 * Types a function of OTTL; `parameters` decide what `call` gets.
 *
 *     export default defineFunction({
 *       name: 'Slug',
 *       parameters: { text: 'string', separator: 'string?' },
 *       call: ({ text, separator = '-' }) => text.toLowerCase().split(/\W+/).join(separator),
 *     });
 */
export function defineFunction<const P extends Parameters>(
  definition: FunctionDefinition<P>,
): FunctionDefinition<P> {
  return { ...definition, kind: 'function' };
}
