import type { Signal } from '../../model/signal.ts';
import { diagnose, type Setting } from '../../ottl/diagnose.ts';
import type { CheckedProblem } from '../../pipeline/component.ts';

/** An OTTL text of a config. */
export interface Text {
  readonly text: string;
  /** Where it stands in the config. */
  readonly path: readonly (string | number)[];
}

export interface Texts {
  readonly statements: readonly Text[];
  readonly conditions: readonly Text[];
}

/** Everything that is wrong with texts that share a context, each problem at its place in its text. */
export function ottlProblems({ statements, conditions }: Texts, setting: Setting): CheckedProblem[] {
  const textsOf = (list: readonly Text[]) => list.map(({ text }) => text);
  const lists = diagnose({ statements: textsOf(statements), conditions: textsOf(conditions) }, setting);
  return [...statements, ...conditions].flatMap(({ path }, index) =>
    (lists[index] ?? []).map(({ message, offset, length, remedy, isWarning }): CheckedProblem => {
      const severity = isWarning === true ? 'warning' : 'error';
      const problem = { severity, path, message, offset, length } as const;
      return remedy === undefined ? problem : { ...problem, remedy };
    }),
  );
}

/** Notes that a processor has nothing to do in the pipelines of a signal. */
export function idleNotice(
  signal: Signal,
  missing: { what: string; key: string; effect: string },
): CheckedProblem {
  const message = `has no ${missing.what} for ${signal}, so in that pipeline it ${missing.effect} nothing`;
  return { severity: 'notice', path: [], message, remedy: `add ${missing.key}` };
}
