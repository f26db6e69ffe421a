import { codemachine } from './codemachine.ts';
import type { Encoding } from './encoding.ts';
import { jaegerUi } from './jaeger-ui.ts';
import { knownShapes } from './known-shapes.ts';
import { otlpJson } from './otlp-json.ts';
import { otlpProto } from './otlp-proto.ts';
import { zipkin } from './zipkin.ts';

/** All encodings, those first that a person meets first. */
export const encodings: readonly Encoding[] = [
  otlpJson,
  otlpProto,
  codemachine,
  jaegerUi,
  zipkin,
  ...knownShapes,
];
