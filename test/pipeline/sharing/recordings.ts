/** Files of OTLP JSON with everything in them that lies around in files of OTLP JSON. */
import fc from 'fast-check';

/** One piece of a file; `spans` of them can be read. */
export interface Chunk {
  readonly kind: 'line' | 'indented' | 'text' | 'broken' | 'cut' | 'blank' | 'foreign';
  readonly spans: number;
  readonly padding: number;
  readonly crlf: boolean;
}

const chunk: fc.Arbitrary<Chunk> = fc.record({
  kind: fc.oneof(
    { weight: 12, arbitrary: fc.constant('line' as const) },
    { weight: 2, arbitrary: fc.constantFrom('indented', 'text', 'broken', 'cut', 'blank', 'foreign') },
  ),
  spans: fc.integer({ min: 1, max: 4 }),
  padding: fc.integer({ min: 0, max: 300 }),
  crlf: fc.boolean(),
});

export const files: fc.Arbitrary<readonly (readonly Chunk[])[]> = fc.array(
  fc.array(chunk, { minLength: 1, maxLength: 60 }),
  { minLength: 1, maxLength: 4 },
);

/** The text of a file, and the names of the spans in it. */
export function written(chunks: readonly Chunk[], file: number): { text: string; names: string[] } {
  const names: string[] = [];
  const lines = chunks.map(({ kind, spans, padding, crlf }, at) => {
    const own = Array.from({ length: spans }, (_, item) => `${file}.${at}.${item}`);
    if (kind === 'line' || kind === 'indented') names.push(...own);
    return `${textOf(kind, own, padding)}${crlf ? '\r\n' : '\n'}`;
  });
  return { text: lines.join(''), names };
}

function textOf(kind: Chunk['kind'], names: readonly string[], padding: number): string {
  const document = {
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: names.map((name) => ({
              traceId: '5b8efff798038103d269b633813fc60c',
              spanId: 'eee19b7ec3c1b174',
              name,
              attributes: [{ key: 'padding', value: { stringValue: 'x'.repeat(padding) } }],
            })),
          },
        ],
      },
    ],
  };
  const json = JSON.stringify(document);
  switch (kind) {
    case 'line':
      return json;
    case 'indented':
      return JSON.stringify(document, null, 1);
    case 'text':
      return `starting up ${'.'.repeat(padding)}`;
    case 'broken':
      return json.replace('"name":', '"name"');
    case 'cut':
      return json.slice(0, json.lastIndexOf('"'));
    case 'foreign':
      return '{"level":"info"}';
    default:
      return '';
  }
}
