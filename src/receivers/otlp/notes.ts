/** What a person should know of the requests, in a few lines whatever clients send. */
import type { Logger } from '../../pipeline/logger.ts';

/** How many answers are told apart. */
const mostKinds = 20;

export class Notes {
  private readonly logger: Logger;
  private readonly refusals = new Map<number, number>();
  private unheard = 0;
  private partlyItems = 0;

  constructor(logger: Logger) {
    this.logger = logger;
  }

  /** A request that was answered with an error. */
  refused(status: number, path: string): void {
    const before = this.refusals.get(status) ?? 0;
    if (before === 0 && this.refusals.size < mostKinds)
      this.logger.warn(`answered ${status} to a request for ${JSON.stringify(path.slice(0, 100))}`);
    if (before > 0 || this.refusals.size < mostKinds) this.refusals.set(status, before + 1);
  }

  /** Items of a request that could not be read, while the others were taken. */
  partly(items: number, reason: string): void {
    if (this.partlyItems === 0)
      this.logger.warn(`left out what cannot be read of a request, and told its client: ${reason}`);
    this.partlyItems += items;
  }

  /** A client that went away before it was answered. */
  left(): void {
    if (this.unheard++ === 0) this.logger.warn('a client went away before it was answered');
  }

  sayAll(): void {
    const counts = [...this.refusals].map(([status, count]) => `${status} (${count})`).join(', ');
    if (counts !== '') this.logger.warn(`requests that were answered with an error: ${counts}`);
    if (this.partlyItems > 0)
      this.logger.warn(`items of requests that could not be read: ${this.partlyItems}`);
    if (this.unheard > 0)
      this.logger.warn(
        `clients that went away before they were answered: ${this.unheard}; what they send again, a backend may have twice`,
      );
  }
}
