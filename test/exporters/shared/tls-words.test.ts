import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { explainTlsError } from '../../../src/exporters/shared/tls-words.ts';
import { startOtlpServer } from '../../support/otlp-server.ts';

const folder = join(import.meta.dirname, '../../faults/certificates');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const options = { minVersion: 'TLSv1.2', rejectUnauthorized: true } as const;
const failure = (code: string, more: object = {}): Error =>
  Object.assign(new Error('as Node says it'), { code, ...more });

it('says until when a certificate was good', async () => {
  const server = await startOtlpServer({ tls: { cert: read('expired.pem'), key: read('expired-key.pem') } });
  const error = failure('CERT_HAS_EXPIRED');
  await explainTlsError(error, new URL(server.url), options);
  await server.close();
  expect(error.message).toBe('as Node says it: it is good from 2020-01-01 to 2020-02-01');
  expect(server.requests).toEqual([]);
});

it('says for which host a certificate is, and for which it is not', async () => {
  const error = failure('ERR_TLS_CERT_ALTNAME_INVALID', { cert: { subjectaltname: 'DNS:other.example' } });
  await explainTlsError(error, new URL('https://tempo.example:4318'), options);
  expect(error.message).toBe('the certificate is not for tempo.example, it is for DNS:other.example');
});

it('leaves other errors as they are, and those of a server that is gone', async () => {
  for (const code of ['ECONNREFUSED', 'CERT_HAS_EXPIRED']) {
    const error = failure(code);
    await explainTlsError(error, new URL('https://127.0.0.1:1'), options);
    expect(error.message).toBe('as Node says it');
  }
});
