import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { string } from '../parameters.ts';
import { parseQuery, parseUrl, printUrl, splitPort, userInfo } from '../url.ts';
import { OttlLooseMap } from '../values.ts';
import type { OttlMap } from '../values.ts';

/** The parts of a URL under the names of the semantic conventions; of a text that begins with `?`, its query. */
export const url = converter('URL', { uRI: string() }, ({ uRI }) => {
  return (record) => partsOf(uRI.read(record));
});

function partsOf(text: string): OttlMap {
  if (text === '') throw new OttlFailure('the URL is empty');
  if (text.startsWith('?')) return new OttlLooseMap([['query', new Map(parseQuery(text.slice(1)))]]);
  const parsed = parseUrl(text);
  const { name, port } = splitPort(parsed.host);
  const parts: OttlMap = new OttlLooseMap([
    ['url.original', printUrl(parsed)],
    ['url.domain', name],
    ['url.scheme', parsed.scheme],
    ['url.path', parsed.path],
  ]);
  if (parsed.user !== undefined) {
    parts.set('url.user_info', userInfo(parsed));
    parts.set('url.username', parsed.user.name);
    if (parsed.user.password !== undefined) parts.set('url.password', parsed.user.password);
  }
  if (port !== '') parts.set('url.port', BigInt(port));
  if (parsed.fragment !== '') parts.set('url.fragment', parsed.fragment);
  if (parsed.rawQuery !== '') parts.set('url.query', parsed.rawQuery);
  const extension = /\.([^.]+)$/s.exec(parsed.path)?.[1];
  if (extension !== undefined) parts.set('url.extension', extension);
  return parts;
}
