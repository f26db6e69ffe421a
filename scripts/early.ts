/**
 * Makes V8 compile the functions that a start calls together with their file. Otherwise each is compiled when it is first
 * called, at every start again, because what Node keeps of a file is what was compiled when it was loaded. A function in
 * parentheses is one that V8 expects to be called at once. Which these are is found out by starts, under V8's coverage.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAst } from 'rolldown/parseAst';

const pipeline = `
receivers:
  otlp_json_file: {include: [./traces.jsonl], start_at: beginning}
processors:
  attributes: {actions: [{key: a, action: delete}, {key: b, value: c, action: upsert}, {key: d, action: hash}]}
  resource: {attributes: [{key: b, value: c, action: upsert}]}
  filter: {traces: {span: ['attributes["http.route"] == "/health"']}}
  transform: {trace_statements: ['set(span.name, span.attributes["http.route"]) where span.kind == SPAN_KIND_SERVER']}
  batch: {}
exporters:
  otlp_http: {endpoint: "\${env:ENDPOINT}"}
service:
  pipelines:
    traces:
      receivers: [otlp_json_file]
      processors: [attributes, resource, filter, transform, batch]
      exporters: [otlp_http]
`;

const span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'GET /checkout',
  kind: 2,
  startTimeUnixNano: '1720000000000000000',
  endTimeUnixNano: '1720000000100000000',
  attributes: [{ key: 'http.route', value: { stringValue: '/checkout' } }],
  status: { code: 1 },
};

const traces = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [{ spans: [span] }],
    },
  ],
};

/** Starts the command in the folder, and rewrites those files of `chunks` that it went through. */
export async function compileEarly(dist: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'respool-build-'));
  const reports = join(folder, 'coverage');
  const backend = createServer((request, response) => {
    request
      .resume()
      .on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const env = {
    ...process.env,
    ENDPOINT: `http://127.0.0.1:${(backend.address() as AddressInfo).port}`,
    NODE_V8_COVERAGE: reports,
    NODE_DISABLE_COMPILE_CACHE: '1',
  };
  try {
    writeFileSync(join(folder, 'pipeline.yaml'), pipeline);
    writeFileSync(join(folder, 'traces.jsonl'), `${JSON.stringify(traces)}\n`);
    for (const name of ['validate', 'run']) {
      const args = [join(dist, 'cli/main.js'), name, '--config', 'pipeline.yaml'];
      await promisify(execFile)(process.execPath, args, { cwd: folder, env });
    }
    for (const [path, starts] of calledIn(reports, join(dist, 'chunks')))
      writeFileSync(path, early(readFileSync(path, 'utf8'), starts));
  } finally {
    backend.close();
    rmSync(folder, { recursive: true });
  }
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
    }[];
  }[];
}

/** Where the functions begin that were called, by file. */
function calledIn(reports: string, chunks: string): Map<string, Set<number>> {
  const called = new Map<string, Set<number>>();
  const files = readdirSync(reports).flatMap(
    (name) => (JSON.parse(readFileSync(join(reports, name), 'utf8')) as Coverage).result,
  );
  for (const { url, functions } of files) {
    const path = url.startsWith('file:') ? fileURLToPath(url) : '';
    if (!path.startsWith(chunks)) continue;
    const starts = called.get(path) ?? new Set();
    called.set(path, starts);
    for (const { ranges } of functions) {
      const [whole] = ranges;
      if (whole !== undefined && whole.count > 0) starts.add(whole.startOffset);
    }
  }
  return called;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly id?: { readonly name: string } | null;
}

/** Expressions stay where they are. Declarations hold from the beginning of their file on, so that is where they go. */
function early(code: string, called: ReadonlySet<number>): string {
  const { body } = parseAst(code) as unknown as { readonly body: readonly Node[] };
  const isCalled = ({ start }: Node): boolean => called.has(start);
  const expressions = expressionsIn(body).filter(isCalled);
  const opened = new Map(expressions.map(({ start }) => [start, '(']));
  const closed = new Map<number, string>();
  for (const { end } of expressions) closed.set(end, `${closed.get(end) ?? ''})`);
  const marks = [...new Set([...opened.keys(), ...closed.keys()])].toSorted((a, b) => a - b);
  const marked = (from: number, to: number): string => {
    let text = '';
    let at = from;
    for (const mark of marks.filter((each) => each >= from && each <= to)) {
      const before = mark > from ? (closed.get(mark) ?? '') : '';
      const behind = mark < to ? (opened.get(mark) ?? '') : '';
      text += code.slice(at, mark) + before + behind;
      at = mark;
    }
    return text + code.slice(at, to);
  };
  const top = body.find(({ type }) => type !== 'ImportDeclaration')?.start ?? 0;
  let [moved, rest, at] = ['', '', top];
  for (const { id, start, end } of body.filter(
    (node) => node.type === 'FunctionDeclaration' && isCalled(node),
  )) {
    moved += `var ${id?.name} = (${marked(start, end)});\n`;
    rest += marked(at, start);
    at = end;
  }
  return code.slice(0, top) + moved + rest + marked(at, code.length);
}

/** Functions that are expressions; a method is none. */
function expressionsIn(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(expressionsIn);
  if (typeof value !== 'object' || value === null) return [];
  const node = value as Node & Partial<Record<'method' | 'kind' | 'key' | 'value', unknown>>;
  const isMethod =
    node.type === 'MethodDefinition' ||
    (node.type === 'Property' && (node.method === true || node.kind !== 'init'));
  if (isMethod) return expressionsIn([node.key, ...Object.values(node.value ?? {})]);
  const inner = expressionsIn(Object.values(node));
  return /^(?:Arrow)?FunctionExpression$/.test(node.type) ? [node, ...inner] : inner;
}
