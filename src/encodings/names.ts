/** What `format:` may name, in the order of `list.ts`: who only wants to know the names need not load what is behind them. */
export const encodingNames: readonly string[] = [
  'otlp_json',
  'otlp_proto',
  'codemachine',
  'jaeger_ui',
  'jaeger_v3',
  'tempo',
  'zipkin',
  'loki',
  'logcli',
  'chrome_trace',
  'console',
  'lines',
];
