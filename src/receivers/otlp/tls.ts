/** The `tls` keys of something that listens, as options of Node's TLS. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SecureVersion } from 'node:tls';
import type { Secret } from '../../config/secret.ts';
import { messageOf } from '../../pipeline/errors.ts';
import type { HttpConfig } from './schema.ts';

export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: SecureVersion;
  readonly maxVersion?: SecureVersion;
  readonly ca?: string;
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
}

/** @throws Error that names the key */
export async function serverTls(
  config: NonNullable<HttpConfig['tls']>,
  directory: string,
): Promise<ServerTls> {
  const { cert_file, cert_pem, key_file, key_pem, client_ca_file, max_version } = config;
  const cert = await pem('cert', { file: cert_file, text: cert_pem, directory });
  const key = await pem('key', { file: key_file, text: key_pem, directory });
  const ca = await pem('client_ca', { file: client_ca_file, text: undefined, directory });
  if (cert === undefined || key === undefined)
    throw new Error('tls: give both `cert_file` and `key_file`, without which nobody can connect');
  return {
    cert,
    key,
    minVersion: `TLSv${config.min_version}`,
    ...(max_version === undefined ? {} : { maxVersion: `TLSv${max_version}` }),
    ...(ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }),
  };
}

interface Source {
  readonly file: string | undefined;
  readonly text: Secret | undefined;
  readonly directory: string;
}

async function pem(name: string, { file, text, directory }: Source): Promise<string | undefined> {
  if (file !== undefined && text !== undefined)
    throw new Error(`tls: give \`${name}_file\` or \`${name}_pem\`, not both`);
  if (file === undefined) return text?.reveal();
  try {
    return await readFile(resolve(directory, file), 'utf8');
  } catch (error) {
    throw new Error(`tls.${name}_file: ${messageOf(error)}`, { cause: error });
  }
}
