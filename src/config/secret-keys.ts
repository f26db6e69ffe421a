/**
 * Which values are kept out of messages by the look of their key, whether or not a schema says so.
 */
import type { MapNode, Node, ScalarNode } from './node.ts';
import { scalarsOf } from './node.ts';
import type { Path } from './place.ts';
import type { SourceText } from './source.ts';

const secretWords = new Set([
  'authorization',
  'password',
  'passwd',
  'passphrase',
  'token',
  'secret',
  'apikey',
  'credential',
  'credentials',
  'cookie',
  'dsn',
]);
const secretPairs = new Set([
  'api key',
  'access key',
  'private key',
  'secret key',
  'auth key',
  'account key',
  'key pem',
]);

/**
 * `client_secret`, `x-api-key`, `bearerToken`, `key` below `api`: yes; `token_url`, `max_tokens`, `password_file`: no.
 * @param above the key of the map that the key is in
 */
export function looksSecret(key: string, above = ''): boolean {
  const words = `${above} ${key}`
    .replaceAll(/([a-z0-9])([A-Z])/gu, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/u)
    .filter((word) => word !== '');
  const last = words.at(-1) ?? '';
  return secretWords.has(last) || secretPairs.has(words.slice(-2).join(' '));
}

/** Whether the value at a path is one that `hideSecrets` hides. */
export function isSecretPath(path: Path): boolean {
  return path.some((key, at) => {
    const above = path[at - 1];
    return (
      typeof key === 'string' &&
      (key === 'headers' || looksSecret(key, typeof above === 'string' ? above : undefined))
    );
  });
}

/** Hides the values below keys that look secret, and all values below `headers`. */
export function hideSecrets(node: Node, above?: string): void {
  if (node.kind === 'list') {
    for (const item of node.items) hideSecrets(item);
  } else if (node.kind === 'map') {
    hideIn(node, above);
  }
}

function hideIn(map: MapNode, above?: string): void {
  for (const [key, entry] of map.entries) {
    if (looksSecret(key, above)) for (const [, scalar] of scalarsOf(entry.node)) hideScalar(scalar);
    else if (key === 'headers') hideHeaders(entry.node);
    else hideSecrets(entry.node, key);
  }
}

function hideHeaders(node: Node): void {
  for (const [path, scalar] of scalarsOf(node)) {
    const key = path.at(-1);
    if (key !== 'name' && key !== 'key') hideScalar(scalar);
  }
}

/** Hides one scalar. `${env:TOKEN}` names the secret without telling it, so the line may show it. */
export function hideScalar(node: ScalarNode): void {
  node.hidden = true;
  const onlyNames = /^(?:(?:Bearer|Basic) )?(?:\$\{(?:env:)?[A-Za-z_][A-Za-z0-9_]*\})+$/u.test(node.raw);
  if (!onlyNames) node.origin.source.hide(node.origin.start, node.origin.end);
}

/** For a text that is not YAML: hides the rest of each line after a key that looks secret. */
export function hideSecretLines(source: SourceText): void {
  let last = { key: '', end: 0 };
  for (const match of source.text.matchAll(/(?<![\w.-])([\w.-]+)["']?[ \t]*[:=][ \t]*/gu)) {
    const [key, start] = [match[1] ?? '', match.index + match[0].length];
    const isBelow = /^[\s{"']*$/u.test(source.text.slice(last.end, match.index));
    const rest = /^[^\r\n]*/u.exec(source.text.slice(start, start + 10_000))?.[0] ?? '';
    if (looksSecret(key, isBelow ? last.key : '')) source.hide(start, start + rest.length);
    last = { key, end: start };
  }
}
