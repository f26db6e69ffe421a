/**
 * undici's dispatcher and its one call, loaded when they are needed and not with all of the package: fetch, caches,
 * mocks and web sockets take twice as long to load as what is used here. The paths are private, the pin is exact, and
 * test/exporters/shared/http-client.test.ts goes through them.
 */
import { createRequire } from 'node:module';
import type { Agent, Dispatcher, ProxyAgent } from 'undici';
import { leaveParserAsItIs } from './llhttp.ts';

const requireHere = createRequire(import.meta.url);

export type Request = (options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>;

/** `request` as a function of the dispatcher. */
export function requestThrough(dispatcher: Dispatcher): Request {
  leaveParserAsItIs();
  const request = requireHere('undici/lib/api/api-request.js') as Dispatcher['request'];
  return (options) => request.call(dispatcher, options) as Promise<Dispatcher.ResponseData>;
}

export function createAgent(options: Agent.Options): Agent {
  const Constructor = requireHere('undici/lib/dispatcher/agent.js') as typeof Agent;
  return new Constructor(options);
}

/** The package whole: its proxies call what only that puts together. */
export async function createProxyAgent(options: ProxyAgent.Options): Promise<ProxyAgent> {
  const undici = await import('undici');
  return new undici.ProxyAgent(options);
}
