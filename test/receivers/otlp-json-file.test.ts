import { describe, expect, it } from 'vitest';
import { loadTree } from '../../src/config/load.ts';
import { validate } from '../../src/config/validate.ts';
import type { CheckFacts, ReceiverFactory } from '../../src/pipeline/component.ts';
import { file } from '../../src/receivers/file.ts';
import { otlpJsonFile } from '../../src/receivers/otlp-json-file.ts';
import { folderWith, logLine, read, spanLine } from './support.ts';

const factory = otlpJsonFile as ReceiverFactory<never>;

/** What a person is told about a config, one line each. */
function told(yaml: string, receiver: ReceiverFactory<never> = factory): string[] {
  const { tree, problems } = loadTree([{ name: 'x.yaml', text: yaml }], { env: {} });
  const checked = validate(tree, [], receiver.schema);
  return [...problems, ...checked.problems].map(({ severity, path, message, remedy }) =>
    [severity, path.join('.'), message, remedy ?? ''].join(' | '),
  );
}

it('adds the name of the file, as the Collector does', async () => {
  const folder = folderWith({ 'a.jsonl': spanLine('a', 1), 'b.jsonl': logLine('b', 2) });
  const { batches } = await read(folder, { include: ['*'] }, { factory });
  const attributes = batches.flatMap((batch) => {
    if (batch.signal === 'metrics') return [];
    const items = batch.signal === 'traces' ? batch.spans() : batch.logRecords();
    return [...items].map((item) => item.attributes.entries());
  });
  expect(attributes).toEqual([[['log.file.name', 'a.jsonl']], [['log.file.name', 'b.jsonl']]]);
  const without = await read(folder, { include: ['a.jsonl'], include_file_name: false }, { factory });
  expect(without.batches[0]?.signal === 'traces' && without.batches[0].spans()[0]?.attributes.size).toBe(0);
});

it('adds it to the metadata of metrics', async () => {
  const metric = '{"name":"m","gauge":{"dataPoints":[{"timeUnixNano":"1","asInt":"1"}]}}';
  const line = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[${metric}]}]}]}`;
  const { batches } = await read(folderWith({ 'a.jsonl': line }), { include: ['*'] }, { factory });
  const metrics = batches.flatMap((batch) => (batch.signal === 'metrics' ? batch.metrics() : []));
  expect(metrics.map(({ metadata }) => metadata.entries())).toEqual([[['log.file.name', 'a.jsonl']]]);
  expect(metrics[0]?.dataPoints()[0]?.attributes.size).toBe(0);
});

it("takes a Collector's config", () => {
  const yaml = `
include: [/data/*.jsonl]
exclude: /data/old.jsonl
start_at: beginning
max_log_size: 64MiB
include_file_name: false
exclude_older_than: 24h
poll_interval: 1s
compression: gzip
retry_on_failure: {enabled: true}
`;
  const notices = ['max_log_size', 'compression', 'retry_on_failure'];
  expect(told(yaml)).toEqual(
    notices.map((key) => expect.stringMatching(new RegExp(`^notice \\| ${key} \\|`)) as string),
  );
});

it.each([
  ['storage: file_storage', /^error \| storage \|.*`--resume`/],
  ['delete_after_read: true', /^error \| delete_after_read \|.*never deleted/],
  ['include_file_record_number: true', /^error \| include_file_record_number \|/],
  ['include_files: x', /^error \| include_files \|.*(?:include)/],
  ['start_at: middle', /^error \| start_at \|/],
  ['max_document_size: 1', /^error \| max_document_size \| must be at least 1KiB/],
])('%s', (line, expected) => {
  expect(told(`include: [a]\n${line}\n`)).toEqual([expect.stringMatching(expected)]);
});

it('needs include', () => {
  for (const receiver of [factory, file as ReceiverFactory<never>]) {
    expect(told('{}', receiver)).toEqual([expect.stringMatching(/^error \| (?:include )?\|/)]);
    expect(told('include: []', receiver)).toEqual([expect.stringMatching(/^error \| include \|/)]);
    expect(told('include: a.jsonl', receiver)).toEqual([]);
  }
});

describe('start_at', () => {
  const facts = (written: readonly string[], follow: boolean): CheckFacts => ({
    writtenType: 'otlpjsonfile',
    has: (...path) => written.includes(path.join('.')),
    signals: ['traces'],
    follow,
  });
  const severities = (config: object, follow = false) =>
    otlpJsonFile
      .check?.(otlpJsonFile.schema.parse({ include: ['a'], ...config }), facts(Object.keys(config), follow))
      .map(({ severity, path }) => [severity, ...path].join(' '));

  it('left out means beginning, with a notice', () => {
    expect(severities({})).toEqual(['notice']);
    expect(severities({ start_at: 'beginning' })).toEqual([]);
    expect(severities({ start_at: 'end' })).toEqual(['error start_at']);
  });

  it('may be the end of files that are followed', () => {
    const following = { start_at: 'end', poll_interval: '1s', max_concurrent_files: 9 };
    expect(severities(following, true)).toEqual([]);
    expect(severities({ ...following, start_at: 'beginning' })).toEqual([
      'notice poll_interval',
      'notice max_concurrent_files',
    ]);
    expect(severities({ start_at: 'end', include: ['-'] }, true)).toEqual(['error include']);
  });
});
