/** What a decoder makes of a text, as plain spans with their resource and scope. */
import type { DecoderOptions, Encoding } from '../../src/encodings/encoding.ts';
import { cut, decodedInPieces, decoderOf } from './decoding.ts';

interface Attribute {
  readonly key: string;
  readonly value?: Readonly<Record<string, unknown>>;
}

interface Group {
  readonly resource?: { readonly attributes?: readonly Attribute[] };
  readonly scopeSpans: readonly {
    readonly scope?: object;
    readonly spans: readonly Readonly<Record<string, unknown>>[];
  }[];
}

export interface ReadSpans {
  readonly spans: readonly Readonly<Record<string, unknown>>[];
  readonly unreadable: readonly { readonly line: number | undefined; readonly reason: string }[];
  readonly notices: Readonly<Record<string, number>>;
  readonly documents: number;
}

/** Attributes are an object of their values with the type; `resource` and `scope` stand beside them. */
export function spansOf(
  encoding: Encoding,
  input: string | Buffer,
  options: Partial<DecoderOptions> = {},
): ReadSpans {
  const decoder = decoderOf(encoding, options);
  const spans: Record<string, unknown>[] = [];
  const unreadable: { line: number | undefined; reason: string }[] = [];
  let documents = 0;
  for (const seen of decodedInPieces(decoder, cut(Buffer.from(input as string), [11]))) {
    if ('reason' in seen) {
      unreadable.push({ line: seen.line, reason: seen.reason });
      continue;
    }
    documents += seen.documents;
    for (const group of (seen.json as { resourceSpans: Group[] }).resourceSpans) spans.push(...flat(group));
  }
  return { spans, unreadable, notices: Object.fromEntries(decoder.notices), documents };
}

function* flat({ resource, scopeSpans }: Group): Iterable<Record<string, unknown>> {
  for (const { scope, spans } of scopeSpans) {
    for (const span of spans) {
      const inner = span['events'] as readonly { attributes?: readonly Attribute[] }[] | undefined;
      yield {
        ...span,
        ...named('attributes', span['attributes'] as readonly Attribute[] | undefined),
        ...(inner && {
          events: inner.map((event) => ({ ...event, ...named('attributes', event.attributes) })),
        }),
        ...named('resource', resource?.attributes),
        ...(scope && { scope }),
      };
    }
  }
}

function named(name: string, attributes: readonly Attribute[] | undefined): Record<string, unknown> {
  if (attributes === undefined) return {};
  return { [name]: Object.fromEntries(attributes.map(({ key, value }) => [key, value])) };
}
