/** Where in a JSON document the pieces stand that telemetry is made of. */

/**
 * What to do with a value: it is opened where it is an object and `members` are known, or an array with `elements`; else
 * it is cut out whole when it is a `piece`, and passed unread when it is not.
 */
export interface Plan {
  /** What the reader knows it by: of pieces, and of what is opened. */
  readonly name: string;
  readonly piece?: boolean;
  readonly members?: ReadonlyMap<string, Plan>;
  readonly elements?: Plan;
}

/** The way to a value: names of members, and 0 for the elements of an array. */
export type PlanPath = readonly (string | 0)[];

/** The plan at the end of the way. */
export function planAt(root: Plan, path: PlanPath): Plan | undefined {
  let plan: Plan | undefined = root;
  for (const step of path) plan = step === 0 ? plan?.elements : plan?.members?.get(step);
  return plan;
}

export function samePath(one: PlanPath, other: PlanPath): boolean {
  return one.length === other.length && one.every((step, index) => step === other[index]);
}
