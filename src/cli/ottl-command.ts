/** `respool ottl`: what statements or conditions do to a recording, record by record, and nothing is sent. */
import type { ContextName } from '../ottl/contexts.ts';
import { messageOf } from '../pipeline/errors.ts';
import { exitCodes } from './exit.ts';
import { programsOf } from './ottl/program.ts';
import { Trial } from './ottl/trial.ts';
import { inputsOf, Recording, type Input } from './recording.ts';
import { printOut, visible } from './terminal.ts';

export interface OttlOptions {
  readonly input: readonly string[];
  readonly context?: ContextName;
  /** Records that are shown; all are run. */
  readonly limit: number;
}

export async function ottlCommand(texts: readonly string[], options: OttlOptions): Promise<number> {
  const trial = new Trial(programsOf(texts, options.context), options.limit);
  const inputs = await inputsOf(options.input);
  let isComplete = true;
  for (const input of inputs) {
    const problems = await tryOn(input, trial, {
      name: inputs.length > 1 ? `(${visible(input.name)})` : '',
      print: printOut,
    });
    for (const problem of problems) process.stderr.write(`${visible(`${input.name}: ${problem}`)}\n`);
    if (problems.length > 0) isComplete = false;
  }
  process.stderr.write(`${visible(trial.summary())}\n`);
  return isComplete && !trial.hasFailures ? exitCodes.ok : exitCodes.incomplete;
}

/** Runs on one input and prints; what could not be read of it is the answer. */
async function tryOn(
  { open }: Input,
  trial: Trial,
  to: { readonly name: string; readonly print: (text: string) => Promise<void> },
): Promise<string[]> {
  const recording = new Recording();
  const problems: string[] = [];
  const decoded = recording.read(open());
  for (;;) {
    // What fails here is the input; what fails below is not.
    const next = await decoded.next().catch((error: unknown) => {
      problems.push(messageOf(error));
    });
    if (next === undefined || next.done === true) break;
    const each = next.value;
    if (each.kind === 'unreadable') {
      const place = each.line === undefined ? `byte ${each.offset}` : `line ${each.line}`;
      problems.push(`${place} could not be read: ${each.reason}`);
      continue;
    }
    const text = trial.run(each.batch, to.name);
    each.batch.release();
    if (text !== '') await to.print(visible(text.replaceAll(/ +$/gm, '')));
  }
  return [...problems, ...unknownForm(recording)];
}

function unknownForm({ isEmpty, found, guesses }: Recording): string[] {
  if (isEmpty || found?.encoding.readable === true) return [];
  if (found !== undefined)
    return [`it is ${found.encoding.title} (${found.detection.reason}), which cannot be read yet`];
  const named = guesses.map(({ encoding, detection }) => `${encoding.title} (${detection.reason})`);
  return [`it has no known form${named.length === 0 ? '' : `; it could be ${named.join(' or ')}`}`];
}
