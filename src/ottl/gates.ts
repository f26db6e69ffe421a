/** The Collector's feature gates that change what a text means. */
export type Gate =
  /** `set` passes nil on instead of doing nothing. */
  | 'ottl.set.allowNil'
  /** Arguments may be lambdas: `(key, value) => ...`. */
  | 'ottl.functions.enableLambda';
