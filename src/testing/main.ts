/** What a test of an author may import from `respool/testing`. */
import type { WrittenAttributes, WrittenGroup, WrittenLog, WrittenMetric, WrittenSpan } from './written.ts';

export {
  testPipeline,
  testProcessor,
  type PipelineOptions,
  type ProcessorOptions,
  type TestInput,
  type TestResult,
} from './pipeline.ts';
export type { ContractCase, ContractOptions, TestFunction } from './contract/cases.ts';
export { exporterContract } from './contract/exporter.ts';
export { processorContract } from './contract/processor.ts';
export { receiverContract } from './contract/receiver.ts';
export { VirtualClock } from './virtual-clock.ts';
export type {
  ReadGroup,
  ReadRecord,
  WrittenAttributes,
  WrittenGroup,
  WrittenLog,
  WrittenMetric,
  WrittenSpan,
} from './written.ts';

/** A span, with those below it in `children`. */
export function span(fields: WrittenSpan): WrittenGroup {
  return { spans: [fields] };
}

export function log(fields: WrittenLog): WrittenGroup {
  return { logs: [fields] };
}

export function metric(fields: WrittenMetric): WrittenGroup {
  return { metrics: [fields] };
}

/** Records of a resource with these attributes. */
export function resource(attributes: WrittenAttributes, ...groups: readonly WrittenGroup[]): WrittenGroup {
  const spans = groups.flatMap((group) => group.spans ?? []);
  const logs = groups.flatMap((group) => group.logs ?? []);
  const metrics = groups.flatMap((group) => group.metrics ?? []);
  return {
    resource: attributes,
    ...(spans.length === 0 ? {} : { spans }),
    ...(logs.length === 0 ? {} : { logs }),
    ...(metrics.length === 0 ? {} : { metrics }),
  };
}
