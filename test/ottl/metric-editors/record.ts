/** `node test/ottl/metric-editors/record.ts OTELCOL`: writes what a Collector answers to all cases to collector.json. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { shortened, type Answer } from './answers.ts';
import { cases } from './cases.ts';

const [, , otelcol = 'otelcol'] = process.argv;
const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'metric-editors-'));
const input: unknown = JSON.parse(readFileSync(join(here, 'input.json'), 'utf8'));
writeFileSync(join(folder, 'input.jsonl'), `${JSON.stringify(input)}\n`);

const all = Object.entries(cases);
const each = <T>(of: (one: (typeof all)[number][1], index: number) => [string, T]): Record<string, T> =>
  Object.fromEntries(all.map(([, one], index) => of(one, index)));
const config = {
  receivers: {
    otlp_json_file: {
      include: [join(folder, 'input.jsonl')],
      start_at: 'beginning',
      include_file_name: false,
    },
  },
  processors: each((one, index) => [
    `transform/${index}`,
    { error_mode: 'ignore', metric_statements: [{ ...one }] },
  ]),
  exporters: each((_, index) => [`file/${index}`, { path: join(folder, `${index}.jsonl`) }]),
  service: {
    telemetry: { metrics: { level: 'none' } },
    pipelines: each((_, index) => [
      `metrics/${index}`,
      { receivers: ['otlp_json_file'], processors: [`transform/${index}`], exporters: [`file/${index}`] },
    ]),
  },
};
writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config).replaceAll('$', '$$$$'));
const collector = spawn(otelcol, ['--config', join(folder, 'config.yaml')], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const ended = new Promise((resolve) => collector.once('exit', resolve));
await Promise.race([ended, sleep(6000)]);
collector.kill('SIGTERM');
await Promise.race([ended, sleep(3000)]);
collector.kill('SIGKILL');
const answers = Object.fromEntries(
  all.map(([name], index) => [
    name,
    JSON.parse(readFileSync(join(folder, `${index}.jsonl`), 'utf8')) as Answer,
  ]),
);
writeFileSync(join(here, 'collector.json'), `${JSON.stringify(shortened(answers))}\n`);
