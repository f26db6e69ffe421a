/**
 * How much memory the command takes: `npm run bench:memory [-- --input 5GiB --line 1GiB --bomb 4GiB --delay 2000 --only NAME
 * --program dist/cli/main.js --course]`. Inputs are written to the system's folder for temporary files and deleted.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { parseByteSize } from '../../src/config/units.ts';
import { cases, withFolder, type Sizes } from './memory/cases.ts';
import { canMeasure } from './memory/measure.ts';

const { values: flags } = parseArgs({
  options: {
    input: { type: 'string', default: '5GiB' },
    line: { type: 'string', default: '1GiB' },
    bomb: { type: 'string', default: '4GiB' },
    delay: { type: 'string', default: '2000' },
    only: { type: 'string', default: '' },
    program: { type: 'string' },
    course: { type: 'boolean', default: false },
  },
});

function bytes(text: string): number {
  const size = parseByteSize(text);
  if (typeof size !== 'number') throw new TypeError(`${text} is no size`);
  return size;
}

const sizes: Sizes = {
  input: bytes(flags.input),
  line: bytes(flags.line),
  bomb: bytes(flags.bomb),
  answerAfterMs: Number(flags.delay),
  ...(flags.program === undefined ? {} : { program: flags.program }),
};

let failed = 0;
if (!canMeasure) console.log('SKIPPED: memory is measured with /proc, which is not here');
else
  for (const each of cases.filter(({ name }) => name.includes(flags.only))) {
    const measured = await withFolder(Math.max(sizes.input, sizes.line), (folder) => each.run(folder, sizes));
    const { peakMiB, seconds, course } = measured;
    const tooMuch = peakMiB > each.mostMiB ? `more than ${each.mostMiB} MiB` : undefined;
    const wrong = each.wrong(measured) ?? tooMuch;
    if (wrong !== undefined) failed++;
    console.log(
      `${each.name.padEnd(40)} peak ${peakMiB.toFixed(0).padStart(4)} MiB, ${seconds.toFixed(1)} s, ` +
        (wrong ?? 'as it should be'),
    );
    if (flags.course) console.log(`  MiB each second: ${course.join(' ')}`);
    if (each.wrong(measured) !== undefined) console.log(measured.stderr);
  }
process.exitCode = failed === 0 ? 0 : 1;
