import type { JsonError } from '../model/json-error.ts';
import { LogsData, MetricsData, TracesData, type Field } from '../model/schema.ts';
import type { Signal } from '../model/signal.ts';
import { QuickTranscoder } from '../model/quick-transcoder.ts';
import { Transcoder, type TranscoderLimits } from '../model/transcode.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { Writer } from '../wire/writer.ts';
import type { OtlpOutput } from './otlp-output.ts';
import type { RegionKind } from './unreadable-regions.ts';

/** A list of resources at the top of a document. */
export interface Root {
  readonly signal: Signal;
  readonly field: Field;
}

/** All names under which the lists stand: resourceSpans, resource_spans, batches, resourceLogs ... */
export const roots: ReadonlyMap<string, Root> = new Map(
  (
    [
      ['traces', TracesData],
      ['logs', LogsData],
      ['metrics', MetricsData],
    ] as const
  ).flatMap(([signal, type]) =>
    type.spellings.map(({ name, field }): [string, Root] => [name, { signal, field }]),
  ),
);

const anyRoot = 'resourceSpans, resourceLogs or resourceMetrics: not OTLP';

/** JSON documents of another kind. */
export const notOtlp: RegionKind = {
  one: `no ${anyRoot}`,
  many: (count) => `${count} documents without ${anyRoot}`,
};

/** What a document was, and where it ends. */
export interface ReadDocument {
  readonly isOtlp: boolean;
  readonly end: number;
}

/** Whole documents of any signals, and single elements of their lists, to telemetry. */
export class OtlpJsonReader extends Transcoder {
  private readonly quick: QuickTranscoder;

  constructor(limits: Required<TranscoderLimits>) {
    super(limits);
    this.quick = new QuickTranscoder(limits);
  }

  /**
   * Reads the document that begins at `start`, which must end at `stop` at the latest, and appends its telemetry.
   * Throws a JsonError; what was appended has to be rolled back then.
   */
  document(json: Bytes, start: number, stop: number, output: OtlpOutput): ReadDocument {
    this.load(json, start, stop);
    let isOtlp = true;
    return this.counted(() => {
      if (this.open(123)) {
        isOtlp = false;
        do {
          const root = roots.get(this.memberName());
          if (root === undefined) this.skip();
          else {
            isOtlp = true;
            this.elements(root, output);
          }
        } while (this.more(125));
      }
      if (this.at > stop) this.fail('');
      return { isOtlp, end: this.at };
    });
  }

  /** Reads one element of a list; `[start, end)` has to be exactly it. */
  element(
    json: Bytes,
    start: number,
    end: number,
    ...[root, output]: [root: Root, output: OtlpOutput]
  ): void {
    this.load(json, start, end);
    this.counted(() => {
      const to = output.writer(root.signal);
      if (this.quickly(root, to, true)) return;
      this.begin(to);
      this.child(root.field);
      this.commit();
    });
  }

  /**
   * Reads the element that begins at `start` and ends before `stop`, if it is all there and nothing is odd about it.
   * Answers where it ends, or -1, with nothing appended.
   */
  // oxlint-disable-next-line max-params -- as `element`
  wholeElement(json: Bytes, start: number, stop: number, root: Root, output: OtlpOutput): number {
    const text = { json, start, stop, field: root.field, isAlone: true };
    const end = this.quick.attempt(text, output.writer(root.signal));
    if (end >= 0) this.base64Ids += this.quick.base64Ids;
    return end;
  }

  /** Says what was read in another way than it was written. */
  noteTo(notices: Map<string, number>): void {
    if (this.base64Ids > 0) notices.set('ids in base64', this.base64Ids);
    if (this.wideIntegers > 0) notices.set('integers beyond 64 bits, read as doubles', this.wideIntegers);
  }

  private elements(root: Root, output: OtlpOutput): void {
    if (this.space() === 110) this.literal('null');
    else if (this.open(91)) {
      const to = output.writer(root.signal);
      if (this.quickly(root, to, false)) return;
      this.begin(to);
      do this.child(root.field);
      while (this.more(93));
      this.commit();
    }
  }

  private quickly({ field }: Root, to: Writer, isAlone: boolean): boolean {
    const end = this.quick.read({ json: this.input, start: this.at, stop: this.stop, field, isAlone }, to);
    if (end < 0) return false;
    this.at = end;
    this.base64Ids += this.quick.base64Ids;
    return true;
  }

  /** Takes back what was counted when it fails. */
  private counted<T>(read: () => T): T {
    const { base64Ids, wideIntegers } = this;
    try {
      return read();
    } catch (error) {
      this.base64Ids = base64Ids;
      this.wideIntegers = wideIntegers;
      throw this.failure(error) as JsonError;
    }
  }
}
