/**
 * Reads what `--config` names: a path, or a URI `file:`, `env:`, `yaml:`. The only file of this folder that
 * touches the disk.
 */
import { readFileSync, statSync } from 'node:fs';
import type { ConfigSource } from './load.ts';
import type { Problem } from './problem.ts';
import { nearest } from './suggest.ts';

const maximumBytes = 16 * 1024 * 1024;

/** Reads all sources in their order; what cannot be read is a problem and no source. */
export function readSources(
  uris: readonly string[],
  options: { env: Readonly<Record<string, string | undefined>> },
): { sources: ConfigSource[]; problems: Problem[] } {
  const sources: ConfigSource[] = [];
  const problems: Problem[] = [];
  for (const uri of uris) {
    const read = readSource(uri, options.env);
    if ('text' in read) sources.push(read);
    else problems.push(read);
  }
  return { sources, problems };
}

/** For `readFile` of `loadTree`: the file of a `${file:PATH}`. Throws an Error whose message says what is wrong. */
export function readIncluded(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new Error(`${path}: ${systemReason(error)}`, { cause: error });
  }
  const decoded = textOf(bytes);
  if ('reason' in decoded) throw new Error(`${path} ${decoded.reason}`);
  return decoded.text;
}

function readSource(uri: string, env: Readonly<Record<string, string | undefined>>): ConfigSource | Problem {
  // One letter before the colon is a drive of Windows.
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/u.exec(uri)?.[1];
  const rest = scheme === undefined ? uri : uri.slice(scheme.length + 1);
  switch (scheme) {
    case undefined:
    case 'file':
      return readPath(rest.replace(/^\/\/(?=\/)/u, ''));
    case 'yaml':
      return notEmpty('--config yaml:', rest);
    case 'env':
      return fromVariable(rest, env);
    case 'http':
    case 'https':
      return refusal(
        uri,
        'a configuration is never fetched from the network',
        'download it and pass the file: --config FILE',
      );
    default:
      return refusal(
        uri,
        `the scheme "${scheme}:" is unknown`,
        'known: a path, file:PATH, env:NAME, yaml:TEXT',
      );
  }
}

function fromVariable(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): ConfigSource | Problem {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value !== undefined) return notEmpty(`env:${name}`, value);
  const near = nearest(name, Object.keys(env));
  const remedy = near === undefined ? undefined : `did you mean env:${near}?`;
  return refusal(`env:${name}`, `the environment variable ${name} is not set`, remedy);
}

function readPath(path: string): ConfigSource | Problem {
  if (path === '') return refusal('--config', 'the name of the file is empty');
  try {
    const facts = statSync(path);
    if (facts.isDirectory()) {
      return refusal(
        path,
        'is a directory, not a file',
        `name the file in it: --config ${path}/pipeline.yaml`,
      );
    }
    if (facts.size > maximumBytes) return refusal(path, 'is larger than 16 MiB, which no configuration is');
    const decoded = textOf(readFileSync(path));
    if ('text' in decoded) return notEmpty(path, decoded.text);
    return refusal(
      path,
      decoded.reason,
      'a configuration is a YAML text in UTF-8; recordings are named inside it',
    );
  } catch (error) {
    return refusal(path, systemReason(error), remedyOf(error));
  }
}

function notEmpty(name: string, text: string): ConfigSource | Problem {
  if (text.trim() !== '') return { name, text };
  const remedy = 'a configuration has the sections receivers, processors, exporters and service';
  return refusal(name, 'is empty', remedy);
}

function textOf(bytes: Buffer): { text: string } | { reason: string } {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { reason: 'is UTF-16, not UTF-8' };
  }
  if (bytes.includes(0)) return { reason: 'is a binary file, not a YAML text' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { reason: 'is not UTF-8' };
  }
}

function refusal(file: string, message: string, remedy?: string): Problem {
  const place = { file, line: 0, column: 0, text: '' };
  return { severity: 'error', path: [], place, message, ...(remedy === undefined ? {} : { remedy }) };
}

function systemReason(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  if (code === 'EISDIR') return 'is a directory, not a file';
  if (code === 'ENOTDIR') return 'a part of its path is a file, not a directory';
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}

function remedyOf(error: unknown): string | undefined {
  return codeOf(error) === 'ENOENT' ? `paths are relative to the working directory` : undefined;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
