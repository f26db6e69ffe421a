import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodings } from '../../src/encodings/list.ts';
import { read } from './support.ts';

const recordings = join(import.meta.dirname, '../../../shared/samples/recordings');

interface Recording {
  readonly file: string;
  readonly encoding: string;
  readonly mustYield: { spans?: number; logs?: number; lines?: number };
}
const isThere = existsSync(join(recordings, 'manifest.json'));
if (!isThere) console.warn('SKIPPED: the recordings are not there (../shared/samples/recordings)');
const { files } = isThere
  ? (JSON.parse(readFileSync(join(recordings, 'manifest.json'), 'utf8')) as { files: Recording[] })
  : { files: [] };
/** Of lines without times nothing says that they are a log. */
const isTold = ({ file }: Recording) => !file.endsWith('logcli-raw.txt');
/** Numbers over time, which hold no telemetry. */
const isNumbers = ({ file }: Recording) => file.endsWith('query_range-matrix.json');
const isReadable = ({ encoding }: Recording) =>
  encodings.find(({ name }) => name === encoding.replaceAll('-', '_'))?.readable !== false;

const count = (items: number[]) => items.reduce((sum, each) => sum + each, 0);

async function itemsOf(include: string[], config: object = {}) {
  const { batches, counts, log } = await read(recordings, { include, ...config });
  const items = (signal: string) =>
    count(batches.map((batch) => (batch.signal === signal ? batch.itemCount : 0)));
  return { spans: items('traces'), logs: items('logs'), counts, log };
}

describe('a recording of someone else', () => {
  // Lines of text are records as their own tests say.
  it.each(files.filter((each) => each.encoding !== 'lines' && isReadable(each) && !isNumbers(each)))(
    '$file',
    async ({ file, mustYield }) => {
      const { spans, logs, counts, log } = await itemsOf([file]);
      expect({ spans, logs }).toEqual({ spans: mustYield.spans ?? 0, logs: mustYield.logs ?? 0 });
      expect(counts.unreadable.regions).toBe(0);
      expect(log.filter((line) => line.startsWith('error'))).toEqual([]);
    },
  );

  it.each(files.filter((recording) => !isTold(recording)))(
    '$file is read when its form is named, and not without',
    async ({ file }) => {
      await expect(itemsOf([file])).rejects.toThrow(/at most lines/);
      expect((await itemsOf([file], { format: 'lines' })).logs).toBeGreaterThan(0);
    },
  );
});

it.runIf(isThere)('a whole folder of them is read, and names what it leaves out', async () => {
  const { spans, counts, log } = await itemsOf(['.']);
  expect(spans).toBe(count(files.filter(isReadable).map(({ mustYield }) => mustYield.spans ?? 0)));
  expect(counts.unreadable.regions).toBe(files.filter((each) => !isReadable(each) || isNumbers(each)).length);
  expect(log.filter((line) => line.startsWith('warn'))).toContainEqual(expect.stringMatching(/skipped$/));
});
