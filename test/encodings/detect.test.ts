import { describe, expect, test } from 'vitest';
import { detect } from '../../src/encodings/detect.ts';
import type { Encoding } from '../../src/encodings/encoding.ts';
import { encodings } from '../../src/encodings/list.ts';
import { encodingNames } from '../../src/encodings/names.ts';
import { otlpJson } from '../../src/encodings/otlp-json.ts';
import type { Bytes } from '../../src/wire/bytes.ts';

const headOf = (text: string) => Buffer.from(text, 'latin1') as Bytes;

function encoding(name: string, confidence: number): Encoding {
  return { name, title: name, readable: false, lost: [], detect: () => ({ confidence, reason: name }) };
}

describe('the choice', () => {
  const choose = (...confidences: number[]) => {
    const among = confidences.map((confidence, i) => encoding(`e${i}`, confidence));
    const found = detect(headOf('x'), { atEnd: true }, among);
    if (found === undefined) return undefined;
    return 'unsure' in found ? found.unsure.map((each) => each.encoding.name) : found.encoding.name;
  };

  test('is the one that is clearly ahead', () => {
    expect(choose(0.2, 0.9, 0.5)).toBe('e1');
    expect(choose(0.5)).toBe('e0');
  });

  test('is left open when none is', () => {
    expect(choose(0.4, 0.1)).toEqual(['e0', 'e1']);
    expect(choose(0.85, 0.9)).toEqual(['e1', 'e0']);
    expect(choose()).toBeUndefined();
  });
});

describe('OTLP JSON', () => {
  const found = (text: string) => otlpJson.detect(headOf(text), { atEnd: true });

  test.each([
    ['{"resourceSpans":[', ['traces']],
    ['\u00ef\u00bb\u00bf\n {\n  "resourceLogs" : [\n', ['logs']],
    ['[ { "resource_metrics": [] } ]', ['metrics']],
    ['{"x":{"resourceLogs":[1]},"resourceSpans":[],"resourceLogs":[]}', ['traces', 'logs']],
    ['{"resourceSpans":null}', ['traces']],
  ])('%s', (text, signals) => {
    expect(found(text)).toMatchObject({ confidence: 0.99, signals });
  });

  test('further down, with less confidence', () => {
    expect(found('starting\n{"level":"info"}\n{"resourceSpans":[]}')).toMatchObject({
      confidence: 0.8,
      reason: 'document or line 2 is a JSON object with resourceSpans',
    });
  });

  test.each([
    '',
    '{}',
    '[]',
    'text',
    '{"data":[{"spans":[]}]}',
    '{"trace":{"resourceSpans":[]}}',
    '{"resourceSpans":"x"}',
    '{"message":"resourceSpans"}',
    '"resourceSpans"',
    '{"resourceSpa',
  ])('not %s', (text) => {
    expect(found(text)).toBeUndefined();
  });
});

test('what a config may name is what can be read', () => {
  expect(encodingNames).toEqual(encodings.filter(({ readable }) => readable).map(({ name }) => name));
});
