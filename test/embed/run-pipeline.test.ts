import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BatchStream } from '../../src/embed/batch-stream.ts';
import { loadConfig, type LoadedConfig } from '../../src/embed/load-config.ts';
import { batchFromOtlp, batchToOtlp, type OtlpObject } from '../../src/embed/otlp-objects.ts';
import { runPipeline } from '../../src/embed/run-pipeline.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { namesIn, spansNamed } from '../support/fake-components.ts';

const spans = (...names: string[]): OtlpObject => ({
  resourceSpans: [{ scopeSpans: [{ spans: names.map((name) => ({ name })) }] }],
});

const written = (drop: string) => ({
  receivers: { program: {} },
  processors: { filter: { traces: { span: [`name == "${drop}"`] } } },
  exporters: { program: {} },
  service: {
    pipelines: { traces: { receivers: ['program'], processors: ['filter'], exporters: ['program'] } },
  },
});

async function collected(config: LoadedConfig, ...inputs: OtlpObject[]) {
  const names: string[] = [];
  const result = await runPipeline(config, {
    inputs: { program: inputs },
    outputs: { program: (batch) => void names.push(...namesIn(batch)) },
  });
  return { names, result };
}

describe('a pipeline in a program', () => {
  it('takes objects in, gives objects out, and answers the ledger', async () => {
    const config = await loadConfig(written('health'));
    const { names, result } = await collected(config, spans('a', 'health'), spans('b'));
    expect(names).toEqual(['a', 'b']);
    expect(result.failures).toEqual([]);
    expect(result.interrupted).toBe(false);
    expect(result.ledger.imbalances()).toEqual([]);
    expect(result.ledger.processors[0]).toMatchObject({ in: 3, out: 2 });
    expect(result.ledger.exporters[0]).toMatchObject({ handed: 2, delivered: 2 });
  });

  it('may run again, and at the same time as another: the two do not see each other', async () => {
    const [one, other] = await Promise.all([loadConfig(written('x')), loadConfig(written('y'))]);
    const runs = await Promise.all([
      collected(one, spans('x', 'y')),
      collected(other, spans('x', 'y')),
      collected(one, spans('x', 'z')),
    ]);
    expect(runs.map(({ names }) => names)).toEqual([['y'], ['x'], ['z']]);
    for (const { result } of runs) expect(result.ledger.receivers[0]?.flows.get('traces')?.in).toBe(2);
  });

  it.each([['pipeline.yaml'], [loadConfig(written('x'))], [written('x')]])(
    'is no config before it was loaded: %s',
    async (config) => {
      await expect(runPipeline(config as never)).rejects.toThrow(
        'runPipeline takes what loadConfig answers: `await loadConfig(...)`',
      );
    },
  );

  it('adds no handler to the process', async () => {
    const before = process.eventNames().map((name) => [name, process.listenerCount(name)]);
    await collected(await loadConfig(written('x')), spans('a'));
    expect(process.eventNames().map((name) => [name, process.listenerCount(name)])).toEqual(before);
  });

  it('reads what a receiver of the config reads, and batches as well as objects', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'respool-embed-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'one.json'), JSON.stringify(spans('from a file')));
    const config = await loadConfig(
      {
        yaml: `
receivers: {file: {include: [one.json]}, program: {}}
exporters: {nop: {}}
service: {pipelines: {traces: {receivers: [file, program], exporters: [nop]}}}
`,
      },
      { directory: folder },
    );
    const names: string[] = [];
    await runPipeline(config, {
      inputs: { program: [spansNamed(['a batch'])] },
      outputs: { nop: (batch) => void names.push(...namesIn(batch)) },
    });
    expect(names.toSorted()).toEqual(['a batch', 'from a file']);
  });

  it('asks for input only as it has room, and waits for its output', async () => {
    const config = await loadConfig(written('x'), { set: ['service.max_in_flight=1'] });
    let asked = 0;
    let given = 0;
    let most = 0;
    await runPipeline(config, {
      inputs: {
        program: (async function* many() {
          for (; asked < 20; asked++) {
            most = Math.max(most, asked - given);
            yield spans(`s${asked}`);
          }
        })(),
      },
      outputs: {
        program: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          given++;
        },
      },
    });
    expect(given).toBe(20);
    expect(most).toBeLessThan(4);
  });

  it('is read with for await', async () => {
    const output = new BatchStream();
    const running = runPipeline(await loadConfig(written('x')), {
      inputs: { program: [spans('a'), spans('b')] },
      outputs: { program: output },
    });
    const names: string[] = [];
    for await (const batch of output) names.push(...namesIn(batch));
    expect(names).toEqual(['a', 'b']);
    expect((await running).ledger.exporters[0]?.delivered).toBe(2);
  });

  it('stops when a reader breaks off, and says what is not delivered', async () => {
    const output = new BatchStream();
    const running = runPipeline(await loadConfig(written('x')), {
      inputs: { program: [spans('a'), spans('b'), spans('c')] },
      outputs: { program: output },
    });
    for await (const batch of output) if (namesIn(batch)[0] === 'a') break;
    const { failures, ledger } = await running;
    expect(String(failures[0])).toContain('its reader broke off');
    expect(ledger.imbalances()).toEqual([]);
  });

  it('stops when an output throws', async () => {
    const { failures, ledger } = await runPipeline(await loadConfig(written('x')), {
      inputs: { program: [spans('a')] },
      outputs: {
        program: () => {
          throw new Error('disk full');
        },
      },
    });
    expect(String(failures[0])).toContain('the program did not take it: disk full');
    expect(ledger.exporters[0]).toMatchObject({ delivered: 0, failed: 1 });
  });

  it('stops when an input throws', async () => {
    const { failures } = await runPipeline(await loadConfig(written('x')), {
      inputs: {
        program: (async function* broken(): AsyncGenerator<OtlpObject> {
          yield spans('a');
          throw new Error('no more of it');
        })(),
      },
      outputs: { program: () => {} },
    });
    expect(String(failures[0])).toContain('program: no more of it');
  });

  it('ends at an abort, also when its input never answers, and drains what it has', async () => {
    const stop = new AbortController();
    const names: string[] = [];
    const { interrupted, ledger, failures } = await runPipeline(await loadConfig(written('x')), {
      signal: stop.signal,
      inputs: {
        program: (async function* stuck(): AsyncGenerator<OtlpObject> {
          yield spans('a');
          await new Promise(() => {});
        })(),
      },
      outputs: {
        program: (batch) => {
          names.push(...namesIn(batch));
          stop.abort();
        },
      },
    });
    expect(interrupted).toBe(true);
    expect(failures).toEqual([]);
    expect(names).toEqual(['a']);
    expect(ledger.isClean()).toBe(true);
  });

  it('refuses names that the config does not have', async () => {
    const config = await loadConfig(written('x'));
    await expect(runPipeline(config, { inputs: { file: [] } })).rejects.toThrow(
      /"file" is no receiver .* it has: program/,
    );
    await expect(runPipeline(config, { outputs: { loki: () => {} } })).rejects.toThrow(
      /"loki" is no exporter/,
    );
  });

  it('says what was not given', async () => {
    const { failures } = await runPipeline(await loadConfig(written('x')), {
      outputs: { program: () => {} },
    });
    expect(String(failures[0])).toContain('inputs: { "program": batches }');
  });
});

