/**
 * Whether a request that is refused is taken apart. One offender in a request of n items costs about 2 log n requests; a
 * backend that refuses everything would cost two for each item of a whole recording. So after some items in a row that
 * were refused alone, with none taken in between, requests are refused whole, and only now and then another one is taken
 * apart, until it finds an offender or something is taken.
 */

/** So many items in a row may be refused alone. */
export const mostInARow = 16;
/** At least every so many requests one is tried again in parts. */
const longestPause = 64;

/** What an exporter knows of its backend. */
export class Bisection {
  private alone = 0;
  private pause = 0;
  private nextPause = 1;

  /** Of one request. */
  begin(): Search {
    return new Search(this);
  }

  get isHopeless(): boolean {
    return this.alone >= mostInARow;
  }

  /** The backend took something. */
  taken(): void {
    this.alone = 0;
    this.pause = 0;
    this.nextPause = 1;
  }

  /** An item was refused alone; answers whether it was the one too many. */
  refusedAlone(): boolean {
    return ++this.alone === mostInARow;
  }

  mayTryAgain(): boolean {
    if (this.pause > 0) {
      this.pause--;
      return false;
    }
    this.pause = this.nextPause;
    this.nextPause = Math.min(this.nextPause * 2, longestPause);
    return true;
  }
}

/** The search for the offenders of one request. */
export class Search {
  private readonly bisection: Bisection;
  private found = false;
  private mayTry: boolean | undefined;

  constructor(bisection: Bisection) {
    this.bisection = bisection;
  }

  mayDivide(): boolean {
    if (!this.bisection.isHopeless) return true;
    if (this.found) return false;
    this.mayTry ??= this.bisection.mayTryAgain();
    return this.mayTry;
  }

  /** An item was refused alone; answers whether from now on requests are refused whole. */
  refusedAlone(): boolean {
    this.found = true;
    return this.bisection.refusedAlone();
  }
}
