import { describe, expect, it } from 'vitest';
import { summaryText } from '../../src/cli/summary.ts';
import { add, ReceiverCounts } from '../../src/pipeline/counts.ts';
import { ExportTally } from '../../src/pipeline/export-tally.ts';
import { Ledger } from '../../src/pipeline/ledger.ts';
import type { RunResult } from '../../src/pipeline/run.ts';

/** A run that read 10 spans, of which 7 are delivered, 1 is refused and 2 are dead letters. */
function result(): RunResult {
  const ledger = new Ledger();
  const receiver = new ReceiverCounts('file');
  Object.assign(receiver.flow('traces'), { in: 10, out: 10 });
  ledger.receivers.push(receiver);
  const tally = new ExportTally('otlp_http', 'traces', 'http://x');
  Object.assign(tally.current, { handed: 10, delivered: 7, requests: 9, bytes: 1, possiblyDuplicated: 4 });
  add(tally.current.refused, 'too old', 1);
  add(tally.current.deadLettered, 'http://x answered 400: bad id', 2);
  ledger.tallies.push(tally);
  ledger.pipelines.push({ id: 'traces', signal: 'traces', inputs: ['file'], outputs: ['otlp_http'] });
  return {
    ledger,
    failures: [],
    interrupted: false,
    checkpoints: 0,
    workers: 1,
    elapsedMs: 1000,
    whereToLook: [],
  };
}

describe('the summary', () => {
  it('tells dead letters, where they are and how they are sent again, and what may be there twice', () => {
    const deadLetters = { path: 'letters.jsonl', again: 'respool import letters.jsonl --otlp http://x' };
    const text = summaryText(result(), { dryRun: false, deadLetters });
    expect(text.split('\n')).toEqual([
      'file                   read 10 spans',
      'otlp_http -> http://x  delivered 7 spans (9 requests, 1 B)',
      'otlp_http -> http://x  refused 1 span: too old',
      'otlp_http -> http://x  dead-lettered 2 spans: http://x answered 400: bad id',
      'otlp_http -> http://x  4 spans may be there twice: an earlier attempt ended without an answer, or with one that does not say what is stored',
      '',
      'Dead letters: 2 items in letters.jsonl',
      '  send again: respool import letters.jsonl --otlp http://x',
      '',
      'The ledger balances: 10 spans read, 7 delivered + 1 refused + 2 dead-lettered; took 1.0 s.',
    ]);
  });

  it('says nothing of the file when there are none', () => {
    const clean = result();
    clean.ledger.tallies.splice(0);
    const text = summaryText(clean, { dryRun: false, deadLetters: { path: 'letters.jsonl', again: 'x' } });
    expect(text).not.toContain('letters.jsonl');
  });

  it('is not that of a clean run', () => {
    expect(result().ledger.isClean()).toBe(false);
  });
});
