import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { zipkin } from '../../src/encodings/zipkin.ts';
import { holdsLaws } from './laws.ts';

const recordings = new URL('../../../shared/samples/recordings/zipkin/', import.meta.url);

test('the laws hold for spans of Zipkin', () => {
  const names = ['brave-trace-64bit.json', 'brave-request-2.json', 'trace-13.json', 'js-request-2.json'];
  const seeds = names.map((name) => readFileSync(new URL(name, recordings)));
  holdsLaws(zipkin, { seeds, words: ['"shared":true,', '1e400', '"\\ud800"', 'null', '[[', '{"traceId":'] });
});
