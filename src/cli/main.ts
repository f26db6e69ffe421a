#!/usr/bin/env node
/** The command `respool`. This file only checks the Node that runs it: what follows needs a new one to be read at all. */
import nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };

const needed = [22, 18] as const;

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < needed[0] || (major === needed[0] && minor < needed[1]);
}

/**
 * Compiled code is kept in a folder of this user, and not in that of temporary files, where another user could put some for
 * us to run. Where it cannot be written, nothing is kept, and a start takes a little longer.
 */
function compileCache(): string {
  const { NODE_COMPILE_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  return NODE_COMPILE_CACHE || join(XDG_CACHE_HOME || LOCALAPPDATA || join(homedir(), '.cache'), 'respool');
}

/**
 * What Node has in it of its own modules is compiled for V8's usual flags: with others they are compiled when they are
 * loaded, which takes four times as long. So those that every run takes are loaded before.
 */
function loadOfNode(): void {
  for (const name of ['crypto', 'fs/promises', 'net', 'worker_threads'])
    process.getBuiltinModule(`node:${name}`);
}

/**
 * The young generation of each thread stays at the 1 MiB that V8 begins with and would let grow to 16: bytes of batches lie
 * in buffers, beside it. With 4 MiB a run takes 5 to 8 MiB more, and 1 to 4 % less time.
 */
function boundMemory(): void {
  const v8 = process.getBuiltinModule('node:v8');
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  // What outlives it is looked through when it has grown by two fifths, and not only when there is four times as much.
  v8.setFlagsFromString('--heap-growing-percent=40');
  // What is done for each batch is not worth compiling, and would all be compiled at about the same time, which takes 10 to
  // 20 MiB that do not come back; what is done for each record gets there soon enough (compiling.ts).
  // A Node without Maglev has nothing between its interpreter and TurboFan: there that is not put off.
  const { v8_enable_maglev: maglev } = process.config.variables as { readonly v8_enable_maglev?: number };
  if (maglev !== 1) return;
  v8.setFlagsFromString('--invocation-count-for-maglev=3000');
  v8.setFlagsFromString('--invocation-count-for-turbofan=60000');
}

async function run(args: readonly string[]): Promise<number> {
  if (args.length === 1 && args[0] === '--version') {
    process.stdout.write(`${packageJson.version}\n`);
    return 0;
  }
  if (args[0] !== 'validate') {
    loadOfNode();
    boundMemory();
  }
  // After the flags of V8, which are a part of what a cache is for: another set of them has another.
  const cache = compileCache();
  nodeModule.enableCompileCache(cache);
  // Where the threads of a run look for it.
  process.env.NODE_COMPILE_CACHE = cache;
  const { main } = await import('./program.ts');
  return await main(args);
}

if (isOld(process.versions.node)) {
  process.stderr.write(
    `respool needs Node ${needed.join('.')} or newer, and this is Node ${process.versions.node}: install a newer one\n`,
  );
  process.exitCode = 1;
} else process.exitCode = await run(process.argv.slice(2));
