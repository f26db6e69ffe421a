/**
 * What a processor of one's own costs: one rule that reads two attributes of each span and sets a third on some, as a file in
 * TypeScript, as a handler of the kind that built-in processors have, and in OTTL.
 * usage: node test/bench/custom-processor.ts [--megabytes 50] [--runs 5] [--peers]
 *
 * First the processors alone, on protobuf in memory, in turns; the best of the runs counts. With --peers whole runs too,
 * beside the Collector's with the same OTTL, from JSON lines to a sink over HTTP: see peers.ts for what that needs; without
 * dist, the source is run, which starts slower. Trust the ratios, and the figures of no machine that does something else.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { otlpJson } from '../../src/encodings/otlp-json.ts';
import { defaultDecoderOptions } from '../../src/encodings/encoding.ts';
import { batchOf } from '../../src/model/batches.ts';
import type { Span } from '../../src/model/traces.ts';
import { defineProcessor } from '../../src/modules/define-processor.ts';
import { processorFactory } from '../../src/modules/module-factory.ts';
import type { Processor } from '../../src/pipeline/component.ts';
import { eachItem } from '../../src/pipeline/item-processor.ts';
import { transform } from '../../src/processors/transform.ts';
import { processorOf } from '../support/processors.ts';
import { collector, respool as built, shared } from './peers/programs.ts';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '50' },
    runs: { type: 'string', default: '5' },
    peers: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);

const statement =
  'set(span.attributes["pair"], "ours") where span.attributes["http.route"] == "/checkout" and span.attributes["url.scheme"] == "https"';

/** The rule, as an author writes it. */
const source = `
import { defineProcessor } from 'respool';
export default defineProcessor({
  stateless: true,
  create: () => ({
    span({ attributes }) {
      if (attributes.get('http.route') === '/checkout' && attributes.get('url.scheme') === 'https')
        attributes.set('pair', 'ours');
    },
  }),
});
`;

function rule({ attributes }: Span): void {
  if (attributes.get('http.route') === '/checkout' && attributes.get('url.scheme') === 'https')
    attributes.set('pair', 'ours');
}

const folder = join(tmpdir(), 'respool-bench');

function recording(): string {
  const file = join(folder, `traces-${values.megabytes}.jsonl`);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(`${file}.items`))
    spawnSync(process.execPath, [join(shared, 'generate.mjs'), 'traces', file, values.megabytes], {
      stdio: 'inherit',
    });
  return file;
}

/** The recording as protobuf, in the batches in which a run has it. */
function batches(file: string): Buffer[] {
  const decoder = otlpJson.decoder?.(defaultDecoderOptions);
  if (decoder === undefined) throw new Error('there is no decoder');
  const all: Buffer[] = [];
  const keep = (decoded: ReturnType<typeof decoder.push>): void => {
    for (const one of decoded) if (one.kind === 'batch') all.push(Buffer.from(one.batch.encode()));
  };
  keep(decoder.push(readFileSync(file) as never));
  keep(decoder.end());
  return all;
}

const next = { consume: () => Promise.resolve() };

/** Bytes of protobuf in a second. */
async function speedOf(processor: Processor, all: readonly Buffer[]): Promise<number> {
  const copies = all.map((bytes) => Buffer.from(bytes));
  const began = performance.now();
  let size = 0;
  for (const bytes of copies) {
    size += bytes.length;
    const batch = batchOf('traces', bytes, { trusted: true });
    await processor.consume(batch, next);
    batch.encode();
    batch.release();
  }
  return size / ((performance.now() - began) / 1000);
}

async function alone(all: readonly Buffer[]): Promise<void> {
  const file = { name: 'bench.ts', path: '/bench.ts', directory: '/' };
  const own = defineProcessor({ create: () => ({ span: rule }) });
  const subjects: Record<string, Processor> = {
    'of one’s own': await processorOf(processorFactory(own, file), 'module: ./bench.ts'),
    'as built in': eachItem({ span: rule }),
    'in OTTL': await processorOf(transform, `trace_statements: ['${statement}']`),
  };
  const best = new Map<string, number>();
  for (let run = 0; run <= runs; run++)
    for (const [name, processor] of Object.entries(subjects)) {
      const speed = await speedOf(processor, all);
      // The first run warms up.
      if (run > 0) best.set(name, Math.max(best.get(name) ?? 0, speed));
    }
  console.log('the processor alone, MB/s of protobuf, best of', runs);
  for (const [name, speed] of best)
    console.log(`  ${name.padEnd(14)} ${(speed / 1e6).toFixed(0).padStart(6)}`);
}

function config(processor: object): string {
  return JSON.stringify({
    receivers: {
      otlp_json_file: {
        include: ['${env:INPUT}'],
        start_at: 'beginning',
        max_log_size: '64MiB',
        include_file_name: false,
      },
    },
    processors: processor,
    exporters: {
      otlp_http: {
        endpoint: '${env:ENDPOINT}',
        compression: 'none',
        retry_on_failure: { enabled: false },
        sending_queue: { num_consumers: 4, queue_size: 16, block_on_overflow: true },
      },
    },
    service: {
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
      pipelines: {
        traces: {
          receivers: ['otlp_json_file'],
          processors: Object.keys(processor),
          exporters: ['otlp_http'],
        },
      },
    },
  });
}

/** Whole runs, with what arrived compared record by record. */
function beside(input: string): void {
  const ottl = join(folder, 'custom-ottl.yaml');
  const own = join(folder, 'custom-own.yaml');
  writeFileSync(ottl, config({ transform: { error_mode: 'ignore', trace_statements: [statement] } }));
  writeFileSync(own, config({ pair: { module: './custom-own.ts' } }));
  writeFileSync(join(folder, 'custom-own.ts'), source);
  const main = existsSync(built) ? built : resolve(import.meta.dirname, '../../src/cli/main.ts');
  const command = `${process.execPath} ${main} run --quiet --config`;
  const subjects = [
    ...(existsSync(collector) ? [`collector-ottl=${collector} --config {config}`] : []),
    `respool-ottl=${command} {config}`,
    `respool-own=${command} ${own}`,
  ];
  const compare = (...more: string[]): void => {
    const named = subjects.flatMap((subject) => ['--subject', subject]);
    const args = [join(shared, 'compare.mjs'), `--input=${input}`, `--config=${ottl}`, ...named, ...more];
    spawnSync(process.execPath, args, { stdio: 'inherit' });
  };
  compare('--verify');
  compare(`--runs=${runs}`);
}

const input = recording();
await alone(batches(input));
if (values.peers) beside(input);
