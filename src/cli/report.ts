/** The ledger as JSON, for `--report FILE`. */
import { writeFile } from 'node:fs/promises';
import type { FlowCounts } from '../pipeline/counts.ts';
import { ExportError } from '../pipeline/errors.ts';
import type { RunResult } from '../pipeline/run.ts';

/** Raised when a field changes its meaning or goes away. */
const reportVersion = 1;

export async function writeReport(path: string, result: RunResult, exitCode: number): Promise<void> {
  await writeFile(path, `${JSON.stringify(reportOf(result, exitCode), null, 2)}\n`);
}

function reportOf(result: RunResult, exitCode: number): object {
  const { ledger, failures, interrupted, elapsedMs, whereToLook, workers } = result;
  const imbalances = ledger.imbalances();
  return {
    version: reportVersion,
    exitCode,
    balanced: imbalances.length === 0,
    imbalances,
    interrupted,
    failures: failures.map(failureOf),
    elapsedMs: Math.round(elapsedMs),
    workers,
    receivers: ledger.receivers.map(({ id, flows, progress, unreadable }) => ({
      id,
      inputs: progress.inputs,
      bytes: progress.readBytes,
      signals: [...flows.values()].map(flowOf),
      unreadable: { regions: unreadable.regions, bytes: unreadable.bytes, kept: unreadable.kept },
    })),
    processors: ledger.processors.map((flow) => ({
      pipeline: flow.pipeline,
      id: flow.id,
      ...flowOf(flow),
      failures: failuresOf(flow),
      ...(flow.edits === undefined ? {} : { edits: Object.fromEntries(flow.edits) }),
    })),
    exporters: ledger.exporters.map(({ refused, deadLettered, ...counts }) => ({
      ...counts,
      deadLettered: Object.fromEntries(deadLettered),
      refused: Object.fromEntries(refused),
    })),
    forcedFlushes: ledger.forcedFlushes,
    whereToLook,
  };
}

function flowOf({ signal, in: taken, created, out, dropped, abandoned }: FlowCounts): object {
  return { signal, in: taken, created, out, dropped: Object.fromEntries(dropped), abandoned };
}

/** What failed on records, in the words of the summary. */
function failuresOf({ failures }: FlowCounts): object[] {
  return [...failures].map(([text, { kind, records, count, example }]) => ({
    kind,
    text,
    records: records.many,
    count,
    example,
  }));
}

function failureOf(failure: Error): object {
  const facts =
    failure instanceof ExportError
      ? { component: failure.component, target: failure.target, status: failure.status ?? null }
      : {};
  const remedy = 'remedy' in failure && typeof failure.remedy === 'string' ? failure.remedy : null;
  return { message: failure.message, remedy, ...facts };
}
