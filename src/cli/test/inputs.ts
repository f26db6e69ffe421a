/** What a test puts in: records, recordings, and time that passes. */
import type { AnyBatch } from '../../model/batches.ts';
import { messageOf } from '../../pipeline/errors.ts';
import type { Step } from '../../testing/harness.ts';
import { RecordBuilder } from '../../testing/records/build.ts';
import type { Fields } from '../../testing/records/field.ts';
import { durationNanos } from '../../testing/records/times.ts';
import { inputsOf, Recording } from '../recording.ts';
import { exactOf } from './compare.ts';
import type { Test, WrittenStep } from './schema.ts';

/** Throws an error with the place of the entry in its `at`, where one cannot be made. */
export async function stepsOf(
  { input }: Test,
  { base, fileOf }: { base: bigint; fileOf: (path: string) => string },
): Promise<Step[]> {
  const builder = new RecordBuilder(base);
  const steps: Step[] = [];
  for (const [at, entry] of [input].flat(1).entries()) {
    try {
      steps.push(...(await stepsIn(entry, builder, fileOf)));
    } catch (error) {
      throw Object.assign(new Error(messageOf(error), { cause: error }), {
        at: Array.isArray(input) ? ['input', at] : ['input'],
        remedy: error instanceof Error && 'remedy' in error ? error.remedy : undefined,
      });
    }
  }
  return steps;
}

async function stepsIn(
  entry: WrittenStep | readonly object[],
  builder: RecordBuilder,
  fileOf: (path: string) => string,
): Promise<Step[]> {
  if (isList(entry)) return builder.batches(entry.map((group) => exactOf(group) as Fields));
  const { file, wait, ...group } = entry;
  const steps: Step[] = builder.batches([exactOf(group) as Fields]);
  if (file !== undefined) steps.push(...(await recordingIn(fileOf(file))));
  if (wait !== undefined) steps.push(Number(durationNanos(wait) ?? 0n) / 1e6);
  return steps;
}

function isList(entry: WrittenStep | readonly object[]): entry is readonly object[] {
  return Array.isArray(entry);
}

/**
 * Everything in a recording; what cannot be read of it is an error. In a folder or archive what is no recording is left out, as a
 * run leaves it out.
 */
export async function recordingIn(path: string): Promise<AnyBatch[]> {
  const batches: AnyBatch[] = [];
  const strangers: string[] = [];
  const inputs = await inputsOf([path]);
  for (const { name, open } of inputs) {
    const recording = new Recording();
    for await (const each of recording.read(open())) {
      if (each.kind === 'unreadable') throw new Error(`${name} could not be read: ${each.reason}`);
      batches.push(each.batch);
    }
    if (recording.found?.encoding.readable !== true && !recording.isEmpty) strangers.push(name);
  }
  const [stranger] = strangers;
  if (stranger !== undefined && strangers.length === inputs.length)
    throw new Error(`${stranger} has no form that can be read`);
  return batches;
}
