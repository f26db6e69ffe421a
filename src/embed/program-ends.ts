/** The receiver and the exporter `program`: what a config names where the program itself puts in and takes out. */
import { z } from 'zod';
import { signals } from '../model/signal.ts';
import type { ExporterFactory, ReceiverFactory } from '../pipeline/component.ts';
import { localPolicy } from '../pipeline/export-config.ts';

const schema = z.strictObject({});

export const programInput: ReceiverFactory<object> = {
  kind: 'receiver',
  type: 'program',
  signals,
  summary: 'Stands for the program that runs the pipeline.',
  schema,
  canScan: () => false,
  create: (_config, { id }) => {
    throw new Error(`nothing was given for it: write inputs: { ${JSON.stringify(id)}: batches }`);
  },
};

export const programOutput: ExporterFactory<object> = {
  kind: 'exporter',
  type: 'program',
  signals,
  summary: 'Stands for the program that runs the pipeline.',
  schema,
  policy: () => localPolicy,
  create: (_config, { id }) => {
    throw new Error(`nothing was given for it: write outputs: { ${JSON.stringify(id)}: take }`);
  },
};
