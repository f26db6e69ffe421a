/** What src/model/quick-machine.ts calls: the way from JSON, programs over batches, and what is asked of their items. */
import { itemsLeft, runOver } from './items';
import { enter } from './keys';

export { element, elements, idsInBase64, limit, setUp, written } from './transcode';
export { writeTo } from './cursor';
export { setRecords } from './current';
export { begin, constantKey } from './keys';
export { earliestTime, latestTime, survey, traceIds } from './survey';

/** Runs a program over the batch [from, to), and writes where `writeTo` said. Answers false where nothing changes. */
export function run(program: usize, from: usize, to: usize): bool {
  enter(program);
  return runOver(from, to);
}

/** Items that the program left. */
export function left(): u32 {
  return itemsLeft;
}
