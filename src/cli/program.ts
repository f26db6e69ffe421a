/** The command line: what commands and options there are. Each command's code is loaded when it is called. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../config/problem.ts';
import { withoutPasswords } from '../config/secret.ts';
import { parseDuration } from '../config/units.ts';
import { messageOf } from '../pipeline/errors.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { addAuthorCommands } from './author-commands.ts';
import { exitCodes, UsageError } from './exit.ts';
import { examples, type Finish } from './help.ts';
import type { ConvertOptions } from './convert-command.ts';
import type { OttlOptions } from './ottl-command.ts';
import { visible } from './terminal.ts';

/** Runs the command line; returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok;
  process.stdout.on('error', failingUnlessClosed());
  // Messages that cannot be written, as to a log on a full disk, are no reason to end what they tell about.
  process.stderr.on('error', () => {});
  const program = createProgram(argv[0], (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (error instanceof UsageError) {
      process.stderr.write(`respool: ${visible(error.message)}\n`);
      return exitCodes.usage;
    }
    const message = error instanceof ConfigError ? error.message : messageOf(error);
    process.stderr.write(`respool: ${visible(message)}${remedyOf(error)}\n`);
    return error instanceof ConfigError ? exitCodes.config : exitCodes.stopped;
  }
}

function remedyOf(error: unknown): string {
  const remedy: unknown = error instanceof Error && 'remedy' in error ? error.remedy : undefined;
  return typeof remedy === 'string' ? `\n  ${visible(remedy)}` : '';
}

/**
 * A reader that has seen enough, such as `head`, is no error of ours. Who waits for its own write is told by it of what else goes
 * wrong, as on a full disk; a command that waits for none would end as if all had been written.
 */
function failingUnlessClosed(): (error: NodeJS.ErrnoException) => void {
  let hasFailed = false;
  return (error) => {
    if (error.code === 'EPIPE' || hasFailed) return;
    hasFailed = true;
    process.once('exit', (code) => {
      if (code !== exitCodes.ok) return;
      process.stderr.write(`respool: standard output: ${visible(messageOf(error))}\n`);
      process.exitCode = exitCodes.stopped;
    });
  };
}

