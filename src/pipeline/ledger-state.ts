/** The counts of a ledger as plain data and back, for checkpoints. */
import type { ExportState, FlowState, LedgerState } from './checkpoint.ts';
import { add, type ExportCounts, type FlowCounts } from './counts.ts';
import { addCounts } from './export-tally.ts';
import type { Ledger } from './ledger.ts';

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

/** Counts on from what an earlier run counted. Components that are not there any more are left out. */
export function restoreLedger(ledger: Ledger, state: LedgerState): void {
  for (const { id, flows, unreadable } of state.receivers) {
    const receiver = ledger.receivers.find((counts) => counts.id === id);
    for (const flow of flows) if (receiver !== undefined) restoreFlow(receiver.flow(flow.signal), flow);
    if (receiver === undefined) continue;
    receiver.unreadable.regions += unreadable.regions;
    receiver.unreadable.bytes += unreadable.bytes;
    for (const { line, ...region } of unreadable.kept)
      receiver.unreadable.kept.push({ ...region, ...(line === undefined ? {} : { line }) });
  }
  for (const flow of state.processors) {
    const { id, pipeline } = flow;
    const counts = ledger.processors.find((other) => other.id === id && other.pipeline === pipeline);
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
  const { id, signal, in: taken, created, out, abandoned } = counts;
  return {
    id,
    signal,
    in: taken,
    created,
    out,
    abandoned,
    dropped: [...dropped],
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
  for (const [reason, items] of state.dropped) add(counts.dropped, reason, items);
  for (const [text, failure] of state.failures) counts.failures.set(text, { ...failure });
}

function exportState({ target: _, refused, deadLettered, ...counts }: ExportCounts): ExportState {
  return { ...counts, refused: [...refused], deadLettered: [...deadLettered] };
}
