/** How programs lie in memory: the other side of wasm/program-layout.ts, which says what each is. */

export const recordBytes = 155_776;

export const header = {
  steps: 16,
  sweeps: 20,
  touchesResource: 24,
  attributes: 28,
  slotTags: 32,
  tags: 64,
  drops: 192,
  lengths: 448,
  end: 576,
  code: 90_752,
} as const;
export const mostDrops = 64;
export const mostDecisions = 16;
export const mostSlots = 7;
export const codeBytes = 40_448;
export const programBytes = header.code + codeBytes;

export const values = {
  itemAttribute: 0,
  resourceAttribute: 1,
  textField: 2,
  numberField: 3,
  innerNumberField: 4,
  bodyField: 5,
  constant: 6,
  joined: 7,
  made: 8,
} as const;

export const tests = {
  all: 0,
  any: 1,
  not: 2,
  nil: 3,
  text: 4,
  boolean: 5,
  int: 6,
  double: 7,
  match: 8,
} as const;

export const steps = {
  setAttribute: 0,
  setTextField: 1,
  setNumberField: 2,
  setBody: 3,
  put: 4,
  change: 5,
  hash: 6,
  delete: 7,
  deleteKeys: 8,
  truncate: 9,
  replace: 10,
  drop: 11,
  stop: 12,
} as const;

/** The orders that an operator holds for, as bits: less, equal, greater. */
export const orders = { '<': 1, '<=': 3, '==': 2, '>=': 6, '>': 4 } as const;
/** Whether an attribute may be absent (1) and present (2). */
export const presence = { absent: 1, present: 2, always: 3 } as const;
