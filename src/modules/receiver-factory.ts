/** The receiver that a user's file becomes. */
import { z } from 'zod';
import type { AnyBatch } from '../model/batches.ts';
import { signals } from '../model/signal.ts';
import type { Receiver, ReceiverContext, ReceiverFactory, ReceiverOutput } from '../pipeline/component.ts';
import { configOf } from './config-of.ts';
import type { ReaderHandlers, ReceiverDefinition } from './define-receiver.ts';
import { checkedParts, isBatch, itemsAnswered, placed } from './guarded.ts';
import { Gathering } from './made.ts';
import { ModuleError, type AuthorsFile } from './module-error.ts';

export function receiverFactory(
  definition: ReceiverDefinition<unknown>,
  file: AuthorsFile,
): ReceiverFactory<{ config?: unknown }> {
  return {
    kind: 'receiver',
    type: 'module',
    signals: definition.signals ?? signals,
    summary: `Your own receiver, from ${file.name}.`,
    schema: z.strictObject({
      module: z
        .string()
        .describe('The file, relative to the folder of the config file; or the name of an npm package.'),
      config: configOf(definition, file),
    }),
    canScan: () => definition.canScan === true,
    create: async ({ config }, context) =>
      receiverOf(await placed(file, () => definition.create(config, context)), file, context),
  };
}

const receiverParts = ['start', 'scan', 'shutdown'];
const readerParts = ['read', 'shutdown'];

function receiverOf(answer: unknown, file: AuthorsFile, { signal }: ReceiverContext): Receiver {
  const isReceiver = typeof answer === 'object' && answer !== null && 'start' in answer;
  if (isReceiver) return guarded(checkedParts<Receiver>(answer, file, receiverParts), file);
  const reader = checkedParts<ReaderHandlers>(answer, file, readerParts);
  if (typeof reader.read !== 'function')
    throw new ModuleError(`create in ${file.name} answered neither read nor start`, {
      remedy: 'write `async *read() { yield ... }`',
    });
  return {
    start: (output) => placed(file, () => readAll(reader, file, { output, signal })),
    shutdown: () => placed(file, () => reader.shutdown?.()),
  };
}

async function readAll(
  reader: ReaderHandlers,
  file: AuthorsFile,
  { output, signal }: { output: ReceiverOutput; signal: AbortSignal },
): Promise<void> {
  for await (const read of reader.read()) {
    for (const batch of batchesOf(read, file)) await output.emit(batch);
    if (signal.aborted) return;
  }
}

function batchesOf(read: unknown, file: AuthorsFile): readonly AnyBatch[] {
  if (isBatch(read)) return [read];
  const gathering = new Gathering();
  for (const item of itemsAnswered(read, 'read', file)) gathering.add(item, undefined);
  return gathering.others;
}

function guarded(receiver: Receiver, file: AuthorsFile): Receiver {
  const checked = (output: ReceiverOutput): ReceiverOutput => ({
    emit: async (batch, position, options) => {
      if (isBatch(batch)) return await output.emit(batch, position, options);
      throw new ModuleError(`${file.name} emitted something that is no batch`, {
        remedy: 'make one with `newBatch(signal)`, or answer `read` and yield items',
      });
    },
    advance: (position) => output.advance(position),
  });
  const scan = receiver.scan?.bind(receiver);
  return {
    start: (output) => placed(file, () => receiver.start(checked(output))),
    shutdown: () => placed(file, () => receiver.shutdown?.()),
    ...(scan === undefined ? {} : { scan: () => placed(file, scan) }),
  };
}
