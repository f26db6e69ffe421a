/** The documentation holds: its tables are what the schemas say, its configs load, its commands exist. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { components } from '../src/components.ts';
import { encodings } from '../src/encodings/list.ts';
import { loadTree } from '../src/config/load.ts';
import { formatProblem } from '../src/config/problem.ts';
import { planRun } from '../src/pipeline/planner.ts';
import { missingRows, rows } from './faults/rows.ts';
import { faultsMarkdown } from './faults/table.ts';
import { apiMarkdown } from './support/api-markdown.ts';
import { componentsMarkdown, kinds } from './support/components-markdown.ts';
import { ottlMarkdown } from './support/ottl-markdown.ts';
import { recordingsMarkdown } from './support/recordings-markdown.ts';
import { respool } from './support/respool.ts';
import { retriesMarkdown } from './support/retries-markdown.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
].filter((page) => existsSync(join(root, page)));

describe('a page that is written from the code', () => {
  it.each([
    ['docs/api.md', apiMarkdown],
    ['docs/components.md', componentsMarkdown],
    ['docs/ottl.md', ottlMarkdown],
    ['docs/retries.md', retriesMarkdown],
    ['docs/recordings.md', recordingsMarkdown],
    ['docs/faults.md', () => faultsMarkdown(rows, missingRows)],
  ])('%s is what the code says', (page, markdown) => {
    if (process.env['RESPOOL_UPDATE_DOCS'] === '1') writeFileSync(join(root, page), markdown());
    expect(read(page), 'run `npm run docs`').toBe(markdown());
  });
});

describe('an encoding', () => {
  it.each(encodings.map((encoding) => [encoding.name, encoding] as const))(
    '%s says who writes it, and how to lose less',
    (_, { readable, writtenBy, better, lost }) => {
      if (!readable) return;
      expect(writtenBy).toMatch(/\w/);
      if (lost.length > 0) expect(better).toMatch(/\w/);
    },
  );
});

/** The blocks of a language in a page, each with the line where it begins. */
function blocks(text: string, language: string): { line: number; text: string }[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    text: match[1] ?? '',
  }));
}

const signals = ['traces', 'logs', 'metrics'] as const;

/** A fragment that defines components becomes a config that uses them all. */
function completed(text: string): string {
  const { tree } = loadTree([{ name: 'docs', text }], { env: {} });
  if (tree.get(['service', 'pipelines']) !== undefined) return text;
  const idsOf = (kind: (typeof kinds)[number]): string[] => Object.keys(tree.get([kind]) ?? {});
  const takes = (kind: (typeof kinds)[number], id: string, signal: (typeof signals)[number]): boolean => {
    const type = id.split('/')[0];
    const known = [...components[kind]].find(
      (factory) => factory.type === type || factory.aliases?.includes(type ?? ''),
    );
    return known === undefined || known.signals.includes(signal);
  };
  const list = (
    kind: (typeof kinds)[number],
    signal: (typeof signals)[number],
    fallback: string[],
  ): string[] => {
    const ids = idsOf(kind).filter((id) => takes(kind, id, signal));
    return ids.length === 0 ? fallback : ids;
  };
  // A class of the SDK takes one signal, so what can do with one pipeline gets one.
  const common = signals.find((signal) =>
    kinds.every((kind) => idsOf(kind).every((id) => takes(kind, id, signal))),
  );
  const pipelines = Object.fromEntries(
    (common === undefined ? signals : [common]).map((signal) => [
      signal,
      {
        receivers: list('receivers', signal, ['file']),
        processors: list('processors', signal, []),
        exporters: list('exporters', signal, ['nop']),
      },
    ]),
  );
  const additions = {
    ...(idsOf('receivers').length === 0 ? { receivers: { file: { include: ['x'] } } } : {}),
    ...(idsOf('exporters').every((id) => !signals.every((signal) => takes('exporters', id, signal)))
      ? { exporters: { nop: {} } }
      : {}),
    service: { pipelines },
  };
  return JSON.stringify(additions);
}

async function errorsOf(name: string, text: string): Promise<string[]> {
  const rest = completed(text);
  const sources =
    rest === text
      ? [{ name, text }]
      : [
          { name, text },
          { name: 'rest', text: rest },
        ];
  if (text.includes('module:')) return await errorsOfProcess(sources.map((source) => source.text));
  const { tree, problems } = loadTree(sources, {
    env: { HOME: '/home/x', LOKI_TOKEN: 'x', TOKEN: 'x' },
    readFile: () => 'x',
  });
  const loadModule = () => Promise.reject(new Error('a module is loaded by a process of its own'));
  const planned = await planRun(tree, { components, directory: root, loadModule });
  return [...problems, ...planned.problems].filter(({ severity }) => severity === 'error').map(formatProblem);
}

