/** `respool convert`: recordings of any form into one file of OTLP; the config that a person would write for that. */
import { toYaml } from '../config/yaml-text.ts';
import type { Signal } from '../model/signal.ts';
import { signals } from '../model/signal.ts';
import { exitCodes, UsageError } from './exit.ts';
import { jobOfConvert } from './job.ts';
import { planOf } from './load.ts';
import { inputsOf, Recording } from './recording.ts';
import { runLoaded } from './run-command.ts';

export interface ConvertOptions {
  readonly output: string;
  readonly format?: string;
  readonly signal?: Signal;
  readonly baseTime?: string;
  readonly deduplicate?: boolean;
  readonly report?: string;
  readonly quiet?: boolean;
  readonly printConfig?: boolean;
}

const graceMs = 10_000;

export async function convertCommand(paths: readonly string[], options: ConvertOptions): Promise<number> {
  const target = targetOf(options.output);
  const taken = target.format === 'proto' ? [await onlySignal(paths, options)] : takenSignals(options);
  const text = toYaml(convertConfig(paths, options, { target, taken }));
  if (options.printConfig === true) {
    console.log(text.trimEnd());
    return exitCodes.ok;
  }
  const loaded = await planOf([{ name: 'respool convert', text }], {});
  return await runLoaded(loaded, jobOfConvert(paths, options.output), { ...options, graceMs });
}

interface Target {
  readonly format: 'json' | 'proto';
  readonly compression: 'none' | 'gzip' | 'zstd';
}

const formats: Readonly<Record<string, Target['format']>> = {
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  pb: 'proto',
  binpb: 'proto',
  proto: 'proto',
};
const compressions: Readonly<Record<string, Target['compression']>> = { gz: 'gzip', zst: 'zstd' };

/** What a name says of what is to stand in the file. */
function targetOf(output: string): Target {
  if (output === '-') return { format: 'json', compression: 'none' };
  const extensions = (output.split(/[/\\]/).at(-1) ?? '').toLowerCase().split('.').slice(1);
  const last = extensions.at(-1) ?? '';
  const compression = Object.hasOwn(compressions, last) ? compressions[last] : undefined;
  const form = (compression === undefined ? last : extensions.at(-2)) ?? '';
  const format = Object.hasOwn(formats, form) ? formats[form] : undefined;
  if (format === undefined)
    throw new UsageError(
      `--output must end in .jsonl or .json (OTLP JSON lines) or in .pb (protobuf), with .gz or .zst behind it or not, or be -; found ${output}`,
    );
  return { format, compression: compression ?? 'none' };
}

function takenSignals({ signal }: ConvertOptions): readonly Signal[] {
  return signal === undefined ? signals : [signal];
}

/** A protobuf file does not say which signal it holds, so it can hold one: that which is named, or the only one there is. */
async function onlySignal(paths: readonly string[], { signal, output }: ConvertOptions): Promise<Signal> {
  if (signal !== undefined) return signal;
  const remedy = 'name one with --signal traces, logs or metrics, or write OTLP JSON, which holds them all';
  if (paths.includes('-'))
    throw new UsageError(`${output} can hold one signal, and standard input is read only once: ${remedy}`);
  const found = new Set<Signal>();
  for (const input of await inputsOf(paths)) for await (const each of signalsIn(input)) found.add(each);
  const [first, ...others] = found;
  if (first === undefined) return 'traces';
  if (others.length > 0)
    throw new UsageError(
      `${output} can hold one signal, and there are ${[...found].join(' and ')}: ${remedy}`,
    );
  return first;
}

/** What is wrong with an input is said when it is read for its data. */
async function* signalsIn({ open }: Awaited<ReturnType<typeof inputsOf>>[number]): AsyncGenerator<Signal> {
  const decoded = new Recording().read(open());
  for (;;) {
    const next = await decoded.next().catch(() => undefined);
    if (next === undefined || next.done === true) return;
    if (next.value.kind !== 'batch') continue;
    yield next.value.batch.signal;
    next.value.batch.release();
  }
}

/** `$` is doubled, since what comes from the command line is not expanded. */
function convertConfig(
  paths: readonly string[],
  { output, format, signal, baseTime, deduplicate }: ConvertOptions,
  { target, taken }: { target: Target; taken: readonly Signal[] },
): object {
  const receiver = {
    include: paths.map(literal),
    ...(format === undefined ? {} : { format: literal(format) }),
    ...(signal === undefined ? {} : { signal }),
    ...(baseTime === undefined ? {} : { base_time: literal(baseTime) }),
    ...(deduplicate === true ? { deduplicate } : {}),
  };
  const pipeline = { receivers: ['file'], exporters: ['file'] };
  return {
    receivers: { file: receiver },
    exporters: { file: { path: literal(output), ...target } },
    service: { pipelines: Object.fromEntries(taken.map((each) => [each, pipeline])) },
  };
}

function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}
