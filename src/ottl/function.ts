import type { Doubt } from './doubts.ts';
import type { Site } from './errors.ts';
import type { Gate } from './gates.ts';
import { isNumberField, placeData } from './item-data.ts';
import type { ItemData } from './item-data.ts';
import type { Argument, Parameter } from './parameters.ts';
import type { CopyText, Read, Target } from './target.ts';
import type { OttlValue } from './values.ts';

/** A converter or editor as the compiler sees it. */
export interface FunctionSpec {
  readonly name: string;
  /** In the order of the call. */
  readonly parameters: readonly (readonly [name: string, parameter: Parameter<unknown>])[];
  /** Makes the function for one call. Throws `RefusedArgument` for literals that make no sense. */
  build(bound: ReadonlyMap<string, unknown>, site: Site, gates: ReadonlySet<Gate>): Read<OttlValue>;
  /** A short way for what `build` gives, where that is a text. */
  copyText?(bound: ReadonlyMap<string, unknown>): CopyText | undefined;
  /** What is right as OTTL and can never work. */
  doubt?(bound: ReadonlyMap<string, unknown>): Doubt | undefined;
  /** What `build` gives, as data. Asked after it. */
  data?(bound: ReadonlyMap<string, unknown>, gates: ReadonlySet<Gate>): ItemData | undefined;
}

type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** What `build` receives: the type of each parameter. */
type Arguments<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

/** What a function says of a call beside building it. */
interface Also<P extends Parameters> {
  /** It makes a text of the text `target` and of its other arguments, and looks at nothing else. */
  readonly isOfText?: true;
  readonly copyText?: (args: Arguments<P>) => CopyText | undefined;
  readonly doubt?: (args: Arguments<P>) => Doubt | undefined;
  readonly data?: (args: Arguments<P>, gates: ReadonlySet<Gate>) => ItemData | undefined;
}

/**
 * Defines a converter. `parameters` are in the order of the call, named as the reference's fields in lower camel
 * case. `build` runs once per call in a text and returns what runs per record; that may throw `OttlFailure`.
 * `copyText` makes the short way for texts, where it can do without the values of the arguments.
 */
export function converter<const P extends Parameters>(
  name: string,
  parameters: P,
  build: (args: Arguments<P>, site: Site) => Read<OttlValue>,
  also: Pick<Also<P>, 'copyText' | 'data' | 'isOfText'> = {},
): FunctionSpec {
  return {
    name,
    copyText: (bound) => also.copyText?.(Object.fromEntries(bound) as Arguments<P>),
    data(bound, gates) {
      const args = Object.fromEntries(bound) as Arguments<P>;
      return also.isOfText ? madeText(args, build) : also.data?.(args, gates);
    },
    parameters: Object.entries(parameters),
    build(bound, site) {
      const run = build(Object.fromEntries(bound) as Arguments<P>, site);
      return (target) => {
        try {
          return run(target);
        } catch (error) {
          throw site.located(error);
        }
      };
    },
  };
}

/**
 * Defines an editor, which changes the record. `build` runs once per statement and returns what runs per record;
 * that may throw `OttlFailure`.
 */
export function editor<const P extends Parameters>(
  name: string,
  parameters: P,
  build: (args: Arguments<P>, gates: ReadonlySet<Gate>) => (target: Target) => void,
  also: Pick<Also<P>, 'doubt' | 'data'> = {},
): FunctionSpec {
  return {
    name,
    parameters: Object.entries(parameters),
    doubt: (bound) => also.doubt?.(Object.fromEntries(bound) as Arguments<P>),
    data: (bound, gates) => also.data?.(Object.fromEntries(bound) as Arguments<P>, gates),
    build(bound, site, gates) {
      const run = build(Object.fromEntries(bound) as Arguments<P>, gates);
      return (target) => {
        try {
          run(target);
          return undefined;
        } catch (error) {
          throw site.located(error);
        }
      };
    },
  };
}

/** What the function makes of a place and of literals. */
function madeText<Args extends object>(
  args: Args,
  build: (args: Args, site: Site) => Read<OttlValue>,
): ItemData | undefined {
  const { target, ...others } = args as { target: Argument<unknown> };
  const of = placeData(target);
  if (of === undefined || isNumberField(of) || Object.values(others).some(isRead)) return undefined;
  let text = '';
  const read = build({ ...args, target: { ...target, read: () => text } }, target.site);
  return {
    at: 'made',
    of,
    by(given: string) {
      text = given;
      const made = read({});
      if (typeof made !== 'string') throw new TypeError('no text was made of a text');
      return made;
    },
  };
}

/** Whether an argument comes from the record. */
function isRead(argument: unknown): boolean {
  if (typeof argument !== 'object' || argument === null || !('read' in argument)) return false;
  return (argument as Argument<unknown>).constant === undefined;
}
