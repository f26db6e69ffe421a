/** Says what was found in the inputs: the first unreadable regions one by one, notices once at the end. */
import type { ReceiverContext } from '../../pipeline/component.ts';
import type { UnreadableRegion } from '../../pipeline/counts.ts';
import { UnreadableError } from './errors.ts';
import type { ReadEvents } from './reading.ts';

/** How many regions are said; the report has more of them, the ledger counts all. */
const saidRegions = 10;

interface Notice {
  times: number;
  inputs: number;
  readonly first: string;
  last: string;
}

export class Reporter {
  private readonly context: ReceiverContext;
  private readonly onError: 'drop' | 'fail';
  /** How many regions were unreadable until now. */
  regions = 0;
  private readonly notices = new Map<string, Notice>();

  constructor(context: ReceiverContext, onError: 'drop' | 'fail') {
    this.context = context;
    this.onError = onError;
  }

  eventsFor(input: string): Pick<ReadEvents, 'unreadable' | 'notice' | 'empty'> {
    return {
      unreadable: (region) => this.unreadable(region),
      notice: (text, times, atOnce) => {
        if (atOnce === true) this.context.logger.warn(`${text}, in ${input}`);
        else this.notice(input, text, times);
      },
      empty: () => this.context.logger.warn(`${input} is empty`),
    };
  }

  /** Counts and says it. Throws an UnreadableError under `on_error: fail`. */
  unreadable(region: UnreadableRegion): void {
    const { counts, logger } = this.context;
    counts.addUnreadable(region);
    const sentence = regionSentence(region);
    if (this.onError === 'fail') throw new UnreadableError(sentence);
    const regions = ++this.regions;
    if (regions <= saidRegions) logger.error(sentence);
    if (regions === saidRegions) logger.error('further unreadable regions are counted and not said');
  }

  sayNotices(): void {
    for (const [text, { times, inputs, first }] of this.notices) {
      const where = inputs === 1 ? first : `${inputs} files, first in ${first}`;
      const count = times === 1 ? '' : ` (${times} times)`;
      this.context.logger.warn(`${text}${count}, in ${where}`);
    }
  }

  private notice(input: string, text: string, times: number): void {
    const notice = this.notices.get(text);
    if (notice === undefined) this.notices.set(text, { times, inputs: 1, first: input, last: input });
    else {
      notice.times += times;
      if (notice.last !== input) notice.inputs++;
      notice.last = input;
    }
  }
}

/** `a.jsonl:7: not JSON (120 bytes at byte 733 are left out)`. */
function regionSentence({ input, line, offset, bytes, reason }: UnreadableRegion): string {
  const place = line === undefined ? input : `${input}:${line}`;
  const size = bytes === 1 ? '1 byte' : `${bytes} bytes`;
  return `${place}: ${reason} (${size} from byte ${offset} are left out)`;
}
