/** How long the command takes when it has little to do. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { respool } from './programs.ts';

const tenComponents = `receivers:
  file: {include: [traces]}
  otlp_json_file: {include: ["*.jsonl"], start_at: beginning}
processors:
  attributes: {actions: [{key: a, action: delete}]}
  resource: {attributes: [{key: b, value: c, action: upsert}]}
  filter: {traces: {span: ['attributes["http.route"] == "/health"']}}
  transform: {trace_statements: ['set(span.name, span.attributes["http.route"]) where span.kind == SPAN_KIND_SERVER']}
  probabilistic_sampler: {sampling_percentage: 50}
  batch: {}
exporters:
  otlp_http: {endpoint: "http://localhost:4318"}
  debug: {}
service:
  pipelines:
    traces:
      receivers: [file, otlp_json_file]
      processors: [attributes, resource, filter, transform, probabilistic_sampler, batch]
      exporters: [otlp_http, debug]
`;

export interface StartTimes {
  readonly node: number;
  readonly version: number;
  readonly validate: number;
}

/** Medians in milliseconds of wall time, with what was compiled in the first run. */
export function startTimes(runs: number): StartTimes {
  const folder = mkdtempSync(join(tmpdir(), 'respool-start-'));
  const config = join(folder, 'ten.yaml');
  writeFileSync(config, tenComponents);
  try {
    return {
      node: median(runs, ['--eval', '0']),
      version: median(runs, [respool, '--version']),
      validate: median(runs, [respool, 'validate', '--config', config]),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function median(runs: number, args: readonly string[]): number {
  const times = Array.from({ length: runs + 1 }, () => {
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`);
    return performance.now() - started;
  });
  return times.slice(1).sort((a, b) => a - b)[Math.floor(runs / 2)] ?? NaN;
}
