import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { components } from '../../src/components.ts';
import { loadTree } from '../../src/config/load.ts';
import type { AnyExporterFactory, Components } from '../../src/pipeline/component.ts';
import { localPolicy } from '../../src/pipeline/export-config.ts';
import { planRun, type Planned } from '../../src/pipeline/planner.ts';

async function plan(yaml: string, known: Components = components): Promise<Planned> {
  const { tree, problems } = loadTree([{ name: 'test.yaml', text: yaml }], { env: {}, readFile: () => '' });
  expect(problems).toEqual([]);
  const loadModule = (): Promise<never> => Promise.reject(new Error('there are no modules here'));
  return await planRun(tree, { components: known, loadModule, directory: '/data' });
}

const file = 'receivers:\n  file: {include: [traces]}\n';

/** Pipelines of traces, each from some inputs to some outputs. */
function chain(pipelines: Readonly<Record<string, readonly [receivers: string, exporters: string]>>): string {
  const lines = Object.entries(pipelines).map(
    ([id, [receivers, exporters]]) => `    ${id}: {receivers: [${receivers}], exporters: [${exporters}]}`,
  );
  const connectors = new Set(lines.flatMap((line) => line.match(/forward\/\w+/gu) ?? []));
  const defined = [...connectors].map((id) => `  ${id}:`);
  return `${file}exporters:\n  debug:\nconnectors:\n${defined.join('\n')}\nservice:\n  pipelines:\n${lines.join('\n')}\n`;
}

describe('the order of pipelines', () => {
  test.each([
    [
      'that are not joined',
      { 'traces/b': ['file', 'debug'], 'traces/a': ['file', 'debug'] },
      'traces/b traces/a',
    ],
    [
      'of a chain that is written backwards',
      {
        'traces/3': ['forward/y', 'debug'],
        'traces/2': ['forward/x', 'forward/y'],
        'traces/1': ['file', 'forward/x'],
      },
      'traces/1 traces/2 traces/3',
    ],
    [
      'that fork and meet again',
      {
        'traces/end': ['forward/l, forward/r', 'debug'],
        'traces/left': ['forward/in', 'forward/l'],
        'traces/right': ['forward/in', 'forward/r'],
        'traces/start': ['file', 'forward/in'],
      },
      'traces/start traces/left traces/right traces/end',
    ],
  ] as const)('%s', async (_, pipelines, order) => {
    const { plan: planned, problems } = await plan(chain(pipelines));
    expect(problems).toEqual([]);
    expect(planned?.pipelines.map(({ id }) => id).join(' ')).toBe(order);
  });

  it('is not there when connectors go in a circle, which is said once', async () => {
    const { plan: planned, problems } = await plan(
      chain({
        'traces/a': ['file, forward/c', 'forward/a'],
        'traces/b': ['forward/a', 'forward/b, debug'],
        'traces/c': ['forward/b', 'forward/c'],
      }),
    );
    expect(planned).toBeUndefined();
    expect(problems.map(({ message }) => message)).toEqual([
      'the data would go in a circle: traces/a -> forward/a -> traces/b -> forward/b -> traces/c -> forward/c -> traces/a',
    ]);
  });

  it('does not join pipelines of different signals through one connector', async () => {
    const yaml = `${file}connectors:\n  forward:\nexporters:\n  debug:\nservice:\n  pipelines:
    logs/out: {receivers: [forward], exporters: [debug]}
    traces/out: {receivers: [forward], exporters: [debug]}
    traces: {receivers: [file], exporters: [forward]}
    logs: {receivers: [file], exporters: [forward]}\n`;
    const { plan: planned } = await plan(yaml);
    const order = planned?.pipelines.map(({ id }) => id) ?? [];
    expect(order.indexOf('logs')).toBeLessThan(order.indexOf('logs/out'));
    expect(order.indexOf('traces')).toBeLessThan(order.indexOf('traces/out'));
  });
});

