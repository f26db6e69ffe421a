/** One attempt of one request: when it is its turn, within its deadline, and no longer than the run. */
import type { Clock } from './clock.ts';
import type { Exporter, ExportPolicy, ExportRequest, Outcome } from './component.ts';
import { InterruptedError } from './errors.ts';
import { AdaptiveSlots } from './queue.ts';
import { outcomeOfError } from './retry.ts';

export interface AttemptOptions {
  readonly exporter: Exporter;
  readonly policy: ExportPolicy;
  readonly clock: Clock;
  readonly kill: AbortSignal;
}

/** The run ended while a request was under way: the backend may have it or not. */
export class CutError extends InterruptedError {}

/** How long an exporter may take to end what is past its deadline, before it is not waited for any more. */
const deadlineGraceMs = 1000;

export class Attempts {
  private readonly options: AttemptOptions;
  private readonly slots: AdaptiveSlots;

  constructor(options: AttemptOptions) {
    this.options = options;
    this.slots = new AdaptiveSlots(options.policy.consumers);
  }

  /** How many may be under way now. */
  get pace(): number {
    return this.slots.count;
  }

  /**
   * @param begin called when it is the request's turn: an outcome is that of an attempt that is not made, and what it
   *   throws is thrown
   * @throws CutError when the run ended meanwhile
   */
  async send(request: ExportRequest, begin: () => Outcome | undefined): Promise<Outcome> {
    return await this.slots.run(async () => begin() ?? (await this.sendNow(request)), paceOf);
  }

  private async sendNow(request: ExportRequest): Promise<Outcome> {
    const { clock, exporter, kill, policy } = this.options;
    const deadline = new AbortController();
    const cut = Promise.withResolvers<never>();
    const end = (): void => {
      deadline.abort();
      cut.reject(new CutError());
    };
    kill.addEventListener('abort', end, { once: true });
    const timers: (() => void)[] = [];
    const timeOut = (): void => {
      deadline.abort();
      const late = new DOMException('the attempt did not end at its deadline', 'TimeoutError');
      timers.push(clock.after(deadlineGraceMs, () => cut.reject(late)));
    };
    if (policy.timeoutMs > 0) timers.push(clock.after(policy.timeoutMs, timeOut));
    try {
      return await Promise.race([exporter.send(request, deadline.signal), cut.promise]);
    } catch (error) {
      if (error instanceof CutError) throw error;
      return outcomeOfError(error);
    } finally {
      for (const cancel of timers) cancel();
      kill.removeEventListener('abort', end);
    }
  }
}

function paceOf(outcome: Outcome): 'too much' | 'well' | undefined {
  if (outcome.verdict === 'delivered') return 'well';
  return outcome.verdict === 'retry' && outcome.slows === true ? 'too much' : undefined;
}
