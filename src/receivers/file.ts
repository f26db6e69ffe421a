/**
 * Reads recordings from files, folders and standard input: the beginning of a replay.
 *
 * Encoding and compression of each file are told from its bytes. Files are read once, as they are when the run begins, one
 * after the other, in the order of their first timestamp; memory is bounded by `max_document_size`, not by the files. What cannot be read is named with
 * file, line and reason, counted, and the rest goes on; nothing else is left out, except copies: CodeMachine's `latest*.json`
 * is skipped when its session is among the inputs, and else gives only what no other input has.
 *
 * With `--resume`, files that an earlier run read are told by their content, whatever they are called by now, and read on at
 * the exact record; compressed ones are read over up to there. One that has other content than it had is refused.
 *
 * With `--follow`, what is added to files is read until the run is stopped, also when they are renamed, cut after they were
 * copied, or compressed; files that appear are read from their beginning. A line waits until it is complete. This is for
 * files that are appended to: one that is written anew as a whole, as CodeMachine's are, is read anew as a whole.
 *
 * ```yaml
 * receivers:
 *   file:
 *     include: [traces, "logs/*.jsonl.gz"]
 *     exclude: ["traces/*.tmp"]
 * ```
 */
import { z } from 'zod';
import type { ReceiverFactory } from '../pipeline/component.ts';
import {
  checkSettings,
  fileKeys,
  includeFileName,
  otherCollectorKeys,
  ownEncodings,
  readingKeys,
} from './file/settings.ts';

const schema = z.strictObject({
  ...fileKeys,
  include_file_name: z.boolean().default(false).describe(includeFileName),
  ...readingKeys,
  ...otherCollectorKeys,
});

export const file: ReceiverFactory<z.infer<typeof schema>> = {
  kind: 'receiver',
  type: 'file',
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Reads recordings of any known encoding from files, folders and standard input.',
  schema,
  check: (config, facts) => checkSettings(config, facts),
  canScan: (config) => !config.include.includes('-'),
  readsStdin: (config) => config.include.includes('-'),
  async create(config, context) {
    const { FileReceiver } = await import('./file/receiver.ts');
    return new FileReceiver({ ...config, encodings: ownEncodings(context) }, context);
  },
};
