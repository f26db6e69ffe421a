/** Which SDK printed what stands at the beginning of a file. */
import type { Signal } from '../../model/signal.ts';
import type { Bytes } from '../../wire/bytes.ts';
import type { Detection } from '../encoding.ts';
import { headOf } from '../outline.ts';

interface Sign {
  readonly sdk: string;
  readonly signal: Signal;
  /** All of them are there, wherever: each takes time that grows with the text and no more. */
  readonly patterns: readonly RegExp[];
  readonly reason: string;
}

const jsResource = /\sresource: (?:[A-Z]\w* )?\{/;

const signs: readonly Sign[] = [
  {
    sdk: 'JavaScript',
    signal: 'traces',
    patterns: [
      jsResource,
      /\straceId: ['"`][\da-f]{32}['"`],/,
      /\sid: ['"`][\da-f]{16}['"`],/,
      /\sduration: [\d.e+]+,/,
    ],
    reason: 'spans as console.dir prints them, with resource and duration',
  },
  {
    sdk: 'JavaScript',
    signal: 'logs',
    patterns: [jsResource, /\stimestamp: [\d.]+,/, /\sseverityNumber: (?:\d|undefined)/],
    reason: 'log records as console.dir prints them, with resource and severityNumber',
  },
  {
    sdk: 'Python',
    signal: 'traces',
    patterns: [/"context": ?\{[^{}"]{0,40}"trace_id": ?"0x[\da-f]{32}"/, /"start_time":/],
    reason: 'spans with context.trace_id',
  },
  {
    sdk: 'Python',
    signal: 'logs',
    patterns: [/"severity_number": ?[\d"n]/, /"trace_id": ?(?:"0x[\da-f]{1,32}"|null|"")/, /"body":/],
    reason: 'log records with severity_number and trace_id',
  },
  {
    sdk: 'Go',
    signal: 'traces',
    patterns: [/"SpanContext": ?\{\s{0,20}"TraceID": ?"[\da-f]{32}"/, /"StartTime":/],
    reason: 'spans with SpanContext.TraceID',
  },
  {
    sdk: 'Go',
    signal: 'logs',
    patterns: [/"ObservedTimestamp": ?"/, /"SeverityText": ?"/],
    reason: 'log records with ObservedTimestamp and SeverityText',
  },
];

export function detectPrintOuts(head: Bytes): Detection | undefined {
  const { text } = headOf(head);
  const found = signs.filter(({ patterns }) => patterns.every((pattern) => pattern.test(text)));
  const [first] = found;
  if (first === undefined) return undefined;
  const sdks = [...new Set(found.map(({ sdk }) => sdk))];
  return {
    confidence: /^\s*\{/.test(text) ? 0.95 : 0.85,
    reason: first.reason,
    signals: [...new Set(found.map(({ signal }) => signal))],
    detail: `of the SDK for ${sdks.join(' and ')}`,
  };
}
