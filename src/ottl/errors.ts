import { RegexLimit } from '../model/regex-work.ts';

/** A place in an OTTL text: UTF-16 offsets, `end` exclusive. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** One thing wrong with an OTTL text, found without looking at data. */
export interface OttlProblem {
  /** The whole OTTL text. */
  readonly text: string;
  /** Where the problem begins, in UTF-16 units from the start of `text`. */
  readonly offset: number;
  /** How much of the text is meant; 0 points between two characters. */
  readonly length: number;
  /** What must hold and what was found. */
  readonly message: string;
  /** What to write instead, when that is known. */
  readonly remedy?: string;
  /** The text compiles, and cannot mean what it says. */
  readonly isWarning?: true;
}

/**
 * Thrown for a text that cannot be compiled. `problems` holds everything that was found in it (or in the list
 * of texts that was given), in the order of the text; `message` shows them all, each with its line and a caret.
 */
export class OttlError extends Error {
  override readonly name = 'OttlError';
  readonly problems: readonly OttlProblem[];

  constructor(problems: readonly OttlProblem[]) {
    super(problems.map(formatOttlProblem).join('\n\n'));
    this.problems = problems;
  }

  /** Offset of the first problem. */
  get offset(): number {
    return this.problems[0]?.offset ?? 0;
  }

  /** Length of the first problem. */
  get length(): number {
    return this.problems[0]?.length ?? 0;
  }

  /** Remedy of the first problem. */
  get remedy(): string | undefined {
    return this.problems[0]?.remedy;
  }
}

/**
 * Thrown while a compiled text runs on a record. `reason` is the bare cause, `values` are those that met at
 * `place`; `error_mode` of the component decides what follows.
 */
export class OttlEvalError extends Error {
  override readonly name = 'OttlEvalError';
  readonly text: string;
  readonly place: Place;
  readonly reason: string;
  readonly values: readonly unknown[];

  constructor(site: { text: string; place: Place }, reason: string, values: readonly unknown[] = []) {
    const shown = clipped(reason);
    super(`${site.text.slice(site.place.start, site.place.end)}: ${shown}`);
    this.text = site.text;
    this.place = site.place;
    this.reason = shown;
    this.values = values;
  }
}

/** Reasons quote records, which can be long. */
const longestReason = 1000;

function clipped(reason: string): string {
  if (reason.length <= longestReason) return reason;
  return `${reason.slice(0, longestReason - 200)} ... ${reason.slice(-195)}`;
}

/** Says why a computation failed, without knowing where in which text; `Site.run` adds the place. */
export class OttlFailure extends Error {
  override readonly name = 'OttlFailure';
  readonly values: readonly unknown[];

  constructor(reason: string, values: readonly unknown[] = []) {
    super(reason);
    this.values = values;
  }
}

/**
 * The failure of a computation that an error stands for: what the model cannot hold, and what is too large for the
 * engine's own strings and lists (a RangeError, or an Error with a code where Node makes the string), is one too; and
 * a pattern that takes too many steps.
 */
function asFailure(error: unknown): OttlFailure | undefined {
  if (error instanceof OttlFailure) return error;
  const isTooLarge =
    error instanceof RegexLimit ||
    error instanceof RangeError ||
    (error instanceof Error && 'code' in error && error.code === 'ERR_STRING_TOO_LONG');
  return isTooLarge ? new OttlFailure(error.message) : undefined;
}

/** A place in one text, handed to everything that may fail there while it runs. */
export class Site {
  readonly text: string;
  readonly place: Place;

  constructor(text: string, place: Place) {
    this.text = text;
    this.place = place;
  }

  /** The error to throw when evaluation fails here. */
  error(reason: string, values: readonly unknown[] = []): OttlEvalError {
    return new OttlEvalError(this, reason, values);
  }

  /** Gives a failure its place; every other error is a bug or already has one, and passes as it is. */
  located(error: unknown): unknown {
    const failure = asFailure(error);
    return failure === undefined ? error : this.error(failure.message, failure.values);
  }
}

/** Collects the problems of one text, so that all of them are reported together. */
export class Problems {
  readonly text: string;
  readonly found: OttlProblem[] = [];
  readonly warnings: OttlProblem[] = [];

  constructor(text: string) {
    this.text = text;
  }

  add(place: Place, message: string, remedy?: string): void {
    this.found.push(this.problem(place, message, remedy));
  }

  warn(place: Place, message: string, remedy?: string): void {
    this.warnings.push({ ...this.problem(place, message, remedy), isWarning: true });
  }

  private problem({ start, end }: Place, message: string, remedy: string | undefined): OttlProblem {
    const problem = { text: this.text, offset: start, length: end - start, message };
    return remedy === undefined ? problem : { ...problem, remedy };
  }

  /** Throws `OttlError` if there is anything to report. */
  throwIfAny(): void {
    if (this.found.length > 0) throw new OttlError(inTextOrder(this.found));
  }
}

function inTextOrder(problems: readonly OttlProblem[]): OttlProblem[] {
  return problems.toSorted((a, b) => a.offset - b.offset);
}

/** The longest part of a line that is shown; a longer line is cut around the problem. */
const shownWidth = 120;

/** `message`, then the line of the text, then a caret line, then the remedy. */
export function formatOttlProblem(problem: OttlProblem): string {
  const { line, column } = lineAt(problem.text, problem.offset);
  const from = column > shownWidth - 20 ? column - 40 : 0;
  const shown = line.slice(from, from + shownWidth);
  const before = shown.slice(0, column - from).replaceAll(/[^\t]/gu, ' ');
  const width = Math.max(1, Math.min(problem.length, shown.length - (column - from)));
  const lines = [problem.message, `  ${shown}`, `  ${before}${'^'.repeat(width)}`];
  if (problem.remedy !== undefined) lines.push(problem.remedy);
  return lines.join('\n');
}

function lineAt(text: string, offset: number): { line: string; column: number } {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return { line: text.slice(start, end < 0 ? text.length : end), column: offset - start };
}
