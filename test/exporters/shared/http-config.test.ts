import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadTree } from '../../../src/config/load.ts';
import type { Problem } from '../../../src/config/problem.ts';
import { validate } from '../../../src/config/validate.ts';
import { otlpHttp } from '../../../src/exporters/otlp-http.ts';
import { sdk } from '../../../src/exporters/sdk.ts';
import { httpKeys } from '../../../src/exporters/shared/http-config.ts';

function check(yaml: string, schema: z.ZodType = otlpHttp.schema): { value?: unknown; problems: string[] } {
  const text = `exporters:\n  subject:\n${yaml.replace(/^/gm, '    ')}\n`;
  const { tree } = loadTree([{ name: 'pipeline.yaml', text }], { env: {} });
  const { value, problems } = validate(tree, ['exporters', 'subject'], schema);
  return { value, problems: problems.map(line) };
}

const line = ({ severity, path, message, remedy }: Problem) =>
  `${severity} ${path.slice(2).join('.')}: ${message}${remedy === undefined ? '' : ` | ${remedy}`}`;

/** The mapstructure names of confighttp.ClientConfig, configtls.ClientConfig, the exporterhelper and otlphttpexporter. */
const collectorsKeys = {
  exporter:
    'endpoint traces_endpoint metrics_endpoint logs_endpoint profiles_endpoint encoding proxy_url tls read_buffer_size ' +
    'write_buffer_size timeout headers auth compression compression_params max_idle_conns max_idle_conns_per_host ' +
    'max_conns_per_host idle_conn_timeout disable_keep_alives http2_read_idle_timeout http2_ping_timeout cookies ' +
    'force_attempt_http2 middlewares retry_on_failure sending_queue',
  tls:
    'insecure insecure_skip_verify server_name_override ca_file ca_pem include_system_ca_certs_pool cert_file cert_pem ' +
    'key_file key_pem min_version max_version reload_interval cipher_suites curve_preferences tpm',
};

describe('the keys of the Collector', () => {
  it('are all known: implemented, moot or refused', () => {
    const { shape } = otlpHttp.schema as unknown as z.ZodObject;
    expect(Object.keys(shape)).toEqual(expect.arrayContaining(collectorsKeys.exporter.split(' ')));
    const tls = httpKeys.tls.unwrap() as z.ZodObject;
    expect(Object.keys(tls.shape).sort()).toEqual(collectorsKeys.tls.split(' ').sort());
  });

  it('that are implemented pass without a word', () => {
    const yaml = `
endpoint: https://host:4318/
encoding: json
compression: zstd
compression_params: {level: 3}
headers: {X-Scope-OrgID: team, Authorization: Bearer x}
timeout: 10s
proxy_url: http://proxy:3128
max_request_size: 1MiB
max_conns_per_host: 2
idle_conn_timeout: 10s
disable_keep_alives: false
tls: {ca_file: ca.pem, cert_file: a.pem, key_file: b.pem, min_version: '1.3', insecure_skip_verify: true, server_name_override: x}
retry_on_failure: {enabled: true, max_elapsed_time: 5m}
sending_queue: {num_consumers: 8}
cookies: {enabled: false}`;
    expect(check(yaml).problems).toEqual([]);
    expect(check(yaml).value).toMatchObject({
      timeout: 10_000,
      max_request_size: 1_048_576,
      tls: { min_version: '1.3' },
    });
  });

  it('that change nothing here are named', () => {
    const { problems, value } = check(`
endpoint: http://host:4318
read_buffer_size: 1
write_buffer_size: 1
max_idle_conns: 5
force_attempt_http2: true
http2_ping_timeout: 1s
tls: {insecure: true, reload_interval: 1h}`);
    expect(value).toBeTruthy();
    expect(problems).toHaveLength(7);
    for (const problem of problems) expect(problem).toMatch(/^notice /);
  });

  it('that cannot be had name what to write instead', () => {
    const { problems } = check(`
endpoint: tempo:4318
auth: {authenticator: basicauth}
middlewares: []
compression: snappy
cookies: {enabled: true}
tls: {cipher_suites: [x], min_version: '1.4'}
sending_queue: {storage: file_storage}
compresion: gzip`);
    const text = problems.join('\n');
    for (const problem of problems) expect(problem).toMatch(/^error /);
    expect(text).toContain('add the scheme');
    expect(text).toMatch(/auth: .*headers/);
    expect(text).toContain('snappy is not built in; every backend reads gzip');
    expect(text).toContain('cookies are not kept');
    expect(text).toMatch(/tls.cipher_suites: .*min_version/);
    expect(text).toContain('compression');
    expect(problems).toHaveLength(9);
  });

  it('headers may be a map or a list', () => {
    const revealed = (yaml: string): unknown => {
      const { value, problems } = check(`endpoint: http://host:4318\nheaders: ${yaml}`);
      expect(problems).toEqual([]);
      const { headers } = value as { headers: Record<string, { reveal(): string }> };
      return Object.entries(headers).map(([name, secret]) => [name, secret.reveal()]);
    };
    const both = [
      ['X-Scope-OrgID', 'team'],
      ['Authorization', 'Bearer x'],
    ];
    expect(revealed('{X-Scope-OrgID: team, Authorization: Bearer x}')).toEqual(both);
    expect(revealed('[{name: X-Scope-OrgID, value: team}, {name: Authorization, value: Bearer x}]')).toEqual(
      both,
    );
    expect(revealed('[]')).toEqual([]);
  });

  it.each([
    ['[{name: bad name, value: hidden}]', /^headers\.0\.name: must be a header that can be sent/],
    ['[{name: Content-Type, value: hidden}]', /^headers\.0\.name: must be left out/],
    ['[{name: a, value: hidden}, {name: A, value: hidden}]', /^headers\.1\.name: must name each header once/],
    ['[{name: a}]', /^headers\.0\.value: is required: a text/],
    ['[{name: a, value: hidden, secret: hidden}]', /^headers\.0\.secret: is not a known key/],
    ['[a]', /^headers\.0: must be a map, found a text that is not shown$/],
    ['5', /^headers: must be a map or a list of maps, found a number that is not shown$/],
  ])('headers in a list are checked like those in a map: %s', (yaml, message) => {
    const { value, problems } = check(`endpoint: http://host:4318\nheaders: ${yaml}`);
    expect(value).toBeUndefined();
    expect(problems.map((problem) => problem.replace(/^error /, ''))).toEqual([
      expect.stringMatching(message),
    ]);
    expect(problems.join()).not.toContain('hidden');
  });

  it('hold secrets that are not shown', () => {
    const { value, problems } = check(`
endpoint: http://host
headers: {Authorization: Bearer hidden, "bad name": hidden}`);
    expect(JSON.stringify([value, problems])).not.toContain('hidden');
    expect(problems).toHaveLength(1);
  });
});

describe('the keys of sdk', () => {
  it('hand options on as they are', () => {
    const yaml = `
module: '@opentelemetry/exporter-trace-otlp-http'
options: {url: "http://x", timeoutMillis: 500, headers: {a: b}, ratio: 0.5, list: [1]}`;
    const { value, problems } = check(yaml, sdk.schema);
    expect(problems).toEqual([]);
    expect(value).toMatchObject({
      on_loss: 'warn',
      options: { url: 'http://x', headers: { a: 'b' }, ratio: 0.5 },
    });
    expect(check('class: X', sdk.schema).problems[0]).toMatch(/^error (module)?: /);
  });
});
