import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { jaegerUi } from '../../src/encodings/jaeger-ui.ts';
import { holdsLaws } from './laws.ts';

const recordings = new URL('../../../shared/samples/recordings/jaeger/', import.meta.url);

test('the laws hold for traces of Jaeger', () => {
  const names = ['trace-1.json', 'trace-12.json', 'trace-13.json'];
  const seeds = names.map((name) => readFileSync(new URL(name, recordings)));
  holdsLaws(jaegerUi, {
    seeds,
    words: ['"process":{"serviceName":"x"},', '1e400', '"\\ud800"', 'null', '{"data":[', '{"traceID":'],
  });
});
