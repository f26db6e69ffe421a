/** What is in a file of Zipkin, read in a way of its own: by JSON.parse, and all of it at once. */
import { createHash } from 'node:crypto';
import { hashOf } from './tally.ts';

interface Endpoint {
  readonly serviceName?: string;
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly port?: number;
}

interface Span {
  readonly traceId: string;
  readonly id: string;
  readonly parentId?: string;
  readonly kind?: string | null;
  readonly name?: string;
  readonly timestamp?: number;
  readonly duration?: number;
  readonly shared?: boolean;
  readonly localEndpoint?: Endpoint;
  readonly remoteEndpoint?: Endpoint;
  readonly tags?: Readonly<Record<string, string>>;
}

type Source = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
const parse = JSON.parse as (text: string, reviver: Source) => unknown;

export function zipkinSpans(content: Buffer): Span[] {
  const isTime = new Set(['timestamp', 'duration']);
  const whole = parse(content.toString(), (key, value, { source }) =>
    isTime.has(key) && source !== undefined ? nanos(source) : value,
  );
  return [whole].flat(Infinity) as Span[];
}

/** Nanoseconds of decimal microseconds. */
function nanos(microseconds: string): bigint {
  const [whole = '', fraction = ''] = microseconds.split('.');
  return BigInt(whole + fraction.slice(0, 3).padEnd(3, '0'));
}

/** The canonical lines, by the manifest's convention: a span that is `shared` keeps its id. */
export function keptIds(spans: readonly Span[]): string {
  return hashOf(spans.map((span) => lineOf(span, span.id, span.parentId)));
}

/** The canonical lines by ours: it gets an id of its own, below that of the client, and above its children. */
export function toldApart(spans: readonly Span[]): string {
  const own = (span: Span): string =>
    createHash('sha256')
      .update(`${span.traceId.padStart(32, '0')} ${span.id} ${span.localEndpoint?.serviceName}`)
      .digest('hex')
      .slice(0, 16);
  const lines = spans.map((span) => {
    if (span.shared === true) return lineOf(span, own(span), span.id);
    const parent = spans.find(
      (other) =>
        other.shared === true &&
        other.id === span.parentId &&
        other.traceId === span.traceId &&
        other.localEndpoint?.serviceName === span.localEndpoint?.serviceName,
    );
    return lineOf(span, span.id, parent === undefined ? span.parentId : own(parent));
  });
  return hashOf(lines);
}

function lineOf(span: Span, id: string, parentId = ''): string {
  const start = BigInt(span.timestamp ?? 0);
  const end = start + BigInt(span.duration ?? 0);
  return [span.traceId.padStart(32, '0'), id, parentId, span.name ?? '', start, end].join(' ');
}

/** Tags as attributes, all of them, as the manifest counts them. */
export function allTags(spans: readonly Span[]): Record<string, number> {
  return counted(spans.flatMap(({ tags = {} }) => Object.keys(tags).map(() => 'string')));
}

const meanings = new Set(
  (
    'otel.status_code otel.status_description otel.scope.name otel.scope.version otel.library.name ' +
    'otel.library.version w3c.tracestate error'
  ).split(' '),
);

/** Tags that stand for no field of OTLP, and what is known of the endpoints. */
export function ownAttributes(spans: readonly Span[]): Record<string, number> {
  const types: string[] = [];
  for (const { tags = {}, localEndpoint: local = {}, remoteEndpoint: remote = {} } of spans) {
    for (const key of Object.keys(tags)) if (!meanings.has(key)) types.push('string');
    if (remote.serviceName !== undefined) types.push('string');
    for (const { ipv4, ipv6, port } of [local, remote]) {
      if (ipv4 !== undefined || ipv6 !== undefined) types.push('string');
      if (port !== undefined) types.push('int');
    }
  }
  return counted(types);
}

function counted(types: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const type of types) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}
