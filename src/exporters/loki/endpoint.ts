/** The address of Loki's push API from what people write. */
import { joinUrl } from '../shared/url.ts';

const pushPath = '/loki/api/v1/push';

/** The base address, or the whole one, made whole. */
export function pushUrl(endpoint: string): string {
  const url = new URL(endpoint);
  const path = url.pathname.replace(/\/+$/, '');
  return path.endsWith(pushPath)
    ? joinUrl(withPath(url, path.slice(0, -pushPath.length)), pushPath)
    : joinUrl(endpoint, pushPath);
}

/** The address without the push API's path: where queries go. */
export function baseUrl(endpoint: string): string {
  const url = new URL(pushUrl(endpoint));
  return withPath(url, url.pathname.slice(0, -pushPath.length));
}

function withPath(url: URL, path: string): string {
  const copy = new URL(url);
  copy.pathname = path;
  return copy.href;
}

/** Why this cannot be where Loki's push API is; undefined when it can. */
export function endpointProblem(endpoint: string): { message: string; remedy: string } | undefined {
  if (!URL.canParse(endpoint)) return undefined;
  const path = new URL(endpoint).pathname.replace(/\/+$/, '');
  if (/\/otlp(\/v1\/logs)?$/.test(path)) {
    return {
      message: 'this is the OTLP endpoint of Loki',
      remedy: 'give its base address here, or use the exporter otlp_http',
    };
  }
  if (path.endsWith('/api/prom/push')) {
    return {
      message: 'this is the push API that Loki had before 2.0',
      remedy: 'give the base address of Loki',
    };
  }
  if (path.startsWith(`${pushPath}${pushPath}`)) {
    return { message: `the path ${pushPath} stands there twice`, remedy: 'give the base address of Loki' };
  }
  return undefined;
}
