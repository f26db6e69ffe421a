/** Recordings of traces of which a Tempo with limits takes only a part, and which part that is. */
import { createHash } from 'node:crypto';

/** `bad id`: its span id is all zeros. `large`: of a trace that is larger than Tempo takes. */
export type SpanKind = 'good' | 'bad id' | 'large';

export interface SentSpan {
  readonly kind: SpanKind;
  readonly traceId: string;
  readonly spanId: string;
}

export interface TraceRecordingOptions {
  readonly name: string;
  readonly traces: number;
  readonly spansPerTrace: number;
  /** Bytes of an attribute of each span. */
  readonly padding: number;
  /** Spans of one more trace, in pieces between the others. */
  readonly largeSpans?: number;
  /** Of so many traces one has a bad span; 0 for none. */
  readonly badEvery?: number;
}

export interface TraceRecording {
  readonly text: string;
  readonly sent: readonly SentSpan[];
}

/** OTLP JSON lines, one trace on each and with it a piece of the large one. */
export function badTraces(options: TraceRecordingOptions): TraceRecording {
  const { name, traces, spansPerTrace, padding, largeSpans = 0, badEvery = 0 } = options;
  const sent: SentSpan[] = [];
  const lines: string[] = [];
  const largeId = idOf(`${name} large`, 32);
  let large = 0;
  for (let trace = 0; trace < traces; trace++) {
    const traceId = idOf(`${name} ${trace}`, 32);
    const spans: SentSpan[] = Array.from({ length: spansPerTrace }, (_, at) => ({
      kind: 'good',
      traceId,
      spanId: idOf(`${name} ${trace} ${at}`, 16),
    }));
    if (badEvery > 0 && trace % badEvery === badEvery - 1)
      spans.push({ kind: 'bad id', traceId, spanId: '0'.repeat(16) });
    for (; large < (largeSpans * (trace + 1)) / traces; large++)
      spans.push({ kind: 'large', traceId: largeId, spanId: idOf(`${name} large ${large}`, 16) });
    sent.push(...spans);
    lines.push(documentOf(spans, padding));
  }
  return { text: `${lines.join('\n')}\n`, sent };
}

function documentOf(sent: readonly SentSpan[], padding: number): string {
  const now = BigInt(Date.now()) * 1_000_000n;
  const spans = sent.map(({ traceId, spanId, kind }) => ({
    traceId,
    spanId,
    name: kind,
    kind: 1,
    startTimeUnixNano: String(now),
    endTimeUnixNano: String(now + 1000n),
    attributes: [{ key: 'padding', value: { stringValue: '.'.repeat(padding) } }],
  }));
  const attributes = [{ key: 'service.name', value: { stringValue: 'bad-days' } }];
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: {}, spans }] }],
  });
}

function idOf(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
