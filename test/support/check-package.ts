/**
 * Fails unless the package is what the README says, and nothing else: what `npm pack` ships, and, installed into an empty
 * folder, how many packages that takes, how much room, and whether the command and a processor of one's own run there.
 * Run by CI after the build. Without a registry the installation is skipped, and that is said.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';

const root = resolve(import.meta.dirname, '../..');
const mostPackages = 25;
const mostMegabytes = 45;

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const wrong: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'respool-package-'));
try {
  const archive = pack();
  if (install(archive)) {
    checkSize();
    checkScripts();
    checkUse();
  } else process.stderr.write('!!! SKIPPED: installing the package; no registry answers\n');
} finally {
  rmSync(folder, { recursive: true });
}
for (const text of wrong) console.error(`wrong: ${text}`);
process.exitCode = wrong.length > 0 ? 1 : 0;

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Answers the path of the archive. */
function pack(): string {
  const printed = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root);
  const [packed] = JSON.parse(printed) as Packed[];
  const paths = (packed?.files ?? []).map(({ path }) => path);
  const allowed = [
    /^dist\/.+\.(js|d\.ts)$/,
    /^dist\/THIRD-PARTY-LICENSES\.txt$/,
    /^config\/.+\.(yaml|ts|jsonl)$/,
    /^(README|CHANGELOG)\.md$/,
    /^LICENSE$/,
    /^package\.json$/,
  ];
  const needed = [
    'dist/cli/main.js',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/THIRD-PARTY-LICENSES.txt',
    'config/hello.yaml',
    'README.md',
    'LICENSE',
  ];
  const strange = paths.filter((path) => !allowed.some((pattern) => pattern.test(path)));
  const missing = needed.filter((path) => !paths.includes(path));
  console.log(`${paths.length} files are shipped`);
  if (strange.length > 0) wrong.push(`shipped, and should not be: ${strange.join(', ')}`);
  if (missing.length > 0) wrong.push(`not shipped: ${missing.join(', ')}`);
  return join(folder, packed?.filename ?? '');
}

/** As a user does; false when there is no registry to install from. */
function install(archive: string): boolean {
  writeFileSync(join(folder, 'package.json'), '{"name":"user","private":true,"type":"module"}\n');
  try {
    npm(['install', '--omit=dev', '--no-audit', '--no-fund', '--ignore-scripts', archive], folder);
    return true;
  } catch (error) {
    const text = String((error as { stderr?: unknown }).stderr);
    if (/E(?:NOTFOUND|CONNREFUSED|AI_AGAIN|TIMEDOUT|HOSTUNREACH|NETUNREACH|CONNRESET)/.test(text))
      return false;
    throw new Error(text, { cause: error });
  }
}

/** With their folders, without the user's own. */
function packages(): string[] {
  return npm(['ls', '--omit=dev', '--all', '--parseable'], folder).trim().split('\n').slice(1);
}

function checkSize(): void {
  const count = packages().length - 1;
  const files = globSync('node_modules/**/*', { cwd: folder });
  const bytes = files.reduce((sum, file) => {
    const facts = lstatSync(join(folder, file));
    return facts.isFile() ? sum + facts.size : sum;
  }, 0);
  const megabytes = bytes / 1e6;
  console.log(`${count} packages are installed with it, ${megabytes.toFixed(1)} MB in all`);
  if (count > mostPackages) wrong.push(`more than ${mostPackages} packages`);
  if (megabytes > mostMegabytes) wrong.push(`more than ${mostMegabytes} MB`);
}

function checkScripts(): void {
  for (const path of packages()) {
    const { scripts = {} } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as {
      scripts?: Readonly<Record<string, string>>;
    };
    const own = ['preinstall', 'install', 'postinstall'].filter((name) => name in scripts);
    if (own.length > 0 || existsSync(join(path, 'binding.gyp')))
      wrong.push(`${path} runs code when it is installed`);
  }
}

/** From another folder, in which nothing is installed. */
function checkUse(): void {
  const away = join(folder, 'away');
  mkdirSync(away);
  cpSync(join(root, 'config'), join(away, 'config'), { recursive: true });
  const command = join(folder, 'node_modules/respool/dist/cli/main.js');
  for (const args of [['--version'], ['run', '-c', 'config/own-processor.yaml']]) {
    const { status, stderr } = spawnSync(process.execPath, [command, ...args], {
      cwd: away,
      encoding: 'utf8',
    });
    if (status !== 0) wrong.push(`respool ${args.join(' ')} ended with ${status}: ${stderr}`);
  }
  const api =
    "import { defineProcessor } from 'respool'; if (typeof defineProcessor !== 'function') process.exit(1)";
  const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', api], { cwd: folder });
  if (status !== 0) wrong.push('the API cannot be imported');
  checkTypes();
}

function checkTypes(): void {
  const source = `import { defineProcessor, type Span } from 'respool';
export const name = (span: Span): string => span.name;
export default defineProcessor({ create: () => ({ span(span) { span.drop(name(span)); } }) });
`;
  writeFileSync(join(folder, 'own.ts'), source);
  const tsc = join(root, 'node_modules/.bin/tsc');
  const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--lib',
    'es2024,esnext',
    ...types,
  ];
  const { status, stdout } = spawnSync(tsc, [...options, 'own.ts'], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) wrong.push(`the types do not fit: ${stdout}`);
}
