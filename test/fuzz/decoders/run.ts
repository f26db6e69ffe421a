/**
 * `npm run fuzz:decoders [-- --seconds 10 --cases N --seed S --only NAME --from NUMBER]`: hostile inputs for every decoder, one
 * after the other, for so long or so many of each, each in a process of its own. Laws: only the errors that are documented, no hang, bounded memory, nothing that
 * depends on how the input is cut, and everything that was read can be written and read again. `--seed S --only NAME --from NUMBER`
 * repeats what was found.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { targets } from './targets.ts';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now()) },
    cases: { type: 'string' },
    only: { type: 'string' },
    from: { type: 'string', default: '0' },
  },
});

const { seed, from, seconds, cases } = flags;
const limits = cases === undefined ? [seconds, 'Infinity'] : ['Infinity', cases];
console.log(`seed ${seed}, ${cases === undefined ? `${seconds} s` : `${cases} cases`} for each decoder`);
const failed: string[] = [];
for (const { name } of targets) {
  if (flags.only !== undefined && flags.only !== name) continue;
  const args = [join(import.meta.dirname, 'one.ts'), name, seed, from, ...limits];
  const { status, signal } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (signal !== null) console.log(`${name}: the process ended by ${signal}`);
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) console.log(`something was found in: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