describe('a config for a program', () => {
  it('is refused with every problem in one go', async () => {
    const refused = loadConfig({
      yaml: 'receivers: {program: {}}\nexporters: {nopp: {}}\nservice: {pipelines: {traces: {receivers: [programm], exporters: [nopp]}}}',
    });
    await expect(refused).rejects.toBeInstanceOf(ConfigError);
    await expect(refused).rejects.toThrow(/did you mean program/);
    await expect(refused).rejects.toThrow(/did you mean nop/);
  });

  it('reads nothing of the environment that it is not given', async () => {
    const config = {
      yaml: 'receivers: {program: {}}\nexporters: {otlp_http: {endpoint: "${env:WHERE_TO}"}}\nservice: {pipelines: {traces: {receivers: [program], exporters: [otlp_http]}}}',
    };
    process.env['WHERE_TO'] = 'http://localhost:1';
    onTestFinished(() => void delete process.env['WHERE_TO']);
    await expect(loadConfig(config)).rejects.toThrow(/WHERE_TO/);
    const loaded = await loadConfig(config, { env: process.env });
    expect(loaded.exporters).toEqual(['otlp_http']);
  });

  it('takes a dollar sign of an object as it is', async () => {
    const config = await loadConfig({ ...written('${env:NO}'), exporters: { program: {} } });
    expect((await collected(config, spans('${env:NO}', 'b'))).names).toEqual(['b']);
  });

  it('says what is missing of a file', async () => {
    await expect(loadConfig('nowhere.yaml')).rejects.toThrow(/nowhere\.yaml/);
  });

  it('refuses align for what a program puts in', async () => {
    await expect(
      loadConfig({
        ...written('x'),
        processors: { filter: { traces: { span: ['false'] } }, time_shift: { align: 'end_to_now' } },
        service: {
          pipelines: {
            traces: { receivers: ['program'], processors: ['time_shift', 'filter'], exporters: ['program'] },
          },
        },
      }),
    ).rejects.toThrow(/offset/);
  });
});

describe('objects of OTLP JSON', () => {
  it('become batches and come back', () => {
    const object = spans('a');
    expect(batchToOtlp(batchFromOtlp(object))).toEqual(object);
    const [name] = namesIn(batchFromOtlp(spans('é')));
    expect(name).toBe('é');
  });

  it('are refused when they are none', () => {
    expect(() => batchFromOtlp({ spans: [] } as never)).toThrow(
      /resourceSpans, resourceLogs, resourceMetrics, found spans/,
    );
    expect(() => batchFromOtlp({ resourceSpans: [{ scopeSpans: 1 }] })).toThrow(/at byte/);
  });
});
