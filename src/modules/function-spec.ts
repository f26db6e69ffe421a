/** The OTTL function that a user's file defines, as the compiler sees it. */
import { exact, relax, type ExactValue, type Value } from '../model/value.ts';
import { converterNames } from '../ottl/names.ts';
import { OttlFailure } from '../ottl/errors.ts';
import { converter, type FunctionSpec } from '../ottl/function.ts';
import * as kinds from '../ottl/parameters.ts';
import type { Argument, Parameter } from '../ottl/parameters.ts';
import { toTelemetry } from '../ottl/telemetry.ts';
import type { OttlValue } from '../ottl/values.ts';
import type { AnyFunctionDefinition } from './define-function.ts';
import { ModuleError, placedError, type AuthorsFile } from './module-error.ts';

type Bound = Argument<OttlValue | readonly OttlValue[]>;

const parameterTypes: Readonly<Record<string, () => Parameter<Bound>>> = {
  string: kinds.string,
  int: kinds.int,
  float: kinds.float,
  bool: kinds.bool,
  map: kinds.map,
  list: kinds.items,
  any: kinds.any,
};

/** Throws ModuleError for a definition that is none. */
export function functionSpec(definition: AnyFunctionDefinition, file: AuthorsFile): FunctionSpec {
  const { name, parameters } = definition;
  check(definition, file);
  const own = Object.entries(parameters).map(([key, type]) => [key, parameterOf(type)] as const);
  return converter(name, Object.fromEntries(own), (args) => {
    const bound = Object.entries(args as Readonly<Record<string, Bound | undefined>>);
    return (record) => {
      const given: Record<string, unknown> = {};
      for (const [key, argument] of bound)
        if (argument !== undefined) given[key] = plain(argument.read(record));
      return answered(definition, given, file);
    };
  });
}

function check({ name, parameters, call }: AnyFunctionDefinition, file: AuthorsFile): void {
  if (typeof name !== 'string' || !/^[A-Z][A-Za-z0-9_]*$/.test(name))
    throw new ModuleError(
      `${file.name} has a function of OTTL without a name that begins with a capital letter`,
      {
        remedy: "write `name: 'Slug'`: what begins with a small letter is an editor, which answers no value",
      },
    );
  if (converterNames.has(name))
    throw new ModuleError(`${file.name} has a function of the name ${name}, which OTTL has`, {
      remedy: 'give it another `name`',
    });
  if (typeof call !== 'function')
    throw new ModuleError(`${name} in ${file.name} has a call that is not a function`);
  for (const [key, type] of Object.entries(parameters ?? {})) {
    if (Object.hasOwn(parameterTypes, type.replace(/\?$/, ''))) continue;
    throw new ModuleError(`${name} in ${file.name} has a parameter ${key} of the unknown type ${type}`, {
      remedy: `types are ${Object.keys(parameterTypes).join(', ')}, each with a ? where it may be left out`,
    });
  }
}

function parameterOf(type: string): Parameter<Bound | undefined> {
  const parameter = parameterTypes[type.replace(/\?$/, '')]?.() ?? kinds.any();
  return type.endsWith('?') ? kinds.optional(parameter) : parameter;
}

/** As a JavaScript programmer expects it. */
function plain(value: OttlValue | readonly OttlValue[]): Value | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value.map((item: OttlValue) => relax(toTelemetry(item)));
  return relax(toTelemetry(value as OttlValue));
}

function answered(
  { name, call }: AnyFunctionDefinition,
  given: Readonly<Record<string, unknown>>,
  file: AuthorsFile,
): ExactValue | undefined {
  let answer: unknown;
  try {
    answer = call(given);
  } catch (error) {
    throw new OttlFailure(placedError(error, file).message);
  }
  if (answer === undefined) return undefined;
  if (isValue(answer)) return exact(answer);
  throw new OttlFailure(
    `${name} in ${file.name} answered ${answer instanceof Promise ? 'a promise' : 'no value'}`,
  );
}

function isValue(answer: unknown): answer is Value {
  if (typeof answer !== 'object') return !['undefined', 'symbol', 'function'].includes(typeof answer);
  return answer === null || Array.isArray(answer) || answer instanceof Map || answer instanceof Uint8Array;
}
