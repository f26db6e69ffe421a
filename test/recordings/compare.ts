/** A recording as it was read against what its manifest says. */
import { join } from 'node:path';
import { choices, sorted } from './choices.ts';
import type { Entry } from './manifest.ts';
import { contentOf, decoded, received, type Reading } from './reading.ts';

/** Our names for the manifest's. */
const encodings: Readonly<Record<string, readonly string[]>> = {
  'otlp-json': ['otlp_json', 'otlp_proto'],
  'otlp-proto': ['otlp_proto'],
  'otlp-proto-framed': ['otlp_proto'],
  'jaeger-ui': ['jaeger_ui'],
  'jaeger-v3': ['jaeger_v3'],
  'tempo-v1': ['tempo'],
  'tempo-v2': ['tempo'],
  'tempo-proto': ['tempo', 'otlp_proto'],
  'tempo-v2-proto': ['tempo'],
  'zipkin-v2': ['zipkin'],
  'loki-query': ['loki_query', 'loki'],
  'loki-push': ['loki_push', 'loki'],
  'logcli-jsonl': ['logcli_jsonl', 'logcli'],
  lines: ['lines', 'logcli'],
  'js-console': ['js_console', 'console'],
  'py-console': ['py_console', 'console'],
  'go-stdout': ['go_stdout', 'console'],
  'chrome-trace': ['chrome_trace'],
};

/** Counts of things in the bytes that leave no trace in what is read, or only in a notice. */
const unseen = new Set(['phases', 'never_ended', 'debug', 'shared']);

/** Shapes of which the manifest calls all bodies that are no text by one word. */
const untyped = new Set(['js-console', 'py-console']);

/** Go's names for the types of attributes. */
const goTypes: Readonly<Record<string, string>> = { int64: 'int', float64: 'double', byteslice: 'bytes' };

/** What differs, a line each. */
export async function differences(folder: string, entry: Entry): Promise<string[]> {
  const path = join(folder, entry.file);
  const names = encodings[entry.encoding] ?? [entry.encoding];
  const byDecoder = await decoded(path, names);
  const format = byDecoder.isSure ? {} : { format: byDecoder.encoding.name };
  const byReceiver = await received(path, { ...configOf(entry), ...format });
  const found: string[] = [];
  if (!names.includes(byDecoder.encoding.name)) found.push(`it is taken for ${byDecoder.encoding.name}`);
  const { resultType, ...figures } = entry.mustYield;
  if (typeof resultType === 'string') found.push(...refusal(resultType, byDecoder, byReceiver));
  else
    for (const reason of [...byDecoder.refused, ...byReceiver.refused]) found.push(`unreadable: ${reason}`);
  const content = await contentOf(path);
  for (const [name, stated] of Object.entries(figures)) {
    if (unseen.has(name)) continue;
    const wanted = chosen(name, entry, { content, reading: byDecoder }) ?? renamed(stated);
    const compare = (how: string, { tally }: Reading): void => {
      const figures = tally.figures();
      const isUntyped = name === 'logsSha256' && untyped.has(entry.encoding);
      const difference = differs(wanted, figures[isUntyped ? 'logsSha256Untyped' : name]);
      if (difference !== undefined) found.push(`${name} ${how}: ${difference}`);
    };
    compare('by its decoder', byDecoder);
    if (name !== 'documents') compare('by the receiver', byReceiver);
  }
  return found;
}

/** Times that count from the start of a machine need one. */
function configOf({ encoding }: Entry): object {
  return encoding === 'chrome-trace' ? { base_time: '2026-01-01T00:00:00Z' } : {};
}

function chosen(
  figure: string,
  entry: Entry,
  { content, reading }: { content: Buffer; reading: Reading },
): unknown {
  for (const choice of choices) {
    const wanted = choice.figure === figure ? choice.wanted(entry, content, reading) : undefined;
    if (wanted !== undefined) return wanted;
  }
  return undefined;
}

/** What is not there is none. */
function differs(wanted: unknown, found: unknown): string | undefined {
  const [one, other] = [wanted, found].map((value) => JSON.stringify(sorted(value ?? 0)));
  return one === other ? undefined : `wanted ${one}, found ${other}`;
}

function renamed(stated: unknown): unknown {
  if (typeof stated !== 'object' || stated === null || Array.isArray(stated)) return stated;
  const counts: Record<string, number> = {};
  for (const [name, count] of Object.entries(stated as Record<string, number>)) {
    const own = goTypes[name] ?? (name.endsWith('slice') ? 'array' : name);
    counts[own] = (counts[own] ?? 0) + count;
  }
  return counts;
}

/** What is no telemetry has to be named. */
function refusal(resultType: string, ...readings: readonly Reading[]): string[] {
  return readings.every(({ refused }) => refused.some((reason) => reason.includes(resultType)))
    ? []
    : [
        `it has to be refused as ${resultType}, found ${JSON.stringify(readings.map(({ refused }) => refused))}`,
      ];
}
