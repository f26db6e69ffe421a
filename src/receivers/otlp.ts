/**
 * Takes what applications and other collectors send by OTLP over HTTP, in protobuf and in JSON: so a pipeline can stand
 * between a live application and its backend. The run goes on until it is stopped (Ctrl-C), and then drains what it took.
 *
 * A client is answered when each of its items is settled: what is acknowledged is delivered, refused by the backend and
 * counted, dropped on purpose, or in the dead-letter file. So nothing that was acknowledged is lost, whatever happens to
 * this process; what was not, the client sends again, and a backend may then have it twice. `wait: queued` answers sooner,
 * and a crash loses what is in flight. While the backend takes nothing, requests wait, and then are answered 429 with
 * Retry-After. One ill-formed span does not take its request along: it is left out, and the client is told.
 *
 * It listens on 127.0.0.1 unless something else is written, because nothing tells who sends. gRPC is not built in.
 * `time_shift` with `align` needs a recording that is all there; with this receiver it takes a fixed `offset`.
 *
 * ```yaml
 * receivers:
 *   otlp:
 *     protocols:
 *       http:
 *         endpoint: 127.0.0.1:4318
 * ```
 */
import type { CheckedProblem, ReceiverFactory } from '../pipeline/component.ts';
import { isLoopback, parseEndpoint } from './otlp/endpoint.ts';
import { OtlpReceiver } from './otlp/receiver.ts';
import { schema, type Config } from './otlp/schema.ts';

export const otlp: ReceiverFactory<Config> = {
  kind: 'receiver',
  type: 'otlp',
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Takes what is sent by OTLP over HTTP, and answers when it is safe.',
  schema,
  listens: true,
  canScan: () => false,
  check: ({ protocols: { http } }) => [...addressProblems(http), ...pathProblems(http)],
  create: (config, context) => new OtlpReceiver(config, context),
};

type Http = Config['protocols']['http'];

function addressProblems({ endpoint, tls }: Http): CheckedProblem[] {
  const address = parseEndpoint(endpoint);
  if (address === undefined || isLoopback(address) || tls?.client_ca_file !== undefined) return [];
  return [
    {
      severity: 'warning',
      path: ['protocols', 'http', 'endpoint'],
      message: `${endpoint} is reached from other machines, and nothing tells who sends`,
      remedy: 'write 127.0.0.1:4318, or let only trusted machines reach it',
    },
  ];
}

function pathProblems({ traces_url_path, logs_url_path, metrics_url_path }: Http): CheckedProblem[] {
  const paths = { traces_url_path, logs_url_path, metrics_url_path };
  return Object.entries(paths).flatMap(([key, path], at, all): CheckedProblem[] => {
    const first = all.findIndex(([, other]) => other === path);
    if (first === at) return [];
    const message = `must differ from ${all[first]?.[0]}: the path tells what is sent`;
    return [{ severity: 'error', path: ['protocols', 'http', key], message }];
  });
}
