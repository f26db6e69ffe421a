/** `respool run --tap`: what one processor does to each record, beside a run that is what it would be. */
import { describe, expect, it } from 'vitest';
import { golden, logsLine, spansLine, steady } from './scenario.ts';
import { folderWith, respool, type Ended } from '../support/respool.ts';

const config = `receivers:
  file: {include: [in.jsonl]}
processors:
  filter: {traces: {span: ['name == "noise"']}}
  attributes: {actions: [{key: seen, value: 1, action: upsert}]}
  group_by_attrs: {keys: [seen]}
  batch: {send_batch_size: 100}
  time_shift: {offset: 1h, new_ids: true}
exporters:
  file: {path: out.jsonl}
service:
  pipelines:
    traces: {receivers: [file], processors: [filter, attributes, group_by_attrs, time_shift, batch], exporters: [file]}
    logs: {receivers: [file], processors: [attributes, batch], exporters: [file]}
`;

const recording = `${spansLine(['a', 'noise', 'b'])}${logsLine(['x', 'y'])}`;

async function run(...args: string[]): Promise<Ended> {
  const cwd = folderWith({ 'pipeline.yaml': config, 'in.jsonl': recording });
  return await respool(['run', 'pipeline.yaml', '--quiet', '--state', cwd, ...args], { cwd });
}

describe('--tap', () => {
  it('shows before and after, and what was dropped', async () => {
    const ended = await Promise.all([run('--tap', 'filter'), run('--tap', 'traces/group_by_attrs')]);
    const text = ended
      .map(
        ({ stdout, stderr }) =>
          `${stdout}${stderr
            .split('\n')
            .filter((line) => line.startsWith('tap'))
            .join('\n')}\n`,
      )
      .join('\n');
    expect(golden('tap.txt', steady(text))).toBe(steady(text));
  });

  it.each([
    [
      'attributes',
      ['tap traces/attributes: 2 spans: 2 changed', 'tap logs/attributes: 2 log records: 2 changed'],
    ],
    ['traces/attributes', ['tap traces/attributes: 2 spans: 2 changed, 0 unchanged']],
    [
      'batch',
      [
        'tap traces/batch: 2 spans: 0 changed, 2 unchanged',
        'tap logs/batch: 2 log records: 0 changed, 2 unchanged',
      ],
    ],
    ['time_shift', ['tap traces/time_shift: 2 spans: 2 changed, 0 unchanged']],
  ])('of %s counts', async (id, lines) => {
    const { stderr, exitCode } = await run('--tap', id);
    expect(exitCode).toBe(0);
    for (const line of lines) expect(stderr).toContain(line);
  });

  it('leaves the run as it is', async () => {
    const summary = ({ stderr }: Ended): string =>
      steady(
        stderr.replaceAll(/^(?:tap .*|.* not shown: .*)\n/gm, '').replaceAll(/\/\S*respool-\w+/g, 'FOLDER'),
      );
    const [with_, without] = await Promise.all([run('--tap', 'group_by_attrs'), run()]);
    expect(with_.exitCode).toBe(without.exitCode);
    expect(summary(with_)).toBe(summary(without));
  });

  it('shows so many records and only those of a condition', async () => {
    const limited = await run('--tap', 'attributes', '--limit', '1');
    expect(limited.stdout.match(/^(?:span|log record) /gm)).toHaveLength(2);
    expect(limited.stderr).toContain('1 more record not shown: raise --limit');
    const some = await run('--tap', 'attributes', '--where', 'span.name == "b"');
    expect(some.stdout.match(/^span .*"b"$/gm)).toHaveLength(1);
    expect(some.stderr).toContain('tap traces/attributes: 1 span: 1 changed');
  });

  it.each([
    [['--tap', 'filtr'], 'no pipeline has a processor "filtr"; did you mean filter?'],
    [['--tap', 'filter', '--where', 'span.nam == 1'], 'span.nam'],
    [['--where', 'true'], '--where is for --tap'],
  ])('%j is refused', async (args, message) => {
    const { exitCode, stderr } = await run(...args);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
  });
});
