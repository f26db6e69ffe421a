/** What the CodeMachine samples hold, read with exact decimal arithmetic and none of the project's code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shared } from './peers.ts';

export const folder = join(shared, 'samples/codemachine/traces');

/** The session files; the two `latest` files repeat the last session. */
const sessions = ['2026-11-22/10-22-01', '2026-11-22/10-22-04'];

export interface PlainSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  start: string;
  end: string;
  status: string;
  attributes: Record<string, string>;
  events: { name: string; time: string; attributes: Record<string, string> }[];
}

export interface PlainLog {
  time: string;
  body: string;
  severityNumber: number;
  severityText: string;
  traceId: string;
  spanId: string;
  attributes: Record<string, string>;
  resource: Record<string, string>;
}

/** A number as it stands in the file. */
class Numeral {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Json = null | boolean | string | Numeral | Json[] | { [key: string]: Json };

function read(path: string): { [key: string]: Json } {
  const keepText = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' ? new Numeral(context?.source ?? '') : value;
  return JSON.parse(readFileSync(join(folder, path), 'utf8'), keepText) as { [key: string]: Json };
}

/** Milliseconds in decimal text to nanoseconds: the point moves by six places. */
function nanos(value: Json | undefined): string {
  const [whole = '0', fraction = ''] = (value as Numeral).text.split('.');
  return String(BigInt(whole + fraction.slice(0, 6).padEnd(6, '0')));
}

/** A value and its type: `int 3`, `double 1.5`, `string x`. */
export function typed(value: Json | undefined): string {
  if (value instanceof Numeral)
    return /^-?\d+$/.test(value.text) ? `int ${value.text}` : `double ${Number(value.text)}`;
  return typeof value === 'object' ? `json ${JSON.stringify(value)}` : `${typeof value} ${String(value)}`;
}

function typedMap(value: Json | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries((value ?? {}) as object).map(([key, inner]) => [key, typed(inner as Json)]),
  );
}

const codes = ['UNSET', 'OK', 'ERROR'];

export function sourceSpans(): PlainSpan[] {
  return sessions.flatMap((session) => {
    const { spans } = read(`${session}.json`) as { spans: { [key: string]: Json }[] };
    return spans.map((span) => {
      const status = (span['status'] ?? {}) as { code?: Numeral; message?: string };
      return {
        traceId: span['traceId'] as string,
        spanId: span['spanId'] as string,
        parentSpanId: (span['parentSpanId'] as string | undefined) ?? '',
        name: span['name'] as string,
        start: nanos(span['startTime']),
        end: nanos(span['endTime']),
        status: `${codes[Number(status.code?.text ?? 0)]} ${status.message ?? ''}`.trim(),
        attributes: typedMap(span['attributes']),
        events: ((span['events'] ?? []) as { [key: string]: Json }[]).map((event) => ({
          name: event['name'] as string,
          time: nanos(event['time']),
          attributes: typedMap(event['attributes']),
        })),
      };
    });
  });
}

export function sourceLogs(): PlainLog[] {
  return sessions.flatMap((session) => {
    const { logs } = read(`${session}-logs.json`) as { logs: { [key: string]: Json }[] };
    return logs.map((log) => {
      const [seconds, rest] = log['timestamp'] as [Numeral, Numeral];
      const {
        'trace.id': traceId,
        'span.id': spanId,
        ...attributes
      } = (log['attributes'] ?? {}) as { [key: string]: Json };
      return {
        time: String(BigInt(seconds.text) * 1_000_000_000n + BigInt(rest.text)),
        body: typeof log['body'] === 'string' ? log['body'] : JSON.stringify(log['body']),
        severityNumber: Number((log['severityNumber'] as Numeral).text),
        severityText: log['severityText'] as string,
        traceId: (traceId as string | undefined) ?? '',
        spanId: (spanId as string | undefined) ?? '',
        attributes: typedMap(attributes),
        resource: typedMap(log['resource']),
      };
    });
  });
}
