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
  /** Without it nothing needs a processor with SIMD. */
  readonly simd: boolean;
}

export const wasmCodes: readonly WasmCode[] = [
  { source: 'wasm/main.ts', file: 'src/model/quick-code.ts', name: 'quickCode', simd: true },
  { source: 'wasm/survey.ts', file: 'src/model/survey-code.ts', name: 'surveyCode', simd: false },
];

const options = ['-O3', '--runtime', 'stub', '--noAssert', '--importMemory'];

/** The text of the file. Throws when the compiler refuses something, which it says itself. */
export function wasmCodeText({ source, name, simd }: WasmCode): string {
  const folder = mkdtempSync(join(tmpdir(), 'respool-wasm-'));
  const binary = join(folder, 'code.wasm');
  try {
    const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js');
    const args = [source, '--baseDir', root, '--outFile', binary, ...options];
    if (simd) args.push('--enable', 'simd');
    execFileSync(process.execPath, [compiler, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
    const code = readFileSync(binary).toString('base64');
    return `/** Made of ${source} by \`npm run wasm\`. */\nexport const ${name} =\n  '${code}';\n`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename)
  for (const code of wasmCodes) writeFileSync(join(root, code.file), wasmCodeText(code));
