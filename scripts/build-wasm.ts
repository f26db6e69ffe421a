/** Makes the code in src/model of what is in wasm: `npm run wasm`. What it makes is the same on every machine. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';

const root = resolve(import.meta.dirname, '..');

export interface WasmCode {
  /** In wasm. */
  readonly source: string;
  /** What it becomes, and the name that this exports. */
  readonly file: string;
  readonly name: string;
}

export const wasmCodes: readonly WasmCode[] = [
  { source: 'wasm/main.ts', file: 'src/model/quick-code.ts', name: 'quickCode' },
  { source: 'wasm/survey.ts', file: 'src/model/survey-code.ts', name: 'surveyCode' },
];

const options = ['-O3', '--runtime', 'stub', '--noAssert', '--importMemory', '--enable', 'simd'];

/** The text of the file. Throws when the compiler refuses something, which it says itself. */
export function wasmCodeText({ source, name }: WasmCode): string {
  const folder = mkdtempSync(join(tmpdir(), 'respool-wasm-'));
  const binary = join(folder, 'code.wasm');
  try {
    const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js');
    const args = [source, '--baseDir', root, '--outFile', binary, ...options];
    execFileSync(process.execPath, [compiler, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
    const code = readFileSync(binary).toString('base64');
    return `/** Made of ${source} by \`npm run wasm\`. */\nexport const ${name} =\n  '${code}';\n`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename)
  for (const code of wasmCodes) writeFileSync(join(root, code.file), wasmCodeText(code));
