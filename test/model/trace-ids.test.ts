import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchOf, emptyBatch } from '../../src/model/batches.ts';
import { traceIdsOf } from '../../src/model/trace-ids.ts';

const id = fc.constantFrom('', 'a'.padStart(32, '0'), 'b'.padStart(32, '0'), 'c'.padEnd(32, '0'));
const groups = fc.array(fc.array(fc.array(id)));

test('the ids that views give, each once, in their order, no more than wanted', () => {
  fc.assert(
    fc.property(groups, fc.integer({ min: 1, max: 4 }), (resources, most) => {
      const batch = emptyBatch('traces');
      for (const scopes of resources) {
        const group = batch.addResource();
        for (const ids of scopes) {
          const scope = group.addScope();
          for (const traceId of ids) {
            const span = scope.addSpan();
            span.name = 'first';
            span.traceId = traceId;
          }
        }
      }
      const distinct = new Set(resources.flat(2).filter((traceId) => traceId !== ''));
      expect(traceIdsOf(batchOf('traces', batch.encode()), most)).toEqual([...distinct].slice(0, most));
    }),
  );
});
