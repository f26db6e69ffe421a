/** The processors that are measured, each with a config of the usual size. */
import type { Processor, ProcessorFactory } from '../../src/pipeline/component.ts';
import { loadComponents } from '../../src/components.ts';
import { processorOf } from '../support/processors.ts';

const configs: readonly (readonly [name: string, type: string, yaml: string])[] = [
  [
    'attributes: delete, upsert, hash',
    'attributes',
    `
actions:
  - {key: user_agent.original, action: delete}
  - {key: replayed, value: true, action: upsert}
  - {key: enduser.id, action: hash}`,
  ],
  ['resource: upsert', 'resource', 'attributes: [{key: replayed, value: true, action: upsert}]'],
  [
    'filter: one condition',
    'filter',
    `
traces:
  span:
    - attributes["http.route"] == "/health"`,
  ],
  [
    'transform: six statements',
    'transform',
    `
trace_statements:
  - set(span.attributes["peer"], Concat([span.attributes["server.address"], span.attributes["url.scheme"]], "|")) where span.attributes["server.address"] != nil
  - set(span.name, span.attributes["http.route"]) where span.attributes["http.route"] != nil and span.kind == SPAN_KIND_SERVER
  - delete_matching_keys(span.attributes, "^thread\\\\..*")
  - replace_pattern(span.attributes["url.path"], "^/api/(\\\\w+)/.*$", "/api/$$1")
  - truncate_all(span.attributes, 64)
  - set(resource.attributes["replayed"], true)`,
  ],
  [
    'redaction: keys and values',
    'redaction',
    `
allow_all_keys: true
blocked_key_patterns: ["enduser.*"]
blocked_values: ["4[0-9]{12}(?:[0-9]{3})?"]`,
  ],
  ['probabilistic_sampler: half', 'probabilistic_sampler', 'sampling_percentage: 50'],
  ['group_by_attrs: by host', 'group_by_attrs', 'keys: [server.address]'],
  ['batch: whole batches', 'batch', '{}'],
  ['memory_limiter: with room', 'memory_limiter', 'check_interval: 1s\nlimit_mib: 4000'],
  ['time_shift: by a fixed time', 'time_shift', 'offset: 1h'],
];

/** By what the row is called. */
export async function benchedProcessors(): Promise<Map<string, Processor>> {
  const { processors } = await loadComponents();
  const made = new Map<string, Processor>();
  for (const [name, type, yaml] of configs) {
    const factory = processors.find((each) => each.type === type);
    if (factory === undefined) throw new Error(`there is no processor ${type}`);
    made.set(name, await processorOf(factory as ProcessorFactory, yaml));
  }
  return made;
}
