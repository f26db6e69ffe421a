/**
 * The keys of an HTTP client as the Collector's confighttp and configtls name them, for every exporter over HTTP.
 * @see https://pkg.go.dev/go.opentelemetry.io/collector/config/confighttp#ClientConfig
 */
import { z } from 'zod';
import { duration, moot, refused, secret, url } from '../../config/fields.ts';
import type { Secret } from '../../config/secret.ts';
import { messageOf } from '../../pipeline/errors.ts';

/** Set by the exporters themselves; a second opinion could only break the request. */
const ownHeaders = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

function headerProblem(name: string, value: Secret): string | undefined {
  if (ownHeaders.has(name.toLowerCase())) return 'must be left out: the exporter sets it itself';
  // An import would fill in all of its lazy parts, fetch and web sockets among them, which takes 90 ms.
  const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http');
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value.reveal());
    return undefined;
  } catch (error) {
    // Node's message names the header and never holds its value.
    return `must be a header that can be sent: ${messageOf(error)}`;
  }
}

const headerMap = z.record(z.string(), secret()).superRefine((record, context) => {
  for (const [name, value] of Object.entries(record)) {
    const message = headerProblem(name, value);
    if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
  }
});

/** The form that the Collector has had since its headers keep their order. */
const headerList = z
  .array(
    z.strictObject({
      name: z.string().describe('The name of the header, in the list form.'),
      value: secret().describe('The value of the header, in the list form; never printed.'),
    }),
  )
  .superRefine((list, context) => {
    const seen = new Set<string>();
    for (const [index, { name, value }] of list.entries()) {
      const isSecond = seen.has(name.toLowerCase());
      const message = isSecond ? 'must name each header once' : headerProblem(name, value);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [index, 'name'], message });
      seen.add(name.toLowerCase());
    }
  });

const headers = z
  .union([headerMap, headerList])
  .transform((written): Record<string, Secret> =>
    Array.isArray(written) ? Object.fromEntries(written.map(({ name, value }) => [name, value])) : written,
  );

const tlsVersion = z.enum(['1.0', '1.1', '1.2', '1.3']);

const tls = z.strictObject({
  insecure: moot('the scheme of the endpoint says whether TLS is used'),
  insecure_skip_verify: z
    .boolean()
    .default(false)
    .describe('Take any certificate of the server, without a check.'),
  server_name_override: z
    .string()
    .optional()
    .describe('The name that the certificate must have, if it is not the host of the endpoint.'),
  ca_file: z
    .string()
    .optional()
    .describe('PEM file with the certificates to trust instead of the usual ones.'),
  ca_pem: secret().optional().describe('The same as text.'),
  include_system_ca_certs_pool: z
    .boolean()
    .default(false)
    .describe('Trust the usual certificates as well as those of `ca_file`.'),
  cert_file: z.string().optional().describe('PEM file with the certificate that proves who the client is.'),
  cert_pem: secret().optional().describe('The same as text.'),
  key_file: z.string().optional().describe('PEM file with the private key of `cert_file`.'),
  key_pem: secret().optional().describe('The same as text.'),
  min_version: tlsVersion.default('1.2').describe('The oldest version of TLS to speak.'),
  max_version: tlsVersion
    .optional()
    .describe('The newest version of TLS to speak; without it the newest there is.'),
  reload_interval: moot('certificates are read once, when the job starts'),
  cipher_suites: refused('leave it out; `min_version` bounds what is spoken'),
  curve_preferences: refused('leave it out; `min_version` bounds what is spoken'),
  tpm: refused('`cert_file` and `key_file`'),
});

const cookies = z.strictObject({
  enabled: z
    .literal(false, { error: 'must be false: cookies are not kept' })
    .default(false)
    .describe('Only false.'),
});

/** Spread into the strictObject of an exporter's schema; `endpoint` and compression are the exporter's own. */
export const httpKeys = {
  headers: headers
    .default({})
    .describe(
      'Headers of every request: credentials, a tenant; as a map, or as a list of names and values. Their values are never printed, X-Scope-OrgID aside.',
    ),
  tls: tls.prefault({}).describe('Certificates, for endpoints with https.'),
  proxy_url: url()
    .optional()
    .describe('The proxy to go through. HTTP_PROXY is not read: write ${env:HTTP_PROXY}.'),
  max_conns_per_host: z
    .int()
    .min(0)
    .default(0)
    .describe('Connections at the same time; 0 for as many as requests are under way.'),
  idle_conn_timeout: duration()
    .default(4000)
    .describe(
      'How long an unused connection is kept. Shorter than what servers allow, so that none is used that the server just closed.',
    ),
  disable_keep_alives: z.boolean().default(false).describe('A new connection for every request.'),
  auth: refused('`headers`, for example `Authorization: "Bearer ${env:TOKEN}"`'),
  middlewares: refused('a processor, or `headers`'),
  cookies: cookies.prefault({}).describe('Cookies are not kept.'),
  read_buffer_size: moot('Node chooses its buffers'),
  write_buffer_size: moot('Node chooses its buffers'),
  max_idle_conns: moot('there are never more connections than requests under way'),
  max_idle_conns_per_host: moot('there are never more connections than requests under way'),
  http2_read_idle_timeout: moot('requests go over HTTP/1.1'),
  http2_ping_timeout: moot('requests go over HTTP/1.1'),
  force_attempt_http2: moot('requests go over HTTP/1.1'),
};

/** The tenant that the headers name: the one value of theirs that is no secret. */
export function tenantIn(configured: HttpKeys['headers']): string | undefined {
  const entry = Object.entries(configured).find(([name]) => name.toLowerCase() === 'x-scope-orgid');
  return entry?.[1].reveal();
}

export type HttpKeys = z.output<z.ZodObject<typeof httpKeys>>;
export type TlsKeys = HttpKeys['tls'];
