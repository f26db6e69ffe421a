/** Receivers, exporters, encodings and functions that an author writes. */
import { describe, expect, it } from 'vitest';
import type { Encoding } from '../../src/encodings/encoding.ts';
import type { AnyBatch } from '../../src/model/batches.ts';
import { defineEncoding, type EncodingDefinition } from '../../src/modules/define-encoding.ts';
import { defineExporter, type SenderHandlers } from '../../src/modules/define-exporter.ts';
import { defineFunction } from '../../src/modules/define-function.ts';
import { defineReceiver, type ReceiverDefinition } from '../../src/modules/define-receiver.ts';
import { checkedDefinition, checkedExtension } from '../../src/modules/definitions.ts';
import { exporterFactory } from '../../src/modules/exporter-factory.ts';
import { extensionFactory } from '../../src/modules/extension-factory.ts';
import { newBatch, newLog, newSpan } from '../../src/modules/made.ts';
import { outcomeOf } from '../../src/modules/outcome-of.ts';
import { receiverFactory } from '../../src/modules/receiver-factory.ts';
import { compileValue } from '../../src/ottl/condition.ts';
import type { FunctionSpec } from '../../src/ottl/function.ts';
import type { ReceiverContext } from '../../src/pipeline/component.ts';
import { ReceiverCounts } from '../../src/pipeline/counts.ts';
import { holdsLaws } from '../encodings/laws.ts';
import { exporterContext, sendBatch } from '../support/exporter-context.ts';
import { batchFrom } from '../support/processors.ts';
import { folderWith, respool } from '../support/respool.ts';

const file = { name: 'mine.ts', path: import.meta.filename, directory: import.meta.dirname };

const files = {
  'pipes.ts': `
    import { defineEncoding, defineFunction, newLog } from 'respool';
    import { z } from 'zod';
    export default [
      defineEncoding({
        name: 'pipe_lines',
        config: z.object({ service: z.string() }),
        detect: (head) => /^\\d+\\|/.test(Buffer.from(head).toString()),
        create: ({ service }) => ({
          line(text) {
            const [time = '', level = '', body = ''] = text.split('|');
            const log = newLog({ timeUnixNano: BigInt(time), severityText: level, body });
            log.resource.attributes.set('service.name', service);
            return log;
          },
        }),
      }),
      defineFunction({
        name: 'Slug',
        parameters: { text: 'string', separator: 'string?' },
        call: ({ text, separator = '-' }) => text.toLowerCase().split(/\\W+/).join(separator),
      }),
    ];`,
  'ticks.ts': `
    import { defineReceiver, newLog } from 'respool';
    import { z } from 'zod';
    export default defineReceiver({
      signals: ['logs'],
      config: z.object({ count: z.int() }),
      create: ({ count }) => ({
        *read() { for (let at = 0; at < count; at++) yield newLog({ body: 'tick ' + at }); },
      }),
    });`,
  'echo.ts': `
    import { defineExporter } from 'respool';
    export default defineExporter({
      ordered: true,
      create: (_, { print }) => ({
        target: 'the echo',
        async send(batch) {
          if (batch.signal !== 'logs') return { verdict: 'refused', reason: 'no logs' };
          for (const log of batch.logRecords())
            await print(log.severityText + ' ' + log.body + ' ' + log.attributes.get('slug') + '\\n');
        },
      }),
    });`,
  'in.txt': '1700000000000000000|INFO|Hello World\nnonsense\n\n1700000001000000000|WARN|Second One\r\n',
  'run.yaml': `
extensions:
  pipes: {module: ./pipes.ts, config: {service: shop}}
receivers:
  file: {include: [in.txt]}
  ticks: {module: ./ticks.ts, config: {count: 2}}
processors:
  transform:
    log_statements:
      - set(log.attributes["slug"], Slug(log.body)) where Slug(log.body, "_") != "second_one"
exporters:
  echo: {module: ./echo.ts}
service:
  pipelines:
    logs: {receivers: [file, ticks], processors: [transform], exporters: [echo]}
`,
  'wrong.yaml': `
extensions:
  pipes: {module: ./pipes.ts, config: {servce: shop}}
  ticks: {module: ./ticks.ts}
receivers:
  file: {include: [in.txt], format: pipe_line}
  ticks: {module: ./ticks.ts, config: {cont: 2}}
  echo: {module: ./echo.ts}
exporters:
  echo: {module: ./echo.ts, config: {a: 1}, timout: 3s}
service:
  pipelines:
    logs: {receivers: [file, ticks], exporters: [echo]}
    metrics: {receivers: [ticks], exporters: [echo]}
`,
};

