import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { folderWith, respool, type Options } from '../support/respool.ts';
import { golden, logsLine, spansLine, steady } from './scenario.ts';

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const resource = { attributes: [text('service.name', 'shop')] };

const spans = [
  {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: '0000000000000001',
    name: 'GET /orders/17',
    kind: 2,
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000001000000000',
    attributes: [
      text('http.route', '/orders/{id}'),
      text('body', '{"items": [{"id": 7}], "total": 2.5}'),
      text('client', '10.0.0.1'),
      { key: 'size', value: { intValue: '9007199254740993' } },
      { key: 'ratio', value: { doubleValue: 2 } },
    ],
    events: [{ name: 'cache miss', timeUnixNano: '1700000000500000000' }, { name: 'retry' }],
    status: { code: 2, message: 'late' },
  },
  { traceId: '5b8efff798038103d269b633813fc60c', spanId: '0000000000000002', name: 'SELECT', kind: 3 },
  { name: 'x'.repeat(300), attributes: [text('body', 'no JSON')] },
];
const metrics = [
  {
    name: 'requests',
    unit: '1',
    sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ asInt: '4', timeUnixNano: '17' }] },
  },
];
const traces = `${JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'http' }, spans }] }] })}\n`;
const recording = `${traces}${logsLine(['one', 'two'])}${JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] })}\n`;

/** Standard output, standard error and the exit code. */
async function tried(args: readonly string[], options: Options = {}): Promise<string> {
  const cwd = options.cwd ?? folderWith({ 'recording.jsonl': recording });
  const { exitCode, stdout, stderr } = await respool(['ottl', ...args], { ...options, cwd });
  return steady(`${stdout}--\n${stderr}exit ${exitCode}\n`, cwd);
}

