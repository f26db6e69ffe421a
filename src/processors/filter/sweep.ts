/** One walk over a batch, from resources down to events; what is dropped is not looked into. */
import type { AnyBatch } from '../../model/batches.ts';
import type { LogRecord } from '../../model/logs.ts';
import type { Metric } from '../../model/metrics.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import type { Span, SpanEvent } from '../../model/traces.ts';
import type { Judge } from './judge.ts';

/** Who decides at which level; a level without a judge is passed through. */
export interface Judges {
  readonly resource?: Judge | undefined;
  readonly scope?: Judge | undefined;
  /** Spans, log records or metrics. */
  readonly item?: Judge | undefined;
  readonly event?: Judge | undefined;
}

export type Sweep = (batch: AnyBatch) => void;

/** One for all items of a batch: conditions read what they need off it. */
interface SweepTarget {
  resource: Resource | undefined;
  scope: Scope | undefined;
  span: Span | undefined;
  event: SpanEvent | undefined;
  log: LogRecord | undefined;
  metric: Metric | undefined;
}

interface Droppable {
  drop(reason: string): void;
}

/** The levels of one signal. */
interface Levels<Group, Inner, Item> {
  readonly groups: readonly Group[];
  inners(group: Group): readonly Inner[];
  items(inner: Inner): readonly Item[];
  /** Makes the item what conditions look at. */
  show(item: Item, target: SweepTarget): void;
}

export function sweepWith(judges: Judges): Sweep {
  return (batch) => {
    const walk = new Walk(judges);
    if (batch.signal === 'traces') {
      walk.over({
        groups: batch.resourceSpans(),
        inners: (group) => group.scopeSpans(),
        items: (inner) => inner.spans(),
        show: (span, target) => (target.span = span),
      });
    } else if (batch.signal === 'logs') {
      walk.over({
        groups: batch.resourceLogs(),
        inners: (group) => group.scopeLogs(),
        items: (inner) => inner.logRecords(),
        show: (log, target) => (target.log = log),
      });
    } else {
      walk.over({
        groups: batch.resourceMetrics(),
        inners: (group) => group.scopeMetrics(),
        items: (inner) => inner.metrics(),
        show: (metric, target) => (target.metric = metric),
      });
    }
  };
}

class Walk {
  private readonly judges: Judges;
  private readonly target: SweepTarget = {
    resource: undefined,
    scope: undefined,
    span: undefined,
    event: undefined,
    log: undefined,
    metric: undefined,
  };

  constructor(judges: Judges) {
    this.judges = judges;
  }

  over<
    Group extends Droppable & { resource: Resource },
    Inner extends Droppable & { scope: Scope },
    Item extends Droppable,
  >(levels: Levels<Group, Inner, Item>): void {
    const { judges, target } = this;
    const goesDeeper = judges.scope !== undefined || judges.item !== undefined || judges.event !== undefined;
    for (const group of levels.groups) {
      target.resource = group.resource;
      if (this.isDropped(group, judges.resource) || !goesDeeper) continue;
      for (const inner of levels.inners(group)) {
        target.scope = inner.scope;
        if (!this.isDropped(inner, judges.scope)) this.items(levels.items(inner), levels.show);
      }
    }
  }

  private items<Item extends Droppable>(
    items: readonly Item[],
    show: (item: Item, target: SweepTarget) => void,
  ): void {
    const { judges, target } = this;
    if (judges.item === undefined && judges.event === undefined) return;
    for (const item of items) {
      show(item, target);
      if (!this.isDropped(item, judges.item) && judges.event !== undefined) this.events(judges.event);
    }
  }

  /** A span that loses all of its events stays. */
  private events(judge: Judge): void {
    const { target } = this;
    for (const event of target.span?.events ?? []) {
      target.event = event;
      if (judge(target) !== undefined) event.drop();
    }
  }

  private isDropped(one: Droppable, judge: Judge | undefined): boolean {
    const reason = judge?.(this.target);
    if (reason === undefined) return false;
    one.drop(reason);
    return true;
  }
}
