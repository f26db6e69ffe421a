import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchOf, emptyBatch } from '../../src/model/batches.ts';
import type { Span, TracesBatch } from '../../src/model/traces.ts';
import { acquire, release } from '../../src/wire/pool.ts';
import { fewPlainSpans, plainTraces } from '../support/arbitrary-otlp.ts';
import {
  edits,
  onAttributes,
  plainPlaces,
  tidy,
  type Edit,
  type PlainPlace,
} from '../support/plain-edits.ts';
import { decodePlain, encodePlain, type Plain } from '../support/plain-otlp.ts';

/** A batch and what must be in it. */
interface Twin {
  batch: TracesBatch;
  plain: Plain;
  lost: number;
}

const spanCount = (plain: Plain): number => plainPlaces(plain).length;

/** `expect` is slow; it only has to say what differs. */
function expectSame(actual: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(actual, wanted)) expect(actual).toStrictEqual(wanted);
}

function expectEqual({ batch, plain }: Twin): void {
  const bytes = batch.encode();
  expectSame(tidy(decodePlain('TracesData', bytes)), tidy(plain));
  expect(batch.encode()).toBe(bytes);
  expect(batch.byteLength).toBe(bytes.length);
  expect(batch.itemCount).toBe(spanCount(plain));
}

function apply(twin: Twin, at: number, edit: Edit): void {
  const views = twin.batch.spans();
  const places = plainPlaces(twin.plain);
  expect(views.length).toBe(places.length);
  if (views.length === 0) return;
  const before = views.length;
  const view = edit.view(views[at % before] as Span);
  const plain = edit.plain(places[at % before] as PlainPlace);
  expectSame([edit.name, view], [edit.name, plain]);
  if (edit.name.startsWith('drop ') || edit.name === 'drop') {
    const added = edit.name.endsWith('add') ? 1 : 0;
    twin.lost += before - (spanCount(twin.plain) - added);
  }
}

const steps = fc.array(
  fc.record({
    twin: fc.nat(3),
    span: fc.nat(8),
    what: fc.oneof(
      { weight: 20, arbitrary: edits },
      { weight: 1, arbitrary: fc.constant('encode' as const) },
      { weight: 2, arbitrary: fc.constant('clone' as const) },
      { weight: 2, arbitrary: fc.constant('release' as const) },
      { weight: 1, arbitrary: fc.constant('pack' as const) },
    ),
  }),
  { maxLength: 40 },
);

const data = fc.oneof({ weight: 6, arbitrary: fewPlainSpans }, { weight: 1, arbitrary: plainTraces });

/** Overwrites what the pool holds, old chunks of the arena too: whoever still reads it is found out. */
function scribble(): void {
  const filler = emptyBatch('traces');
  filler.addResource().addScope().addSpan().name = 'f'.repeat(200_000);
  filler.release();
  const buffers = [80_000, 80_000, 80_000, 80_000, 1 << 18, 1 << 18].map((size) => acquire(size));
  for (const buffer of buffers) buffer.fill(0xff);
  for (const buffer of buffers) release(buffer);
}

function twinOf(data: Plain, isLarge: boolean): Twin {
  const [group] = (data['resourceSpans'] ?? []) as Plain[];
  // Only large buffers go back to the pool.
  if (isLarge && group !== undefined) {
    group['resource'] = { attributes: [{ key: 'pad', value: { stringValue: 'p'.repeat(70_000) } }] };
  }
  const bytes = encodePlain('TracesData', data);
  const plain = decodePlain('TracesData', bytes);
  const batch = batchOf('traces', bytes, { release: () => bytes.fill(0xff) });
  return { batch, plain, lost: 0 };
}

describe('random edits on views and on plain objects', () => {
  test('agree, also among clones, whoever is released first', () => {
    fc.assert(
      fc.property(data, fc.boolean(), steps, (data, isLarge, list) => {
        const twins = [twinOf(data, isLarge)];
        for (const { twin: index, span, what } of list) {
          const twin = twins[index % twins.length] as Twin;
          if (what === 'encode') expectEqual(twin);
          else if (what === 'pack') {
            twin.batch.pack();
            if (isLarge) scribble();
            expectEqual(twin);
          } else if (what === 'clone') {
            if (twins.length > 3) continue;
            const plain = structuredClone(twin.plain);
            twins.push({ batch: twin.batch.clone(), plain, lost: 0 });
          } else if (what === 'release') {
            if (twins.length === 1) continue;
            twin.batch.release();
            twins.splice(index % twins.length, 1);
            if (isLarge) scribble();
          } else apply(twin, span, what);
        }
        for (const twin of twins) {
          expectEqual(twin);
          const drops = [...twin.batch.takeDrops().values()];
          expect(drops.reduce((sum, count) => sum + count, 0)).toBe(twin.lost);
          expect(twin.batch.takeDrops().size).toBe(0);
          twin.batch.release();
          if (isLarge) scribble();
        }
      }),
      { numRuns: 1_000_000, interruptAfterTimeLimit: Number(process.env['FUZZ_MS'] ?? 2000), verbose: 1 },
    );
  }, 600_000);

  test('agree where many attributes of one span are edited', () => {
    const many = fc.array(onAttributes, { minLength: 5, maxLength: 40 });
    fc.assert(
      fc.property(data, many, (data, list) => {
        const twin = twinOf(data, false);
        for (const edit of list) apply(twin, 0, edit);
        expectEqual(twin);
      }),
      { numRuns: 1_000_000, interruptAfterTimeLimit: Number(process.env['FUZZ_MS'] ?? 2000), verbose: 1 },
    );
  }, 600_000);
});
