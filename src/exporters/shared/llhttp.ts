/**
 * undici parses answers with llhttp, in WebAssembly. One function of it is a state machine of 33 KiB, which V8 takes for hot
 * after a few answers: it then is optimised for a tenth of a second, in 22 MiB, for what takes microseconds as it is.
 */
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

const requireHere = createRequire(import.meta.url);

/** Functions are compiled with the module, and hold nothing that counts how hot they are: no function has such a number. */
const asItIs = ['--no-wasm-lazy-compilation', '--wasm-tier-up-filter=1000000'];
const usual = ['--wasm-lazy-compilation', '--wasm-tier-up-filter=-1'];

/** All modules of the same bytes have one code, whatever their thread, as long as one of them is there. */
let kept: WebAssembly.Module | undefined;

/**
 * To be called before the first connection is made. Only the first thread does it, before there are others: what one of these
 * compiled meanwhile would be left as it is too.
 */
export function leaveParserAsItIs(): void {
  if (kept !== undefined || !isMainThread) return;
  const code = requireHere('undici/lib/llhttp/llhttp_simd-wasm.js') as Uint8Array;
  for (const flag of asItIs) setFlagsFromString(flag);
  try {
    kept = new WebAssembly.Module(code);
  } catch (error) {
    // Without SIMD undici takes another code.
    if (!(error instanceof WebAssembly.CompileError)) throw error;
  } finally {
    for (const flag of usual) setFlagsFromString(flag);
  }
}
