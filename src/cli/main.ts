#!/usr/bin/env node
/** The command `respool`. This file only checks the Node that runs it: what follows needs a new one to be read at all. */
import nodeModule from 'node:module';
import v8 from 'node:v8';

const needed = [22, 18] as const;

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < needed[0] || (major === needed[0] && minor < needed[1]);
}

if (isOld(process.versions.node)) {
  process.stderr.write(
    `respool needs Node ${needed.join('.')} or newer, and this is Node ${process.versions.node}: install a newer one\n`,
  );
  process.exitCode = 1;
} else {
  nodeModule.enableCompileCache();
  // The young generation stays as small as it begins: V8 would let the views of the batches under way grow it to as much as
  // 128 MB, and nothing is faster for that.
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  const { main } = await import('./program.ts');
  process.exitCode = await main(process.argv.slice(2));
}