describe('components of all kinds', () => {
  it('run together', async () => {
    const folder = folderWith(files);
    const { stdout, stderr, exitCode } = await respool(['run', '-c', 'run.yaml'], { cwd: folder });
    expect(stdout.trimEnd().split('\n').toSorted()).toEqual([
      ' tick 0 tick-0',
      ' tick 1 tick-1',
      'INFO Hello World hello-world',
      'WARN Second One undefined',
    ]);
    expect(stderr).toContain(
      'in.txt:2: Cannot convert nonsense to a BigInt (8 bytes from byte 37 are left out)',
    );
    expect(stderr).toContain('The ledger balances: 4 log records read, 4 delivered');
    expect(exitCode).toBe(3);
  });

  it('have errors like those of the built-in ones, all at once', async () => {
    const folder = folderWith(files);
    const { stderr, exitCode } = await respool(['validate', '-c', 'wrong.yaml'], { cwd: folder });
    const problems = stderr.split('\n\n').map((problem) => {
      const [first = '', , , ...remedy] = problem.split('\n');
      return [first.replace(/ {2}/, ' | '), remedy[0]?.trim()].join(' | ');
    });
    expect(problems).toEqual([
      'wrong.yaml:3:40 | extensions.pipes.config.servce: is not a known key | did you mean service?',
      'wrong.yaml:4:19 | extensions.ticks.module: ticks.ts is a receiver, and not an extension | it belongs under `receivers`',
      expect.stringMatching(
        /^wrong\.yaml:6:37 \| receivers\.file\.format: must be an encoding, found "pipe_line" \| one of: auto, otlp_json/,
      ),
      'wrong.yaml:7:40 | receivers.ticks.config.cont: is not a known key | did you mean count?',
      'wrong.yaml:8:18 | receivers.echo.module: echo.ts is an exporter, and not a receiver | it belongs under `exporters`',
      'wrong.yaml:10:37 | exporters.echo.config: echo.ts defines no config, so it takes none | ',
      'wrong.yaml:10:45 | exporters.echo.timout: is not a known key | did you mean timeout?',
      'wrong.yaml:14:27 | service.pipelines.metrics.receivers[0]: the receiver module takes logs, and this is a pipeline of metrics | receivers that take metrics: file, otlp, otlp_json_file',
      'The config has 8 errors. | ',
    ]);
    expect(exitCode).toBe(78);
  });

  it('that make another signal are named by the pipelines that take it', async () => {
    const folder = folderWith({
      'split.ts': `import { defineProcessor } from 'respool';
        export default defineProcessor({ creates: ['logs'], create: () => ({ span() {} }) });`,
      'run.yaml': `
receivers: {file: {include: [in]}}
processors: {split: {module: ./split.ts}, untaken: {module: ./split.ts}}
exporters: {nop: {}}
service:
  pipelines:
    traces: {receivers: [file], processors: [split, untaken], exporters: [nop]}
    logs: {receivers: [split], exporters: [nop]}
    metrics: {receivers: [split], exporters: [nop]}
`,
    });
    const { stderr } = await respool(['validate', '-c', 'run.yaml'], { cwd: folder });
    const firstLines = stderr.split('\n').filter((line) => line.startsWith('run.yaml'));
    expect(firstLines).toEqual([
      'run.yaml:3:43  warning: processors.untaken: makes logs, and no pipeline takes them: they are left out',
      'run.yaml:9:27  service.pipelines.metrics.receivers[0]: the processor split makes logs, and this is a pipeline of metrics',
    ]);
  });

  it('say where they belong', () => {
    const receiver = defineReceiver({ create: () => ({ *read() {} }) });
    expect(() => checkedDefinition('processor', receiver, file)).toThrow(
      'mine.ts is a receiver, and not a processor',
    );
    expect(() => checkedExtension(receiver, file)).toThrow('mine.ts is a receiver, and not an extension');
    expect(() => checkedExtension(undefined, file)).toThrow('mine.ts has no default export');
    expect(() => checkedDefinition('exporter', {}, file)).toThrow(/something that is not an exporter$/);
  });
});

async function readBy(definition: ReceiverDefinition): Promise<AnyBatch[]> {
  const { clock, logger, signal } = exporterContext();
  const context: ReceiverContext = {
    id: 'mine',
    clock,
    logger,
    signal,
    directory: '/',
    outputs: [],
    signals: new Set(['logs']),
    counts: new ReceiverCounts('mine'),
    stdin: (async function* none() {})(),
  };
  const receiver = await receiverFactory(definition, file).create({}, context);
  const batches: AnyBatch[] = [];
  await receiver.start({ emit: async (batch) => void batches.push(batch), advance() {} });
  await receiver.shutdown?.();
  return batches;
}

