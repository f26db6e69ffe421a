/** Says what was found in the inputs: the first unreadable regions one by one, notices once at the end. */
import type { ReceiverContext } from '../../pipeline/component.ts';
import type { UnreadableRegion } from '../../pipeline/counts.ts';
import { UnreadableError } from './errors.ts';
import type { ReadEvents } from './reading.ts';

/** How many regions are said; the report has more of them, the ledger counts all. */
const saidRegions = 10;

interface Notice {
  times: number;
  readonly inputs: Set<string>;
}

/** What was found by who does not say it. */
export interface Findings {
  /** Of the first unreadable regions. */
  readonly sentences: string[];
  /** How many regions there were. */
  regions: number;
  /** What was read in another way than it was written: a text, how often, and in which input. */
  readonly notices: [text: string, times: number, input: string][];
}

export class Reporter {
  private readonly context: ReceiverContext;
  private readonly onError: 'drop' | 'fail';
  /** How many regions were unreadable until now. */
  regions = 0;
  private said = 0;
  private readonly notices = new Map<string, Notice>();
  private readonly findings: Findings | undefined;

  /** With `findings` nothing is said: it is for somebody else to say. */
  constructor(context: ReceiverContext, onError: 'drop' | 'fail', findings?: Findings) {
    this.context = context;
    this.onError = onError;
    this.findings = findings;
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
    const { counts } = this.context;
    counts.addUnreadable(region);
    const sentence = regionSentence(region);
    if (this.onError === 'fail') throw new UnreadableError(sentence);
    this.regions++;
    if (this.findings !== undefined) {
      this.findings.regions++;
      if (this.findings.sentences.length < saidRegions) this.findings.sentences.push(sentence);
    } else this.say(sentence);
  }

  /** Says what another one found. */
  add({ sentences, regions, notices }: Findings): void {
    this.regions += regions;
    for (const sentence of sentences) this.say(sentence);
    for (const [text, times, input] of notices) this.notice(input, text, times);
  }

  sayNotices(): void {
    for (const [text, { times, inputs }] of this.notices) {
      const [first = ''] = inputs;
      const where = inputs.size === 1 ? first : `${inputs.size} files, first in ${first}`;
      const count = times === 1 ? '' : ` (${times} times)`;
      this.context.logger.warn(`${text}${count}, in ${where}`);
    }
  }

  private say(sentence: string): void {
    const { logger } = this.context;
    const said = ++this.said;
    if (said <= saidRegions) logger.error(sentence);
    if (said === saidRegions) logger.error('further unreadable regions are counted and not said');
  }

  private notice(input: string, text: string, times: number): void {
    if (this.findings !== undefined) {
      this.findings.notices.push([text, times, input]);
      return;
    }
    const notice = this.notices.get(text);
    if (notice === undefined) this.notices.set(text, { times, inputs: new Set([input]) });
    else {
      notice.times += times;
      notice.inputs.add(input);
    }
  }
}

/** `a.jsonl:7: not JSON (120 bytes at byte 733 are left out)`. */
function regionSentence({ input, line, offset, bytes, reason }: UnreadableRegion): string {
  const place = line === undefined ? input : `${input}:${line}`;
  const size = bytes === 1 ? '1 byte' : `${bytes} bytes`;
  return `${place}: ${reason} (${size} from byte ${offset} are left out)`;
}
