import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { file } from '../../src/exporters/file.ts';
import { emptyBatch, type AnyBatch } from '../../src/model/batches.ts';
import type { JsonValue } from '../../src/pipeline/checkpoint.ts';
import type { Exporter } from '../../src/pipeline/component.ts';
import { exporterContext, sendBatch, startExporter } from '../support/exporter-context.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'respool-file-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

interface Started extends Exporter {
  /** Ends as a process does that is killed: nothing gets its name. */
  die(): Promise<void>;
}

async function start(state?: JsonValue, config: object = {}): Promise<Started> {
  const context = exporterContext({ directory });
  const exporter = await startExporter(file, { path: 'out.jsonl', ...config }, { ...context, state });
  const die = async (): Promise<void> => {
    context.stop();
    await exporter.shutdown?.();
  };
  return Object.assign(exporter, { die });
}

/** The state as it comes back from a checkpoint. */
async function saved(exporter: Exporter): Promise<JsonValue> {
  return JSON.parse(JSON.stringify(await exporter.state?.())) as JsonValue;
}

function span(name: string): AnyBatch {
  const batch = emptyBatch('traces');
  batch.addResource().addScope().addSpan().name = name;
  return batch;
}

function namesIn(name = 'out.jsonl'): string[] {
  return [...readFileSync(join(directory, name), 'utf8').matchAll(/"name":"(\w+)"/g)].map(
    ([, found]) => found ?? '',
  );
}

describe('a file that an earlier run began', () => {
  it('is written on as if there had been one run, whatever was written after the last checkpoint', async () => {
    const lives = fc.array(fc.record({ kept: fc.nat(4), lost: fc.nat(4) }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(lives, async (each) => {
        rmSync(directory, { recursive: true });
        directory = mkdtempSync(join(tmpdir(), 'respool-file-'));
        const expected: string[] = [];
        let state: JsonValue | undefined;
        for (const { kept, lost } of each) {
          const exporter = await start(state);
          for (let at = 0; at < kept; at++) {
            expected.push(`s${expected.length}`);
            await sendBatch(exporter, span(expected.at(-1) ?? ''));
          }
          state = await saved(exporter);
          for (let at = 0; at < lost; at++) await sendBatch(exporter, span('lost'));
          await exporter.die();
        }
        const last = await start(state);
        await sendBatch(last, span('end'));
        await last.shutdown?.();
        expect(namesIn()).toEqual([...expected, 'end']);
        // A life that had written nothing has left an empty file under a name of its own.
        const others = readdirSync(directory).filter((name) => name !== 'out.jsonl');
        for (const name of others) expect(namesIn(name).filter((found) => found !== 'lost')).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('goes on from a file that got its name when the run before was complete', async () => {
    const first = await start();
    await sendBatch(first, span('a'));
    const state = await saved(first);
    await first.shutdown?.();
    const second = await start(state);
    expect(namesIn()).toEqual(['a']);
    await sendBatch(second, span('b'));
    await second.shutdown?.();
    expect(namesIn()).toEqual(['a', 'b']);
    expect(readdirSync(directory)).toEqual(['out.jsonl']);
  });

  it('leaves it as it is, for the run after that too, when there is nothing to add', async () => {
    const first = await start();
    await sendBatch(first, span('a'));
    const state = await saved(first);
    await first.shutdown?.();
    for (let at = 0; at < 2; at++) {
      const idle = await start(state);
      expect(readdirSync(directory)).toEqual(['out.jsonl']);
      expect(await saved(idle)).toEqual(state);
      await idle.shutdown?.();
      expect(idle.whereToLook?.()).toEqual([join(directory, 'out.jsonl')]);
    }
    const last = await start(state);
    await sendBatch(last, span('b'));
    await last.shutdown?.();
    expect(namesIn()).toEqual(['a', 'b']);
  });

  it('goes on from a file that was rotated away after the checkpoint', async () => {
    const rotation = { max_megabytes: 0.0001 };
    const first = await start(undefined, { rotation });
    await sendBatch(first, span('a'));
    const state = await saved(first);
    await sendBatch(first, span('lost'));
    await first.die();
    const second = await start(state, { rotation: { max_megabytes: 1 } });
    await sendBatch(second, span('b'));
    await second.shutdown?.();
    expect(namesIn()).toEqual(['a', 'b']);
  });

  it('keeps what others appended meanwhile, and begins a line of its own', async () => {
    const first = await start(undefined, { append: true });
    await sendBatch(first, span('a'));
    const state = await saved(first);
    await first.die();
    appendFileSync(join(directory, 'out.jsonl'), '{"name":"other"}');
    const second = await start(state, { append: true });
    await sendBatch(second, span('b'));
    await second.shutdown?.();
    expect(namesIn()).toEqual(['a', 'other', 'b']);
    expect(readFileSync(join(directory, 'out.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(3);
  });

  it('is an error when it is gone or shorter than what is counted', async () => {
    const first = await start();
    await sendBatch(first, span('a'));
    const state = await saved(first);
    await first.die();
    rmSync(join(directory, 'out.jsonl.partial'));
    await expect(start(state)).rejects.toThrow(
      /out\.jsonl\.partial \(or .*out\.jsonl, if it was complete\), of which \d+ bytes are counted, is not there any more/u,
    );
    expect(existsSync(join(directory, 'out.jsonl'))).toBe(false);
  });
});
