/**
 * One recording through the exporter `sdk` with OTLPTraceExporter and through `otlp_http`, compared at the real Collector:
 * the only differences are those that the adapter counts.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LossReason } from '../../src/sdk/losses.ts';
import { lossTexts } from '../../src/sdk/losses.ts';
import { respool } from '../support/respool.ts';
import { folder } from './support/codemachine.ts';
import { eventually, hasPeers, startPeer, type Peer } from './support/peers.ts';

const scratch = mkdtempSync(join(tmpdir(), 'respool-sdk-compared-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Everything that the types of the SDK cannot carry, once and more, beside what they can. */
const lossy = {
  resourceSpans: [
    {
      resource: {
        attributes: [
          { key: 'service.name', value: { stringValue: 'lossy' } },
          { key: 'count', value: { intValue: '9007199254740995' } },
        ],
        droppedAttributesCount: 3,
      },
      scopeSpans: [
        {
          scope: { name: 'lib', version: '1', attributes: [{ key: 'ratio', value: { doubleValue: 4 } }] },
          spans: [
            {
              traceId: '5b8efff798038103d269b633813fc60c',
              spanId: 'eee19b7ec3c1b171',
              parentSpanId: 'eee19b7ec3c1b170',
              name: 'all of it',
              kind: 2,
              flags: 0,
              startTimeUnixNano: '1795255200000000001',
              endTimeUnixNano: '1795255200000000002',
              attributes: [
                { key: 'big', value: { intValue: '9007199254740993' } },
                { key: 'whole', value: { doubleValue: 2 } },
                { key: 'plain', value: { intValue: '17' } },
                {
                  key: 'list',
                  value: { arrayValue: { values: [{ doubleValue: 1.5 }, { doubleValue: 3 }] } },
                },
              ],
              events: [
                {
                  timeUnixNano: '1795255200000000001',
                  name: 'e',
                  attributes: [{ key: 'big', value: { intValue: '9223372036854775807' } }],
                },
              ],
              links: [{ traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b172', flags: 1 }],
              status: { code: 2, message: 'broken' },
            },
            {
              traceId: '5b8efff798038103d269b633813fc60c',
              spanId: 'eee19b7ec3c1b173',
              name: 'flags beyond',
              kind: 1,
              flags: 0x401,
              startTimeUnixNano: '1795255200000000001',
              endTimeUnixNano: '1795255200000000002',
            },
            {
              traceId: '5b8efff798038103d269b633813fc60c',
              spanId: 'eee19b7ec3c1b174',
              name: 'nothing lost',
              kind: 1,
              flags: 0x101,
              traceState: 'a=1,b=2',
              startTimeUnixNano: '1795255200000000001',
              endTimeUnixNano: '1795255200000000002',
              attributes: [{ key: 'n', value: { intValue: '5' } }],
            },
          ],
        },
      ],
    },
  ],
};

type Tree = Record<string, unknown>;

interface ScopeSpans {
  readonly scope: Tree;
  readonly spans: readonly Tree[];
  readonly schemaUrl?: string;
}

interface ResourceSpans {
  readonly resource: Tree;
  readonly scopeSpans?: readonly ScopeSpans[];
  readonly schemaUrl?: string;
}

/** Each span with its resource and scope, as paths with values; by its id. */
function spansIn(text: string): Map<string, Map<string, string>> {
  const lines = text.split('\n').filter((line) => line !== '');
  const all = lines.flatMap(
    (line) => (JSON.parse(line) as { resourceSpans?: readonly ResourceSpans[] }).resourceSpans ?? [],
  );
  return new Map(all.flatMap(spansBelow));
}

function spansBelow({
  resource,
  schemaUrl,
  scopeSpans = [],
}: ResourceSpans): [string, Map<string, string>][] {
  return scopeSpans.flatMap(({ scope, schemaUrl: scopeSchemaUrl, spans }) =>
    spans.map((span): [string, Map<string, string>] => {
      const leaves = new Map<string, string>();
      walk({ resource, schemaUrl, scope, scopeSchemaUrl, span }, '', leaves);
      return [`${String(span['traceId'])} ${String(span['spanId'])}`, leaves];
    }),
  );
}

/** Attributes by their key: their order means nothing. Empty values are those of fields that are not there. */
function walk(value: unknown, path: string, leaves: Map<string, string>): void {
  if (value === undefined || value === null || value === '' || value === 0) return;
  if (Array.isArray(value))
    for (const [at, item] of value.entries()) {
      const key = typeof item === 'object' && item !== null && 'key' in item ? String(item.key) : String(at);
      walk(item, `${path}[${key}]`, leaves);
    }
  else if (typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`, leaves);
  } else leaves.set(path, JSON.stringify(value).replaceAll('"', ''));
}

/** What the adapter would have counted for a difference; nothing for one that it knows nothing of. */
function reasonsOf(path: string, before: string | undefined, after: string | undefined): LossReason[] {
  if (path.endsWith('.flags')) return flagReasons(Number(before ?? 0));
  if (path === '.resource.droppedAttributesCount') return ['resource_dropped_attributes'];
  const isInteger = path.endsWith('.intValue');
  if (isInteger && before !== undefined) return Number.isSafeInteger(Number(before)) ? [] : ['int64'];
  const wasWhole = path.endsWith('.doubleValue') && after === undefined && Number.isInteger(Number(before));
  return isInteger || wasWhole ? ['integral_double'] : [];
}

/** Flags that do not say whether the parent is remote, and those that nobody knows. */
function flagReasons(before: number): LossReason[] {
  const unknown: LossReason[] = (before & 0x100) === 0 ? ['parent_unknown'] : [];
  return (before & ~0x3ff) === 0 ? unknown : [...unknown, 'flags'];
}

describe.skipIf(!hasPeers('otelcol'))('at the Collector', () => {
  let collector: Peer;
  beforeAll(async () => {
    collector = await startPeer('otelcol', 25700);
  });
  afterAll(() => collector?.stop());

  const written = (): string => {
    try {
      return readFileSync(join(fileURLToPath(collector.query), 'traces.jsonl'), 'utf8');
    } catch {
      return '';
    }
  };

  /** What the Collector has of one run. */
  async function through(
    exporters: object,
    count: number,
  ): Promise<{ spans: ReturnType<typeof spansIn>; said: string }> {
    const before = written().length;
    const config = join(scratch, 'pipeline.yaml');
    const recording = join(scratch, 'lossy.json');
    writeFileSync(recording, JSON.stringify(lossy));
    writeFileSync(
      config,
      JSON.stringify({
        receivers: { file: { include: [recording, folder] } },
        exporters,
        service: { pipelines: { traces: { receivers: ['file'], exporters: Object.keys(exporters) } } },
      }),
    );
    const run = await respool(['run', '--config', config]);
    expect(run.exitCode, run.stderr).toBe(0);
    const spans = await eventually(async () => {
      const found = spansIn(written().slice(before));
      expect(found.size).toBeGreaterThanOrEqual(count);
      return found;
    });
    return { spans, said: run.stderr };
  }

  it('the only differences between sdk and otlp_http are those that the adapter counts', async () => {
    const exact = await through({ otlp_http: { endpoint: collector.push } }, lossy.resourceSpans.length);
    const sdk = {
      module: '@opentelemetry/exporter-trace-otlp-http',
      class: 'OTLPTraceExporter',
      options: { url: `${collector.push}/v1/traces` },
    };
    const carried = await through({ sdk }, exact.spans.size);
    expect([...carried.spans.keys()].toSorted()).toEqual([...exact.spans.keys()].toSorted());

    const reasons = new Map<LossReason, Set<string>>();
    const unexplained: string[] = [];
    for (const [id, before] of exact.spans) {
      const after = carried.spans.get(id) ?? new Map<string, string>();
      for (const path of new Set([...before.keys(), ...after.keys()])) {
        const [was, is] = [before.get(path), after.get(path)];
        if (was === is) continue;
        const why = reasonsOf(path, was, is);
        if (why.length === 0) unexplained.push(`${id} ${path}: ${was} became ${is}`);
        // A resource and a scope are counted once, and shown at each of their spans; a value may change its type.
        const place = `${path.startsWith('.span') ? id : ''}${path.replace(/\.\w+Value$/, '')}`;
        for (const reason of why) reasons.set(reason, (reasons.get(reason) ?? new Set()).add(place));
      }
    }
    expect(unexplained).toEqual([]);
    const counted = Object.keys(lossTexts).flatMap((reason) => {
      const count = new RegExp(`\\b${reason} (\\d+) \\(`).exec(carried.said)?.[1];
      return count === undefined ? [] : [[reason, Number(count)]];
    });
    expect(Object.fromEntries([...reasons].map(([reason, places]) => [reason, places.size]))).toEqual(
      Object.fromEntries(counted),
    );
  });
});
