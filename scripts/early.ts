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
  debug: {verbosity: basic}
service:
  pipelines:
    traces:
      receivers: [otlp_json_file]
      processors: [attributes, resource, filter, transform, batch]
      exporters: [otlp_http, debug]
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
  readonly body?: unknown;
  readonly directive?: string | null;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Expressions stay where they are. Declarations hold from the beginning of the body on that they are in, so that is where
 * they go.
 */
function early(code: string, called: ReadonlySet<number>): string {
  const moved = new Set<Node>();

  function rewritten(node: Node): string {
    let [text, at] = ['', node.start];
    for (const edit of editsBelow(node).toSorted((one, other) => one.start - other.start)) {
      text += code.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    return text + code.slice(at, node.end);
  }

  function editsBelow(node: Node): Edit[] {
    const statements = statementsOf(node);
    const declared = statements.filter(
      (each) => each.type === 'FunctionDeclaration' && called.has(each.start),
    );
    for (const each of declared) moved.add(each);
    const text = declared.map((each) => `var ${each.id?.name} = (${rewritten(each)});\n`).join('');
    const { start = 0 } = statements.find((each) => !isFirst(each)) ?? {};
    return [...(text === '' ? [] : [{ start, end: start, text }]), ...partsOf(node).flatMap(editsIn)];
  }

  function editsIn(value: unknown): Edit[] {
    if (Array.isArray(value)) return value.flatMap(editsIn);
    if (typeof value !== 'object' || value === null) return [];
    const node = value as Node;
    const { type, start, end } = node;
    if (moved.has(node)) return [{ start, end, text: '' }];
    const isExpression = /^(?:Arrow)?FunctionExpression$/.test(type) && called.has(start);
    return isExpression ? [{ start, end, text: `(${rewritten(node)})` }] : editsBelow(node);
  }

  return rewritten({ ...(parseAst(code) as unknown as Node), start: 0, end: code.length });
}

/** Of a file or a function. */
function statementsOf({ type, body }: Node): readonly Node[] {
  if (type === 'Program') return body as Node[];
  const block = /Function/.test(type) ? (body as Node) : undefined;
  return block?.type === 'BlockStatement' ? (block.body as Node[]) : [];
}

/** What only counts before everything else. */
function isFirst({ type, directive }: Node): boolean {
  return type === 'ImportDeclaration' || typeof directive === 'string';
}

/** All that is in it; of a method its name and what is in its function, which is no expression. */
function partsOf(node: Node): unknown[] {
  const { method, kind, key, value } = node as Partial<Record<'method' | 'kind' | 'key' | 'value', unknown>>;
  const isMethod =
    node.type === 'MethodDefinition' || (node.type === 'Property' && (method === true || kind !== 'init'));
  return isMethod ? [key, ...partsOf(value as Node)] : Object.values(node);
}
