import { chromeTrace } from './chrome-trace.ts';
import { codemachine } from './codemachine.ts';
import { consoleEncoding } from './console.ts';
import type { Encoding } from './encoding.ts';
import { jaegerUi } from './jaeger-ui.ts';
import { jaegerV3 } from './jaeger-v3.ts';
import { lines } from './lines.ts';
import { logcli } from './logcli.ts';
import { loki } from './loki.ts';
import { otlpJson } from './otlp-json.ts';
import { otlpProto } from './otlp-proto.ts';
import { tempo } from './tempo.ts';
import { zipkin } from './zipkin.ts';

/** All encodings, those first that a person meets first. */
export const encodings: readonly Encoding[] = [
  otlpJson,
  otlpProto,
  codemachine,
  jaegerUi,
  jaegerV3,
  tempo,
  zipkin,
  loki,
  logcli,
  chromeTrace,
  consoleEncoding,
  lines,
];
