import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { jaegerV3 } from '../../src/encodings/jaeger-v3.ts';
import { holdsLaws } from './laws.ts';

const recordings = new URL('../../../shared/samples/recordings/jaeger/', import.meta.url);

test('the laws hold for answers of version 3 of Jaeger', () => {
  const names = ['v3-trace-1.json', 'v3-trace-12.json', 'v3-trace-13.json'];
  const seeds = names.map((name) => readFileSync(new URL(name, recordings)));
  holdsLaws(jaegerV3, {
    seeds,
    words: ['"@jaeger@warnings"', '1e400', 'null', '{"result":{', '{"resource":'],
  });
});
