import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../src/model/batches.ts';
import { QuickProgram } from '../../src/model/quick-program.ts';
import type { Span, TracesBatch } from '../../src/model/traces.ts';
import { fewPlainSpans, plainTraces } from '../support/arbitrary-otlp.ts';
import { decodePlain, encodePlain } from '../support/plain-otlp.ts';

function siftAll(batch: TracesBatch, reasonOf: (span: Span) => string | undefined): number {
  let count = 0;
  for (const group of batch.resourceSpans()) {
    group.resource.attributes.set('seen', true);
    for (const scope of group.scopeSpans()) {
      scope.scope.attributes.set('seen', true);
      count += scope.sift(reasonOf);
    }
  }
  return count;
}

function dropAll(batch: TracesBatch, reasonOf: (span: Span) => string | undefined): number {
  const all = batch.spans();
  for (const { resource, scope } of all) {
    resource.attributes.set('seen', true);
    scope.attributes.set('seen', true);
  }
  for (const span of all) {
    const reason = reasonOf(span);
    if (reason !== undefined) span.drop(reason);
  }
  return all.length;
}

/** Looks at fields, attributes and children, and drops by what the pattern says about the span's place. */
function judge(pattern: readonly boolean[]): {
  seen: unknown[];
  reasonOf: (span: Span) => string | undefined;
} {
  const seen: unknown[] = [];
  const reasonOf = (span: Span): string | undefined => {
    const facts = [
      span.name,
      span.status.code,
      span.events.map(({ name }) => name),
      span.attributes.entries(),
    ];
    const at = seen.push([...facts, span.attributes.get('a'), span.endTimeUnixNano]) - 1;
    return pattern[at % pattern.length] === true ? `reason ${at % 2}` : undefined;
  };
  return { seen, reasonOf };
}

const data = fc.oneof(fewPlainSpans, plainTraces);
const patterns = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 });

describe('items that are sifted', () => {
  test('are seen and dropped as with views of each', () => {
    fc.assert(
      fc.property(data, patterns, fc.boolean(), (plain, pattern, hasViews) => {
        const bytes = Buffer.from(encodePlain('TracesData', plain));
        const before = bytes.toString('hex');
        const [one, other] = [batchOf('traces', bytes), batchOf('traces', Buffer.from(bytes))];
        const clone = one.clone();
        if (hasViews) one.spans();
        const [sifted, dropped] = [judge(pattern), judge(pattern)];
        // Groups without spans are edited by one of the two only.
        const isFull = other.resourceSpans().every((group) => {
          const scopes = group.scopeSpans();
          return scopes.length > 0 && scopes.every((scope) => scope.spans().length > 0);
        });
        fc.pre(isFull);
        expect(siftAll(one, sifted.reasonOf)).toBe(dropAll(other, dropped.reasonOf));
        expect(sifted.seen).toStrictEqual(dropped.seen);
        expect(decodePlain('TracesData', one.encode())).toStrictEqual(
          decodePlain('TracesData', other.encode()),
        );
        expect(one.itemCount).toBe(other.itemCount);
        expect(one.takeDrops()).toStrictEqual(other.takeDrops());
        expect(Buffer.from(clone.encode()).toString('hex')).toBe(before);
      }),
      { numRuns: 300 },
    );
  });

  test('can be edited and added to afterwards', () => {
    const spans = ['a', 'b', 'c'].map((name) => ({ name }));
    const batch = batchOf(
      'traces',
      encodePlain('TracesData', { resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    );
    const [scope] = batch.resourceSpans()[0]?.scopeSpans() ?? [];
    expect(scope?.sift(({ name }) => (name === 'b' ? 'no b' : undefined))).toBe(3);
    if (scope !== undefined) scope.addSpan().name = 'd';
    expect(batch.spans().map(({ name }) => name)).toStrictEqual(['a', 'c', 'd']);
    expect(scope?.sift(() => 'all')).toBe(3);
    expect([batch.itemCount, batch.encode().length]).toStrictEqual([0, 0]);
  });

  test('leave the batch to be edited without views', () => {
    const spans = ['a', 'b'].map((name) => ({ name }));
    const batch = batchOf(
      'traces',
      encodePlain('TracesData', { resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    );
    siftAll(batch, ({ name }) => (name === 'a' ? 'no a' : undefined));
    const put = { do: 'put', key: 'k', value: 'v', where: 'always' } as const;
    expect(QuickProgram.of({ signal: 'traces', steps: [put] })?.run(batch)).toBe(true);
    expect([batch.itemCount, batch.takeDrops()]).toStrictEqual([1, new Map([['no a', 1]])]);
    expect(batch.spans().map(({ name, attributes }) => [name, attributes.get('k')])).toStrictEqual([
      ['b', 'v'],
    ]);
  });
});
