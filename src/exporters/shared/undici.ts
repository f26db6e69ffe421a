/**
 * undici's dispatcher and its one call, loaded when they are needed and not with all of the package: fetch, caches,
 * mocks and web sockets take twice as long to load as what is used here. The paths are private, the pin is exact, and
 * test/exporters/shared/http-client.test.ts goes through them.
 */
import { createRequire } from 'node:module';
import v8 from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import type { Agent, Dispatcher, ProxyAgent } from 'undici';
import { leaveParserAsItIs } from './llhttp.ts';

const requireHere = createRequire(import.meta.url);

export type Request = (options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>;

/** Held for good: V8 has one module for the same code, in all threads, as long as somebody holds it, and undici gets this. */
let parser: WebAssembly.Module | null | undefined = isMainThread ? undefined : null;

/**
 * undici reads answers in WebAssembly, of which V8 would compile a function of 33 KB anew once it ran some hundred times: that
 * takes 23 MiB and a fifth of a second, for a few header lines. It stays as it is compiled at first. The flags are the
 * process's and back at once: only the first thread sets them, which compiles before the others begin.
 */
function makeParser(): WebAssembly.Module | null {
  const flags = ['wasm-tier-up', 'wasm-dynamic-tiering', 'wasm-lazy-compilation'];
  for (const flag of flags) v8.setFlagsFromString(`--no-${flag}`);
  try {
    return new WebAssembly.Module(requireHere('undici/lib/llhttp/llhttp_simd-wasm.js') as Buffer);
  } catch (error) {
    // A processor without SIMD, for which undici has other code.
    if (error instanceof WebAssembly.CompileError) return null;
    throw error;
  } finally {
    for (const flag of flags) v8.setFlagsFromString(`--${flag}`);
  }
}

/** `request` as a function of the dispatcher. */
export function requestThrough(dispatcher: Dispatcher): Request {
  leaveParserAsItIs();
  const request = requireHere('undici/lib/api/api-request.js') as Dispatcher['request'];
  return (options) => request.call(dispatcher, options) as Promise<Dispatcher.ResponseData>;
}

export function createAgent(options: Agent.Options): Agent {
  if (parser === undefined) parser = makeParser();
  const Constructor = requireHere('undici/lib/dispatcher/agent.js') as typeof Agent;
  return new Constructor(options);
}

/** The package whole: its proxies call what only that puts together. */
export async function createProxyAgent(options: ProxyAgent.Options): Promise<ProxyAgent> {
  if (parser === undefined) parser = makeParser();
  const undici = await import('undici');
  return new undici.ProxyAgent(options);
}
