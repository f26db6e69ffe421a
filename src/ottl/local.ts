import type { LambdaNode } from './ast.ts';
import type { Place } from './errors.ts';
import type { Gate } from './gates.ts';
import type { Read, Target } from './target.ts';
import type { OttlValue } from './values.ts';

/** What an argument of a lambda is at the moment. Lambdas cannot call themselves, so one place for each is enough. */
export interface Local {
  value: OttlValue;
}

/** A lambda, ready to run: `call` gives it the values of its arguments. */
export interface Lambda {
  call(target: Target, ...values: readonly OttlValue[]): OttlValue;
}

interface Reporter {
  readonly gates: ReadonlySet<Gate>;
  problem(place: Place, message: string, remedy?: string): void;
}

/** What the names in the body mean, and how a body becomes a lambda; undefined after a problem was reported. */
export function bindLocals(
  node: LambdaNode,
  outer: ReadonlyMap<string, Local>,
  reporter: Reporter,
): { locals: ReadonlyMap<string, Local>; lambda: (body: Read<OttlValue>) => Lambda } | undefined {
  if (!reporter.gates.has('ottl.functions.enableLambda')) {
    reporter.problem(node, 'lambdas need the feature gate ottl.functions.enableLambda');
    return undefined;
  }
  const named = node.formals.filter((formal) => formal !== '_');
  const twice = named.find((formal, index) => named.indexOf(formal) !== index);
  if (twice !== undefined) {
    reporter.problem(node, `two arguments of this lambda are called ${twice}`);
    return undefined;
  }
  const cells = node.formals.map((): Local => ({ value: undefined }));
  const own = node.formals.flatMap((formal, index) => {
    const cell = cells[index];
    return formal === '_' || cell === undefined ? [] : [[formal, cell] as const];
  });
  const lambda = (body: Read<OttlValue>): Lambda => ({
    call(target, ...values) {
      for (const [index, cell] of cells.entries()) cell.value = values[index];
      return body(target);
    },
  });
  return { locals: new Map([...outer, ...own]), lambda };
}