describe('a receiver', () => {
  it('hands over batches and items, each with its resource', async () => {
    const batches = await readBy({
      create: () => ({
        async *read() {
          yield newLog({ body: 'one' });
          yield [newLog({ body: 'two' }), newSpan({ name: 'three' })];
          const batch = newBatch('logs');
          batch.addResource().addScope().addLogRecord().body = 'four';
          yield batch;
        },
      }),
    });
    expect(batches.map(({ signal, itemCount }) => [signal, itemCount])).toEqual([
      ['logs', 1],
      ['logs', 1],
      ['traces', 1],
      ['logs', 1],
    ]);
  });

  it('may be written in the form of the built-in ones', async () => {
    const batches = await readBy({
      create: () => ({ start: async (output) => await output.emit(newBatch('traces'), { at: 1 }) }),
    });
    expect(batches).toHaveLength(1);
  });

  it.each([
    [
      'that throws names the line',
      {
        read() {
          throw new Error('no network');
        },
      },
      /^mine\.ts:\d+:\d+: no network$/,
    ],
    [
      'that yields no telemetry says what',
      {
        *read() {
          yield 'text';
        },
      },
      /^read in mine\.ts answered the text "text"$/,
    ],
    [
      'that emits no batch says so',
      { start: async (output: { emit(batch: unknown): Promise<void> }) => await output.emit({}) },
      /emitted something that is no batch/,
    ],
    ['that has neither form says so', { shutdown() {} }, /answered neither read nor start/],
  ])('%s', async (_, answer, message) => {
    await expect(readBy({ create: () => answer as never })).rejects.toThrow(message);
  });
});

const spans = (...names: string[]) =>
  batchFrom('traces', { resourceSpans: [{ scopeSpans: [{ spans: names.map((name) => ({ name })) }] }] });

describe('an exporter', () => {
  async function exporterOf(sender: Partial<SenderHandlers>) {
    const definition = defineExporter({ create: () => sender as SenderHandlers });
    const factory = exporterFactory(definition, file);
    return await factory.create(factory.schema.parse({ module: './mine.ts' }), exporterContext());
  }

  const cases: [what: string, send: () => unknown, outcome: object][] = [
    ['nothing answered is delivered', () => undefined, { verdict: 'delivered' }],
    [
      'an outcome counts',
      async () => ({ verdict: 'refused', reason: 'too old' }),
      { verdict: 'refused', reason: 'too old' },
    ],
    [
      'anything else stops',
      () => 200,
      { verdict: 'stop', reason: 'send in mine.ts answered something that is no outcome' },
    ],
    [
      'a mistake in the code stops, with its place',
      () => (undefined as unknown as { x(): void }).x(),
      { verdict: 'stop', reason: expect.stringMatching(/^mine\.ts:\d+:\d+: TypeError: Cannot read/) },
    ],
    [
      'the network is asked again',
      () =>
        Promise.reject(
          Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }),
        ),
      { verdict: 'retry' },
    ],
    [
      'so it is behind fetch',
      () =>
        Promise.reject(
          new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) }),
        ),
      { verdict: 'retry' },
    ],
  ];
  it.each(cases)('%s', async (_, send, outcome) => {
    const exporter = await exporterOf({ target: 'here', send: send as SenderHandlers['send'] });
    expect(await sendBatch(exporter, spans('a'))).toMatchObject([outcome]);
    expect(exporter.target).toBe('here');
  });

  it('has halves of its batch, and the items of a request', async () => {
    const exporter = await exporterOf({ send() {} });
    const [request] = [...(exporter.requests(spans('a', 'b', 'c')) as Iterable<never>)];
    const halves = (await exporter.split?.(request as never)) ?? [];
    expect(halves.map(({ items }) => items)).toEqual([2, 1]);
    expect((await exporter.itemsOf?.(halves[1] as never))?.itemCount).toBe(1);
    expect(exporter.target).toBe('test');
  });

  it('needs send', async () => {
    await expect(exporterOf({})).rejects.toThrow('create in mine.ts answered no send');
  });

  it.each([
    [204, {}, { verdict: 'delivered' }],
    [429, { 'retry-after': '7' }, { verdict: 'retry', retryAfterMs: 7000, reason: '429 Busy' }],
    [401, {}, { verdict: 'stop', status: 401 }],
    [413, {}, { verdict: 'split' }],
  ])('understands the answer %d', (status, headers, outcome) => {
    expect(outcomeOf(new Response(null, { status, statusText: 'Busy', headers }))).toMatchObject(outcome);
  });
});

