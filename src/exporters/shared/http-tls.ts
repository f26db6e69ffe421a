/** The `tls` keys of a config as options of Node's TLS. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SecureVersion } from 'node:tls';
import type { Secret } from '../../config/secret.ts';
import { messageOf } from '../../pipeline/errors.ts';
import type { TlsKeys } from './http-config.ts';

/** The part of Node's ConnectionOptions that a config can set. */
export interface TlsOptions {
  minVersion: SecureVersion;
  maxVersion?: SecureVersion;
  rejectUnauthorized: boolean;
  servername?: string;
  ca?: string | string[];
  cert?: string;
  key?: string;
}

/**
 * Reads the files that the config names, relative to `directory`.
 * @throws Error that names the key: a file that cannot be read, a certificate without its key, PEM that is none
 */
export async function tlsOptions(config: TlsKeys, directory: string): Promise<TlsOptions> {
  const read = (name: 'ca' | 'cert' | 'key') => readPem(config, name, directory);
  const [ca, cert, key] = await Promise.all([read('ca'), read('cert'), read('key')]);
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error(
      'tls: a certificate needs its key and a key its certificate; give both `cert_file` and `key_file`',
    );
  }
  const trusted =
    ca !== undefined && config.include_system_ca_certs_pool ? [ca, ...systemCertificates()] : ca;
  const options: TlsOptions = {
    minVersion: versionOf(config.min_version),
    rejectUnauthorized: !config.insecure_skip_verify,
    ...(config.max_version === undefined ? {} : { maxVersion: versionOf(config.max_version) }),
    ...(config.server_name_override === undefined ? {} : { servername: config.server_name_override }),
    ...(trusted === undefined ? {} : { ca: trusted }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
  checkContext(options);
  return options;
}

async function readPem(
  config: TlsKeys,
  name: 'ca' | 'cert' | 'key',
  directory: string,
): Promise<string | undefined> {
  const file = config[`${name}_file`];
  const text: Secret | undefined = config[`${name}_pem`];
  if (file !== undefined && text !== undefined)
    throw new Error(`tls: give \`${name}_file\` or \`${name}_pem\`, not both`);
  if (file === undefined) return text?.reveal();
  try {
    return await readFile(resolve(directory, file), 'utf8');
  } catch (error) {
    throw new Error(`tls.${name}_file: ${messageOf(error)}`, { cause: error });
  }
}

/** An import of node:tls would read all root certificates, and most runs speak plain HTTP. */
function tls(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls');
}

function systemCertificates(): string[] {
  return tls().getCACertificates('default');
}

/** Bad PEM fails here, once and with a name, and not in every connection. */
function checkContext({ ca, cert, key, minVersion, maxVersion }: TlsOptions): void {
  if (ca === undefined && cert === undefined && maxVersion === undefined) return;
  try {
    tls().createSecureContext({ ca, cert, key, minVersion, maxVersion });
  } catch (error) {
    throw new Error(`tls: the certificates cannot be used: ${messageOf(error)}`, { cause: error });
  }
}

function versionOf(version: '1.0' | '1.1' | '1.2' | '1.3'): SecureVersion {
  return version === '1.0' ? 'TLSv1' : `TLSv${version}`;
}
