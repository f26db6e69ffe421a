/**
 * Secrets are printed nowhere: canaries are planted in every field of a config that holds a secret or may hold one, and
 * in the environment, and everything that a command prints or leaves behind is searched for them.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planOf } from '../../src/cli/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { toYaml } from '../../src/config/yaml-text.ts';
import { startLokiServer, type LokiServer } from '../support/loki-server.ts';
import { startOtlpServer, type ScriptedServer } from '../support/otlp-server.ts';
import { folderWith, respool, root, startRespool, type Ended } from '../support/respool.ts';
import { logsLine, spansLine } from './scenario.ts';

let otlp: ScriptedServer;
let loki: LokiServer;
beforeAll(async () => {
  otlp = await startOtlpServer();
  loki = await startLokiServer();
});
afterAll(async () => {
  await otlp.close();
  await loki.close();
});

/** What the environment of the process holds, for a config that asks for it and for one that does not. */
const environment = {
  TOKEN: 'canary-env-token',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=canary-otel-1,x-canary=canary-otel-2',
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-canary-traces=canary-otel-3',
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'x-canary-logs=canary-otel-4',
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x-canary-metrics=canary-otel-5',
  OTEL_RESOURCE_ATTRIBUTES: 'canary.resource=canary-otel-6',
  HTTP_PROXY: 'http://user:canary-proxy-env@127.0.0.1:9',
  http_proxy: 'http://user:canary-proxy-env@127.0.0.1:9',
};

/** A config with a canary in each such field. Ports of the exporters that are to reach a server are given. */
function planted({ otlpPort, lokiPort }: { otlpPort: number; lokiPort: number }): string {
  return `receivers:
  file: {include: [in.jsonl], batch_bytes: 1KiB}
processors:
  redaction: {allow_all_keys: true, blocked_values: [paid], hash_function: hmac-sha256, hmac_key: canary-hmac-0123456789abcdef0123456789}
exporters:
  otlp_http:
    endpoint: "http://otlp:canary-otlp-password@127.0.0.1:${otlpPort}/?token=canary-otlp-query"
    headers: {Authorization: Bearer canary-header, X-Env: "\${env:TOKEN}", X-Default: "\${env:NONE:-canary-default}"}
    compression: none
  loki:
    endpoint: "http://loki:canary-loki-password@127.0.0.1:${lokiPort}?token=canary-loki-query"
    headers: [{name: Authorization, value: Bearer canary-list}]
  sdk:
    module: ${join(root, 'node_modules/@opentelemetry/exporter-trace-otlp-http/build/src/index.js')}
    class: OTLPTraceExporter
    options:
      url: "http://127.0.0.1:${otlpPort}/sdk/v1/traces?token=canary-sdk-query"
      headers: {authorization: Bearer canary-sdk-header, x-api-key: canary-sdk-key}
      timeoutMillis: 1000
service:
  max_in_flight: 4KiB
  pipelines:
    traces: {receivers: [file], processors: [redaction], exporters: [otlp_http, sdk]}
    logs: {receivers: [file], processors: [redaction], exporters: [otlp_http, loki]}
`;
}

const recording = Array.from(
  { length: 40 },
  (_, at) => spansLine([`paid ${at}`]) + logsLine([`line ${at} was paid`]),
).join('');

const foreignKey =
  readFileSync(join(root, 'test/support/certificates/other-key.pem'), 'utf8').split('\n')[1] ?? '';

/** As they are, and as they are in a URL or after `Basic`. */
const forms = [
  /canary/iu,
  new RegExp(foreignKey.replaceAll('+', String.raw`\+`), 'u'),
  ...['otlp:canary-otlp-password', 'loki:canary-loki-password', 'canary-sdk-header'].map(
    (text) => new RegExp(Buffer.from(text).toString('base64').replaceAll('=', ''), 'u'),
  ),
];

