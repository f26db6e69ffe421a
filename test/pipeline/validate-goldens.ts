/**
 * A program for the golden test: what `respool validate` prints for each config of a folder, as JSON on standard output.
 * A process of its own, because a test runner imports TypeScript modules in another way than Node does.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { validateCommand } from '../../src/cli/validate-command.ts';

const [folder = '.'] = process.argv.slice(2);
process.chdir(folder);

function directives(text: string, name: string): string[] {
  return [...text.matchAll(/^# (\w+): (.*)$/gmu)]
    .filter((match) => match[1] === name)
    .map((match) => match[2] ?? '');
}

async function validated(file: string): Promise<string> {
  const text = readFileSync(file, 'utf8');
  const variables = directives(text, 'env').map((pair) => pair.split(/=(.*)/su));
  for (const [name = '', value = ''] of variables) process.env[name] = value;
  const printed: string[] = [];
  const exitCode = await validateCommand(
    {
      config: [file, ...directives(text, 'and')],
      set: directives(text, 'set'),
      modules: !directives(text, 'modules').includes('no'),
    },
    { isLive: false, width: 100, print: (line) => void printed.push(`${line}\n`), live() {} },
  );
  for (const [name = ''] of variables) Reflect.deleteProperty(process.env, name);
  return `${printed.join('')}exit ${exitCode}\n`;
}

const results: Record<string, string> = {};
for (const file of readdirSync('.').filter((name) => name.endsWith('.yaml'))) {
  results[file.slice(0, -'.yaml'.length)] = await validated(file);
}
process.stdout.write(JSON.stringify(results));
