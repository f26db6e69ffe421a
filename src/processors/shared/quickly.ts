/** Programs over the bytes of a batch, for what can be said as one. */
import type { AnyBatch } from '../../model/batches.ts';
import type { ItemProgram } from '../../model/item-program.ts';
import { QuickProgram } from '../../model/quick-program.ts';

/** Runs the program on batches; what it cannot do, and everything without one, is done on views. */
export function quickly(
  program: ItemProgram | undefined,
  onViews: (batch: AnyBatch) => void,
): (batch: AnyBatch) => void {
  const quick = program && QuickProgram.of(program);
  if (quick === undefined) return onViews;
  return (batch) => {
    if (!quick.run(batch)) onViews(batch);
  };
}

/** The same for edits that cannot fail and drop nothing: they are done together with the program that comes next, or later. */
export function deferredly(
  program: ItemProgram,
  onViews: (batch: AnyBatch) => void,
): (batch: AnyBatch) => void {
  const quick = QuickProgram.of(program);
  if (quick === undefined) return onViews;
  return (batch) => {
    if (!quick.defer(batch, onViews)) onViews(batch);
  };
}

/** The parts, if all of them could be said. */
export function all<Part>(parts: readonly (Part | undefined)[]): readonly Part[] | undefined {
  const said = parts.filter((part) => part !== undefined);
  return said.length === parts.length ? said : undefined;
}
