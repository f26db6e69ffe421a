/** Which web pages may send: the headers that a browser asks for before and with a request. */
import type { IncomingHttpHeaders } from 'node:http';

export interface CorsConfig {
  readonly allowed_origins: readonly string[];
  readonly allowed_headers: readonly string[];
  readonly max_age: number;
}

const always = ['content-type', 'content-encoding'];

/** Headers for the answer to any request; none for a page that may not send. */
export function corsHeaders(
  config: CorsConfig | undefined,
  { origin }: IncomingHttpHeaders,
): Record<string, string> {
  if (config === undefined || origin === undefined || !allows(config, origin)) return {};
  return { 'access-control-allow-origin': origin, vary: 'Origin' };
}

/** Headers for the answer to a preflight; undefined when that is to be refused. */
export function preflightHeaders(
  config: CorsConfig | undefined,
  headers: IncomingHttpHeaders,
): Record<string, string> | undefined {
  const common = corsHeaders(config, headers);
  if (config === undefined || Object.keys(common).length === 0) return undefined;
  const allowed = config.allowed_headers.includes('*')
    ? requestedHeaders(headers)
    : [...always, ...config.allowed_headers];
  return {
    ...common,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': allowed.join(', '),
    'access-control-max-age': String(config.max_age),
  };
}

/** Longer lists are no browser's. */
const mostRequested = 50;

function requestedHeaders(headers: IncomingHttpHeaders): string[] {
  const asked = headers['access-control-request-headers'] ?? '';
  const names = asked.split(',', mostRequested).map((name) => name.trim());
  return names.filter((name) => /^[\w-]+$/u.test(name));
}

function allows({ allowed_origins: patterns }: CorsConfig, origin: string): boolean {
  return patterns.some((pattern) => fits(pattern.toLowerCase(), origin.toLowerCase()));
}

/** The first `*` stands for anything. */
function fits(pattern: string, origin: string): boolean {
  const at = pattern.indexOf('*');
  if (at < 0) return pattern === origin;
  const [head, end] = [pattern.slice(0, at), pattern.slice(at + 1)];
  return origin.length >= head.length + end.length && origin.startsWith(head) && origin.endsWith(end);
}
