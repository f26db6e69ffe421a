/** Remembers records as they go into a processor, knows them again when they come out, and tells the difference. */
import type { AnyBatch } from '../../model/batches.ts';
import type { LogRecord } from '../../model/logs.ts';
import type { Metric } from '../../model/metrics.ts';
import { itemNouns, type Signal } from '../../model/signal.ts';
import type { Span } from '../../model/traces.ts';
import type { ContextName } from '../../ottl/contexts.ts';
import { OttlEvalError } from '../../ottl/errors.ts';
import { systemClock } from '../../pipeline/clock.ts';
import { newTarget, type RecordTarget } from '../../processors/shared/target.ts';
import { eachRecord } from '../../processors/transform/walk.ts';
import { difference } from '../ottl/difference.ts';
import type { Program } from '../ottl/program.ts';
import { Camera, titleOf, type Snapshot } from '../ottl/record.ts';
import { countText, plural } from '../text.ts';

export interface TapFacts {
  /** Records that are shown, by each onlooker. */
  readonly limit: number;
  /** Only these records are looked at. */
  readonly programs: ReadonlyMap<Signal, Program> | undefined;
  readonly print: (text: string) => Promise<void>;
  readonly say: (text: string) => void;
}

/** A record as it went in. */
interface Seen {
  readonly title: string;
  readonly snapshot: Snapshot;
  readonly batch: AnyBatch;
  readonly key: string;
}

type Item = Span | LogRecord | Metric;

/** So many records may be inside a processor and known again when they come out. */
const mostInside = 20_000;

const contexts = { traces: 'span', logs: 'log', metrics: 'metric' } as const satisfies Record<
  Signal,
  ContextName
>;

export class Onlooker {
  private readonly id: string;
  private readonly signal: Signal;
  private readonly facts: TapFacts;
  private readonly camera = new Camera();
  /** What is inside, by the view on it: a batch that is handed on itself has the same ones. */
  private readonly views = new WeakMap<Item, Seen>();
  /** The same by what a record is known by; several may look alike. */
  private readonly inside = new Map<string, Seen[]>();
  private insideCount = 0;
  private readonly counts = { in: 0, changed: 0, unchanged: 0, dropped: 0, created: 0, unseen: 0 };
  private shown = 0;
  private hidden = 0;

  constructor(id: string, signal: Signal, facts: TapFacts) {
    this.id = id;
    this.signal = signal;
    this.facts = facts;
  }

  /** A batch goes in. */
  before(batch: AnyBatch): void {
    this.visit(batch, (item, target) => {
      if (!this.isWanted(target)) return;
      this.counts.in++;
      if (this.insideCount >= mostInside) {
        this.counts.unseen++;
        return;
      }
      const key = keyOf(item);
      const title = titleOf(contexts[this.signal], target);
      const seen = { title, snapshot: this.camera.take(target), batch, key };
      this.views.set(item, seen);
      const alike = this.inside.get(key);
      if (alike === undefined) this.inside.set(key, [seen]);
      else alike.push(seen);
      this.insideCount++;
    });
  }

  /** A batch comes out. */
  async after(batch: AnyBatch): Promise<void> {
    const blocks: string[] = [];
    this.visit(batch, (item, target) => {
      const seen = this.leaving(item);
      if (seen === undefined) {
        if (this.facts.programs === undefined && this.counts.unseen === 0) blocks.push(this.created(target));
        return;
      }
      const changes = difference(seen.snapshot, this.camera.take(target));
      if (changes.length === 0) this.counts.unchanged++;
      else {
        this.counts.changed++;
        blocks.push(this.block(seen.title, changes));
      }
    });
    await this.show(blocks);
  }

  /** The record as it went in, which is not inside any more. */
  private leaving(item: Item): Seen | undefined {
    const seen = this.views.get(item) ?? this.inside.get(keyOf(item))?.[0];
    const alike = seen === undefined ? undefined : this.inside.get(seen.key);
    if (seen === undefined || alike?.includes(seen) !== true) return undefined;
    alike.splice(alike.indexOf(seen), 1);
    if (alike.length === 0) this.inside.delete(seen.key);
    this.insideCount--;
    return seen;
  }

  /** A processor is done with a batch that went in: what did not come out of it was dropped. */
  async consumed(batch: AnyBatch): Promise<void> {
    const blocks: string[] = [];
    for (const [key, alike] of this.inside) {
      const left = alike.filter((seen) => {
        if (seen.batch !== batch) return true;
        this.counts.dropped++;
        this.insideCount--;
        blocks.push(this.block(seen.title, ['dropped']));
        return false;
      });
      if (left.length === 0) this.inside.delete(key);
      else this.inside.set(key, left);
    }
    await this.show(blocks);
  }

  end(): void {
    const { in: taken, changed, unchanged, dropped, created, unseen } = this.counts;
    const { one, many } = itemNouns[this.signal];
    const parts = [`${countText(changed)} changed`, `${countText(unchanged)} unchanged`];
    if (dropped > 0) parts.push(`${countText(dropped)} dropped`);
    if (created > 0) parts.push(`${countText(created)} created`);
    if (unseen > 0) parts.push(`${countText(unseen)} too many to be looked at`);
    const noun = this.signal === 'metrics' ? plural(taken, 'metric') : plural(taken, one, many);
    this.facts.say(`tap ${this.id}: ${noun}: ${parts.join(', ')}`);
    if (this.hidden > 0) this.facts.say(`${plural(this.hidden, 'more record')} not shown: raise --limit`);
  }

  private visit(batch: AnyBatch, look: (item: Item, target: RecordTarget) => void): void {
    if (batch.signal !== this.signal) return;
    const target = newTarget(systemClock);
    target.cache = new Map();
    eachRecord(batch, contexts[this.signal], target, () => {
      const item = target.span ?? target.log ?? target.metric;
      if (item !== undefined) look(item, target);
    });
  }

  /** Whether the condition holds; one that fails does not. */
  private isWanted(target: RecordTarget): boolean {
    if (this.facts.programs === undefined) return true;
    const conditions = this.facts.programs.get(this.signal)?.conditions ?? [];
    return conditions.some(({ test }) => {
      try {
        return test(target);
      } catch (error) {
        if (error instanceof OttlEvalError) return false;
        throw error;
      }
    });
  }

  private created(target: RecordTarget): string {
    this.counts.created++;
    return this.block(titleOf(contexts[this.signal], target), ['created']);
  }

  private block(title: string, lines: readonly string[]): string {
    if (this.shown >= this.facts.limit) {
      this.hidden++;
      return '';
    }
    this.shown++;
    return `${[title, ...lines.map((line) => `    ${line}`)].join('\n')}\n`;
  }

  private async show(blocks: readonly string[]): Promise<void> {
    const text = blocks.join('');
    if (text !== '') await this.facts.print(text);
  }
}

/** What a record is known by when it comes out of another batch than it went in with. */
function keyOf(item: Item): string {
  if ('dataPoints' in item) return item.name;
  if ('bodyExact' in item)
    return `${item.timeUnixNano} ${item.observedTimeUnixNano} ${item.traceId} ${item.spanId}`;
  return `${item.traceId} ${item.spanId}`;
}
