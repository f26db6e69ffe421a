/** Makes src/model/quick-code.ts of wasm/main.ts: `npm run wasm`. What it makes is the same on every machine. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';

const root = resolve(import.meta.dirname, '..');

const options = ['-O3', '--runtime', 'stub', '--noAssert', '--importMemory', '--enable', 'simd'];

/** The source of src/model/quick-code.ts. Throws when the compiler refuses something, which it says itself. */
export function quickCodeSource(): string {
  const folder = mkdtempSync(join(tmpdir(), 'respool-wasm-'));
  const binary = join(folder, 'code.wasm');
  try {
    const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js');
    const args = ['wasm/main.ts', '--baseDir', root, '--outFile', binary, ...options];
    execFileSync(process.execPath, [compiler, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
    const code = readFileSync(binary).toString('base64');
    return `/** Made of wasm/main.ts by \`npm run wasm\`. */\nexport const quickCode =\n  '${code}';\n`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename)
  writeFileSync(join(root, 'src/model/quick-code.ts'), quickCodeSource());
