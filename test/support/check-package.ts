/** Fails unless `npm pack` would ship what the README says, and nothing else. Run by CI after the build. */
import { execFileSync } from 'node:child_process';

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' }),
) as Packed[];
const paths = (packed?.files ?? []).map(({ path }) => path);
const allowed = [
  /^dist\/.+\.(js|d\.ts)$/,
  /^config\/.+\.(yaml|ts|jsonl)$/,
  /^(README|CHANGELOG)\.md$/,
  /^LICENSE$/,
  /^package\.json$/,
];
const needed = [
  'dist/cli/main.js',
  'dist/index.js',
  'dist/index.d.ts',
  'config/hello.yaml',
  'README.md',
  'LICENSE',
];
const strange = paths.filter((path) => !allowed.some((pattern) => pattern.test(path)));
const missing = needed.filter((path) => !paths.includes(path));
console.log(
  `${paths.length} files; strange: ${strange.join(', ') || 'none'}; missing: ${missing.join(', ') || 'none'}`,
);
process.exitCode = strange.length + missing.length > 0 ? 1 : 0;
