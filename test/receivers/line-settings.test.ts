/** `base_time` and `lines`: how recordings are read that do not say their times, or are lines of text. */
import { describe, expect, it } from 'vitest';
import { validate } from '../../src/config/validate.ts';
import { loadTree } from '../../src/config/load.ts';
import { file } from '../../src/receivers/file.ts';
import { folderWith, read } from './support.ts';

async function logsOf(text: string, config: object) {
  const { batches } = await read(folderWith({ 'x.log': text }), {
    include: ['x.log'],
    format: 'lines',
    ...config,
  });
  return batches.flatMap((batch) =>
    batch.signal === 'logs'
      ? batch
          .logRecords()
          .map(({ timeUnixNano, severityNumber, body }) => [timeUnixNano, severityNumber, body])
      : [],
  );
}

const tenOClock = 1_795_255_200_000_000_000n;

describe('lines', () => {
  it('without a date belong to the day of base_time', async () => {
    const logs = await logsOf('10:00:00 a\n10:00:01 b\n', { base_time: '2026-11-21T09:00:00Z' });
    expect(logs).toEqual([
      [tenOClock, 0, '10:00:00 a'],
      [tenOClock + 1_000_000_000n, 0, '10:00:01 b'],
    ]);
  });

  it('are read as the config says', async () => {
    const lines = {
      regex: '^(?<at>\\d+) (?<how>\\w+)',
      timestamp: { parse_from: 'at', layout: 's', layout_type: 'epoch' },
      severity: { parse_from: 'how', mapping: { error: ['bad', { min: 500, max: 599 }] } },
      multiline: { line_start_pattern: '^\\d' },
    };
    const logs = await logsOf('1795255200 bad x\nmore\n1795255201 502 y\n', { lines });
    expect(logs).toEqual([
      [tenOClock, 17, '1795255200 bad x\nmore'],
      [tenOClock + 1_000_000_000n, 17, '1795255201 502 y'],
    ]);
  });

  it.each([
    ['base_time: yesterday', 'base_time must be a time with its zone'],
    ['base_time: 2026-11-21', 'base_time must be a time with its zone'],
    ['lines: {timestamp: sometimes}', 'lines.timestamp'],
    ['lines: {words: 3}', 'lines.words'],
  ])('%s is a mistake', (yaml, message) => {
    const { tree } = loadTree([{ name: 'x', text: `include: [a]\n${yaml}\n` }], { env: {} });
    const problems = validate(tree, [], file.schema).problems.map(
      (each) => `${each.path.join('.')} ${each.message}`,
    );
    expect(problems.join('\n')).toContain(message);
  });

  it.each([
    [{ regex: '(' }, ['regex']],
    [{ timestamp: { layout: '%Q' } }, ['timestamp', 'layout']],
    [{ timestamp: { layout: '%H:%M', location: 'Nowhere/Land' } }, ['timestamp', 'location']],
  ])('%j is a mistake too, shown where it stands', (lines, path) => {
    const config = file.schema.parse({ include: ['a'], lines });
    const facts = { has: () => false, writtenType: 'file', signals: [] };
    expect(file.check?.(config as never, facts)).toMatchObject([
      { severity: 'error', path: ['lines', ...path] },
    ]);
  });
});
