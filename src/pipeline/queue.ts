/** How many requests of an exporter are under way, and in which order. Full means wait, never drop. */

/** A counting semaphore; waiters go in the order in which they came. */
export class Slots {
  private limit: number;
  private busy = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(count: number) {
    this.limit = count;
  }

  get count(): number {
    return this.limit;
  }

  /** What is under way stays so; of those who wait, nobody begins before there is room. */
  resize(count: number): void {
    this.limit = count;
    this.fill();
  }

  /** Runs `work` when a slot is free. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy < this.limit) this.busy++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      this.busy--;
      this.fill();
    }
  }

  private fill(): void {
    while (this.busy < this.limit) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.busy++;
      next();
    }
  }
}

/** So many works have to go well before one more is under way. */
export const successesPerSlot = 10;

/**
 * Slots that follow what the other side can take: half as many when it says that it is too much, one more after every ten
 * works that went well, up to the number there was.
 */
export class AdaptiveSlots {
  private readonly slots: Slots;
  private readonly most: number;
  private halvings = 0;
  private successes = 0;

  constructor(most: number) {
    this.most = most;
    this.slots = new Slots(most);
  }

  get count(): number {
    return this.slots.count;
  }

  /** @param said what a result says about the pace */
  async run<T>(work: () => Promise<T>, said: (result: T) => 'too much' | 'well' | undefined): Promise<T> {
    return await this.slots.run(async () => {
      // What began before the last halving says nothing about the pace since.
      const { halvings } = this;
      const result = await work();
      const word = said(result);
      if (word === 'well') this.grow();
      else if (word === 'too much' && halvings === this.halvings) this.halve();
      return result;
    });
  }

  private halve(): void {
    this.halvings++;
    this.successes = 0;
    this.slots.resize(Math.max(1, this.slots.count >> 1));
  }

  private grow(): void {
    if (this.slots.count >= this.most || ++this.successes < successesPerSlot) return;
    this.successes = 0;
    this.slots.resize(this.slots.count + 1);
  }
}

/** Runs works with the same key one after the other, in the order in which they came; others as they come. */
export class Lanes {
  private readonly tails = new Map<string, Promise<unknown>>();

  async run<T>(key: string | undefined, work: () => Promise<T>): Promise<T> {
    if (key === undefined) return await work();
    const before = this.tails.get(key);
    const mine = before === undefined ? work() : before.then(work, work);
    this.tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.tails.get(key) === mine) this.tails.delete(key);
    }
  }
}