describe('a plan', () => {
  it('has the exporters that are used, each with the signals of its pipelines', async () => {
    const { plan: planned, problems } = await plan(`${file}exporters:
  otlp_http: {endpoint: "http://tempo:4318"}
  loki: {endpoint: "http://loki:3100"}
  debug:
service:
  pipelines:
    traces: {receivers: [file], exporters: [otlp_http]}
    traces/two: {receivers: [file], exporters: [otlp_http]}
    logs: {receivers: [file], exporters: [loki, otlp_http]}
`);
    expect(planned?.exporters.map(({ id, signals }) => [id, signals])).toEqual([
      ['otlp_http', ['traces', 'logs']],
      ['loki', ['logs']],
    ]);
    expect(planned?.exporters[0]?.policy).toMatchObject({ consumers: 4, timeoutMs: 30_000 });
    expect(problems.map(({ severity, path }) => `${severity} ${path.join('.')}`)).toEqual([
      'warning exporters.debug',
    ]);
  });

  it('has the settings of the service', async () => {
    const { plan: planned } = await plan(`${file}exporters:\n  debug:\nservice:
  max_in_flight: 1MiB
  telemetry: {logs: {level: WARN}}
  pipelines:
    traces: {receivers: [file], exporters: [debug]}\n`);
    expect(planned).toMatchObject({
      directory: '/data',
      maxInFlightBytes: 1_048_576,
      logLevel: 'warn',
      needsTimeRange: false,
    });
  });

  it('takes the other spellings of the Collector', async () => {
    const { plan: planned, problems } = await plan(`receivers:
  otlpjsonfile/in: {include: [traces], start_at: beginning}
exporters:
  otlphttp/out: {endpoint: "http://tempo:4318"}
service:
  pipelines:
    traces: {receivers: [otlpjsonfile/in], exporters: [otlphttp/out]}
`);
    expect(problems).toEqual([]);
    expect(planned?.receivers.map(({ id }) => id)).toEqual(['otlpjsonfile/in']);
    expect(planned?.exporters.map(({ id }) => id)).toEqual(['otlphttp/out']);
  });

  it('lets a receiver and an exporter have the same id', async () => {
    const { plan: planned, problems } = await plan(
      `${file}exporters:\n  file: {path: out.jsonl}\nservice:\n  pipelines:\n    traces: {receivers: [file], exporters: [file]}\n`,
    );
    expect(problems).toEqual([]);
    expect(planned?.pipelines[0]).toMatchObject({ inputs: ['file'], outputs: ['file'] });
  });
});

describe('the time range of all inputs', () => {
  const shifted = (shift: string, include: string, processors: string): string => `receivers:
  file: {include: ["${include}"]}
processors:
  time_shift: ${shift}
exporters:
  debug:
service:
  pipelines:
    traces: {receivers: [file], processors: [${processors}], exporters: [debug]}
`;

  test.each([
    ['is needed to align', shifted('{align: end_to_now}', 'traces', 'time_shift'), true],
    ['is not needed for a fixed shift', shifted('{offset: 3d}', 'traces', 'time_shift'), false],
    ['is not needed by what no pipeline uses', shifted('{align: end_to_now}', 'traces', ''), false],
    ['is not asked of standard input for a fixed shift', shifted('{offset: 3d}', '-', 'time_shift'), false],
  ])('%s', async (_, yaml, needed) => {
    const { plan: planned } = await plan(yaml);
    expect(planned?.needsTimeRange).toBe(needed);
  });

  it('cannot be had from standard input', async () => {
    const { plan: planned, problems } = await plan(shifted('{align: end_to_now}', '-', 'time_shift'));
    expect(planned).toBeUndefined();
    expect(problems.map(({ path }) => path)).toEqual([['processors', 'time_shift']]);
    expect(problems[0]?.remedy).toMatch(/offset: 3d/u);
  });

  it('is not asked of an input that no pipeline reads', async () => {
    const yaml = shifted('{align: end_to_now}', 'traces', 'time_shift').replace(
      'receivers:\n',
      'receivers:\n  file/stdin: {include: ["-"]}\n',
    );
    const { plan: planned, problems } = await plan(yaml);
    expect(problems.map(({ severity, path }) => [severity, path[1]])).toEqual([['warning', 'file/stdin']]);
    expect(planned?.needsTimeRange).toBe(true);
  });
});

