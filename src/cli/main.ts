#!/usr/bin/env node
/** The command `respool`. This file only checks the Node that runs it: what follows needs a new one to be read at all. */
import nodeModule from 'node:module';

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
  const { main } = await import('./program.ts');
  process.exitCode = await main(process.argv.slice(2));
}
