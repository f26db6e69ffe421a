/** What a test expects, held against what was observed. */
import type { Path } from '../../config/place.ts';
import type { AnyBatch } from '../../model/batches.ts';
import { total } from '../../pipeline/counts.ts';
import type { Observed } from '../../testing/harness.ts';
import { readGroups } from '../../testing/records/read.ts';
import { flowText } from '../../testing/records/text.ts';
import { messageOf } from '../../pipeline/errors.ts';
import { plural } from '../text.ts';
import { visible } from '../terminal.ts';
import type { Comparison, Mismatch } from './compare.ts';
import { judge } from './conditions.ts';
import { lineDifference } from './lines.ts';
import { compareGroups } from './outputs.ts';
import type { Expect } from './schema.ts';

/** `raw` is what `expect` says as it was written. */
export interface Expectation {
  readonly expect: Expect;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Everything that can be checked without looking at files and requests. Paths begin with `expect`. */
export function checkObserved(
  { expect, raw }: Expectation,
  observed: Observed,
  comparison: Comparison,
): Mismatch[] {
  return [
    ...checkEnd(expect, observed),
    ...checkOutputs(raw, observed, comparison),
    ...checkCounts(expect, observed),
    ...checkConditions(expect, observed),
    ...checkPrinted(expect, observed),
  ];
}

/** Everything that came out, of one exporter after the other. */
function allBatches({ outputs }: Observed): AnyBatch[] {
  return [...outputs.values()].flat();
}

/** A run that stops, statements that fail, messages. */
function checkEnd(expect: Expect, { failures, ledger, messages }: Observed): Mismatch[] {
  const mismatches: Mismatch[] = [];
  const said = failures.map((error) => messageOf(error));
  if (expect.error === undefined && said.length > 0)
    mismatches.push({ path: ['expect'], message: 'the run stopped', lines: said.map((text) => `+ ${text}`) });
  const { error } = expect;
  if (error !== undefined && !said.some((text) => text.includes(error)))
    mismatches.push({
      path: ['expect', 'error'],
      message: said.length === 0 ? 'the run did not stop' : 'the run stopped with another message',
      lines: said.map((text) => `+ ${text}`),
    });
  const failed = ledger.processors.flatMap(({ failures }) => [...failures.values()]);
  const count = failed.reduce((sum, each) => sum + each.count, 0);
  if (count !== (expect.failures ?? 0))
    mismatches.push({
      path: expect.failures === undefined ? ['expect'] : ['expect', 'failures'],
      message: `statements and conditions failed on ${plural(count, 'record')}`,
      lines: failed.map(({ example }) => `+ ${example}`),
    });
  for (const [at, part] of (expect.messages ?? []).entries()) {
    if (messages.some(({ text }) => text.includes(part))) continue;
    const shown = messages.filter(({ level }) => level !== 'debug');
    mismatches.push({
      path: ['expect', 'messages', at],
      message: 'this was not said',
      lines: shown.map(({ level, text }) => `+ ${level}: ${text}`),
    });
  }
  return mismatches;
}

function checkOutputs(raw: Expectation['raw'], { outputs }: Observed, comparison: Comparison): Mismatch[] {
  const groupsOf = (batches: readonly AnyBatch[]) =>
    batches.flatMap((batch) => readGroups(batch, comparison.base));
  const mismatches: Mismatch[] = [];
  const output = raw['output'];
  const [first, ...others] = outputs;
  if (output !== undefined && first !== undefined) {
    const path = ['expect', 'output'];
    if (others.length === 0) mismatches.push(...compareGroups(output, groupsOf(first[1]), path, comparison));
    else mismatches.push(severalOutputs([...outputs.keys()]));
  }
  for (const [id, written] of Object.entries((raw['outputs'] ?? {}) as Record<string, unknown>)) {
    const path = ['expect', 'outputs', id];
    const batches = outputs.get(id);
    if (batches === undefined) mismatches.push(noExporter(path, [...outputs.keys()]));
    else mismatches.push(...compareGroups(written, groupsOf(batches), path, comparison));
  }
  return mismatches;
}

function severalOutputs(ids: readonly string[]): Mismatch {
  const message = `there are several exporters: ${ids.join(', ')}`;
  return { path: ['expect', 'output'], message, lines: [`write \`outputs: {${ids[0]}: ...}\``] };
}

function noExporter(path: Path, ids: readonly string[]): Mismatch {
  return {
    path,
    message: 'no such exporter is in this test',
    lines: [`there are: ${ids.join(', ') || 'none'}`],
  };
}

function checkCounts({ drops, counts, processors, refused }: Expect, observed: Observed): Mismatch[] {
  const { ledger } = observed;
  const flows = [...ledger.processors, ...ledger.receivers.flatMap(({ flows }) => [...flows.values()])];
  const mismatches = [
    ...compareReasons(
      drops,
      flows.map(({ dropped }) => dropped),
      ['expect', 'drops'],
    ),
    ...compareReasons(
      refused,
      ledger.exporters.map((each) => each.refused),
      ['expect', 'refused'],
    ),
  ];
  const batches = allBatches(observed);
  const items = (signal: string): number =>
    batches.filter((batch) => batch.signal === signal).reduce((sum, { itemCount }) => sum + itemCount, 0);
  const found = {
    spans: items('traces'),
    logs: items('logs'),
    data_points: items('metrics'),
    batches: batches.length,
  };
  mismatches.push(...compareCounts(counts ?? {}, found, ['expect', 'counts']));
  for (const [id, wanted] of Object.entries(processors ?? {})) {
    const path = ['expect', 'processors', id];
    const own = ledger.processors.filter((flow) => flow.id === id);
    if (own.length === 0) mismatches.push({ path, message: 'no such processor is in this test', lines: [] });
    const sums = { in: 0, created: 0, out: 0, dropped: 0 };
    for (const flow of own) {
      sums.in += flow.in;
      sums.created += flow.created;
      sums.out += flow.out;
      sums.dropped += total(flow.dropped);
    }
    if (own.length > 0) mismatches.push(...compareCounts(wanted, sums, path));
  }
  return mismatches;
}

function compareCounts(
  wanted: Readonly<Record<string, number | undefined>>,
  found: Readonly<Record<string, number>>,
  path: Path,
): Mismatch[] {
  return Object.entries(wanted).flatMap(([key, count]) =>
    count === undefined || count === found[key]
      ? []
      : [
          {
            path: [...path, key],
            message: 'is not what was counted',
            lines: [`- ${count}`, `+ ${found[key]}`],
          },
        ],
  );
}

/** All reasons and no others. The address of the backend of a test, which is another one each time, is BACKEND. */
function compareReasons(
  wanted: Readonly<Record<string, number>> | undefined,
  counted: readonly ReadonlyMap<string, number>[],
  path: Path,
): Mismatch[] {
  if (wanted === undefined) return [];
  const found = new Map<string, number>();
  for (const [said, count] of counted.flatMap((reasons) => [...reasons])) {
    const reason = said.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'BACKEND');
    found.set(reason, (found.get(reason) ?? 0) + count);
  }
  const wrong = Object.entries(wanted).flatMap(([reason, count]): Mismatch[] => {
    const actual = found.get(reason) ?? 0;
    if (actual === count) return [];
    return [
      { path: [...path, reason], message: 'is not what was counted', lines: [`- ${count}`, `+ ${actual}`] },
    ];
  });
  const others = [...found].filter(([reason, count]) => count > 0 && !Object.hasOwn(wanted, reason));
  if (others.length === 0) return wrong;
  const lines = others.map(([reason, count]) => `+ ${flowText(reason)}: ${count}`);
  return [...wrong, { path, message: 'there are reasons that are not expected', lines, isOfKey: true }];
}

function checkConditions(expect: Expect, observed: Observed): Mismatch[] {
  const batches = allBatches(observed);
  return (['all', 'any', 'none'] as const).flatMap((quantifier) =>
    (expect[quantifier] ?? []).flatMap((text, at): Mismatch[] => {
      const judged = judge(text, quantifier, batches);
      if (judged === undefined) return [];
      const lines = judged.lines.map((line) => `  ${line}`);
      return [{ path: ['expect', quantifier, at], message: judged.message, lines }];
    }),
  );
}

function checkPrinted({ printed }: Expect, observed: Observed): Mismatch[] {
  if (printed === undefined) return [];
  const found = visible(observed.printed);
  if (typeof printed === 'string') return compareText(printed, found, ['expect', 'printed']);
  return printed.flatMap((part, at): Mismatch[] => {
    if (found.includes(part)) return [];
    const lines = found
      .trimEnd()
      .split('\n')
      .map((line) => `+ ${line}`);
    return [{ path: ['expect', 'printed', at], message: 'this was not printed', lines }];
  });
}

export function compareText(expected: string, actual: string, path: Path): Mismatch[] {
  const different = lineDifference(expected, actual);
  return different === undefined ? [] : [{ path, message: 'is not what came out', lines: different.lines }];
}