/** Vitest takes `import()` over, so what loads a user's own file is tried by the real command. */
async function errorsOfProcess(texts: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'respool-docs-'));
  cpSync(join(root, 'config/own-processor'), join(folder, 'own-processor'), { recursive: true });
  const files = texts.map((text, at) => {
    writeFileSync(join(folder, `${at}.yaml`), text);
    return join(folder, `${at}.yaml`);
  });
  const { exitCode, stderr } = await respool(['validate', ...files.flatMap((file) => ['-c', file])]);
  rmSync(folder, { recursive: true });
  return exitCode === 0 ? [] : [stderr];
}

/** The examples in the header comments of components, as docs/components.md has them: whole sections, indented by four. */
function headerExamples(): [string, string][] {
  const page = read('docs/components.md');
  return [...page.matchAll(/^ {4}(?:receivers|processors|exporters):\n(?: {4}.*\n)+/gm)].map(
    (match): [string, string] => [
      `docs/components.md:${page.slice(0, match.index).split('\n').length}`,
      match[0].replaceAll(/^ {4}/gm, ''),
    ],
  );
}

describe('a config', () => {
  const inPages = pages.flatMap((page) =>
    blocks(read(page), 'yaml').map(({ line, text }): [string, string] => [`${page}:${line}`, text]),
  );
  const samples = readdirSync(join(root, 'config'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name): [string, string] => [`config/${name}`, read(`config/${name}`)]);

  it.each([...inPages, ...headerExamples(), ...samples])('in %s loads', async (name, text) => {
    expect(await errorsOf(name, text)).toEqual([]);
  });

  it('of the samples says in its first line what it shows', () => {
    for (const [name, text] of samples) expect(text, name).toMatch(/^# \w/);
  });
});

describe('a command', () => {
  const commands = pages.flatMap((page) =>
    blocks(read(page), 'sh').flatMap(({ line, text }) =>
      [
        ...text
          .replaceAll('\\\n', ' ')
          .matchAll(/^.*?\brespool (run|import|validate|inspect|ottl|components|print-config)\b(.*)$/gm),
      ].map((match): [string, string, string[]] => [
        `${page}:${line}`,
        match[1] ?? '',
        [...(match[2] ?? '').matchAll(/\s(--[a-z-]+)/g)].map((flag) => flag[1] ?? ''),
      ]),
    ),
  );

  it.each(['run', 'import', 'validate', 'inspect', 'ottl', 'components', 'print-config'])(
    '%s has the options that the pages use',
    async (command) => {
      const { stdout, exitCode } = await respool([command, '--help']);
      expect(exitCode).toBe(0);
      for (const [place, name, flags] of commands)
        if (name === command) for (const flag of flags) expect(stdout, place).toContain(flag);
    },
  );

  it('ottl prints what README.md says that it prints', async () => {
    const [, statement = '', rest = '', output] =
      /^respool ottl '(.+)' (.*)\n```\n\n```\n([\s\S]*?)^```/m.exec(read('README.md')) ?? [];
    const { stdout, stderr, exitCode } = await respool(['ottl', statement, ...rest.split(' ')]);
    expect(stdout + stderr).toBe(output);
    expect(exitCode).toBe(0);
  });

  it('run runs config/transform.yaml, of which no statement fails', async () => {
    const { stdout, stderr, exitCode } = await respool(['run', '-c', 'config/transform.yaml']);
    expect({ exitCode, failed: /failed/.test(stderr) }).toEqual({ exitCode: 0, failed: false });
    for (const shown of [
      '***@example.com',
      'slow: Bool(true)',
      'declined in payments',
      'alert: Str(see trace 7c',
    ])
      expect(stdout).toContain(shown);
  });

  const tried = pages.flatMap((page) =>
    [...read(page).matchAll(/^respool ottl '(.+?)'(.*)$/gm)].map(
      ([, statement = '', rest = '']): [string, string, string] => [page, statement, rest],
    ),
  );

  it.each(tried)('of %s compiles: ottl %s', async (_, statement, rest) => {
    const args = rest
      .replace(/--input \S+/, '--input config/recordings')
      .trim()
      .split(' ');
    expect(await respool(['ottl', statement, ...args])).toMatchObject({ exitCode: 0 });
  });
});
