/**
 * What Jaeger's query API of version 3 answers: OTLP JSON in `result`, one document or, as it is streamed, several. Older
 * versions write ids in base64 and `instrumentationLibrarySpans`, which are read as well.
 */
import type { Detection, Encoding } from './encoding.ts';
import { headOf, type Outline } from './outline.ts';
import { JsonShapeDecoder } from './shared/json-decoder.ts';
import { listsOfSpans, otlpInside } from './shared/otlp-pieces.ts';
import type { Plan } from './shared/plan.ts';

export const jaegerV3: Encoding = {
  name: 'jaeger_v3',
  title: "Jaeger's query API v3 (OTLP JSON in an answer)",
  readable: true,
  lost: ['schema URLs', 'the order of attributes'],
  writtenBy: "Jaeger's API `/api/v3/traces`",
  better: 'let the Collector write OTLP to a file beside what goes to Jaeger',
  detect: (head) => detect(headOf(head).outline),
  decoder: (options) => new JsonShapeDecoder(shape, options),
};

function detect(outline: Outline | undefined): Detection | undefined {
  for (const path of ['result.', '[].result.']) {
    const found = listsOfSpans.find(([name]) => outline?.has(path + name) === true);
    if (found === undefined) continue;
    return { confidence: 0.95, reason: `a member ${path}${found[0]}`, signals: ['traces'] };
  }
  return undefined;
}

const result: Plan = { name: 'result', members: new Map(listsOfSpans) };
const answer: Plan = { name: 'answer', members: new Map([['result', result]]) };

const shape = otlpInside({
  root: { ...answer, elements: answer },
  alien: {
    one: 'no result with resourceSpans: not what Jaeger answers',
    many: (count) => `${count} documents without a result with resourceSpans: not what Jaeger answers`,
  },
  added: {
    key: '@jaeger@warnings',
    notice: 'warnings of Jaeger about spans, not carried over',
  },
});
