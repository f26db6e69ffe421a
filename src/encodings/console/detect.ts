/** Which SDK printed what stands at the beginning of a file. */
import type { Signal } from '../../model/signal.ts';
import type { Bytes } from '../../wire/bytes.ts';
import type { Detection } from '../encoding.ts';
import { headOf } from '../outline.ts';

interface Sign {
  readonly sdk: string;
  readonly signal: Signal;
  readonly pattern: RegExp;
  readonly reason: string;
}

const signs: readonly Sign[] = [
  {
    sdk: 'JavaScript',
    signal: 'traces',
    pattern:
      /\sresource: (?:[A-Z]\w* )?\{[^]{0,20000}?\straceId: ['"`][\da-f]{32}['"`],[^]{0,20000}?\sduration: [\d.e+]+,/,
    reason: 'spans as console.dir prints them, with resource and duration',
  },
  {
    sdk: 'JavaScript',
    signal: 'logs',
    pattern:
      /\sresource: (?:[A-Z]\w* )?\{[^]{0,20000}?\stimestamp: [\d.]+,[^]{0,1000}?\sseverityNumber: (?:\d|undefined)/,
    reason: 'log records as console.dir prints them, with resource and severityNumber',
  },
  {
    sdk: 'Python',
    signal: 'traces',
    pattern: /"context": ?\{[^{}]{0,40}"trace_id": ?"0x[\da-f]{32}"/,
    reason: 'spans with context.trace_id',
  },
  {
    sdk: 'Python',
    signal: 'logs',
    pattern: /"severity_number": ?[^]{0,20000}?"trace_id": ?(?:"0x[\da-f]{1,32}"|null|"")/,
    reason: 'log records with severity_number and trace_id',
  },
  {
    sdk: 'Go',
    signal: 'traces',
    pattern: /"SpanContext": ?\{\s*"TraceID": ?"[\da-f]{32}"/,
    reason: 'spans with SpanContext.TraceID',
  },
  {
    sdk: 'Go',
    signal: 'logs',
    pattern: /"ObservedTimestamp": ?"[^]{0,20000}?"SeverityText": ?"/,
    reason: 'log records with ObservedTimestamp and SeverityText',
  },
];

export function detectPrintOuts(head: Bytes): Detection | undefined {
  const { text } = headOf(head);
  const found = signs.filter(({ pattern }) => pattern.test(text));
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
