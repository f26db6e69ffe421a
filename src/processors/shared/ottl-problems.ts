import { OttlError } from '../../ottl/errors.ts';
import type { CheckedProblem } from '../../pipeline/component.ts';

/** What is wrong with OTTL, each problem at its place in the text that `pathOf` finds. Other errors are thrown on. */
export function ottlProblems(
  error: unknown,
  pathOf: (text: string) => readonly (string | number)[],
): CheckedProblem[] {
  if (!(error instanceof OttlError)) throw error;
  return error.problems.map(({ text, message, offset, length, remedy }): CheckedProblem => {
    const problem = { severity: 'error', path: pathOf(text), message, offset, length } as const;
    return remedy === undefined ? problem : { ...problem, remedy };
  });
}
