/**
 * What Tempo's API answers for a trace. Version 1: `batches`, which are OTLP's resourceSpans under another name. Version 2:
 * `trace` with those, beside figures on the query; in JSON, or in protobuf. In JSON, ids are base64 and enums names.
 * (Version 1 in protobuf is OTLP to the byte, and told as that.)
 */
import type { Bytes } from '../wire/bytes.ts';
import type { Detection, Encoding } from './encoding.ts';
import { headOf, type Outline } from './outline.ts';
import { JsonNumber } from './shared/json.ts';
import type { Piece } from './shared/json-decoder.ts';
import { listsOfSpans, otlpInside } from './shared/otlp-pieces.ts';
import type { Plan } from './shared/plan.ts';
import { TempoDecoder } from './tempo/decoder.ts';
import { isAnswerInProtobuf } from './tempo/protobuf.ts';

export const tempo: Encoding = {
  name: 'tempo',
  title: "Tempo's API (JSON or protobuf)",
  readable: true,
  lost: ['schema URLs', 'flags of spans and links'],
  writtenBy: "Tempo's API (`/api/traces/ID`, `/api/v2/traces/ID`), and Grafana's export of a trace",
  better: 'let the Collector write OTLP to a file beside what goes to Tempo',
  detect: (head) => detect(head),
  decoder: (options) => new TempoDecoder(shape, options),
};

function detect(head: Bytes): Detection | undefined {
  const { outline } = headOf(head);
  if (outline !== undefined) return detectJson(outline);
  if (!isAnswerInProtobuf(head)) return undefined;
  return {
    confidence: 0.9,
    reason: 'resource spans one message deeper than in OTLP',
    signals: ['traces'],
    detail: 'version 2, protobuf',
  };
}

function detectJson(outline: Outline): Detection | undefined {
  for (const start of ['', '[].']) {
    for (const [name] of listsOfSpans) {
      const isVersion2 = outline.has(`${start}trace.${name}`);
      if (!isVersion2 && !(name === 'batches' && outline.has(`${start}batches`))) continue;
      const path = isVersion2 ? `${start}trace.${name}` : `${start}${name}`;
      return {
        confidence: 0.95,
        reason: `a member ${path}`,
        signals: ['traces'],
        detail: isVersion2 ? 'version 2' : 'version 1',
      };
    }
  }
  return undefined;
}

const trace: Plan = { name: 'trace', members: new Map(listsOfSpans) };
const answer: Plan = {
  name: 'answer',
  members: new Map<string, Plan>([
    ...listsOfSpans,
    ['trace', trace],
    ['status', { name: 'status', piece: true }],
  ]),
};

const shape = otlpInside({
  root: { ...answer, elements: answer },
  alien: {
    one: 'no trace and no batches: not what Tempo answers',
    many: (count) => `${count} documents without a trace or batches: not what Tempo answers`,
  },
  other: noticeOf,
});

/** Tempo cuts traces that are too large. */
function noticeOf(_name: string, piece: Piece): string | undefined {
  const status = piece.json();
  const isPartial = status === 'PARTIAL' || (status instanceof JsonNumber && status.text === '1');
  return isPartial ? 'traces of which Tempo answered a part (PARTIAL)' : undefined;
}
