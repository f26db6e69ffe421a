/** What a person should hear before Loki says it, each once: data too old, too many streams, lines too long. */
import type { Clock } from '../../pipeline/clock.ts';
import type { Logger } from '../../pipeline/logger.ts';
import { isoTime } from '../../model/time.ts';
import type { Stream } from './labels.ts';
import type { StreamPart } from './push-codec.ts';

const msNanos = 1_000_000n;
/** Loki's `max_chunk_age` / 2. */
const disorderWindow = 3_600_000n * msNanos;
/** Loki's `creation_grace_period`. */
const futureWindow = 600_000n * msNanos;
const mostLabelValues = 100;
const mostStreams = 10_000;

/** Things that are counted, warned of at the first, and summed up at the end. */
export type Oddity =
  | 'no time'
  | 'long line'
  | 'line cut'
  | 'label cut'
  | 'metadata too large'
  | 'metadata shortened';

const oddities: Record<Oddity, { readonly lost: boolean; readonly text: string }> = {
  'no time': {
    lost: false,
    text: 'log records without a time are sent with the time at which this run began',
  },
  'long line': {
    lost: false,
    text: 'lines longer than 256 KiB: Loki refuses them unless its max_line_size is raised; `max_line_size` here cuts them',
  },
  'line cut': { lost: true, text: 'lines cut to `max_line_size`' },
  'label cut': {
    lost: false,
    text: 'label values cut to 2048 bytes; the whole value goes as structured metadata',
  },
  'metadata too large': {
    lost: false,
    text: 'records with more structured metadata than the 128 entries and 64 KiB that Loki takes by default',
  },
  'metadata shortened': {
    lost: true,
    text: 'records with more structured metadata than Loki takes: their longest values are cut, what is beyond 127 entries goes as JSON under other_attributes (`metadata_overflow: send` leaves them whole)',
  },
};

export class Watch {
  private readonly logger: Logger;
  private readonly clock: Clock;
  /** Zero: the server takes data of any age. */
  private readonly maxAgeMs: number;
  private readonly counts = new Map<Oddity, number>();
  private readonly values = new Map<string, Set<string>>();
  private readonly said = new Set<string>();
  private readonly highest = new Map<string, bigint>();
  private readonly seenStreams = new WeakSet<Stream>();

  constructor(logger: Logger, clock: Clock, maxAgeMs: number) {
    this.logger = logger;
    this.clock = clock;
    this.maxAgeMs = maxAgeMs;
  }

  count(oddity: Oddity): void {
    const before = this.counts.get(oddity) ?? 0;
    this.counts.set(oddity, before + 1);
    if (before > 0) return;
    const { lost, text } = oddities[oddity];
    if (lost) this.logger.error(text);
    else this.logger.warn(text);
  }

  /** A part about to be sent; its entries are in the order of time. */
  look(part: StreamPart): void {
    const first = part.entries[0]?.timeUnixNano;
    const last = part.entries.at(-1)?.timeUnixNano;
    if (first === undefined || last === undefined) return;
    this.lookAtAge(first, last);
    this.lookAtOrder(part.stream, first, last);
    this.lookAtLabels(part.stream);
  }

  /** Counts that the first warning could not know. */
  sumUp(): void {
    for (const [oddity, count] of this.counts)
      if (count > 1) this.logger.info(`${count} times: ${oddities[oddity].text}`);
  }

  private lookAtAge(first: bigint, last: bigint): void {
    const now = this.clock.nowUnixNano();
    if (this.maxAgeMs > 0 && now - first > BigInt(this.maxAgeMs) * msNanos) {
      this.sayOnce(
        'old',
        `log records from ${isoTime(first)} are older than the ${days(this.maxAgeMs)} that Loki takes by default, and it will refuse them; ` +
          'move them to now with the processor time_shift, or set limits_config.reject_old_samples: false in Loki',
      );
    }
    if (last - now > futureWindow) {
      this.sayOnce(
        'future',
        `log records from ${isoTime(last)} are in the future, and Loki refuses what is more than 10 minutes ahead; the processor time_shift moves them`,
      );
    }
  }

  private lookAtOrder(stream: Stream, first: bigint, last: bigint): void {
    const highest = this.highest.get(stream.text);
    if (highest !== undefined && highest - first > disorderWindow) {
      this.sayOnce(
        'disorder',
        `log records of ${stream.text} go back to ${isoTime(first)} after ${isoTime(highest)} was sent, and Loki refuses what is more than an hour ` +
          'behind the newest line of its stream; read the files in the order of time, or give each recording a label of its own (`labels`, `external_labels`)',
      );
    }
    if (highest === undefined && this.highest.size >= mostStreams) return;
    if (highest === undefined || last > highest) this.highest.set(stream.text, last);
  }

  private lookAtLabels(stream: Stream): void {
    if (this.seenStreams.has(stream)) return;
    this.seenStreams.add(stream);
    for (const [name, value] of stream.labels) {
      let values = this.values.get(name);
      if (values === undefined) this.values.set(name, (values = new Set()));
      if (values.size > mostLabelValues) continue;
      values.add(value);
      if (values.size <= mostLabelValues) continue;
      this.sayOnce(
        `label ${name}`,
        `the label ${name} has more than ${mostLabelValues} values: every one of them is a stream of its own, which makes Loki slow and may meet its ` +
          'limit of 5000 streams; take it out of `labels`, it is sent as structured metadata anyway',
      );
    }
  }

  private sayOnce(what: string, message: string): void {
    if (this.said.has(what)) return;
    this.said.add(what);
    this.logger.warn(message);
  }
}

function days(ms: number): string {
  return ms % 86_400_000 === 0 ? `${ms / 86_400_000} days` : `${ms / 3_600_000} hours`;
}
