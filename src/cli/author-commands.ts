/** The commands of those who write configs and components: `init`, `test`, `schema`. */
import type { Command } from 'commander';
import { examples, type Finish } from './help.ts';
import type { InitFlags } from './init-command.ts';
import type { TestFlags } from './test-command.ts';

export function addAuthorCommands(program: Command, finish: Finish): void {
  addInit(program, finish);
  addTest(program, finish);
  addSchema(program, finish);
}

function addInit(program: Command, finish: Finish): void {
  const command = program
    .command('init')
    .description('write a config for a recording, or a processor of your own; each with a test')
    .argument('[path...]', 'the recording: files and folders')
    .option('--to <url>', 'where it shall go: the address of Tempo, Jaeger, Loki or any OTLP backend')
    .option('--redact', 'mask credentials and personal data')
    .option('-o, --output <file>', 'the config that is written', 'pipeline.yaml')
    .addHelpText(
      'after',
      examples([
        ['respool init ./traces --to http://localhost:4318', 'a config for what is in that folder'],
        ['respool init ./traces --to http://localhost:3100 --redact', 'logs to Loki, without secrets'],
        ['respool init processor mask-users', 'mask-users.ts, and a test that passes'],
      ]),
    )
    .action(async (paths: string[], flags: InitFlags) => {
      const { initCommand } = await import('./init-command.ts');
      finish(await initCommand(paths, flags));
    });
  command
    .command('processor')
    .description('write a processor of your own, and a test that passes')
    .argument('<name>', 'what it is called, as in mask-users')
    .action(async (name: string) => {
      const { initProcessorCommand } = await import('./init/processor.ts');
      finish(await initProcessorCommand(name));
    });
}

function addTest(program: Command, finish: Finish): void {
  program
    .command('test')
    .description('run the tests of configs: nothing is sent, and no time passes')
    .argument('<file...>', 'configs with `tests:`, and files of tests that name a config')
    .option('-u, --update', 'write snapshots instead of comparing with them')
    .option('--filter <text>', 'run only the tests whose names hold this text')
    .option('--no-modules', 'refuse components from TypeScript files')
    .addHelpText(
      'after',
      `${examples([
        ['respool test pipeline.yaml', 'the tests in a config'],
        ['respool test tests/*.yaml', 'files of tests'],
        ['respool test tests/*.yaml --update', 'take what comes out now as right'],
      ])}
Exit codes: 0 all passed · 1 usage · 3 a test failed · 78 config or test invalid`,
    )
    .action(async (files: string[], flags: TestFlags) => {
      const { testCommand } = await import('./test-command.ts');
      finish(await testCommand(files, flags));
    });
}

function addSchema(program: Command, finish: Finish): void {
  program
    .command('schema')
    .description('print the JSON Schema of a config, for editors')
    .addHelpText(
      'after',
      `
An editor with the YAML language server completes keys and shows what is wrong with a config that begins with
  # yaml-language-server: $schema=./respool.schema.json
after \`respool schema > respool.schema.json\`; \`respool init\` writes both.`,
    )
    .action(async () => {
      const { schemaCommand } = await import('./schema-command.ts');
      finish(await schemaCommand());
    });
}
