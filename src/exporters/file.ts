/**
 * Writes what it gets to a file: OTLP JSON, one request a line, or OTLP protobuf with the length before each message.
 * Respool and the Collector read it back (`otlp_json_file` reads the JSON; with `compression: gzip` set there, that too).
 *
 * Place it at the end of any pipeline. The order of what it gets is kept. Nothing is buffered: what is counted as
 * delivered is written. Without `append` the data is in `PATH.partial` until the run is complete and then replaces PATH;
 * an interrupted run leaves the partial file and says so, and one that is resumed writes it on, without a record twice.
 * What only Ctrl-C ends (the receiver `otlp`, `--follow`) is complete with it, when all that was read is delivered.
 * A run that is resumed after one that was complete writes on a copy of PATH, which replaces PATH at its end.
 *
 * ```yaml
 * exporters:
 *   file:
 *     path: ./traces.jsonl.zst
 *     compression: zstd
 * ```
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import { moot, refused } from '../config/fields.ts';
import type { AnyBatch } from '../model/batches.ts';
import { dataTypeOf } from '../model/schema.ts';
import { toJson } from '../model/to-json.ts';
import type { JsonValue } from '../pipeline/checkpoint.ts';
import type {
  CheckedProblem,
  CheckFacts,
  Exporter,
  ExporterContext,
  ExporterFactory,
  ExportRequest,
  Outcome,
} from '../pipeline/component.ts';
import { messageOf } from '../pipeline/errors.ts';
import { localPolicy } from '../pipeline/export-config.ts';
import {
  checkOutput,
  Output,
  rotatedName,
  StandingOutput,
  type OutputOptions,
  type OutputState,
} from './file/output.ts';
import { StandardOutput, type Written } from './file/standard-output.ts';
import { compress } from './shared/compress.ts';

const rotation = z.strictObject({
  max_megabytes: z
    .number()
    .positive()
    .default(100)
    .describe(
      'Begin another file when this one would grow beyond this; the full one gets the time into its name.',
    ),
  max_backups: moot('no file that was written is ever deleted'),
  max_days: moot('no file that was written is ever deleted'),
  localtime: moot('the times in names are UTC'),
});

const schema = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe('The file; relative to the folder in which the command runs. `-` is standard output.'),
  format: z
    .enum(['json', 'proto'])
    .default('json')
    .describe('json: a line per request. proto: four bytes of length, big-endian, before each message.'),
  compression: z
    .enum(['none', 'gzip', 'zstd', ''])
    .default('none')
    .transform((name) => (name === '' ? 'none' : name))
    .describe('gzip and zstd are written as gzip -d and zstd -d read them; the Collector reads gzip only.'),
  compression_params: z
    .strictObject({
      level: z
        .int()
        .min(-1)
        .max(22)
        .optional()
        .describe('1 (fastest, the default) to 9 for gzip, to 22 for zstd.'),
    })
    .prefault({})
    .describe('How hard to compress.'),
  compression_framing: z
    .enum(['stream', 'message'])
    .default('stream')
    .describe(
      "stream: one compressed file. message: each message compressed apart, with its length before it, as the Collector's file exporter writes zstd.",
    ),
  append: z.boolean().default(false).describe('Add to the file instead of replacing it at the end.'),
  rotation: rotation.optional().describe('Several files instead of one large one.'),
  create_directory: z.boolean().default(false).describe('Make the directory if it is not there.'),
  directory_permissions: z
    .string()
    .regex(/^0?[0-7]{3}$/, 'must be three octal digits, such as "0755"')
    .default('0755')
    .describe('Mode of the directory that `create_directory` makes.'),
  flush_interval: moot('every request is written at once'),
  encoding: refused('`format`, with json or proto'),
  group_by: refused(
    'a pipeline with a `filter` and a file exporter for each group; what the data says never becomes a path',
  ),
});

type Config = z.output<typeof schema>;

export const file: ExporterFactory<Config> = {
  kind: 'exporter',
  type: 'file',
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Writes OTLP JSON lines or protobuf to a file.',
  schema,
  check: checkConfig,
  policy: () => localPolicy,
  writes: ({ path }) => (path === standardOutput ? [] : [path]),
  create: (config, context) => new FileExporter(config, context),
};

const standardOutput = '-';

interface FileRequest extends ExportRequest {
  readonly body: Uint8Array;
}

class FileExporter implements Exporter<FileRequest> {
  readonly target: string;
  readonly ordered = true;
  private readonly config: Config;
  private readonly context: ExporterContext;
  private output: Written | StandingOutput | undefined;
  private readonly written: string[] = [];
  private failed = false;

  constructor(config: Config, context: ExporterContext) {
    this.config = config;
    this.context = context;
    this.target = this.isStandardOutput ? 'standard output' : resolve(context.directory, config.path);
  }

  async prepare(): Promise<void> {
    if (!this.isStandardOutput) await checkOutput(this.outputOptions);
  }

  async start(): Promise<void> {
    const { state } = this.context;
    if (this.isStandardOutput) this.output = new StandardOutput(this.context.print);
    else if (state === undefined || state === null) this.output = await Output.open(this.outputOptions);
    else this.output = await this.resumed(stateSchema.parse(state));
    const { path } = this.config;
    if (this.output instanceof Output && this.output.replaces)
      this.context.logger.warn(`${path} exists and will be replaced when the run completes`);
  }

  async *requests(batch: AnyBatch): AsyncGenerator<FileRequest> {
    const { signal, itemCount: items } = batch;
    const { compression, compression_framing: framing, compression_params: params } = this.config;
    const message = this.message(batch);
    // What is compressed apart needs no line break and no length inside.
    const inner = framing === 'message' && compression !== 'none' ? message : this.framed(message);
    const packed = await compress(inner, compression, params.level);
    const body = inner === message ? withLength(packed) : packed;
    yield { signal, items, bytes: body.length, order: 'file', body };
  }

  async send(request: FileRequest): Promise<Outcome> {
    if (this.output === undefined) throw new Error('the exporter is not started');
    try {
      if (this.output instanceof StandingOutput) this.output = await this.output.copy();
      this.output = await this.rotate(this.output, request.body.length);
      await this.output.write(request.body);
      return { verdict: 'delivered' };
    } catch (error) {
      this.failed = true;
      const remedy = remedyFor(error);
      return {
        verdict: 'stop',
        reason: `cannot write ${this.output.writtenPath}: ${messageOf(error)}`,
        ...(remedy === undefined ? {} : { remedy }),
      };
    }
  }

  async state(): Promise<JsonValue> {
    if (this.output === undefined) throw new Error('the exporter is not started');
    const state = await this.output.state();
    return state === undefined ? null : { ...state };
  }

  whereToLook(): string[] {
    return this.written.length > 3
      ? [...this.written.slice(0, 2), `and ${this.written.length - 2} more`]
      : this.written;
  }

  async shutdown(isWhole = !this.context.signal.aborted): Promise<void> {
    const { output } = this;
    if (output === undefined) return;
    this.output = undefined;
    if (output instanceof Output && !(await this.isComplete(output, isWhole))) {
      if (!(await output.abandon())) return;
      this.context.logger.warn(
        `the run is not complete: what was written is in ${output.writtenPath}, and ${output.path} is as it was`,
      );
      this.written.push(output.writtenPath);
      return;
    }
    await output.complete();
    this.written.push(output.path);
  }

  /** A run that was stopped before anything came replaces nothing. */
  private async isComplete(output: Output, isWhole: boolean): Promise<boolean> {
    if (output.inPlace) return true;
    if (this.failed || !isWhole) return false;
    return !this.context.signal.aborted || !(await output.isEmpty());
  }

  private async resumed(state: OutputState): Promise<Output | StandingOutput> {
    const { outputOptions: options } = this;
    return (await StandingOutput.find(options, state)) ?? (await Output.resume(options, state));
  }

  private get isStandardOutput(): boolean {
    return this.config.path === standardOutput;
  }

  private get outputOptions(): OutputOptions {
    const {
      append,
      compression,
      create_directory: makes,
      directory_permissions: permissions,
      format,
    } = this.config;
    return {
      path: this.target,
      append,
      directoryMode: makes ? Number.parseInt(permissions, 8) : undefined,
      lines: format === 'json' && compression === 'none',
    };
  }

  private async rotate(output: Written, nextBytes: number): Promise<Written> {
    const limit = (this.config.rotation?.max_megabytes ?? Infinity) * 1_048_576;
    if (
      !(output instanceof Output) ||
      output.inPlace ||
      output.bytes === 0 ||
      output.bytes + nextBytes <= limit
    )
      return output;
    const nowMs = Number(this.context.clock.nowUnixNano() / 1_000_000n);
    // A millisecond later where the name is taken.
    this.written.push(await output.completeAs((attempt) => rotatedName(output.path, nowMs + attempt)));
    return await Output.open(this.outputOptions);
  }

  private message(batch: AnyBatch): Uint8Array {
    const bytes = batch.encode();
    if (this.config.format === 'proto') return bytes;
    return Buffer.from(toJson(bytes, 0, bytes.length, dataTypeOf(batch.signal)));
  }

  private framed(message: Uint8Array): Uint8Array {
    return this.config.format === 'proto' ? withLength(message) : Buffer.concat([message, lineBreak]);
  }
}

