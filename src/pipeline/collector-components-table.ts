/**
 * Components that a Collector may have and Respool does not, each with what to do instead.
 * A config that names one gets that sentence.
 */
import type { ComponentKind } from './component.ts';

const files = 'record with the exporter `file` of a Collector, then read that with the receiver `file`';
const live =
  'only OTLP over HTTP is listened to, by the receiver `otlp`; record with the exporter `file` of a Collector, then read that with the receiver `file`';
const lines =
  'the receiver `file` reads lines of text; `format: lines` and `lines:` say how, where that cannot be told from them';
const http = 'use the exporter `otlp_http`: nearly every backend takes OTLP over HTTP';
const edits =
  'use the processors `transform`, `attributes` and `resource`, or write one of your own: `module: ./file.ts`';
const own = 'write a processor of your own, one TypeScript file: `module: ./file.ts`';
const grpc = 'use `otlp_http`; OTLP over HTTP is usually at port 4318';
const header = 'write the header itself: `headers: {Authorization: "Bearer ${env:TOKEN}"}` at the exporter';
const derived = 'leave it out: nothing is derived from spans or logs here';
const single = 'name one exporter instead: it is tried again until it takes the data';
const none = 'leave it out: a job that ends does not need it';

export const collectorComponents: Readonly<Record<ComponentKind, Readonly<Record<string, string>>>> = {
  receiver: {
    zipkin: live,
    jaeger: live,
    kafka: live,
    prometheus: live,
    hostmetrics: live,
    host_metrics: live,
    syslog: live,
    tcplog: live,
    tcp_log: live,
    udplog: live,
    udp_log: live,
    fluentforward: live,
    fluent_forward: live,
    k8s_events: live,
    k8s_cluster: live,
    kubeletstats: live,
    docker_stats: live,
    journald: live,
    statsd: live,
    loki: live,
    datadog: live,
    opencensus: live,
    skywalking: live,
    splunk_hec: live,
    webhookevent: live,
    nop: files,
    vcr: files,
    filelog: lines,
    file_log: lines,
  },
  processor: {
    tail_sampling: own,
    span: 'use the processor `transform`: `set(span.name, ...)`, `set(span.status.code, ...)`',
    groupbytrace: own,
    group_by_trace: own,
    logdedup: own,
    log_dedup: own,
    resourcedetection: edits,
    resource_detection: edits,
    k8sattributes: edits,
    k8s_attributes: edits,
    metricstransform: own,
    metrics_transform: own,
    cumulativetodelta: own,
    cumulative_to_delta: own,
    deltatorate: own,
    interval: own,
    unroll: own,
    schema: own,
    geoip: own,
    remotetap: 'use the exporter `debug`',
  },
  exporter: {
    otlp: grpc,
    otlp_grpc: grpc,
    logging: 'use the exporter `debug`',
    jaeger: 'use the exporter `otlp_http`: Jaeger takes OTLP over HTTP at port 4318',
    zipkin: http,
    kafka: http,
    prometheus: http,
    prometheusremotewrite: http,
    prometheus_remote_write: http,
    loadbalancing: http,
    load_balancing: http,
    elasticsearch: http,
    opensearch: http,
    clickhouse: http,
    datadog: http,
    splunk_hec: http,
    awsxray: http,
    googlecloud: http,
    azuremonitor: http,
    honeycombmarker: http,
    syslog: 'use the exporter `loki` or `file`',
    awss3: 'use the exporter `file` and copy what it wrote',
    s3: 'use the exporter `file` and copy what it wrote',
  },
  connector: {
    spanmetrics: derived,
    span_metrics: derived,
    count: derived,
    sum: derived,
    servicegraph: derived,
    service_graph: derived,
    exceptions: derived,
    routing: 'write two pipelines from the same receiver, each with a processor `filter`',
    failover: single,
    roundrobin: single,
    round_robin: single,
    otlpjson: files,
    otlp_json: files,
    grafanacloud: derived,
    datadog: derived,
    signaltometrics: derived,
  },
  extension: {
    file_storage: none,
    filestorage: none,
    basicauth: header,
    basic_auth: header,
    bearertokenauth: header,
    bearer_token_auth: header,
    headers_setter: header,
    oauth2client: header,
    oauth2_client: header,
    sigv4auth: header,
    memory_ballast: none,
    memory_limiter: 'use the processor `memory_limiter`',
    opamp: none,
    jaegerremotesampling: none,
  },
};

/** Extensions of the Collector that a job that ends has no use for: accepted with a notice. */
export const mootExtensions: ReadonlySet<string> = new Set([
  'health_check',
  'healthcheck',
  'healthcheckv2',
  'zpages',
  'pprof',
]);
