/** One match; positions are UTF-16 offsets. */
export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  /** The whole match, then the text of each group; undefined for a group that took no part. */
  readonly groups: readonly (string | undefined)[];
}

/** What a pattern runs on. */
export interface RegexEngine {
  readonly name: 'v8' | 're2';
  readonly groupNames: readonly (string | undefined)[];
  /** Whether a search takes no longer than `test`. */
  readonly findsAsFast: boolean;
  readonly test: (text: string) => boolean;
  /** Begins work on one text: what is answered finds the first match at or after a position. */
  readonly search: (text: string) => (from: number) => RegexMatch | undefined;
}