/** Where canaries are that should not be there: in what was printed, and in every file but those that hold the config. */
function leaks(folder: string, ended: readonly Ended[]): string[] {
  const texts = ended.flatMap(({ stdout, stderr }, at) => [
    [`stdout ${at}`, stdout],
    [`stderr ${at}`, stderr],
  ]);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !path.endsWith('.yaml')) texts.push([entry.name, readFileSync(path, 'latin1')]);
  }
  return texts.flatMap(([where, text = '']) => {
    const found = forms.map((form) => form.exec(text)).find((match) => match !== null);
    return found === undefined
      ? []
      : [`${where}: ...${text.slice(Math.max(found.index - 80, 0), found.index + 80)}`];
  });
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function pem(text: string): string {
  return String.raw`-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----\n`;
}

/** As YAML. */
function certificate(name: string): string {
  return JSON.stringify(readFileSync(join(root, 'test/support/certificates', name), 'utf8'));
}

/** To an address with TLS. */
function withTls(lines: string): string {
  return working().replace('"http://otlp:', '"https://otlp:').replace('    compression: none', lines);
}

function working(): string {
  return planted({ otlpPort: otlp.port, lokiPort: portOf(loki.url) });
}

describe('a config full of secrets', { timeout: 60_000 }, () => {
  it('is validated, printed and run to its end, dead letters included, and none of them is seen', async () => {
    const cwd = folderWith({ 'p.yaml': working(), 'in.jsonl': recording });
    const before = otlp.requests.length;
    otlp.answer(({ payload }) => (payload.includes('line 7 ') ? { status: 400 } : {}));
    loki.answer({ status: 204 });
    const run = (...args: string[]) => respool(args, { cwd, env: environment });
    const ended = [
      await run('validate', '-c', 'p.yaml'),
      await run('print-config', '-c', 'p.yaml'),
      await run('run', '-c', 'p.yaml', '--dry-run'),
      await run('run', '-c', 'p.yaml', '--report', 'report.json'),
    ];
    expect(
      ended.map(({ exitCode }) => exitCode),
      ended.at(-1)?.stderr,
    ).toEqual([0, 0, 0, 3]);
    expect(filesIn(cwd).filter((name) => name.includes('dead-letters'))).toHaveLength(1);
    expect(existsSync(join(cwd, 'report.json'))).toBe(true);
    expect(leaks(cwd, ended)).toEqual([]);
    const headers = otlp.requests.slice(before).map((request) => request.headers);
    expect(headers.map(({ authorization }) => authorization)).toContain('Bearer canary-header');
    expect(headers.map(({ authorization }) => authorization)).toContain('Bearer canary-sdk-header');
    expect(headers.map((header) => header['x-env'])).toContain('canary-env-token');
    expect(headers.map((header) => header['x-default'])).toContain('canary-default');
    expect(loki.pushes.at(-1)?.headers.authorization).toBe('Bearer canary-list');
    // Nothing of the environment that the config does not ask for: not to otlp_http, not to loki, not by the SDK.
    const all = [...headers, ...loki.pushes.map((push) => push.headers)];
    expect(JSON.stringify(all)).not.toMatch(/canary-otel|x-canary/u);
    const payloads = otlp.requests.slice(before).map(({ payload }) => payload.toString('latin1'));
    expect(payloads.join('')).not.toMatch(/canary/u);
    expect(otlp.requests.slice(before).map(({ path }) => path.split('?')[0])).toEqual(
      expect.arrayContaining(['/v1/traces', '/v1/logs', '/sdk/v1/traces']),
    );
  });

  it('is killed, shown, changed and resumed, and none of them is in what it leaves behind', async () => {
    const cwd = folderWith({ 'p.yaml': working(), 'in.jsonl': recording });
    otlp.answer(() => ({ delayMs: 40 }));
    loki.answer(() => ({ status: 204 }));
    const run = (...args: string[]) => respool(args, { cwd, env: environment });
    const first = startRespool(['run', '-c', 'p.yaml', '--resume'], { cwd, env: environment });
    while (!filesIn(cwd).some((name) => name.endsWith('checkpoint.json')))
      await new Promise((done) => setTimeout(done, 10));
    first.child.kill('SIGKILL');
    const killed = await first.ended;
    expect(filesIn(cwd).filter((name) => name !== 'p.yaml' && name !== 'in.jsonl').length).toBeGreaterThan(1);
    expect(leaks(cwd, [killed]), 'after the kill').toEqual([]);
    const shown = await run('checkpoint', 'show');
    expect(shown.stdout).toMatch(/^ {2}respool run --config p\.yaml$/mu);
    // Other secrets are no other job; another processor is.
    const changed = working()
      .replaceAll('canary-h', 'canary-other-h')
      .replaceAll('blocked_values: [paid]', 'blocked_values: [pai]');
    writeFileSync(join(cwd, 'p.yaml'), changed);
    const refused = await run('run', '-c', 'p.yaml', '--resume');
    expect(refused.stderr).toMatch(/--accept-config-change/u);
    const set = 'exporters.otlp_http.headers.X-More=canary-set';
    const resumed = await run('run', '-c', 'p.yaml', '--resume', '--accept-config-change', '--set', set);
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(otlp.requests.at(-1)?.headers['x-more']).toBe('canary-set');
    expect(leaks(cwd, [killed, shown, refused, resumed])).toEqual([]);
  });

  it.each([
    ['a backend that answers 401', () => otlp.answer(() => ({ status: 401, body: 'who are you' })), working],
    ['a redirect', () => otlp.answer(() => ({ status: 302, headers: { location: '/elsewhere' } })), working],
    ['a connection that is cut', () => otlp.answer(() => ({ hangUp: 'before' })), working],
    ['no server', () => {}, () => planted({ otlpPort: 1, lokiPort: 1 })],
    [
      'a proxy that is not there',
      () => {},
      () => withTls('    proxy_url: "http://proxy:canary-proxy@127.0.0.1:1"'),
    ],
    [
      'certificates that are none',
      () => {},
      () => withTls('    tls: {ca_pem: canary-ca, cert_pem: canary-cert, key_pem: canary-key}'),
    ],
    [
      'a key that is none',
      () => {},
      () => withTls(String.raw`    tls: {cert_pem: canary-cert, key_pem: "${pem('canary-key')}"}`),
    ],
    [
      'a key of another certificate, for a server without TLS',
      () => {},
      () =>
        withTls(
          `    tls: {cert_pem: ${certificate('client.pem')}, key_pem: ${certificate('other-key.pem')}}`,
        ),
    ],
  ] as const)('fails at %s and tells none of them', async (_, prepare, config) => {
    prepare();
    loki.answer(() => ({ status: 401, body: 'who are you' }));
    const once = config().replaceAll(
      /^( {2}(?:otlp_http|loki|sdk):)$/gmu,
      '$1\n    retry_on_failure: {enabled: false}',
    );
    const cwd = folderWith({ 'p.yaml': once, 'in.jsonl': recording });
    const ended = await respool(['run', '-c', 'p.yaml', '--report', 'report.json'], {
      cwd,
      env: environment,
    });
    expect(ended.exitCode, ended.stderr).not.toBe(0);
    expect(ended.stderr).not.toBe('');
    expect(leaks(cwd, [ended])).toEqual([]);
  });
});

