import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { read } from './support.ts';

const recordings = join(import.meta.dirname, '../../../shared/samples/recordings');

interface Recording {
  readonly file: string;
  readonly encoding: string;
  readonly mustYield: { spans: number; logs: number };
}
const manifest = JSON.parse(readFileSync(join(recordings, 'manifest.json'), 'utf8')) as {
  files: Recording[];
};
const isOtlp = ({ encoding }: Recording) =>
  encoding.startsWith('otlp') || ['tempo-v1', 'tempo-proto'].includes(encoding);

const count = (items: number[]) => items.reduce((sum, each) => sum + each, 0);

describe('a recording of someone else', () => {
  it.each(manifest.files.filter(isOtlp))('$file', async ({ file, mustYield }) => {
    const { batches, counts, log } = await read(recordings, { include: [file] });
    const items = (signal: string) =>
      count(batches.map((batch) => (batch.signal === signal ? batch.itemCount : 0)));
    expect({ spans: items('traces'), logs: items('logs') }).toEqual({
      spans: mustYield.spans,
      logs: mustYield.logs,
    });
    expect(counts.unreadable.regions).toBe(0);
    expect(log.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it.each(manifest.files.filter((recording) => !isOtlp(recording)))(
    '$file cannot be read yet',
    async ({ file }) => {
      await expect(read(recordings, { include: [file] })).rejects.toThrow(
        /recognised and cannot be read yet/,
      );
    },
  );
});

it('a whole folder of them names what it leaves out', async () => {
  const { batches, counts, log } = await read(recordings, { include: ['.'] });
  const expected = count(manifest.files.filter(isOtlp).map(({ mustYield }) => mustYield.spans));
  expect(count(batches.map((batch) => (batch.signal === 'traces' ? batch.itemCount : 0)))).toBe(expected);
  const known = manifest.files.filter((recording) => !isOtlp(recording) && recording.encoding !== 'lines');
  expect(counts.unreadable.regions).toBe(known.length);
  expect(log.filter((line) => line.startsWith('warn'))).toContainEqual(expect.stringMatching(/skipped$/));
});
