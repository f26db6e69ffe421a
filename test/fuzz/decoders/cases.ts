/** Cases by number: the same seed and number give the same input and the same choices. */
import { Random } from '../ottl/random.ts';
import { mutated } from './mutate.ts';
import type { Target } from './target.ts';

export function inputOf(target: Target, seeds: readonly Buffer[], id: string): Buffer {
  return mutated(target, seeds, new Random(`${target.name} ${id}`));
}

/** What is wrong, if anything is; the choices of the check come from the id too. */
export async function failureOf(target: Target, bytes: Buffer, id: string): Promise<string | undefined> {
  try {
    await target.check(bytes, new Random(`check ${id}`));
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}\n${stackOf(error)}` : String(error);
  }
}

function stackOf(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6)
    .join('\n');
}

/** The kind of a failure: what it says, without what differs from input to input. */
export function kindOf(failure: string): string {
  return failure.split('\n').slice(0, 3).join(' ').replaceAll(/\d+/g, 'N').replaceAll(/".*"/g, '');
}

/** A smaller input that fails in the same way. */
export async function shrunk(target: Target, bytes: Buffer, id: string, until: number): Promise<Buffer> {
  const kind = kindOf((await failureOf(target, bytes, id)) ?? '');
  let best = bytes;
  for (let size = best.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < best.length && Date.now() < until;) {
      const smaller = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      const failure = await failureOf(target, smaller, id);
      if (failure !== undefined && kindOf(failure) === kind) best = smaller;
      else at += size;
    }
  }
  return best;
}