describe('the search for canaries', () => {
  it('finds them in files and in what is printed, as they are and encoded', () => {
    const basic = Buffer.from('otlp:canary-otlp-password').toString('base64');
    const cwd = folderWith({
      'a.json': 'x Canary-1',
      'b.jsonl': `Basic ${basic}`,
      'c.txt': 'nothing',
      'd.yaml': 'canary',
    });
    expect(leaks(cwd, [{ exitCode: 0, stdout: 'canary-2', stderr: foreignKey }])).toHaveLength(4);
  });
});

/** What a person mistypes around a secret. Each holds a canary, and each is wrong. */
const wrong: readonly (readonly [name: string, exporters: string])[] = [
  ['a key with a typo', 'otlp_http: {endpoint: "http://a", header: {Authorization: canary}}'],
  ['a text for a map', 'otlp_http: {endpoint: "http://a", headers: canary}'],
  ['a list of texts', 'otlp_http: {endpoint: "http://a", headers: [canary]}'],
  ['a list for a text', 'otlp_http: {endpoint: "http://a", headers: {Authorization: [canary]}}'],
  ['a map for a text', 'otlp_http: {endpoint: "http://a", headers: {Authorization: {Bearer: canary}}}'],
  ['two lines', String.raw`otlp_http: {endpoint: "http://a", headers: {Authorization: "canary\ncanary"}}`],
  ['a name with a blank', 'otlp_http: {endpoint: "http://a", headers: {"X Y": canary}}'],
  ['a header of its own', 'otlp_http: {endpoint: "http://a", headers: {Content-Length: canary}}'],
  ['a list with a typo', 'otlp_http: {endpoint: "http://a", headers: [{name: A, vale: canary}]}'],
  [
    'the same name twice',
    'loki: {endpoint: "http://a", headers: [{name: A, value: canary}, {name: a, value: canary}]}',
  ],
  ['the same key twice', 'otlp_http: {endpoint: "http://a", headers: {A: canary, A: canary}}'],
  ['a port that is none', 'otlp_http: {endpoint: "http://user:canary@a:port"}'],
  ['a scheme that is none', 'otlp_http: {endpoint: "ftp://user:canary@a/?token=canary"}'],
  ['a proxy with another scheme', 'otlp_http: {endpoint: "http://a", proxy_url: "socks5://user:canary@a"}'],
  ['an endpoint of gRPC', 'otlp: {endpoint: "http://user:canary@a:4317", headers: {authorization: canary}}'],
  ['a key of TLS with a typo', 'otlp_http: {endpoint: "https://a", tls: {key_pm: canary}}'],
  ['a key as a list', 'otlp_http: {endpoint: "https://a", tls: {key_pem: [canary]}}'],
  ['the auth of the Collector', 'otlp_http: {endpoint: "http://a", auth: {authenticator: x, token: canary}}'],
  ['an exporter that there is not', 'splunk_hec: {endpoint: "http://a", token: canary}'],
  ['an exporter that nobody knows', 'mine: {password: canary, headers: {authorization: canary}}'],
  ['a quote that does not end', 'otlp_http: {endpoint: "http://a", headers: {Authorization: "canary}}'],
  ['a bracket that does not end', 'otlp_http: {endpoint: "http://a", headers: {Authorization: canary}'],
  ['a quote inside', `otlp_http: {endpoint: "http://a", headers: {Authorization: 'can't canary'}}`],
  [
    'a variable that is not set',
    'otlp_http: {endpoint: "http://a", headers: {Authorization: "canary ${env:NONE}"}}',
  ],
  [
    'a secret as the name of a variable',
    'otlp_http: {endpoint: "http://a", headers: {Authorization: "${env:canary token}"}}',
  ],
  [
    'an anchor that there is not',
    'otlp_http: {endpoint: "http://a", headers: {Authorization: canary, B: *canary}}',
  ],
  ['a tag', 'otlp_http: {endpoint: "http://a", headers: {Authorization: !secret canary}}'],
  [
    'options in the wrong place',
    'sdk: {module: ./none.js, headers: {authorization: canary}, url: "http://a:canary@b?token=canary"}',
  ],
  ['options that are none', 'sdk: {module: ./none.js, options: {password: canary}, token: canary}'],
];

describe('a config that is wrong about a secret', () => {
  it.each(wrong)('%s', async (_, exporters) => {
    const id = exporters.split(':', 1)[0] ?? '';
    const text = `receivers:\n  file: {include: [x]}\nexporters:\n  ${exporters}\nservice:\n  pipelines:\n    traces: {receivers: [file], exporters: [${id}]}\n`;
    const { tree, problems } = await planOf([{ name: 'p.yaml', text }], {});
    expect(problems).not.toEqual([]);
    expect(problems.map(formatProblem).join('\n')).not.toMatch(/canary/u);
    expect(toYaml(tree.shown())).not.toMatch(/canary/u);
  });
});
