/** The laws of design.md section 5, said in terms of what the simulation knows and not of what the run counted. */
import type { Checkpoint } from '../../src/pipeline/checkpoint.ts';
import { total } from '../../src/pipeline/counts.ts';
import type { RunResult } from '../../src/pipeline/run.ts';
import { keyOf, orderOf, spanOf, type Ref } from './items.ts';
import type { Life } from './life.ts';
import { isCopy, type ExpectedFlow, type Positions } from './model.ts';
import { latestMs } from './schedule.ts';
import type { Stage } from './stage.ts';
import type { ExporterSpec } from './world.ts';

/** Bytes that may be handed over and not settled: what is larger than the gate passes alone. */
function mostInFlight(sim: Stage): number {
  return Math.max(sim.spec.maxInFlightBytes, sim.model.largestBatch);
}

/** After every step: how much is in flight, and that a run ends in time. */
export function checkStep(sim: Stage, life: Life): void {
  let unsettled = 0;
  let unsaved = 0;
  for (const { bytes, open, position, receiver } of life.handed.values()) {
    if (open > 0) unsettled += bytes;
    if (position > sim.durablePosition(receiver)) unsaved += bytes;
  }
  const most = mostInFlight(sim);
  if (unsettled > most) sim.violated(`${unsettled} bytes are not settled, and ${most} may be`);
  if (sim.spec.keepsCheckpoints && !life.failed && unsaved > most)
    sim.violated(`${unsaved} bytes would be sent again after a kill, and ${most} may be`);
  if (unsettled * 2 > most) sim.tally.note('more than half of max_in_flight unsettled');
  const lateMs = 2000 + 50 * latestMs;
  const endsAt = Math.min(
    (life.stoppedMs ?? Infinity) + sim.spec.graceMs + 4000 + lateMs,
    (life.killedMs ?? Infinity) + 4000 + lateMs,
  );
  if (sim.schedule.nowMs > endsAt) sim.violated('the run did not end after it was told to');
}

/** Before a checkpoint is kept: everything before its positions is safe, and is what it counts. */
export function checkCheckpoint(sim: Stage, life: Life, checkpoint: Checkpoint): void {
  const positions: Record<string, number> = {};
  for (const { id } of sim.spec.receivers) {
    const position = Number(checkpoint.positions[id] ?? 0);
    positions[id] = position;
    if (position < sim.durablePosition(id)) sim.violated(`the position of ${id} went back to ${position}`);
    checkSafe(sim, life, { id, position });
  }
  const { processors, receivers, exporters } = checkpoint.ledger;
  checkReceiverCounts(sim, positions, receivers);
  const { flows, handed } = sim.model.flowsUntil(positions);
  for (const flow of processors) {
    const dropped = total(new Map(flow.dropped));
    checkFlow(sim, flows.get(`${flow.pipeline}/${flow.id}`), { ...flow, dropped });
  }
  for (const [id, state] of Object.entries(checkpoint.states)) {
    const taken = flows.get(id)?.in;
    if (state !== taken) sim.violated(`the state of ${id} is ${JSON.stringify(state)}, not ${taken}`);
    sim.tally.note('states looked at');
  }
  for (const { refused, deadLettered, ...counts } of exporters)
    checkExported(sim, handed.get(counts.id) ?? [], {
      ...counts,
      refused: total(new Map(refused)),
      deadLettered: total(new Map(deadLettered)),
    });
}

function checkSafe(sim: Stage, life: Life, { id, position }: { id: string; position: number }): void {
  const names = sim.model.namesBefore(id, position);
  for (const { exporter, ref } of names.flatMap((name) => sim.model.destinationsOf(id, name))) {
    if (!sim.isSettled(life, { exporter, ref }))
      sim.violated(`a checkpoint is behind ${keyOf(ref)}, which ${exporter} did not settle`);
  }
}

function checkReceiverCounts(
  sim: Stage,
  positions: Positions,
  counted: Checkpoint['ledger']['receivers'],
): void {
  for (const { id, flows, unreadable } of counted) {
    const entries = (sim.model.entries.get(id) ?? []).slice(0, positions[id] ?? 0);
    let read = 0;
    let regions = 0;
    for (const { entry, names } of entries) {
      read += entry.kind === 'duplicates' ? entry.items : names.length;
      if (entry.kind === 'unreadable') regions++;
    }
    const taken = flows[0]?.in ?? 0;
    if (taken !== read || unreadable.regions !== regions)
      sim.violated(
        `${id} counts ${taken} items and ${unreadable.regions} regions, not ${read} and ${regions}`,
      );
  }
}

