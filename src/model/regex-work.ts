/**
 * Thrown when a pattern takes too many steps on one text. To find all matches of `a.*b|a` in many letters a is such
 * work: each search goes to the end of the text and comes back with one letter.
 */
export class RegexLimit extends Error {
  override readonly name = 'RegexLimit';

  constructor(pattern: string, steps: number, length: number) {
    const shown = JSON.stringify(pattern.length > 60 ? `${pattern.slice(0, 57)}...` : pattern);
    super(
      `${shown} takes more than ${steps} steps on a text of ${length} characters: ` +
        'shorten the text first, or use a pattern with fewer repetitions',
    );
  }
}

/** Steps that are always allowed: about half a second. */
const leastLimit = 1 << 24;
const stepsPerCharacter = 16;

/** The work of one pattern on one text. A step is a character read, or a thread of the automaton moved on by one. */
export class RegexWork {
  readonly #pattern: string;
  readonly #length: number;
  #steps = 0;

  constructor(pattern: string, length: number) {
    this.#pattern = pattern;
    this.#length = length;
  }

  /** Throws `RegexLimit`. */
  spend(steps: number): void {
    this.#steps += steps;
    const limit = leastLimit + stepsPerCharacter * this.#length;
    if (this.#steps > limit) throw new RegexLimit(this.#pattern, limit, this.#length);
  }
}
