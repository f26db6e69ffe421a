/** A file of tests may define components only: then a pipeline of each signal that uses them all is put around them. */
import { z } from 'zod';
import { components } from '../../components.ts';
import type { ConfigSource } from '../../config/load.ts';
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

/** What is to be laid over a config without pipelines; nothing for one that has them. */
export function completion(tree: ConfigTree): ConfigSource[] {
  if (tree.get(['service']) !== undefined) return [];
  const pipelines = signals.map((signal) => {
    const exporters = taking(tree, 'exporters', signal);
    return [
      signal,
      {
        receivers: [...taking(tree, 'receivers', signal), 'test_input'],
        processors: taking(tree, 'processors', signal),
        exporters: exporters.length === 0 ? ['test_output'] : exporters,
      },
    ];
  });
  const text = JSON.stringify({
    receivers: { test_input: {} },
    exporters: { test_output: {} },
    service: { pipelines: Object.fromEntries(pipelines) },
  });
  return [{ name: 'test', text }];
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
