/** What a real Tempo answers for: the spans of a trace, by its own query API. */
import { getJson } from './peers.ts';

interface Answer {
  readonly trace?: {
    readonly resourceSpans?: readonly {
      readonly scopeSpans: readonly { readonly spans: readonly { readonly spanId: string }[] }[];
    }[];
  };
}

/** The span ids of a trace in lower-case hex, as often as Tempo gives them. */
export async function tempoSpans(url: string, traceId: string): Promise<string[]> {
  const { trace } = (await getJson(`${url}/api/v2/traces/${traceId}`)) as Answer;
  const scopes = (trace?.resourceSpans ?? []).flatMap(({ scopeSpans }) => scopeSpans);
  return scopes.flatMap(({ spans }) =>
    spans.map(({ spanId }) => Buffer.from(spanId, 'base64').toString('hex')),
  );
}
