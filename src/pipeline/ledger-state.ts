/** The counts of a ledger as plain data and back, for checkpoints. */
import type { ExportState, FlowState, LedgerState } from './checkpoint.ts';
import {
  add,
  flowCounts,
  keptRegions,
  ReceiverCounts,
  type ExportCounts,
  type FlowCounts,
} from './counts.ts';
import { addCounts, ExportTally } from './export-tally.ts';
import { Ledger } from './ledger.ts';

export type FlowStates = Omit<LedgerState, 'exporters'>;

/** What receivers and processors counted until now. */
export function flowStates({ receivers, processors, forcedFlushes }: Ledger): FlowStates {
  return {
    receivers: receivers.map(({ id, flows, unreadable }) => ({
      id,
      flows: [...flows.values()].map(flowState),
      unreadable: structuredClone(unreadable),
    })),
    processors: processors.map((flow) => ({ ...flowState(flow), pipeline: flow.pipeline })),
    forcedFlushes,
  };
}

/** What exporters counted in epochs that are settled. */
export function exportStates(ledger: Ledger): ExportState[] {
  return ledger.tallies.map(({ settled }) => exportState(settled));
}

/** All that a run counted, whether it is settled or not. */
export function wholeState(ledger: Ledger): LedgerState {
  return { ...flowStates(ledger), exporters: ledger.exporters.map(exportState) };
}

/** What runs of the same pipelines counted, together. */
export function sumOfStates(states: readonly LedgerState[]): LedgerState {
  const sum = new Ledger();
  for (const { receivers, processors, exporters } of states) {
    for (const { id } of receivers)
      if (!sum.receivers.some((counts) => counts.id === id)) sum.receivers.push(new ReceiverCounts(id));
    for (const { id, signal, pipeline } of processors)
      if (
        !sum.processors.some((flow) => flow.id === id && flow.signal === signal && flow.pipeline === pipeline)
      )
        sum.processors.push({ ...flowCounts(id, signal), pipeline });
    for (const { id, signal } of exporters)
      if (!sum.tallies.some(({ settled }) => settled.id === id && settled.signal === signal))
        sum.tallies.push(new ExportTally(id, signal, ''));
  }
  for (const state of states) restoreLedger(sum, state);
  return { ...flowStates(sum), exporters: exportStates(sum) };
}

/** Counts on from what an earlier run counted. Components that are not there any more are left out. */
export function restoreLedger(ledger: Ledger, state: LedgerState): void {
  for (const { id, flows, unreadable } of state.receivers) {
    const receiver = ledger.receivers.find((counts) => counts.id === id);
    for (const flow of flows) if (receiver !== undefined) restoreFlow(receiver.flow(flow.signal), flow);
    if (receiver === undefined) continue;
    receiver.unreadable.regions += unreadable.regions;
    receiver.unreadable.bytes += unreadable.bytes;
    for (const { line, ...region } of unreadable.kept)
      if (receiver.unreadable.kept.length < keptRegions)
        receiver.unreadable.kept.push({ ...region, ...(line === undefined ? {} : { line }) });
  }
  for (const flow of state.processors) {
    const { id, pipeline, signal } = flow;
    const counts = ledger.processors.find(
      (other) => other.id === id && other.pipeline === pipeline && other.signal === signal,
    );
    if (counts !== undefined) restoreFlow(counts, flow);
  }
  for (const { refused, deadLettered, ...counts } of state.exporters) {
    const tally = ledger.tallies.find(
      ({ settled }) => settled.id === counts.id && settled.signal === counts.signal,
    );
    if (tally === undefined) continue;
    addCounts(tally.settled, {
      ...counts,
      refused: new Map(refused),
      deadLettered: new Map(deadLettered),
    });
  }
  ledger.forcedFlushes += state.forcedFlushes;
}

function flowState({ dropped, failures, ...counts }: FlowCounts): FlowState {
  const { id, signal, in: taken, created, out, abandoned, lost, deadLettered } = counts;
  return {
    id,
    signal,
    in: taken,
    created,
    out,
    abandoned,
    dropped: [...dropped],
    ...(lost === undefined ? {} : { lost }),
    ...(deadLettered === undefined ? {} : { deadLettered }),
    failures: [...failures].map(([text, { records, ...failure }]) => [
      text,
      { ...failure, records: { ...records } },
    ]),
    ...(counts.edits === undefined ? {} : { edits: [...counts.edits] }),
  };
}

function restoreFlow(counts: FlowCounts, state: FlowState): void {
  for (const [what, times] of state.edits ?? []) add((counts.edits ??= new Map()), what, times);
  counts.in += state.in;
  counts.created += state.created;
  counts.out += state.out;
  counts.abandoned += state.abandoned;
  if (state.lost !== undefined) counts.lost = (counts.lost ?? 0) + state.lost;
  if (state.deadLettered !== undefined) counts.deadLettered = (counts.deadLettered ?? 0) + state.deadLettered;
  for (const [reason, items] of state.dropped) add(counts.dropped, reason, items);
  for (const [text, failure] of state.failures) {
    const known = counts.failures.get(text);
    if (known === undefined) counts.failures.set(text, { ...failure });
    else known.count += failure.count;
  }
}

function exportState({ target: _, refused, deadLettered, ...counts }: ExportCounts): ExportState {
  return { ...counts, refused: [...refused], deadLettered: [...deadLettered] };
}