function encodingOf<Config>(definition: EncodingDefinition<Config>, config?: unknown): Encoding {
  const { encodings = [] } = extensionFactory([definition], file).create({
    config,
  });
  return encodings[0] as Encoding;
}

describe('an encoding', () => {
  const lines = defineEncoding({
    name: 'my_lines',
    create: () => ({
      line(text, { line, offset }) {
        if (text.includes('bad')) throw new Error(`no good: ${line} at ${offset}`);
        const log = newLog({ body: text });
        return text.includes('both') ? [log, newSpan({ name: text })] : log;
      },
    }),
  });
  const document = defineEncoding({
    name: 'my_document',
    detect: () => 0.7,
    create: () => ({
      document(bytes) {
        const text = Buffer.from(bytes).toString('latin1');
        if (text.startsWith('{')) throw new Error('no good');
        return text.startsWith('[')
          ? batchFrom('traces', {})
          : [newLog({ body: text.slice(0, 30) }), newSpan({ name: 'x' })];
      },
    }),
  });
  const seeds = [
    Buffer.from('one\r\ntwo\n\nboth of them\n bad one\nthree'),
    Buffer.from('\uFEFFboth\nboth\nwürde\n'),
  ];

  it('by lines is read as every other: whatever the cuts, and on from each position', () => {
    holdsLaws(encodingOf(lines), { seeds, words: ['bad', 'both', '\r\n'] });
  });

  it('by documents likewise', () => {
    holdsLaws(encodingOf(document), { seeds, words: ['{', '['] });
  });

  it('is detected as it says', () => {
    const head = Buffer.from('x') as never;
    expect(encodingOf(lines).detect(head, { atEnd: true })).toBeUndefined();
    expect(encodingOf(document).detect(head, { atEnd: true })).toEqual({
      confidence: 0.7,
      reason: 'mine.ts says so',
    });
  });

  it.each([
    ['otlp_json', {}, 'mine.ts has an encoding of the name otlp_json, which is built in'],
    ['no name', {}, 'mine.ts has an encoding without a name'],
    ['mine', {}, 'create of the encoding mine in mine.ts must answer one of: line, document, decoder'],
  ])('%s', (name, reader, message) => {
    expect(() => encodingOf(defineEncoding({ name, create: () => reader as never }))).toThrow(message);
  });
});

describe('a function of OTTL', () => {
  const add = defineFunction({
    name: 'Add',
    parameters: { first: 'int', second: 'any?' },
    call: ({ first, second }) => {
      if (second === 'fail') throw new Error('told to fail');
      return typeof second === 'number' ? Number(first) + second : [first, second ?? null];
    },
  });
  const functions = new Map(
    (extensionFactory([add], file).create({}).functions as FunctionSpec[]).map((spec) => [spec.name, spec]),
  );
  const read = (text: string) => compileValue(text, 'log', { functions }).read({});

  it.each([
    ['Add(1, 2)', 3n],
    ['Add(1, 0.5)', 1.5],
    ['Add(9007199254740993)', [9007199254740993n, null]],
    ['Add(second="a", first=Len([1]))', [1n, 'a']],
    ['Len(Add(1))', 2n],
  ])('%s', (text, value) => {
    expect(read(text)).toEqual(value);
  });

  it.each([
    ['Add("a")', /first: expected int/],
    ['Add()', /Add takes 1 to 2 arguments \(first, second\?\), found 0/],
    ['Add(1, secnd=2)', /Add has no parameter secnd.*did you mean second/s],
    ['Ad(1)', /there is no converter Ad.*did you mean Add/s],
    ['Add(1, "fail")', /^Add\(1, "fail"\): mine\.ts:\d+:\d+: told to fail$/],
  ])('%s says what is wrong', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it.each([
    [{ ...add, name: 'add' }, /a name that begins with a capital letter$/],
    [{ ...add, name: 'SHA256' }, /of the name SHA256, which OTTL has$/],
    [{ ...add, parameters: { a: 'text' } as never }, /a parameter a of the unknown type text$/],
    [{ ...add, call: 1 as never }, /a call that is not a function$/],
  ])('that is none: %#', (definition, message) => {
    expect(() => extensionFactory([definition], file)).toThrow(message);
  });

  it('that answers no value fails on the record', () => {
    const later = defineFunction({ name: 'Later', parameters: {}, call: (async () => 1) as never });
    const [spec] = extensionFactory([later], file).create({}).functions as FunctionSpec[];
    const compiled = compileValue('Later()', 'log', {
      functions: new Map([['Later', spec as FunctionSpec]]),
    });
    expect(() => compiled.read({})).toThrow('Later in mine.ts answered a promise');
  });
});
