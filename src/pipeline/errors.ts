/** Errors that end or mark a run. Facts are properties; the message is derived from them. */

/** An exporter cannot go on: its items are not safe. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
  readonly component: string;
  readonly target: string;
  readonly reason: string;
  readonly status: number | undefined;
  readonly remedy: string | undefined;

  constructor(facts: {
    component: string;
    target: string;
    reason: string;
    status?: number | undefined;
    remedy?: string | undefined;
  }) {
    super(`${facts.component} (${facts.target}): ${facts.reason}`);
    this.component = facts.component;
    this.target = facts.target;
    this.reason = facts.reason;
    this.status = facts.status;
    this.remedy = facts.remedy;
  }
}

/** A component that threw where it should have counted: a receiver that cannot read, a processor that failed. */
export class ComponentError extends Error {
  override readonly name = 'ComponentError';
  readonly component: string;
  readonly remedy: string | undefined;

  constructor(component: string, cause: unknown, remedy?: string) {
    super(`${component}: ${messageOf(cause)}`, { cause });
    this.component = component;
    this.remedy = remedy ?? remedyOf(cause);
  }
}

/** The run was told to stop: what was under way is abandoned, and nobody is to blame. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  constructor() {
    super('interrupted');
  }
}

/** Whether a node has counted the items behind this error already, and its message names the component. */
export function isOfRun(error: unknown): error is ExportError | InterruptedError | ComponentError {
  return error instanceof ExportError || error instanceof InterruptedError || error instanceof ComponentError;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function remedyOf(error: unknown): string | undefined {
  const remedy: unknown = error instanceof Error && 'remedy' in error ? error.remedy : undefined;
  return typeof remedy === 'string' ? remedy : undefined;
}

/** Of several failures the one to report: a real one before an interruption, and the first of those. */
export function worstOf(errors: readonly unknown[]): unknown {
  return errors.find((error) => !(error instanceof InterruptedError)) ?? errors[0];
}
