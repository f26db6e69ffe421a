/** What a user's file adds to a config: encodings for the receiver `file`, functions for OTTL. */
import { z } from 'zod';
import { encodingNames } from '../encodings/names.ts';
import type { Decoder, DecoderOptions, Detection, Encoding } from '../encodings/encoding.ts';
import type { ExtensionFactory } from '../pipeline/extensions.ts';
import { configOf } from './config-of.ts';
import type { DecoderMaker, DocumentReader, EncodingDefinition, LineReader } from './define-encoding.ts';
import type { AnyFunctionDefinition } from './define-function.ts';
import type { ExtensionDefinition } from './definitions.ts';
import { DocumentDecoder } from './document-decoder.ts';
import { functionSpec } from './function-spec.ts';
import { LineDecoder } from './line-decoder.ts';
import { ModuleError, placedError, type AuthorsFile } from './module-error.ts';

export function extensionFactory(
  definitions: readonly ExtensionDefinition[],
  file: AuthorsFile,
): ExtensionFactory {
  const own = definitions.filter((one): one is EncodingDefinition<unknown> => one.kind === 'encoding');
  const functions = definitions.filter((one): one is AnyFunctionDefinition => one.kind === 'function');
  for (const one of own) checkName(one.name, file);
  const specs = functions.map((one) => functionSpec(one, file));
  const [configured] = own.filter(({ config }) => config !== undefined);
  return {
    kind: 'extension',
    type: 'module',
    schema: z.strictObject({
      module: z
        .string()
        .describe('The file, relative to the folder of the config file; or the name of an npm package.'),
      config: configOf(configured ?? {}, file),
    }),
    create: (settings) => {
      const { config } = settings as { readonly config?: unknown };
      return { encodings: own.map((one) => encodingOf(one, config, file)), functions: specs };
    },
  };
}

function checkName(name: unknown, file: AuthorsFile): void {
  if (typeof name !== 'string' || !/^[a-z]\w*$/i.test(name))
    throw new ModuleError(`${file.name} has an encoding without a name`, {
      remedy: 'give it a `name` of letters, digits and _, as `format:` has it',
    });
  if (name === 'auto' || encodingNames.includes(name))
    throw new ModuleError(`${file.name} has an encoding of the name ${name}, which is built in`, {
      remedy: 'give it another `name`',
    });
}

function encodingOf(definition: EncodingDefinition<unknown>, config: unknown, file: AuthorsFile): Encoding {
  const { name, title = name } = definition;
  const reader = readerOf(definition, config, file);
  return {
    name,
    title,
    readable: true,
    lost: [],
    detect: (head) => detectionBy(definition, head, file),
    decoder: (options) => decoderOf(reader, file, options),
  };
}

type Reader = LineReader | DocumentReader | DecoderMaker;

function readerOf(definition: EncodingDefinition<unknown>, config: unknown, file: AuthorsFile): Reader {
  if (typeof definition.create !== 'function')
    throw new ModuleError(`${file.name} has an encoding with a create that is not a function`);
  let reader: unknown;
  try {
    reader = definition.create(config);
  } catch (error) {
    throw placedError(error, file);
  }
  const parts = ['line', 'document', 'decoder'];
  const known = typeof reader === 'object' && reader !== null ? parts.filter((part) => part in reader) : [];
  if (known.length !== 1)
    throw new ModuleError(
      `create of the encoding ${definition.name} in ${file.name} must answer one of: ${parts.join(', ')}`,
      {
        remedy: 'write `create: () => ({ line(text) { ... } })`',
      },
    );
  return reader as Reader;
}

function decoderOf(reader: Reader, file: AuthorsFile, options: DecoderOptions): Decoder {
  if ('line' in reader) return new LineDecoder(reader, file, options);
  return 'document' in reader ? new DocumentDecoder(reader, file, options) : reader.decoder(options);
}

function detectionBy(
  definition: EncodingDefinition<unknown>,
  head: Uint8Array,
  file: AuthorsFile,
): Detection | undefined {
  let answer: unknown;
  try {
    answer = definition.detect?.(head);
  } catch (error) {
    throw placedError(error, file);
  }
  const confidence = answer === true ? 1 : Number(answer ?? 0);
  if (!(confidence > 0)) return undefined;
  return { confidence: Math.min(confidence, 1), reason: `${file.name} says so` };
}