function checkFlow(
  sim: Stage,
  expected: ExpectedFlow | undefined,
  flow: ExpectedFlow & { id: string; abandoned: number },
): void {
  if (flow.abandoned > 0) sim.violated(`${flow.id} abandoned ${flow.abandoned} items of what is safe`);
  if (expected === undefined) return;
  for (const name of ['in', 'created', 'dropped', 'out'] as const)
    if (flow[name] !== expected[name])
      sim.violated(`${flow.id} counts ${name} ${flow[name]}, not ${expected[name]}`);
}

interface Exported {
  readonly id: string;
  readonly handed: number;
  readonly delivered: number;
  readonly failed: number;
  readonly abandoned: number;
  readonly uncertain: number;
  readonly refused: number;
  readonly deadLettered: number;
}

/** Counts of items of which every one is settled: exact wherever each one came to one end only. */
function checkExported(sim: Stage, handed: readonly Ref[], counts: Exported): void {
  const { id, delivered, deadLettered, uncertain } = counts;
  const { stored } = sim.backend(id);
  const fates = sim.fates(id);
  if (counts.handed !== handed.length)
    sim.violated(`${id} was handed ${counts.handed} items, not ${handed.length}`);
  if (counts.failed > 0 || counts.abandoned > 0)
    sim.violated(`${id} counts ${counts.failed} failed and ${counts.abandoned} abandoned items as safe`);
  const keys = handed.map(keyOf);
  const there = keys.filter((key) => stored.has(key));
  const otherwise = [fates.refused, fates.refusedAmongOthers, fates.uncertain, fates.dead];
  const surely = there.filter((key) => !otherwise.some((fate) => fate.has(key)));
  const ended = sim.exporterSpec(id).onError === 'drop';
  if (delivered > there.length || (!ended && delivered < surely.length))
    sim.violated(
      `${id} counts ${delivered} items as delivered, and ${surely.length} to ${there.length} were stored`,
    );
  if (deadLettered > fates.dead.size)
    sim.violated(`${id} counts ${deadLettered} dead letters, and ${fates.dead.size} were written`);
  if (uncertain > fates.uncertain.size)
    sim.violated(`${id} counts ${uncertain} uncertain items, and ${fates.uncertain.size} may be`);
  if (there.length === surely.length) sim.tally.note('counts equal to the oracle, exactly');
}

/** A life came to an end of its own. */
export function checkEnd(sim: Stage, life: Life, result: RunResult): void {
  for (const text of result.ledger.imbalances()) sim.violated(`the ledger does not balance: ${text}`);
  // A run that ends while it is being put together has not counted on from its checkpoint yet.
  if (result.ledger.processors.length > 0) checkAcknowledged(sim, life, result);
  const isOrdered = life.stop.signal.aborted || life.kill.signal.aborted;
  if (result.interrupted !== isOrdered) sim.violated(`interrupted is ${result.interrupted}`);
  const failures = result.failures.map(({ message }) => message).join('; ');
  if (life.isHealthy && failures !== '') sim.violated(`failed although nothing was broken: ${failures}`);
  if (life.failed && failures === '') sim.violated('something failed, and the run does not say so');
  if (failures !== '') return;
  if (!result.interrupted) checkFinished(sim, life, result);
  else if (life.killedMs === undefined) checkStopped(sim, life, result);
}

/** What a life counts as delivered is what it was told of. */
function checkAcknowledged(sim: Stage, life: Life, result: RunResult): void {
  for (const counts of result.ledger.exporters) {
    const before = life.from?.ledger.exporters.find(({ id }) => id === counts.id);
    const delivered = counts.delivered - (before?.delivered ?? 0);
    const uncertain = counts.uncertain - (before?.uncertain ?? 0);
    const told = life.acknowledged.get(counts.id) ?? 0;
    if (delivered > told || told > delivered + uncertain)
      sim.violated(`${counts.id} counts ${delivered} delivered items, and was told of ${told}`);
  }
}

