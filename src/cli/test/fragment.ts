/** A file of tests may define components only: then pipelines are put around them, as each test needs them. */
import { z } from 'zod';
import { components } from '../../components.ts';
import type { ConfigSource } from '../../config/load.ts';
import type { Problem } from '../../config/problem.ts';
import { didYouMean } from '../../config/suggest.ts';
import type { ConfigTree } from '../../config/tree.ts';
import { signals, type Signal } from '../../model/signal.ts';
import type {
  AnyExporterFactory,
  AnyReceiverFactory,
  Components,
  ExporterFactory,
  ReceiverFactory,
} from '../../pipeline/component.ts';
import { localPolicy } from '../../pipeline/export-config.ts';
import type { Plan } from '../../pipeline/plan.ts';
import { listNames } from '../../testing/records/read.ts';
import type { Test } from './schema.ts';

const schema = z.strictObject({});
const stand = { signals, summary: 'Stands for the test.', schema };

const testInput: ReceiverFactory<object> = {
  ...stand,
  kind: 'receiver',
  type: 'test_input',
  create: () => {
    throw new Error('a test takes the place of its input');
  },
};

const testOutput: ExporterFactory<object> = {
  ...stand,
  kind: 'exporter',
  type: 'test_output',
  policy: () => localPolicy,
  create: () => {
    throw new Error('a test takes the place of its output');
  },
};

/** Those of a config, and the two ends of a test. */
export const testComponents: Components = {
  ...components,
  receivers: [
    ...components.receivers,
    { type: 'test_input', signals, load: () => Promise.resolve(testInput as AnyReceiverFactory) },
  ],
  exporters: [
    ...components.exporters,
    { type: 'test_output', signals, load: () => Promise.resolve(testOutput as AnyExporterFactory) },
  ],
};

/** Whether a file defines components only. */
export function isFragment(tree: ConfigTree): boolean {
  return tree.get(['service']) === undefined;
}

/** What is to be laid over a fragment: for each test, a pipeline of each signal that it puts in. */
export function completion(tree: ConfigTree): ConfigSource {
  const tests: unknown = tree.get(['tests']);
  const pipelines = (Array.isArray(tests) ? (tests as unknown[]) : []).flatMap((test, at) =>
    signalsOf(test).map((signal) => [pipelineId(signal, at), pipelineOf(tree, test, signal)]),
  );
  const text = JSON.stringify({
    receivers: { test_input: {} },
    exporters: { test_output: {} },
    service: { pipelines: Object.fromEntries(pipelines) },
  });
  return { name: 'test', text };
}

function pipelineId(signal: Signal, at: number): string {
  return `${signal}/test-${at + 1}`;
}

/** The plan of one test of a fragment: its own pipelines. */
export function planOfTest(plan: Plan, at: number): Plan {
  const own = signals.map((signal) => pipelineId(signal, at));
  return { ...plan, pipelines: plan.pipelines.filter(({ id }) => own.includes(id)) };
}

function pipelineOf(tree: ConfigTree, test: unknown, signal: Signal): object {
  const listed: unknown = fieldIn(test, 'processors');
  const all = taking(tree, 'processors', signal);
  const processors = Array.isArray(listed) ? listed.filter((id) => all.includes(String(id))) : all;
  const end: unknown = fieldIn(test, 'end');
  const exporters = taking(tree, 'exporters', signal).filter((id) => id === end);
  return {
    receivers: [...taking(tree, 'receivers', signal), 'test_input'],
    processors,
    exporters: exporters.length === 0 ? ['test_output'] : exporters,
  };
}

/** The signals of the records in a test; all of them where a file may hold any. */
function signalsOf(test: unknown): readonly Signal[] {
  const input: unknown = fieldIn(test, 'input');
  const groups = [input].flat(2);
  const isUnknown =
    fieldIn(test, 'files') !== undefined || groups.some((group) => fieldIn(group, 'file') !== undefined);
  if (isUnknown) return signals;
  return signals.filter((signal) => groups.some((group) => fieldIn(group, listNames[signal]) !== undefined));
}

function fieldIn(value: unknown, key: string): unknown {
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
  return isObject ? (value as Record<string, unknown>)[key] : undefined;
}

/** The ids in a section whose components take the signal; one of the user's own takes every signal. */
function taking(
  tree: ConfigTree,
  section: 'receivers' | 'processors' | 'exporters',
  signal: Signal,
): string[] {
  const defined: unknown = tree.get([section]);
  if (typeof defined !== 'object' || defined === null) return [];
  return Object.keys(defined).filter((id) => {
    const type = id.split('/', 1)[0] ?? id;
    const listed = components[section].find(
      (known) => known.type === type || known.aliases?.includes(type) === true,
    );
    return listed === undefined || listed.signals.includes(signal);
  });
}

/** Processors that a test names and its fragment does not define. */
export function unknownProcessors(tree: ConfigTree, tests: readonly Test[]): Problem[] {
  const known = Object.keys(tree.get(['processors']) ?? {});
  return tests.flatMap(({ processors = [] }, at) =>
    processors.flatMap((id, index): Problem[] => {
      if (known.includes(id)) return [];
      const path = ['tests', at, 'processors', index];
      const place = tree.nearestPlace(path);
      const message = `names the processor ${JSON.stringify(id)}, which is not defined here`;
      const remedy = didYouMean(id, known) ?? `defined: ${known.join(', ') || 'none'}`;
      return [{ severity: 'error', path, message, remedy, ...(place === undefined ? {} : { place }) }];
    }),
  );
}
