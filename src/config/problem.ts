/**
 * Problems of a configuration and the one format in which people read them:
 *
 *     pipeline.yaml:3:5  exporters.otlp_http.endpont: is not a known key
 *           endpont: http://tempo:4318
 *           ^^^^^^^
 *       did you mean endpoint?
 */
import { pathText } from './place.ts';
import type { Path, Place } from './place.ts';

export type Severity = 'error' | 'warning' | 'notice';

export interface Problem {
  severity: Severity;
  path: Path;
  place?: Place;
  /** What must hold and what was found, without the path in front: `must be a number, found the text "x"`. */
  message: string;
  /** What to do about it: one line, or several. */
  remedy?: string;
}

/** Thrown by those who cannot go on. `message` is the formatted text of all problems. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = sortProblems(problems);
    super(formatProblems(sorted));
    this.name = 'ConfigError';
    this.problems = sorted;
  }
}

/** True if one of the problems is an error; warnings and notices let a run go on. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}

/** By file (in the order of first mention), line and column; those without a place come first. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map((problem) => problem.place?.file))];
  const rank = (problem: Problem): [number, number, number] => [
    problem.place === undefined ? -1 : files.indexOf(problem.place.file),
    problem.place?.line ?? 0,
    problem.place?.column ?? 0,
  ];
  return [...problems].sort((left, right) => {
    const [a, b] = [rank(left), rank(right)];
    return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
  });
}

/** All problems, one after the other, with an empty line between them. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join('\n\n');
}

/** `file:line:column  dotted.path: message`, the source line, the caret line, the remedy. */
export function formatProblem(problem: Problem): string {
  const { place } = problem;
  const severity = problem.severity === 'error' ? '' : `${problem.severity}: `;
  const path = problem.path.length === 0 ? '' : `${pathText(problem.path)}: `;
  const where = place === undefined ? '' : `${whereText(place)}  `;
  const lines = [printable(`${where}${severity}${path}${problem.message}`)];
  if (place !== undefined && place.line > 0 && place.text.trim() !== '') lines.push(...excerpt(place));
  for (const line of problem.remedy?.split('\n') ?? []) lines.push(`  ${printable(line)}`);
  return lines.join('\n');
}

function whereText(place: Place): string {
  return place.line === 0 ? place.file : `${place.file}:${place.line}:${place.column}`;
}

/** Longer lines are cut around the caret. */
const maximumWidth = 160;

function excerpt(place: Place): [string, string] {
  const start = Math.max(0, (place.shownColumn ?? place.column) - 1);
  const length = Math.max(1, Math.min(place.length ?? 1, place.text.length - start));
  let text = place.text;
  let caret = start;
  if (text.length > maximumWidth) {
    const from = Math.max(0, Math.min(start - 40, text.length - maximumWidth));
    const to = from + maximumWidth;
    text = `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < place.text.length ? '…' : ''}`;
    caret = start - from + (from > 0 ? 1 : 0);
  }
  const marked = text.slice(caret, caret + length);
  const padding = text.slice(0, caret).replace(/[^\t]+/gu, (part) => ' '.repeat(width(part)));
  return [`    ${printable(text)}`, `    ${padding}${'^'.repeat(Math.max(1, width(marked)))}`];
}

/** Terminal cells of a text: combining marks take none, East Asian wide characters and emoji take two. */
function width(text: string): number {
  let cells = 0;
  for (const character of text) {
    if (/^(?:\p{Mn}|\p{Me}|\p{Cf})$/u.test(character)) continue;
    cells += isWide(character) ? 2 : 1;
  }
  return cells;
}

/** Its set of characters is made when it is first called: that takes a while. */
function isWide(character: string): boolean {
  return /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]$/u.test(
    character,
  );
}

/** A configuration must not be able to steer the terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/gu, '\ufffd');
}