describe('respool ottl', () => {
  it.each([
    ['statements', ['set(span.name, span.attributes["http.route"]) where span.kind == SPAN_KIND_SERVER']],
    [
      'all-kinds',
      [
        'merge_maps(span.attributes, ParseJSON(span.attributes["body"]), "upsert") where IsMatch(span.attributes["body"], "^\\\\{")',
        'delete_matching_keys(span.attributes, "^(client|ratio)$")',
        'set(span.attributes["size"], span.attributes["size"] + 1) where span.attributes["size"] != nil',
        'set(span.status.code, STATUS_CODE_OK)',
        'set(span.end_time_unix_nano, 1800000000000000000)',
        'set(resource.attributes["replayed"], true)',
        'truncate_all(span.attributes, 4)',
        'set(span.name, Concat([span.name, "y"], ""))',
      ],
    ],
    ['failing', ['set(span.attributes["n"],\n    ParseJSON(span.attributes["body"])["total"])']],
    ['condition', ['span.kind == SPAN_KIND_CLIENT or Len(span.name) > 100']],
    ['conditions', ['IsRootSpan() and span.name != ""', 'span.status.code == STATUS_CODE_ERROR']],
    ['failing-condition', ['Len(span.kind) == 1', '--limit', '1']],
    ['events', ['set(spanevent.attributes["of"], span.name)']],
    ['logs', ['set(body, {"text": body, "n": [1, 2.0]})', '--context', 'log']],
    ['metrics', ['set(metric.name, Concat([metric.name, metric.type], " ")) where datapoint.value_int == 4']],
    ['all-signals', ['set(resource.attributes["service.name"], "store")']],
    ['scopes', ['set(name, "db")', '--context', 'scope', '--limit', '0']],
    ['nothing', ['set(log.body, log.body)', 'set(log.severity_text, "INFO")']],
    ['syntax', ['set(span.name, ']],
    ['several-mistakes', ['set(span.nme, Conct([span.name], 1))', 'sett(span.name, "x")']],
    ['no-context', ['set(severity_text, "WARN")']],
    ['mixed', ['set(span.name, "x")', 'span.name == "x"']],
  ])('golden: %s', async (name, args) => {
    const output = await tried([...args, '--input', 'recording.jsonl']);
    expect(output).toBe(golden(`ottl-${name}.txt`, output));
  });

  it('shows what a statement does to the data points of a metric, of every type', async () => {
    const points = (fields: object) => ({ dataPoints: [{ count: '4', sum: 6, ...fields }] });
    const half = { offset: -1, bucketCounts: ['1', '2'] };
    const metrics = [
      { name: 'h', histogram: points({ bucketCounts: ['1', '3'], explicitBounds: [2], min: 1, max: 4 }) },
      { name: 'e', exponentialHistogram: points({ scale: 2, zeroCount: '1', positive: half }) },
      { name: 's', summary: points({ quantileValues: [{ quantile: 0.5, value: 4 }] }) },
    ];
    const cwd = folderWith({
      'm.jsonl': JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }),
    });
    const statements = [
      ['scale_metric(2.0) where metric.name != "e"', '-i', 'm.jsonl'],
      ['set(datapoint.positive.offset, 3)', 'set(datapoint.scale, 1)', '-i', 'm.jsonl'],
      ['set(datapoint.bucket_counts, [2, 2])', '-i', 'm.jsonl'],
    ];
    const outputs = await Promise.all(statements.map((args) => tried(args, { cwd })));
    expect(outputs.join('\n')).toBe(golden('ottl-parts.txt', outputs.join('\n')));
  });

  it('says so when the recording holds nothing of the context', async () => {
    const cwd = folderWith({ 'traces.jsonl': spansLine(['a']) });
    const output = await tried(['set(log.body, 1)', '-i', 'traces.jsonl'], { cwd });
    expect(output).toBe('--\nno log records in the input, which has 1 span\nexit 0\n');
  });

  it('reads files, folders and standard input in any encoding, and names what it cannot read', async () => {
    const cwd = folderWith({
      'a.jsonl.gz': gzipSync(spansLine(['a'])),
      'b.json': JSON.stringify(JSON.parse(spansLine(['b'])), null, 2),
      'c.jsonl': `${spansLine(['c'])}{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": 5}]}]}]}\n`,
      'd.txt': 'what I did\nwhat I will do\n',
      'e.jsonl': '',
    });
    const args = ['set(span.kind, SPAN_KIND_CLIENT)', '-i', '.', '-i', '-'];
    const output = await tried(args, { cwd, input: spansLine(['from a pipe']) });
    expect(output).toBe(golden('ottl-inputs.txt', output));
  });

  it('shows hostile data and does not obey it', async () => {
    const hostile = '\u001b[2J\u0007\u009b31m\u202e"\n- span.name: "forged"\u2028';
    const span = { name: hostile, attributes: [text(hostile, hostile)], status: { message: hostile } };
    const line = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
    const cwd = folderWith({ '\u001b[31m.jsonl': JSON.stringify(line), 'b.jsonl': JSON.stringify(line) });
    const statements = ['set(span.attributes["y"], ParseJSON(span.name))', 'delete_key(span, "x")'];
    const outputs = await Promise.all([
      tried([statements[0] ?? '', 'delete_matching_keys(span.attributes, ".")', '-i', '.'], { cwd }),
      tried(['span.name == "\u001b[2J"', '-i', '.'], { cwd }),
      tried([`${statements[1]}\u001b[2J`, '-i', '.'], { cwd }),
    ]);
    for (const output of outputs) {
      expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/u);
      expect(output).not.toMatch(/^\s*- span\.name: "forged"/mu);
    }
  });

  it('bounds what it shows of a record, and runs on all of them', async () => {
    const attributes = Array.from({ length: 10_000 }, (_, at) => text(`k${at}`, 'v'.repeat(1000)));
    const many = Array.from({ length: 30 }, (_, at) => ({
      name: `${at}`,
      attributes: at === 0 ? attributes : [],
    }));
    const line = { resourceSpans: [{ scopeSpans: [{ spans: many }] }] };
    const cwd = folderWith({ 'big.json': JSON.stringify(line) });
    const output = await tried(
      [
        'truncate_all(span.attributes, 990)',
        'set(span.trace_state, "a=b")',
        '-i',
        'big.json',
        '--limit',
        '2',
      ],
      { cwd },
    );
    expect(output).toBe(golden('ottl-bounded.txt', output));
  });

  it('looks into a large resource once, and at every change of it', async () => {
    const attributes = Array.from({ length: 5000 }, (_, at) => text(`k${at}`, 'v'));
    const many = Array.from({ length: 2000 }, (_, at) => ({
      name: `${at}`,
      kind: at % 1000 === 999 ? 3 : 2,
    }));
    const line = { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: many }] }] };
    const cwd = folderWith({ 'big.json': JSON.stringify(line) });
    const statements = [
      'set(span.attributes["x"], 1)',
      'set(resource.attributes["k4999"], span.name) where span.kind == SPAN_KIND_CLIENT',
      'set(resource.schema_url, span.name) where span.kind == SPAN_KIND_CLIENT',
    ];
    const output = await tried([...statements, '-i', 'big.json', '--limit', '2000'], { cwd });
    expect(output.match(/^ {4}[-+] resource\..*$/gmu)).toEqual([
      '    - resource.attributes["k4999"]: "v"',
      '    + resource.attributes["k4999"]: "999"',
      '    - resource.schema_url: ""',
      '    + resource.schema_url: "999"',
      '    - resource.attributes["k4999"]: "999"',
      '    + resource.attributes["k4999"]: "1999"',
      '    - resource.schema_url: "999"',
      '    + resource.schema_url: "1999"',
    ]);
    expect(output).toContain('2 000 spans: 2 000 changed, 0 unchanged\n');
  });

  it.each([
    [['-i', '.'], /missing required argument 'statement'/u],
    [['true'], /required option '-i, --input <path>' not specified/u],
    [['true', '-i', '.', '--context', 'spans'], /Allowed choices are resource, scope, span, spanevent/u],
    [['true', '-i', '.', '--limit', 'all'], /It must be a whole number/u],
  ])('%j is a mistake of usage', async (args, message) => {
    const { exitCode, stdout, stderr } = await respool(['ottl', ...args]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('ends 2 when there is no such file', async () => {
    expect(await tried(['span.name == ""', '-i', 'nowhere'])).toMatch(
      /no such file: nowhere[\s\S]*exit 2\n$/u,
    );
  });
});
