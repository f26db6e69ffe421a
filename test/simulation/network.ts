/** A network in virtual time: what is sent takes a while, may never arrive, and may arrive after its sender is gone. */
import type { Answer, Backend } from './backend.ts';
import type { Life } from './life.ts';
import type { Owner, Schedule } from './schedule.ts';
import type { Tally } from './tally.ts';

export interface Post {
  readonly backend: Backend;
  readonly life: Life;
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
}

/** What is in the kernel or on the wire outlives its process. */
const theNetwork: Owner = { alive: true };

export class Network {
  private readonly schedule: Schedule;
  private readonly tally: Tally;

  constructor(schedule: Schedule, tally: Tally) {
    this.schedule = schedule;
    this.tally = tally;
  }

  /** One request. Rejects as undici does. */
  async post(post: Post): Promise<Answer> {
    post.life.requests++;
    try {
      return await this.exchange(post);
    } finally {
      post.life.requests--;
    }
  }

  private async exchange({ backend, life, body, signal }: Post): Promise<Answer> {
    const { schedule, tally } = this;
    const fault = backend.nextFault();
    tally.note(fault);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    let isOver = false;
    const end = (settle: () => void): void => {
      if (isOver || !life.alive) return;
      isOver = true;
      settle();
    };
    if (fault === 'connection refused') {
      const error = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' });
      schedule.after(schedule.random.below(20), life, () => end(() => reject(error)));
      return await promise;
    }
    if (fault !== 'deaf') {
      const abort = (): void => end(() => reject(new DOMException('aborted', 'AbortError')));
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    }
    const ms = fault === 'slow' ? 500 + schedule.random.below(8000) : schedule.random.below(40);
    // Sometimes the whole body is with the kernel at once, and arrives whatever becomes of its sender.
    const isGone = schedule.random.below(3) === 0;
    const sent = isGone ? Buffer.from(body) : body;
    if (fault === 'deaf') return await promise;
    schedule.after(ms, isGone ? theNetwork : life, () => {
      if (!isGone && isOver) return;
      if (isOver || !life.alive) tally.note('arrived after its sender had given up');
      const answer = backend.receive(sent, fault, life.number);
      if (answer.kind === 'silence') return;
      const back = fault === 'slow' ? schedule.random.below(4000) : schedule.random.below(40);
      schedule.after(back, life, () => end(() => resolve(answer)));
    });
    return await promise;
  }
}
