import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { tempo } from '../../src/encodings/tempo.ts';
import { holdsLaws } from './laws.ts';

const recordings = new URL('../../../shared/samples/recordings/tempo/', import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(name, recordings));

describe('the laws hold for answers of Tempo', () => {
  test('in JSON', () => {
    const seeds = ['trace-12.json', 'v2-trace-12.json', 'v2-trace-13.json'].map(read);
    holdsLaws(tempo, {
      seeds,
      words: ['"status":"PARTIAL",', '1e400', 'null', '{"trace":{', '{"resource":'],
    });
  });

  test('in protobuf', () => {
    const seeds = [read('v2-trace-2.pb')];
    holdsLaws(tempo, { seeds, words: ['\u0018\u0001', '\u0012\u0002', '\n\u0000', '\n\u0001'] });
  });
});
