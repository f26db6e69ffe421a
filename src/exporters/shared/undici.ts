/**
 * undici's dispatcher and its one call, and not all of the package: fetch, caches, mocks and web sockets take twice as long
 * to load as what is used here. The paths are private, the pin is exact, and test/exporters/shared/http-client.test.ts goes
 * through them.
 */
import type { Agent, Dispatcher, ProxyAgent } from 'undici';
import requestOf from 'undici/lib/api/api-request.js';
import AgentOf from 'undici/lib/dispatcher/agent.js';
import { leaveParserAsItIs } from './llhttp.ts';

export type Request = (options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>;

/** `request` as a function of the dispatcher. */
export function requestThrough(dispatcher: Dispatcher): Request {
  leaveParserAsItIs();
  return (options) => requestOf.call(dispatcher, options);
}

export function createAgent(options: Agent.Options): Agent {
  return new AgentOf(options);
}

/** The package whole: its proxies call what only that puts together. */
export async function createProxyAgent(options: ProxyAgent.Options): Promise<ProxyAgent> {
  const undici = await import('undici');
  return new undici.ProxyAgent(options);
}
