/** What of a run belongs together at the end of an epoch. */
import type { Assembly } from './assembly.ts';
import type { Checkpoint, JsonValue } from './checkpoint.ts';
import type { Ledger } from './ledger.ts';
import { flowStates, type FlowStates } from './ledger-state.ts';
import type { Settlement } from './settle.ts';

export interface Snapshot {
  readonly positions: Checkpoint['positions'];
  readonly states: Checkpoint['states'];
  readonly flows: FlowStates;
}

/** Waits until everything that is handed over is past the processors; nothing comes in meanwhile. */
export async function snapshotOf(
  assembly: Assembly,
  settlement: Settlement,
  ledger: Ledger,
): Promise<Snapshot> {
  await assembly.empty();
  if (assembly.isStateful) await settlement.idle();
  const positions: Record<string, JsonValue> = {};
  for (const { id, position } of assembly.receivers) if (position !== undefined) positions[id] = position;
  return { positions, flows: flowStates(ledger), states: await assembly.states() };
}
