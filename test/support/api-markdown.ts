/** `docs/api.md`: all that `respool` exports, from the declarations and doc comments of the source. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Where a name is explained, by the folder that declares it; in this order. */
const chapters: readonly [folder: string, title: string, text: string][] = [
  [
    'modules',
    'Components of your own',
    'What the default export of a file is made with, and what its functions answer.',
  ],
  [
    'model',
    'Telemetry',
    'What handlers are given. Times are nanoseconds as bigint, ids lower-case hex text.',
  ],
  ['pipeline', 'The contracts', 'What components are given, and the forms that the built-in ones have.'],
  ['', 'Everything else', 'Running pipelines from code, and the seams to the OpenTelemetry SDK.'],
];

const introduction = `# The API

Written by \`npm run docs\` from the doc comments of the source: all that \`import { ... } from 'respool'\` may name.
[your-first-processor.md](your-first-processor.md) and [custom-components.md](custom-components.md) show it at work.
`;

interface Declared {
  readonly name: string;
  readonly folder: string;
  readonly comment: string;
  readonly code: string;
}

export function apiMarkdown(): string {
  const folder = mkdtempSync(join(tmpdir(), 'respool-api-'));
  try {
    const compiler = join(root, 'node_modules/.bin/tsc');
    execFileSync(compiler, ['--project', 'tsconfig.build.json', '--outDir', folder], { cwd: root });
    return markdown(declarationsIn(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function markdown(all: readonly Declared[]): string {
  const known = chapters.map(([folder]) => folder);
  const parts = chapters.flatMap(([folder, title, text]) => {
    const own = all.filter((one) => (known.includes(one.folder) ? one.folder : '') === folder);
    return own.length === 0 ? [] : [`## ${title}\n\n${text}\n`, ...own.toSorted(byName).map(section)];
  });
  return [introduction, ...parts].join('\n');
}

/** What is called before what is only a type. */
function byName(one: Declared, other: Declared): number {
  const rank = ({ code }: Declared): number => (/^(function|const|class)/.test(code) ? 0 : 1);
  return rank(one) - rank(other) || (one.name < other.name ? -1 : 1);
}

function section({ name, comment, code }: Declared): string {
  const prose = comment === '' ? '' : `${comment}\n\n`;
  return `### ${name}\n\n${prose}\`\`\`ts\n${code}\n\`\`\`\n`;
}

function declarationsIn(folder: string): Declared[] {
  const index = readFileSync(join(folder, 'index.d.ts'), 'utf8');
  return [...index.matchAll(/export (?:type )?\{([^}]*)\} from '\.\/([^']+)\.ts';/g)].flatMap(
    ([, names = '', path = '']) => {
      const text = readFileSync(join(folder, `${path}.d.ts`), 'utf8');
      const bases = ['group', 'metrics-point']
        .map((name) => readFileSync(join(folder, `model/${name}.d.ts`), 'utf8'))
        .join('\n');
      return names
        .split(',')
        .map((name) => name.replace(/\btype\b/, '').trim())
        .filter((name) => name !== '')
        .map((name) => declared(text, name.split(' as ')[0] ?? name, path.split('/')[0] ?? ''))
        .map((one) => ({ ...one, code: withInherited(one.code, bases) }));
    },
  );
}

/** One declaration with its comment; overloads of a function together. */
function declared(text: string, name: string, folder: string): Declared {
  const begin = new RegExp(
    `(?:^/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\n)?^export (?:declare )?(?:abstract )?(?:function|interface|type|class|const) ${name}\\b`,
    'gm',
  );
  const found = [...text.matchAll(begin)].map((match) =>
    text.slice(match.index, endOf(text, match.index + match[0].length)),
  );
  const [first] = found;
  if (first === undefined) throw new Error(`${name} is exported, and its declaration is not found`);
  const [, comment = '', code = ''] = /^(?:\/\*\*([\s\S]*?)\*\/\n)?([\s\S]*)$/.exec(first) ?? [];
  return {
    name,
    folder,
    comment: proseOf(comment),
    code: [code, ...found.slice(1)].map(publicPart).join('\n'),
  };
}

/** With the members that groups, items and data points have in common. */
function withInherited(code: string, bases: string): string {
  const [, base] = /^class \w+ extends (Item|ResourceGroup|ScopeGroup|PointRecord)\b/.exec(code) ?? [];
  if (base === undefined) return code;
  const members = declared(bases, base, 'model').code.split('\n').slice(1, -1).join('\n');
  return `${code.slice(0, code.lastIndexOf('}'))}${members}\n}`;
}

const opening = '{([';
const closing = '})]';

/** Behind the closing brace or the semicolon that ends what begins before `from`. */
function endOf(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const one = text.charAt(at);
    if (text.startsWith('/*', at)) at = text.indexOf('*/', at) + 1;
    else if (opening.includes(one)) depth++;
    else if (closing.includes(one)) depth--;
    // A type goes on behind a brace, with `|` or in brackets.
    const isWhole = one === ';' || (one === '}' && /^\n(?!\s*[|&])/.test(text.slice(at + 1, at + 40)));
    if (depth === 0 && isWhole) return at + 1;
  }
  return text.length;
}

/** Without what is not for authors: private and protected members, and what is marked as internal. */
function publicPart(code: string): string {
  return code
    .replace(/^export (declare )?/, '')
    .replaceAll(/^ {4}\/\*\*(?:(?!\*\/)[\s\S])*@internal(?:(?!\*\/)[\s\S])*\*\/\n {4}[^\n]*\n/gm, '')
    .replaceAll(/^( {4}\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)? {4}(?:private|protected) [^\n]*\n/gm, '')
    .replaceAll(/^ +/gm, (indent) => ' '.repeat(Math.floor(indent.length / 4) * 2 + (indent.length % 4)));
}

/** The text of a doc comment; what is indented in it is code. */
function proseOf(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  return lines.join('\n').trim();
}
