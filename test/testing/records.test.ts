/** Laws of test records: what is written comes back, what comes back can be written, and compares as itself. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align } from '../../src/cli/test/align.ts';
import { lineDifference } from '../../src/cli/test/lines.ts';
import { compareGroups } from '../../src/cli/test/outputs.ts';
import { loadTree } from '../../src/config/load.ts';
import type { ExactValue } from '../../src/model/value.ts';
import { RecordBuilder } from '../../src/testing/records/build.ts';
import type { Fields } from '../../src/testing/records/field.ts';
import { briefGroup, readGroups } from '../../src/testing/records/read.ts';
import { yamlLines } from '../../src/testing/records/text.ts';
import { durationNanos, nanosText, timeNanos, timeText } from '../../src/testing/records/times.ts';

const base = 1_767_225_600_000_000_000n;

describe('times', () => {
  it('come back to the nanosecond', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -86_399_999_999_999n, max: 86_399_999_999_999n }), (nanos) => {
        expect(durationNanos(nanosText(nanos))).toBe(nanos);
        expect(timeNanos(timeText(base + nanos, base), base)).toBe(base + nanos);
      }),
    );
    const far = fc.bigInt({ min: 1n, max: 4_000_000_000_000_000_000n });
    fc.assert(
      fc.property(far, (nanos) => {
        expect(timeNanos(timeText(nanos, base), base)).toBe(nanos);
      }),
    );
    expect(timeNanos(timeText(0n, base), base)).toBe(0n);
  });
});

const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'null',
    'true',
    '0123',
    '1.0',
    '- x',
    '# x',
    '${env:X}',
    '$$',
    'a: b',
    '~',
    '',
    '2026-01-01',
    'line\nline',
  ),
);
const value: fc.Arbitrary<ExactValue> = fc.oneof(
  text,
  fc.boolean(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double({ noNaN: true }),
  fc.array(text, { maxLength: 3 }),
);
/** Keys that are no reference and no merge, which mean something in YAML. */
const key = text.filter((each) => !each.startsWith('$') && each !== '<<' && !each.includes('::'));
const attributes = fc.array(fc.tuple(key, value), { maxLength: 3 }).map((entries) => new Map(entries));

const flat = {
  name: text,
  kind: fc.constantFrom('internal', 'server', 'client'),
  duration: fc.bigInt({ min: 0n, max: 10n ** 12n }).map(nanosText),
  attributes,
};
const leaf = fc.record(flat).map((fields) => new Map<string, ExactValue>(Object.entries(fields)));
const span: fc.Arbitrary<Fields> = fc
  .record({ ...flat, children: fc.array(leaf, { maxLength: 2 }) })
  .map((fields) => new Map<string, ExactValue>(Object.entries(fields)));

const log: fc.Arbitrary<Fields> = fc
  .record({ body: value, severity: fc.constantFrom('info', 'warn2', 'fatal4'), attributes })
  .map((fields) => new Map<string, ExactValue>(Object.entries(fields)));

const group: fc.Arbitrary<Fields> = fc
  .record({
    resource: attributes,
    spans: fc.array(span, { minLength: 1, maxLength: 2 }),
    logs: fc.array(log, { minLength: 1, maxLength: 2 }),
  })
  .map((fields) => new Map<string, ExactValue>(Object.entries(fields)));

describe('records', () => {
  it('compare as themselves: written, read, shown as YAML, and read from that', () => {
    fc.assert(
      fc.property(group, (written) => {
        const groups = new RecordBuilder(base).batches([written]).flatMap((batch) => readGroups(batch, base));
        const yaml = yamlLines(new Map([['output', groups.map(briefGroup)]])).join('\n');
        const { tree, problems } = loadTree([{ name: 'x', text: yaml }], { env: {} });
        expect(problems, yaml).toEqual([]);
        expect(compareGroups(tree.get(['output']), groups, ['output'], { base }), yaml).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('of a hostile trace stand once in the tree, circles too', () => {
    const spans = [
      { name: 'a', span_id: '1', parent_span_id: '2' },
      { name: 'b', span_id: '2', parent_span_id: '1' },
      { name: 'c', span_id: '3', parent_span_id: '3' },
    ].map((fields) => new Map<string, ExactValue>([...Object.entries(fields), ['trace_id', '1']]));
    const [batch] = new RecordBuilder(base).batches([new Map<string, ExactValue>([['spans', spans]])]);
    const [read] = batch === undefined ? [] : readGroups(batch, base);
    const shown = read === undefined ? '' : yamlLines(briefGroup(read)).join('\n');
    for (const name of ['a', 'b', 'c'])
      expect(shown.match(new RegExp(`name: ${name}$`, 'gm'))).toHaveLength(1);
  });
});

describe('align', () => {
  it('pairs every record once, in order', () => {
    const list = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });
    fc.assert(
      fc.property(list, list, (left, right) => {
        const pairs = align(left.length, right.length, (a, b) => (left[a] === right[b] ? 0 : 10));
        expect(pairs.flatMap((pair) => pair.left ?? [])).toEqual(left.map((_, at) => at));
        expect(pairs.flatMap((pair) => pair.right ?? [])).toEqual(right.map((_, at) => at));
      }),
    );
  });

  it.each([
    ['abc', 'ac', 'aa b- cc'],
    ['ac', 'abc', 'aa -b cc'],
    ['', 'ab', '-a -b'],
    ['ab', '', 'a- b-'],
    ['ab', 'xy', 'ax by'],
  ])('of %s and %s', (left, right, expected) => {
    const pairs = align(left.length, right.length, (a, b) => (left[a] === right[b] ? 0 : 10));
    const shown = pairs.map((pair) => `${left[pair.left ?? -1] ?? '-'}${right[pair.right ?? -1] ?? '-'}`);
    expect(shown.join(' ')).toBe(expected);
  });
});

describe('the difference of texts', () => {
  it('is none for equal ones, and else leads from one to the other', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (left, right) => {
        const found = lineDifference(left.join('\n'), right.join('\n'));
        expect(found === undefined).toBe(left.join('\n') === right.join('\n'));
        const removed = found?.lines.filter((line) => line.startsWith('-')).length ?? 0;
        const added = found?.lines.filter((line) => line.startsWith('+')).length ?? 0;
        expect(left.length - removed).toBe(right.length - added);
      }),
    );
  });
});
