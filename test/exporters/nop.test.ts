import { expect, it } from 'vitest';
import { nop } from '../../src/exporters/nop.ts';
import { emptyBatch } from '../../src/model/batches.ts';
import { exporterContext, requestsOf, sendBatch, startExporter } from '../support/exporter-context.ts';

it('takes everything and says that it is delivered', async () => {
  const exporter = await startExporter(nop, {}, exporterContext());
  const batch = emptyBatch('traces');
  const scope = batch.addResource().addScope();
  scope.addSpan();
  scope.addSpan();
  expect((await requestsOf(exporter, batch)).map(({ items, signal }) => [items, signal])).toEqual([
    [2, 'traces'],
  ]);
  expect(await sendBatch(exporter, batch)).toEqual([{ verdict: 'delivered' }]);
});
