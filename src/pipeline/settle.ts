/** Owns the outstanding promises of a run: every rejection is observed, and none is waited for twice. */
import { worstOf } from './errors.ts';

export class Settlement {
  /** The first real failure; undefined while there is none. */
  failure: unknown = undefined;
  private readonly outstanding = new Set<Promise<boolean>>();
  private readonly onFailure: (error: unknown) => void;

  constructor(onFailure: (error: unknown) => void) {
    this.onFailure = onFailure;
  }

  get pending(): number {
    return this.outstanding.size;
  }

  /** Takes over a promise of `consume`. The returned one never rejects; it says whether all went well. */
  track(promise: Promise<void>): Promise<boolean> {
    const settled = promise
      .then(
        () => true,
        (error: unknown) => {
          this.failure = this.failure === undefined ? error : worstOf([this.failure, error]);
          this.onFailure(error);
          return false;
        },
      )
      .finally(() => this.outstanding.delete(settled));
    this.outstanding.add(settled);
    return settled;
  }

  /** Resolves when nothing is outstanding any more, what is added meanwhile included. */
  async idle(): Promise<void> {
    while (this.outstanding.size > 0) await Promise.all(this.outstanding);
  }
}

/** Waits for all of them, then throws the worst failure: one branch that fails does not leave the others unobserved. */
export async function allSettled(promises: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 0) throw worstOf(failures);
}
