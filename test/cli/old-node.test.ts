/** A Node that is too old gets one sentence, from the published command and not from a parser. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../support/respool.ts';

/** A Node of the machine, outside of this project, that is older than the one needed. */
function oldNode(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/bin', '/usr/bin'];
  return folders
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path))
    .find((path) => {
      const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout;
      const [, major = '99', minor = '0'] = /^v(\d+)\.(\d+)/u.exec(version) ?? [];
      return Number(major) < 22 || (Number(major) === 22 && Number(minor) < 18);
    });
}

const node = oldNode();
if (node === undefined) console.error('!!! SKIPPED: there is no Node older than 22.18 on this machine');

describe.skipIf(node === undefined)('a Node that is too old', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'respool-old-node-'));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    spawnSync(process.execPath, [join(root, 'scripts/build.ts'), folder]);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([[['--version']], [['run', '-c', 'pipeline.yaml']]])('gets one sentence for %j', (args) => {
    const main = join(folder, 'cli/main.js');
    const { status, stdout, stderr } = spawnSync(node ?? '', [main, ...args], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^respool needs Node 22\.18 or newer, and this is Node \d+\.\d+\.\d+: install a newer one\n$/u,
    );
  });
});
