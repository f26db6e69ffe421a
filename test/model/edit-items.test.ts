import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../src/model/batches.ts';
import { editItems } from '../../src/model/edit-items.ts';
import { KeyEdits, type KeyEdit } from '../../src/model/key-edits.ts';
import type { ExactValue } from '../../src/model/value.ts';
import { fewPlainSpans, plainTraces } from '../support/arbitrary-otlp.ts';
import { decodePlain, encodePlain } from '../support/plain-otlp.ts';

const keys = ['a', 'b', 'key', 'http.route', 'k'.repeat(130)];
const values: ExactValue[] = [true, 'v', 'long '.repeat(40), 5n, null];

const keyEdit: fc.Arbitrary<KeyEdit> = fc.record({
  key: fc.constantFrom(...keys),
  present: fc.constantFrom<KeyEdit['present'][]>('keep', 'set', 'delete', (old) =>
    typeof old === 'string' ? old.repeat(30) : old,
  ),
  adds: fc.boolean(),
  value: fc.constantFrom(...values),
});

const keyEdits = fc
  .uniqueArray(keyEdit, { selector: ({ key }) => key, maxLength: 4 })
  .map((list) => new KeyEdits(list));

const small = fc.constant(0);
/** Lengths of groups take more bytes than before, or the room that was guessed does not do. */
const padding = fc.oneof(
  { weight: 4, arbitrary: small },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 20_000 }) },
);

describe('edits of all items', () => {
  test('come to the same as those of one after another', () => {
    const data = fc.oneof(fewPlainSpans, plainTraces);
    fc.assert(
      fc.property(data, keyEdits, padding, (plain, edits, pad) => {
        const bytes = encodePlain('TracesData', plain);
        const one = batchOf('traces', Buffer.from(bytes));
        const [span] = one.spans();
        if (pad > 0) span?.attributes.set('pad', 'p'.repeat(pad));
        const source = Buffer.from(one.encode());
        const before = source.toString('hex');
        const all = batchOf('traces', source);
        const clone = all.clone();
        for (const { attributes } of one.spans()) attributes.editKeys(edits);
        expect(editItems(all, edits)).toBe(true);
        const edited = Buffer.from(all.encode());
        expect(decodePlain('TracesData', edited)).toStrictEqual(decodePlain('TracesData', one.encode()));
        expect([all.itemCount, all.byteLength]).toStrictEqual([one.itemCount, edited.length]);
        expect(Buffer.from(clone.encode()).toString('hex')).toBe(before);
        expect(source.toString('hex')).toBe(before);
      }),
      { numRuns: 300 },
    );
  });

  test('are left to the views where there are any', () => {
    const batch = batchOf(
      'traces',
      encodePlain('TracesData', { resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] }),
    );
    const edits = new KeyEdits([{ key: 'a', present: 'keep', adds: true, value: 'v' }]);
    const [span] = batch.spans();
    const before = batch.encode();
    expect(editItems(batch, edits)).toBe(false);
    expect(batch.encode()).toBe(before);
    expect(span?.attributes.size).toBe(0);
  });

  test('that change nothing leave the bytes where they are', () => {
    const batch = batchOf(
      'traces',
      encodePlain('TracesData', { resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] }),
    );
    const before = batch.encode();
    expect(editItems(batch, new KeyEdits([{ key: 'a', present: 'delete' }]))).toBe(true);
    expect(batch.encode()).toBe(before);
  });
});