describe('standard input', () => {
  it('is read by one receiver', async () => {
    const { plan: planned, problems } = await plan(`receivers:
  file/a: {include: ["-"]}
  file/b: {include: [traces, "-"]}
  file/unused: {include: ["-"]}
  otlp_json_file: {include: ["-"], start_at: beginning}
exporters:
  debug:
service:
  pipelines:
    traces: {receivers: [file/a, file/b], exporters: [debug]}
    logs: {receivers: [file/a, otlp_json_file], exporters: [debug]}
`);
    expect(planned).toBeUndefined();
    expect(problems.map(({ severity, path, message }) => [severity, path[1], message])).toEqual([
      ['error', 'file/b', 'reads standard input, and so does the receiver file/a'],
      ['warning', 'file/unused', 'is defined, and no pipeline uses it'],
      ['error', 'otlp_json_file', 'reads standard input, and so does the receiver file/a'],
    ]);
  });
});

describe('problems', () => {
  it('come in the order of their places, whoever found them', async () => {
    const { problems } = await plan(`service:
  pipelines:
    traces: {receivers: [fil], exporters: [debug]}
exporters:
  debug: {verbosity: loud}
receivers:
  file: {includes: [a]}
`);
    expect(problems.map(({ place }) => place?.line)).toEqual([3, 5, 7]);
  });

  it('of a check name the key, the text in it, and what the component was told', async () => {
    const seen: unknown[] = [];
    const names = { type: 'picky', aliases: ['choosy'], signals: ['traces', 'logs'] as const };
    const picky: AnyExporterFactory = {
      ...names,
      kind: 'exporter',
      summary: 'Finds fault.',
      schema: z.strictObject({ words: z.string(), level: z.int().default(3) }),
      policy: () => localPolicy,
      check: (config: { words: string }, facts) => {
        seen.push(config, facts.writtenType, facts.signals, facts.has('words'), facts.has('level'));
        return [{ severity: 'warning', path: ['words'], message: 'is misspelt', offset: 4, length: 3 }];
      },
      create: () => Promise.reject(new Error('nothing is created by a plan')),
    };
    const known: Components = { ...components, exporters: [{ ...names, load: async () => picky }] };
    const { plan: planned, problems } = await plan(
      `${file}exporters:\n  choosy/x: {words: "one tow"}\nservice:\n  pipelines:\n    traces: {receivers: [file], exporters: [choosy/x]}\n`,
      known,
    );
    expect(planned).toBeDefined();
    expect(seen).toEqual([{ words: 'one tow', level: 3 }, 'choosy', ['traces'], true, false]);
    expect(problems[0]).toMatchObject({
      path: ['exporters', 'choosy/x', 'words'],
      place: { line: 4, column: 26, length: 3 },
    });
  });

  it('found before keep a plan from being made of what is missing', async () => {
    const text = `${file}exporters:\n  otlp_http: {endpoint: "\${env:NOT_SET}"}\nservice:\n  pipelines:\n    traces: {receivers: [file], exporters: [otlp_http]}\n`;
    const { tree, problems } = loadTree([{ name: 'test.yaml', text }], { env: {}, readFile: () => '' });
    expect(problems).toHaveLength(1);
    const planned = await planRun(tree, {
      components,
      loadModule: () => Promise.reject(new Error('no')),
      directory: '.',
    });
    expect(planned).toEqual({ plan: undefined, problems: [] });
  });
});
