/**
 * `npm run recordings [-- --dir DIR --only TEXT]`: every file of a folder of recordings, read by the receiver and by its
 * decoder, against the folder's manifest.json. A line a file; the last one is `N passed, M failed`; the exit code is 0 only
 * when all pass.
 */
import { resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { choices } from './choices.ts';
import { differences } from './compare.ts';
import { readManifest } from './manifest.ts';

const { values: flags } = parseArgs({
  options: {
    dir: { type: 'string', default: resolve(import.meta.dirname, '../../../shared/samples/recordings') },
    only: { type: 'string', default: '' },
  },
});

const mostChoices = 5;
const folder = resolve(flags.dir);
const counts = { passed: 0, failed: 0 };
for (const entry of readManifest(folder)) {
  if (!`${entry.file} ${entry.encoding}`.includes(flags.only)) continue;
  const found = await differences(folder, entry).catch((error: unknown) => [String(error)]);
  counts[found.length === 0 ? 'passed' : 'failed']++;
  console.log(`${found.length === 0 ? 'passed' : 'FAILED'}  ${entry.file} (${entry.encoding})`);
  for (const each of found) console.log(`        ${each.slice(0, 500)}`);
}
for (const { figure, reason } of choices)
  console.log(`read otherwise than the manifest (${figure}): ${reason}`);
if (choices.length > mostChoices) {
  console.log(`the list of choices has more than ${mostChoices} entries`);
  counts.failed++;
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
