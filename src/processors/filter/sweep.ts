/** One walk over a batch, from resources down to events; what is dropped is not looked into. */
import type { AnyBatch } from '../../model/batches.ts';
import type { Metric } from '../../model/metrics.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import type { Span } from '../../model/traces.ts';
import type { Clock } from '../../pipeline/clock.ts';
import { newTarget, type RecordTarget } from '../shared/target.ts';
import type { Judge } from './judge.ts';

/** Who decides at which level; a level without a judge is passed through. */
export interface Judges {
  readonly resource?: Judge | undefined;
  readonly scope?: Judge | undefined;
  /** Spans, log records or metrics. */
  readonly item?: Judge | undefined;
  /** Span events or data points. */
  readonly part?: Judge | undefined;
}

export type Sweep = (batch: AnyBatch) => void;

interface Droppable {
  drop(reason: string): void;
}

/** The levels of one signal. */
interface Levels<Group, Inner, Item> {
  readonly groups: readonly Group[];
  inners(group: Group): readonly Inner[];
  items(inner: Inner): readonly Item[];
  /** Drops the items for which there is a reason, and answers how many there were. */
  sift?(inner: Inner, reasonOf: (item: Item) => string | undefined): number;
  /** Makes the item what conditions look at. */
  show(item: Item, target: RecordTarget): void;
  /** Judges what the item is made of. */
  parts?(item: Item, judge: Judge, target: RecordTarget): void;
}

export function sweepWith(judges: Judges, clock: Clock): Sweep {
  return (batch) => {
    const walk = new Walk(judges, clock);
    if (batch.signal === 'traces') {
      walk.over({
        groups: batch.resourceSpans(),
        inners: (group) => group.scopeSpans(),
        items: (inner) => inner.spans(),
        sift: (inner, reasonOf) => inner.sift(reasonOf),
        show: (span, target) => (target.span = span),
        parts: judgeEvents,
      });
    } else if (batch.signal === 'logs') {
      walk.over({
        groups: batch.resourceLogs(),
        inners: (group) => group.scopeLogs(),
        items: (inner) => inner.logRecords(),
        sift: (inner, reasonOf) => inner.sift(reasonOf),
        show: (log, target) => (target.log = log),
      });
    } else {
      walk.over({
        groups: batch.resourceMetrics(),
        inners: (group) => group.scopeMetrics(),
        items: (inner) => inner.metrics(),
        show: (metric, target) => (target.metric = metric),
        parts: judgePoints,
      });
    }
  };
}

class Walk {
  private readonly judges: Judges;
  private readonly target: RecordTarget;

  constructor(judges: Judges, clock: Clock) {
    this.judges = judges;
    this.target = newTarget(clock);
  }

  /** As in the Collector, a resource and a scope that came with nothing in them are left out. */
  over<
    Group extends Droppable & { resource: Resource },
    Inner extends Droppable & { scope: Scope },
    Item extends Droppable,
  >(levels: Levels<Group, Inner, Item>): void {
    const { judges, target } = this;
    const goesDeeper = judges.scope !== undefined || judges.item !== undefined || judges.part !== undefined;
    for (const group of levels.groups) {
      target.resource = group.resource;
      target.scope = target.span = target.log = target.metric = undefined;
      if (this.isDropped(group, judges.resource)) continue;
      const inners = levels.inners(group);
      if (inners.length === 0) group.drop(nothingInIt);
      if (!goesDeeper) continue;
      for (const inner of inners) {
        target.scope = inner.scope;
        target.span = target.log = target.metric = undefined;
        if (this.isDropped(inner, judges.scope)) continue;
        if (judges.item === undefined || judges.part !== undefined || levels.sift === undefined)
          this.items(inner, levels);
        else this.sift(inner, levels.sift, { judge: judges.item, show: levels.show });
      }
    }
  }

  /** Without a view of each item. */
  private sift<Inner extends Droppable, Item>(
    inner: Inner,
    sift: NonNullable<Levels<unknown, Inner, Item>['sift']>,
    { judge, show }: { judge: Judge; show: Levels<unknown, Inner, Item>['show'] },
  ): void {
    const { target } = this;
    const count = sift(inner, (item) => {
      show(item, target);
      return judge(target);
    });
    if (count === 0) inner.drop(nothingInIt);
  }

  private items<Inner extends Droppable, Item extends Droppable>(
    inner: Inner,
    levels: Pick<Levels<unknown, Inner, Item>, 'items' | 'show' | 'parts'>,
  ): void {
    const { judges, target } = this;
    const items = levels.items(inner);
    if (items.length === 0) inner.drop(nothingInIt);
    if (judges.item === undefined && judges.part === undefined) return;
    for (const item of items) {
      levels.show(item, target);
      if (!this.isDropped(item, judges.item) && judges.part !== undefined)
        levels.parts?.(item, judges.part, target);
    }
  }

  private isDropped(one: Droppable, judge: Judge | undefined): boolean {
    const reason = judge?.(this.target);
    if (reason === undefined) return false;
    one.drop(reason);
    return true;
  }
}

/** Counts for no item. */
const nothingInIt = 'nothing in it';

/** A span that loses all of its events stays. */
function judgeEvents(span: Span, judge: Judge, target: RecordTarget): void {
  for (const event of span.events) {
    target.event = event;
    if (judge(target) !== undefined) event.drop();
  }
}

/** A metric that loses all of its data points goes, as one that came without any; one of no known type stays. */
function judgePoints(metric: Metric, judge: Judge, target: RecordTarget): void {
  if (metric.type === 'none') return;
  const points = metric.dataPoints();
  if (points.length === 0) metric.drop(nothingInIt);
  for (const point of points) {
    target.point = point;
    const reason = judge(target);
    if (reason !== undefined) point.drop(reason);
  }
}