function createProgram(called: string | undefined, finish: Finish): Command {
  const program = new Command('respool')
    .description(
      'The OpenTelemetry Collector for TypeScript, built for replay: a recording in, any backend out.',
    )
    .version(packageJson.version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('(respool --help shows the commands and options)')
    .exitOverride()
    .addHelpText(
      'after',
      examples([
        ['respool import ./traces', 'a folder of recordings into Tempo and Loki on this machine'],
        ['respool run --config pipeline.yaml', 'a pipeline config of the Collector'],
        ['respool inspect ./traces', 'what the recordings hold'],
      ]) + exitCodeHelp,
    );
  const add = commands.get(called ?? '');
  for (const each of add === undefined ? new Set(commands.values()) : [add]) each(program, finish);
  return program;
}

/** What adds each command, in the order in which the help names them; one that is called needs no others. */
const commands: ReadonlyMap<string, (program: Command, finish: Finish) => void> = new Map([
  ['run', addRun],
  ['import', addImport],
  ['validate', addConfigCommands],
  ['print-config', addConfigCommands],
  ['inspect', addInspect],
  ['convert', addConvert],
  ['ottl', addOttl],
  ['test', addAuthorCommands],
  ['components', addComponents],
  ['checkpoint', addCheckpoint],
]);

const exitCodeHelp = `
Exit codes: 0 all delivered · 1 usage · 2 stopped by a failure · 3 ended, but items were refused, dead-lettered,
uncertain or unreadable · 78 config invalid · 130/143 interrupted`;

/** Collects an option that may be given several times. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function durationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 0)
    throw new InvalidArgumentError('It must be a duration with a unit, as in 10s or 1m30s.');
  return ms;
}

function urlArgument(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  // Not commander's error, which would print a password in the URL.
  throw new UsageError(`${withoutPasswords(text)} is no URL such as http://localhost:4318`);
}

function withConfigOptions(command: Command): Command {
  return command
    .argument('[config...]', 'config files, as with --config')
    .option('-c, --config <file>', 'a config file; several are merged from left to right', collect)
    .option(
      '-s, --set <key=value>',
      'set one value of the config, as in exporters.otlp_http.endpoint=http://tempo:4318',
      collect,
    )
    .option('--no-modules', 'refuse processors from TypeScript files');
}

interface ConfigFlags {
  readonly config?: readonly string[];
  readonly set?: readonly string[];
}

function withFiles<F extends ConfigFlags>(files: readonly string[], flags: F): F {
  return { ...flags, config: [...files, ...(flags.config ?? [])] };
}

function withRunOptions(command: Command): Command {
  return command
    .option('--dry-run', 'do everything but send, and say what would be sent')
    .option('--resume', 'go on where the last run of this job came to, and keep a checkpoint')
    .option('--state <dir>', 'where checkpoints and dead letters are kept (default: .respool)')
    .option(
      '--dead-letters <file>',
      'where records go that a backend does not take (default: in that folder)',
    )
    .option('--accept-config-change', 'with --resume: go on although the config changed')
    .option('--accept-file-change', 'with --resume: read files from their beginning that are other files now')
    .option('--follow', 'go on reading what files get, until Ctrl-C')
    .option('--report <file>', 'write the ledger as JSON')
    .option('-q, --quiet', 'no progress and no notices; warnings, errors and the summary stay')
    .addOption(
      new Option('--grace <duration>', 'how long to go on sending what was read after Ctrl-C')
        .default(10_000, '10s')
        .argParser(durationArgument),
    );
}

function addRun(program: Command, finish: Finish): void {
  const command = withRunOptions(
    withConfigOptions(
      program.command('run').description('run the pipelines of a config until the recordings are delivered'),
    ),
  );
  command
    .option('--tap <processor>', 'show what a processor does to each record, as a difference')
    .option('--where <condition>', 'with --tap: only records for which this OTTL condition holds before it')
    .addOption(
      new Option('--limit <number>', 'with --tap: how many records are shown')
        .default(20)
        .argParser(countArgument),
    )
    .addHelpText(
      'after',
      examples([
        ['respool run -c pipeline.yaml', 'run it'],
        ['respool run -c pipeline.yaml --dry-run', 'what would be sent'],
        ['respool run -c pipeline.yaml --dry-run --tap filter', 'what the processor does, record by record'],
        [
          'respool run -c pipeline.yaml --set exporters.otlp_http.endpoint=http://jaeger:4318',
          'the same recording elsewhere',
        ],
      ]),
    )
    .action(async (files: string[], { grace, ...options }: ConfigFlags & { grace: number }) => {
      const { runCommand } = await import('./run-command.ts');
      finish(await runCommand({ ...withFiles(files, options), graceMs: grace }));
    });
}

function addImport(program: Command, finish: Finish): void {
  const command = withRunOptions(
    program
      .command('import')
      .description('send recordings to Tempo and Loki, without a config file')
      .argument('<path...>', 'folders, files, or - for standard input'),
  );
  command
    .option(
      '--tempo-url <url>',
      'where traces go: the OTLP/HTTP address of Tempo, Jaeger or any OTLP backend',
      urlArgument,
      'http://localhost:4318',
    )
    .option('--loki-url <url>', 'where logs go', urlArgument, 'http://localhost:3100')
    .addOption(new Option('--logs-only', 'send only logs').conflicts('tracesOnly'))
    .addOption(new Option('--traces-only', 'send only traces').conflicts('logsOnly'))
    .addOption(
      new Option(
        '--align <how>',
        'shift all times together, so that backends that hide old data show it',
      ).choices(['end_to_now', 'start_to_now']),
    )
    .option('--header <name=value>', 'a header for both backends', collect)
    .option('--tenant <id>', 'the tenant, sent as X-Scope-OrgID')
    .option('--print-config', 'print the config that this command stands for, and stop')
    .addHelpText(
      'after',
      examples([
        ['respool import ./traces', 'to Tempo and Loki on this machine'],
        ['respool import ./traces --align end_to_now', 'as if it had just happened'],
        ['respool import traces.jsonl.gz --traces-only --tempo-url http://jaeger:4318', 'one file to Jaeger'],
        ['cat traces.jsonl | respool import -', 'from standard input'],
      ]),
    )
    .action(
      async (
        paths: string[],
        { grace, ...options }: { grace: number; tempoUrl: string; lokiUrl: string },
      ) => {
        const { importCommand } = await import('./import-command.ts');
        finish(await importCommand(paths, { ...options, graceMs: grace }));
      },
    );
}

function addConfigCommands(program: Command, finish: Finish): void {
  withConfigOptions(
    program.command('validate').description('check a config and say everything that is wrong with it'),
  ).action(async (files: string[], options: ConfigFlags) => {
    const { validateCommand } = await import('./validate-command.ts');
    finish(await validateCommand(withFiles(files, options)));
  });
  withConfigOptions(
    program
      .command('print-config')
      .description('print the config as it is after merging and expansion, secrets masked'),
  ).action(async (files: string[], options: ConfigFlags) => {
    const { printConfigCommand } = await import('./print-config-command.ts');
    finish(await printConfigCommand(withFiles(files, options)));
  });
}

function addInspect(program: Command, finish: Finish): void {
  program
    .command('inspect')
    .description('say what recordings hold: encoding, signals, counts, services, time span')
    .argument('<path...>', 'files and folders, or - for standard input')
    .action(async (paths: string[]) => {
      const { inspectCommand } = await import('./inspect-command.ts');
      finish(await inspectCommand(paths));
    });
}

function addConvert(program: Command, finish: Finish): void {
  program
    .command('convert')
    .description('turn recordings of any form into one file of OTLP, without a config file')
    .argument('<path...>', 'files, folders, archives, or - for standard input')
    .requiredOption(
      '-o, --output <file>',
      'where to: .jsonl or .json is OTLP JSON lines, .pb is protobuf; .gz or .zst behind that compresses; - is standard output (JSON)',
    )
    .option('--format <encoding>', 'the form of the inputs, where it cannot be told (see `respool inspect`)')
    .addOption(
      new Option('--signal <signal>', 'take only this of what is there').choices([
        'traces',
        'logs',
        'metrics',
      ]),
    )
    .option(
      '--base-time <time>',
      'what times count from that are relative, or have no date: 2026-11-21T10:00:00Z',
    )
    .option('--deduplicate', 'drop what the inputs have in common')
    .option('--report <file>', 'write the ledger as JSON')
    .option('-q, --quiet', 'no progress and no notices; warnings, errors and the summary stay')
    .option('--print-config', 'print the config that this command stands for, and stop')
    .addHelpText(
      'after',
      examples([
        ['respool convert trace.json -o trace.jsonl', "what Jaeger's page saved, as OTLP JSON"],
        ['respool convert bundle.tgz -o all.jsonl.zst', 'everything in an archive, compressed'],
        ['respool convert spans.json -o -', 'to standard output'],
      ]),
    )
    .action(async (paths: string[], options: ConvertOptions) => {
      const { convertCommand } = await import('./convert-command.ts');
      finish(await convertCommand(paths, options));
    });
}

function countArgument(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function addOttl(program: Command, finish: Finish): void {
  program
    .command('ottl')
    .description('try OTTL on a recording: what changes in each record, and nothing is sent')
    .argument('<statement...>', 'statements, run one after the other on each record; or conditions')
    .requiredOption(
      '-i, --input <path>',
      'a recording: files, folders, or - for standard input; may be repeated',
      collect,
    )
    .addOption(
      new Option(
        '--context <name>',
        'what it runs on; paths then need no prefix (default: what the paths name)',
      ).choices(['resource', 'scope', 'span', 'spanevent', 'log', 'metric', 'datapoint']),
    )
    .addOption(
      new Option('--limit <number>', 'how many records are shown; all of them are run and counted')
        .default(20)
        .argParser(countArgument),
    )
    .addHelpText(
      'after',
      `${examples([
        [`respool ottl 'set(span.name, span.attributes["http.route"])' -i ./traces`, 'a statement'],
        [`respool ottl --context log 'IsMatch(body, "timeout")' -i ./traces`, 'which records match'],
        [`zcat t.jsonl.gz | respool ottl 'truncate_all(span.attributes, 64)' -i -`, 'standard input'],
      ])}
Exit codes: 0 done · 1 usage, or OTTL that is wrong · 2 stopped by a failure · 3 it failed on a record, or something could
not be read`,
    )
    .action(async (texts: string[], options: OttlOptions) => {
      const { ottlCommand } = await import('./ottl-command.ts');
      finish(await ottlCommand(texts, options));
    });
}

function addComponents(program: Command, finish: Finish): void {
  program
    .command('components')
    .description('list the components, or the options of one')
    .argument('[name]', 'a component, such as otlp_http')
    .action(async (name: string | undefined) => {
      const { componentsCommand } = await import('./components-command.ts');
      finish(await componentsCommand(name));
    });
}

function addCheckpoint(program: Command, finish: Finish): void {
  const command = program
    .command('checkpoint')
    .description('show or remove the checkpoints of runs that are not complete');
  const state = (own: Command): Command =>
    own.option('--state <dir>', 'where the checkpoints are (default: .respool)');
  state(command.command('show').description('say what each checkpoint holds')).action(
    async (options: { state?: string }) => {
      const { showCheckpoints } = await import('./checkpoint-command.ts');
      finish(await showCheckpoints(options));
    },
  );
  state(
    command
      .command('reset')
      .description('remove checkpoints, so that --resume starts from the beginning; dead letters stay')
      .argument('[name...]', 'as `respool checkpoint show` names them')
      .option('--all', 'all that are there'),
  ).action(async (names: string[], options: { state?: string; all?: boolean }) => {
    const { resetCheckpoints } = await import('./checkpoint-command.ts');
    finish(await resetCheckpoints(names, options));
  });
}
