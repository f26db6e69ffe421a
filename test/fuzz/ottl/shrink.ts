/** Makes the case of a difference small: fewer statements, smaller texts, less of a record. */
import type { Plain } from '../../support/plain-otlp.ts';
import type { FuzzCase } from './case.ts';
import { differencesOf } from './difference.ts';
import type { Difference } from './difference.ts';
import type { Oracle } from './oracle.ts';
import { smaller } from './term.ts';

/** Steps after which a difference is small enough as it is. */
const mostSteps = 40;
const perStep = 150;

export async function shrunk(difference: Difference, oracle: Oracle): Promise<Difference> {
  let best = difference;
  for (let step = 0; step < mostSteps; step++) {
    const candidates = [...withSmallerTexts(best.item), ...withSmallerRecord(best.item)];
    const next = await firstLike(difference, candidates, oracle);
    if (next === undefined) return best;
    best = next;
  }
  return best;
}

/** The first candidates are the boldest, so they are tried alone. */
async function firstLike(
  difference: Difference,
  candidates: readonly FuzzCase[],
  oracle: Oracle,
): Promise<Difference | undefined> {
  let size = 8;
  for (let from = 0; from < candidates.length; size = perStep) {
    const found = await differencesOf(candidates.slice(from, from + size), oracle);
    const next = found.find((one) => kindOf(one) === kindOf(difference));
    if (next !== undefined) return next;
    from += size;
  }
  return undefined;
}

/** A difference must not turn into another while it shrinks. */
function kindOf({ theirs, ours }: Difference): string {
  return `${Object.keys(theirs).join()}/${Object.keys(ours).join()}`;
}

function withSmallerTexts(item: FuzzCase): FuzzCase[] {
  const fewer = item.terms.length > 1 ? item.terms.map((_, index) => item.terms.toSpliced(index, 1)) : [];
  const shorter = item.terms.flatMap((term, index) =>
    smaller(term).map((replacement) => item.terms.with(index, replacement)),
  );
  const ungated = item.gates.map((gate) => ({ ...item, gates: item.gates.filter((one) => one !== gate) }));
  return [...[...fewer, ...shorter].map((terms) => ({ ...item, terms })), ...ungated];
}

function withSmallerRecord(item: FuzzCase): FuzzCase[] {
  return less(item.record)
    .filter((record) => !hasDuplicates(record))
    .map((record) => ({ ...item, record: record as Plain }));
}

/** OTLP forbids the same key twice in attributes, and the Collector looks at one or at both. */
function hasDuplicates(value: unknown, field = ''): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value) && (field === 'attributes' || field === 'metadata' || field === 'entries')) {
    const keys = value.map((entry) => (entry as Plain)['key'] ?? '');
    if (new Set(keys).size < keys.length) return true;
  }
  return Object.entries(value).some(([name, inner]) =>
    hasDuplicates(inner, field === 'kvlistValue' && name === 'values' ? 'entries' : name),
  );
}

/** The lists that hold what a case works on keep their element. */
const kept = /^(?:resource|scope)?(?:Spans|Logs|Metrics)$|^(?:spans|events|logRecords|metrics|dataPoints)$/;

/** A metric without data has no data point to work on. */
const dataOfMetric = /^(?:gauge|sum|histogram|exponentialHistogram|summary)$/;

/** The value with one thing less somewhere in it. */
function less(value: unknown): unknown[] {
  if (Array.isArray(value)) {
    return [
      ...value.map((_, index) => value.toSpliced(index, 1)),
      ...value.flatMap((inner, index) => less(inner).map((replacement) => value.with(index, replacement))),
    ];
  }
  if (typeof value === 'string') return value.length > 12 ? [value.slice(0, value.length >> 1)] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (kept.test(name)) return less((inner as unknown[])[0]).map((one) => ({ ...value, [name]: [one] }));
    const without = Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
    const isWhole = name === '?' || name.endsWith('Id');
    const isNeeded = dataOfMetric.test(name) && typeof inner === 'object';
    return [
      ...(isNeeded ? [] : [without]),
      ...(isWhole ? [] : less(inner).map((one) => ({ ...value, [name]: one }))),
    ];
  });
}