/** A run that came to its end accounts for every item, and has it all in its last checkpoint. */
function checkFinished(sim: Stage, life: Life, result: RunResult): void {
  const { model, spec } = sim;
  const { flows, handed } = model.flowsUntil(model.end);
  for (const flow of result.ledger.processors)
    checkFlow(sim, flows.get(`${flow.pipeline}/${flow.id}`), { ...flow, dropped: total(flow.dropped) });
  for (const counts of result.ledger.exporters) {
    const { deadLettered, refused } = counts;
    checkExported(sim, handed.get(counts.id) ?? [], {
      ...counts,
      refused: total(refused),
      deadLettered: total(deadLettered),
    });
  }
  for (const { id } of spec.receivers) {
    const names = model.namesBefore(id, Infinity).map((name) => ({ name, way: '' }));
    sim.checkSettled(life, names, ({ name }) => model.destinationsOf(id, name));
    checkSaved(sim, life, id);
  }
  for (const [first, { releases }] of life.handed)
    if (releases !== 1) sim.violated(`the batch of ${first} was released ${releases} times`);
}

/** After a stop that had the time to drain, a run that goes on has nothing to send again. */
function checkStopped(sim: Stage, life: Life, result: RunResult): void {
  const isCut = result.ledger.exporters.some(({ abandoned, failed }) => abandoned + failed > 0);
  const isLost = result.ledger.processors.some(({ abandoned }) => abandoned > 0);
  const tookMs = sim.schedule.nowMs - (life.stoppedMs ?? 0);
  if (isCut || isLost || tookMs >= sim.spec.graceMs) return;
  sim.tally.note('stops that had the time to drain');
  for (const { id } of sim.spec.receivers) checkSaved(sim, life, id);
}

function checkSaved(sim: Stage, life: Life, receiver: string): void {
  const told = life.toldPositions.get(receiver) ?? sim.durablePosition(receiver);
  if (sim.spec.keepsCheckpoints && sim.durablePosition(receiver) !== told)
    sim.violated(`${receiver} told of ${told}, and ${sim.durablePosition(receiver)} is saved at the end`);
}

/** When the whole story is over. */
export function checkStory(sim: Stage): void {
  for (const spec of sim.spec.exporters) {
    checkOrder(sim, spec);
    checkRepeated(sim, spec);
    const { stored } = sim.backend(spec.id);
    const twice = [...stored.values()].filter(({ times, lives }) => times > lives.size).length;
    sim.tally.note('items stored twice in one life', twice);
  }
}

/** Items with the same key are stored in the order in which they were read, however often they had to be sent. */
function checkOrder(sim: Stage, { id, ordered }: ExporterSpec): void {
  // What a processor failed on comes later than what it let pass after it.
  if (sim.tally.of('processor failed') > 0) return;
  if (!ordered || sim.model.keepsOrder.get(id) !== true) return;
  const { dead, refused, refusedAmongOthers, uncertain } = sim.fates(id);
  const otherwise = [dead, refused, refusedAmongOthers, uncertain, sim.backend(id).passedOver];
  const last = new Map<string, number>();
  for (const item of sim.backend(id).firsts) {
    const key = keyOf(item);
    // What a life that was killed had refused, the next one may deliver, after what came behind it.
    if (isCopy(item.name) || otherwise.some((fate) => fate.has(key))) continue;
    const order = orderOf(item);
    const at = Number(item.name.split('.')[1]);
    if (at < (last.get(order) ?? -1))
      sim.violated(`${id} stored ${key} after ${last.get(order)} of ${order}`);
    last.set(order, at);
    sim.tally.note('items stored in order');
  }
}

/** What is sent again because a life ended is no more than what was in flight then. */
function checkRepeated(sim: Stage, { id }: ExporterSpec): void {
  let bytes = 0;
  for (const [key, { lives }] of sim.backend(id).stored) {
    const name = key.split('|', 1)[0] ?? '';
    if (lives.size < 2 || isCopy(name)) continue;
    sim.tally.note('items sent again by a later life', lives.size - 1);
    bytes += (lives.size - 1) * spanOf(name, sim.spec.payload).length;
  }
  if (!sim.spec.keepsCheckpoints) return;
  // By way, an item may come to the same backend more than once.
  const ways = new Set([...(sim.model.expected.get(id) ?? [])].map((key) => key.split('|')[1])).size;
  const most = (sim.lives - 1) * mostInFlight(sim) * Math.max(ways, 1);
  if (bytes > most)
    sim.violated(`${id} got ${bytes} bytes again over ${sim.lives} lives, and ${most} may be`);
}
