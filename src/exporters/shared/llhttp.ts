/**
 * undici parses answers with llhttp, in WebAssembly. One function of it is a state machine of 33 KiB, which V8 takes for hot
 * after a few answers: it then is optimised for a tenth of a second, in 22 MiB, for what takes microseconds as it is.
 */
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

const requireHere = createRequire(import.meta.url);

/**
 * A budget is a part of a module's code from its beginning on, and all modules of the same bytes have one code, whatever their
 * thread. Only the first thread sets it, before there are others: what one of these begins meanwhile would have it too.
 */
const budget = { usual: 13_000_000, endless: 2_000_000_000 };

let kept: WebAssembly.Module | undefined;

/** To be called before the first connection is made. */
export function leaveParserAsItIs(): void {
  if (kept !== undefined || !isMainThread) return;
  const code = requireHere('undici/lib/llhttp/llhttp_simd-wasm.js') as Uint8Array;
  setFlagsFromString(`--wasm-tiering-budget=${budget.endless}`);
  try {
    kept = new WebAssembly.Module(code);
  } catch (error) {
    // Without SIMD undici takes another code.
    if (!(error instanceof WebAssembly.CompileError)) throw error;
  } finally {
    setFlagsFromString(`--wasm-tiering-budget=${budget.usual}`);
  }
}
