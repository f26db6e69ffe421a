/** The keys of the receiver `otlp`, as the Collector's otlpreceiver and confighttp have them, and those of Respool. */
import { z } from 'zod';
import { byteSize, duration, moot, refused, secret } from '../../config/fields.ts';
import { parseEndpoint } from './endpoint.ts';

/** What a request may be compressed with; the empty text is none. */
const algorithms = ['', 'gzip', 'zstd', 'zlib', 'deflate'] as const;

const urlPath = z.string().regex(/^\/[\w./~-]*$/u, 'must be a path that begins with /, such as /v1/traces');

const cors = z.strictObject({
  allowed_origins: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Origins of web pages that may send, such as https://shop.example; one `*` in each stands for anything. None is allowed unless it is listed.',
    ),
  allowed_headers: z
    .array(z.string().regex(/^[\w-]+$|^\*$/u, 'must be the name of a header'))
    .default([])
    .describe('Headers that these pages may set, besides Content-Type and Content-Encoding; `*` for any.'),
  max_age: z.int().min(0).default(5).describe('Seconds for which a browser need not ask again.'),
  exposed_headers: moot('an answer has no headers that a page would read'),
});

const tls = z.strictObject({
  cert_file: z.string().optional().describe('PEM file with the certificate to show.'),
  cert_pem: secret().optional().describe('The same as text.'),
  key_file: z.string().optional().describe('PEM file with the private key of the certificate.'),
  key_pem: secret().optional().describe('The same as text.'),
  client_ca_file: z
    .string()
    .optional()
    .describe(
      'PEM file with the certificates that sign those of clients; every client then has to show one.',
    ),
  min_version: z.enum(['1.2', '1.3']).default('1.2').describe('The oldest version of TLS to speak.'),
  max_version: z.enum(['1.2', '1.3']).optional().describe('The newest version of TLS to speak.'),
  client_ca_file_reload: moot('certificates are read once, when the run starts'),
  reload_interval: moot('certificates are read once, when the run starts'),
  cipher_suites: refused('leave it out; `min_version` bounds what is spoken'),
  curve_preferences: refused('leave it out; `min_version` bounds what is spoken'),
});

const http = z.strictObject({
  endpoint: z
    .string()
    .refine((text) => parseEndpoint(text) !== undefined, 'must be host:port, such as 127.0.0.1:4318')
    .default('127.0.0.1:4318')
    .describe(
      'Where to listen. Only this machine unless something else is written: what is sent is not checked for who sent it. Port 0 takes a free one.',
    ),
  traces_url_path: urlPath.default('/v1/traces').describe('The path for traces.'),
  logs_url_path: urlPath.default('/v1/logs').describe('The path for logs.'),
  metrics_url_path: urlPath.default('/v1/metrics').describe('The path for metrics.'),
  profiles_url_path: moot('profiles are not taken'),
  max_request_body_size: byteSize({ min: 1024 })
    .default(20 << 20)
    .describe('The most that one request may have, as it comes and without its compression; beyond it, 413.'),
  max_buffered: byteSize({ min: 1024 })
    .default(64 << 20)
    .describe(
      'The most that all requests together may have that are being read; beyond it, 429 until some are handed over. At least `max_request_body_size` counts.',
    ),
  max_concurrent_requests: z
    .int()
    .min(1)
    .default(256)
    .describe('Requests that are read, or wait for their answer, at the same time; beyond it, 429.'),
  max_connections: z
    .int()
    .min(1)
    .default(1024)
    .describe('Connections that are open at the same time; more are closed at once.'),
  max_header_size: byteSize({ min: 1024, max: 1 << 20 })
    .default(16 << 10)
    .describe('The most that the headers of a request may have; beyond it, 431.'),
  queue_timeout: duration()
    .default(5000)
    .describe(
      'How long a request waits for room under `service.max_in_flight`; then it is answered 429 with Retry-After, and nothing of it is taken.',
    ),
  compression_algorithms: z
    .array(
      z.enum(algorithms, {
        error: 'must be gzip, zstd, zlib, deflate, or "" for none\nsnappy and lz4 are not built in',
      }),
    )
    .default([...algorithms])
    .describe('What requests may be compressed with.'),
  read_header_timeout: duration({ min: 100 })
    .default(10_000)
    .describe('How long a client may take for the headers of a request; then 408.'),
  read_timeout: duration({ min: 100 })
    .default(60_000)
    .describe('How long a client may take for a whole request; then 408.'),
  idle_timeout: duration({ min: 100 })
    .default(60_000)
    .describe('How long a connection is kept that nothing comes over.'),
  keep_alives_enabled: z.boolean().default(true).describe('Whether a connection serves several requests.'),
  tls: tls.optional().describe('Certificates; with them it listens for https.'),
  cors: cors.optional().describe('Which web pages may send from a browser.'),
  response_headers: refused('put a proxy in front; answers carry what OTLP says'),
  include_metadata: z
    .literal(false, { error: 'must be false: no processor reads the headers of a request' })
    .default(false)
    .describe('Only false.'),
  auth: refused('a proxy in front that checks who sends, and 127.0.0.1 as `endpoint`'),
  middlewares: refused('a proxy in front'),
  transport: z
    .literal('tcp', { error: 'must be tcp: other sockets are not built in' })
    .default('tcp')
    .describe('Only tcp.'),
  write_timeout: moot('an answer is a few bytes, which the system takes at once'),
});

const grpcInstead =
  'gRPC is not built in; let the application send over HTTP, with OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf to port 4318, and write `http:`';

export const schema = z.strictObject({
  protocols: z
    .strictObject({
      http: http
        .nullable()
        .transform((value) => value ?? http.parse({}))
        .describe('OTLP over HTTP, in protobuf and in JSON.'),
      grpc: refused(grpcInstead),
      arrow: refused('leave it out'),
    })
    .describe('What to listen for.'),
  wait: z
    .enum(['settled', 'queued'])
    .default('settled')
    .describe(
      'When a client is answered. `settled`: when each of its items is delivered, refused and counted, or dropped on purpose; what is answered is safe. `queued`: as soon as the request is in the pipeline; a crash then loses what is in flight.',
    ),
  max_depth: z.int().min(8).max(1000).default(64).describe('How deeply values may be nested in values.'),
  max_attributes: z.int().min(128).default(10_000).describe('How many attributes one item may have.'),
});

export type Config = z.output<typeof schema>;
export type HttpConfig = Config['protocols']['http'];