const stateSchema: z.ZodType<OutputState> = z.strictObject({
  writtenPath: z.string(),
  size: z.int().nonnegative(),
  identity: z.string(),
  replaced: z.string().nullable(),
});

const lineBreak = Buffer.from('\n');

/** Four bytes of length, big-endian, and the bytes. */
function withLength(bytes: Uint8Array): Uint8Array {
  const framed = Buffer.allocUnsafe(4 + bytes.length);
  framed.writeUInt32BE(bytes.length, 0);
  framed.set(bytes, 4);
  return framed;
}

/** What helps against a failed write; nothing does where the reader of standard output is gone, which has no code. */
function remedyFor(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === undefined) return undefined;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return isFull ? 'make room, and run again' : 'see that it can be written, and run again';
}

function checkConfig(config: Config, facts: CheckFacts): CheckedProblem[] {
  const problems: CheckedProblem[] = [];
  if (config.format === 'proto' && facts.signals.length > 1) {
    problems.push({
      severity: 'error',
      path: ['format'],
      message: `a protobuf file does not say which signal it holds, and this one would hold ${facts.signals.join(' and ')}`,
      remedy: 'use a file exporter for each signal, or `format: json`',
    });
  }
  if (facts.has('compression_framing') && config.compression === 'none') {
    problems.push({
      severity: 'notice',
      path: ['compression_framing'],
      message: 'has no effect without `compression`',
    });
  }
  if (config.path === standardOutput && (config.append || config.rotation !== undefined)) {
    problems.push({
      severity: 'error',
      path: [config.append ? 'append' : 'rotation'],
      message: 'is for files, and `path: "-"` is standard output',
      remedy: 'leave it out',
    });
  }
  if (config.append && config.rotation !== undefined) {
    problems.push({
      severity: 'error',
      path: ['rotation'],
      message: '`append` and `rotation` exclude each other',
      remedy: 'leave one out',
    });
  }
  return problems;
}
