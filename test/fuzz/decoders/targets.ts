/** All decoders that read what a stranger may have written. */
import { components } from '../../../src/components.ts';
import { loadTree } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';
import { codemachine } from '../../../src/encodings/codemachine.ts';
import { decompress, DecompressError } from '../../../src/encodings/decompress.ts';
import { detect } from '../../../src/encodings/detect.ts';
import { encodings } from '../../../src/encodings/list.ts';
import { otlpJson } from '../../../src/encodings/otlp-json.ts';
import { otlpProto } from '../../../src/encodings/otlp-proto.ts';
import { batchOf } from '../../../src/model/batches.ts';
import { signals } from '../../../src/model/signal.ts';
import { compileCondition, compileValue } from '../../../src/ottl/condition.ts';
import { OttlError } from '../../../src/ottl/errors.ts';
import { parseCondition, parseStatement, parseValue } from '../../../src/ottl/parse.ts';
import { printOttl } from '../../../src/ottl/print.ts';
import { compileStatement } from '../../../src/ottl/statement.ts';
import { planRun } from '../../../src/pipeline/planner.ts';
import { bytesOf, type Bytes } from '../../../src/wire/bytes.ts';
import { WireError } from '../../../src/wire/errors.ts';
import type { Random } from '../ottl/random.ts';
import { mutateJson, mutateProtobuf, varint } from './mutate.ts';
import * as seeds from './seeds.ts';
import { cutAnywhere, must, type Target } from './target.ts';
import { checkBatch, checkDecoder } from './telemetry-laws.ts';

const jsonWords = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  '\n',
  ' ',
  '\uFEFF',
  '\u001e',
  'null',
  '\u0000',
  '{"resourceSpans":[',
  '"spans":[',
  '\\u',
  '\\ud800',
  '{"key":"a","value":{"stringValue":"',
  '"intValue":',
  '1e99',
  '{"arrayValue":{"values":[',
  '"attributes":[',
  '"traceId":"',
];

const shapeWords = [
  '{"data":[{"spans":[',
  '"processes":{"p1":{"serviceName":"a","tags":[]}},',
  '"process":{"serviceName":"b"},',
  '"shared":true,',
  '"tags":{"error":"',
  '"references":[{"refType":"CHILD_OF","spanID":"',
  '{"result":{"resourceSpans":[',
  '{"trace":{"batches":[',
  '{"streams":[{"stream":{',
  '"values":[["1",',
  '{"traceEvents":[',
  '"ph":"B",',
  '"ts":1e300,',
  '2026-01-02T03:04:05.678Z ',
  'level=error msg="',
  '{\n  resource: {',
  "traceId: '",
  '\n    at ',
  '\u001B[32m',
  '<ref *1> ',
  '[Object]',
  '... 7 more items',
];

function json(name: string, encoding: typeof otlpJson, seed: () => Buffer[]): Target {
  return {
    name,
    seeds: seed,
    words: jsonWords,
    mutate: mutateJson,
    check: (bytes, random) => {
      detect(bytesOf(bytes.subarray(0, 1 << 16)), { atEnd: bytes.length <= 1 << 16 });
      checkDecoder(encoding, bytes, random);
    },
  };
}

/** A message alone: what a view shows of it, and what becomes of it in a file. */
function checkMessage(bytes: Buffer, random: Random): void {
  const signal = random.pick(signals);
  try {
    checkBatch(batchOf(signal, Buffer.from(bytes)));
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  checkDecoder(otlpProto, bytes, random);
}

interface Decompressed {
  readonly output: string;
  readonly size: number;
  readonly failure: string | undefined;
}

const limits = { maxDecompressedSize: 3 << 20 };

async function decompressed(pieces: readonly Buffer[]): Promise<Decompressed> {
  async function* source(): AsyncGenerator<Bytes> {
    for (const piece of pieces) yield bytesOf(Buffer.from(piece));
  }
  const parts: Buffer[] = [];
  let failure: string | undefined;
  try {
    for await (const part of decompress(source(), limits)) parts.push(Buffer.from(part));
  } catch (error) {
    if (!(error instanceof DecompressError)) throw error;
    failure = error.message;
  }
  const output = Buffer.concat(parts);
  return { output: output.toString('latin1'), size: output.length, failure };
}

async function checkCompressed(bytes: Buffer, random: Random): Promise<void> {
  const whole = await decompressed([bytes]);
  must(whole.size <= limits.maxDecompressedSize, 'no more comes out than the limit');
  const again = await decompressed(cutAnywhere(bytes, random));
  const [kind, otherKind] = [whole, again].map(({ failure }) =>
    failure?.replace(/is damaged: .*/, 'is damaged'),
  );
  must(
    kind === otherKind,
    `the failure depends on how the input is cut: ${whole.failure} / ${again.failure}`,
  );
  // How much of what is damaged comes out before the damage shows is up to zlib.
  const shorter = again.size < whole.size ? again : whole;
  const longer = shorter === again ? whole : again;
  must(longer.output.startsWith(shorter.output), 'what comes out does not depend on how the input is cut');
  if (whole.failure === undefined)
    must(again.size === whole.size, 'as much comes out however the input is cut');
}

async function checkConfig(bytes: Buffer, random: Random): Promise<void> {
  const text = bytes.toString('utf8');
  const set = random.chance(0.3) ? [text.slice(random.below(text.length + 1)).split('\n', 1)[0] ?? ''] : [];
  const env = { A: text.slice(0, random.below(20)), B: '${A}', C: '"' };
  const readFile = () => text.slice(0, random.below(40));
  const { tree, problems } = loadTree([{ name: 'a.yaml', text }], { env, set, readFile });
  const planned = await planRun(tree, {
    components,
    loadModule: () => Promise.reject(new Error('there are none')),
    directory: '/nowhere',
  });
  for (const problem of [...problems, ...planned.problems]) {
    // A terminal does what control characters say.
    must(
      !/[\0-\x08\x0B-\x1F\x7F]/.test(formatProblem(problem)),
      'a problem is shown without control characters',
    );
  }
}

function checkOttl(bytes: Buffer, random: Random): void {
  const text = bytes.toString('utf8');
  const context = random.pick(['span', 'log', 'resource', 'metric', 'datapoint'] as const);
  const [parse, compile] = random.pick([
    [parseStatement, compileStatement],
    [parseCondition, compileCondition],
    [parseValue, compileValue],
  ] as const);
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof OttlError)) throw error;
      for (const { offset, length } of error.problems)
        must(offset >= 0 && offset + length <= text.length + 1, 'a problem is within the text');
      return undefined;
    }
  };
  const node = attempt(() => parse(text));
  attempt(() => compile(text, context));
  if (node === undefined) return;
  const printed = printOttl(node);
  must(printOttl(parse(printed)) === printed, 'what is printed is read as it was');
}

/** Those that have targets of their own. */
const apart: ReadonlySet<string> = new Set(['otlp_json', 'otlp_proto', 'codemachine']);

/** Shapes of others: what mutation begins with is the recordings that are told to be of that shape. */
const shapes = encodings
  .filter(({ name, readable }) => readable && !apart.has(name))
  .map((encoding): Target => {
    const { name } = encoding;
    const target = json(name, encoding, () => seeds.recordingsOf(name));
    return { ...target, words: [...jsonWords, ...shapeWords] };
  });

export const targets: readonly Target[] = [
  json('json', otlpJson, seeds.jsonSeeds),
  json('codemachine', codemachine, seeds.codemachineSeeds),
  ...shapes,
  {
    name: 'protobuf',
    seeds: seeds.protobufSeeds,
    words: [
      Buffer.alloc(12, 0xff),
      Buffer.alloc(9, 0x80),
      varint(2 ** 32),
      Buffer.from('0a00', 'hex'),
      Buffer.from('0b', 'hex'),
      Buffer.from('2a02', 'hex'),
    ],
    mutate: mutateProtobuf,
    check: checkMessage,
  },
  {
    name: 'framing',
    seeds: seeds.framedSeeds,
    words: [
      Buffer.alloc(4),
      Buffer.from('ffffffff', 'hex'),
      Buffer.from('00000001', 'hex'),
      Buffer.from('28b52ffd', 'hex'),
      '{',
      '[',
      '\n',
    ],
    mutate: (bytes, random) =>
      random.chance(0.3)
        ? mutateProtobuf(bytes, random)
        : mutateProtobuf(bytes.subarray(0, 4 + random.below(bytes.length + 1)), random),
    check: (bytes, random) => checkDecoder(otlpProto, bytes, random),
  },
  {
    name: 'gzip',
    seeds: seeds.gzipSeeds,
    words: [Buffer.from('1f8b08', 'hex'), Buffer.alloc(16), 'a'],
    check: checkCompressed,
  },
  {
    name: 'zstd',
    seeds: seeds.zstdSeeds,
    words: [
      Buffer.from('28b52ffd', 'hex'),
      Buffer.from('502a4d18', 'hex'),
      Buffer.from('502a4d18ffffffff', 'hex'),
      Buffer.alloc(16),
      Buffer.from('28b52ffd0088', 'hex'),
    ],
    check: checkCompressed,
  },
  {
    name: 'yaml',
    seeds: seeds.configSeeds,
    words: [
      '&a ',
      '*a',
      '<<: *a',
      '\n',
      '  ',
      '\t',
      '- ',
      '? ',
      ': ',
      '|',
      '>',
      '>-',
      '"',
      "'",
      '{',
      '}',
      '[',
      ']',
      ',',
      '#',
      '!!map ',
      '!x ',
      '%YAML 1.2\n---\n',
      '---\n',
      '...\n',
      '${env:A}',
      '${A:-${B}}',
      '$$',
      '${file:x}',
      '${yaml:{a: 1}}',
      '${',
      '\u0000',
      '\uFEFF',
      '\u0085',
      '1e400',
      '.nan',
      '0x',
      '~',
      '__proto__: ',
      'constructor: ',
      'a::b: ',
      '&a [*a]',
      'receivers:\n',
      'exporters: ',
      'service:\n',
    ],
    check: checkConfig,
  },
  {
    name: 'ottl',
    seeds: seeds.ottlSeeds,
    words: [
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      '.',
      '"',
      '\\',
      '\\x',
      '==',
      '!=',
      '<=',
      ' and ',
      ' or ',
      ' not ',
      ' where ',
      'nil',
      'true',
      '1e999',
      '0x',
      '9223372036854775808',
      '-',
      '+',
      '*',
      '/',
      '=>',
      '(k, v) => ',
      'set(',
      'attributes["a"]',
      '[0]',
      'Concat([',
      'span.',
      '\n',
      '\u0000',
      '\ud800',
      '😀',
      '"(((a+)+)+)+$"',
    ],
    check: checkOttl,
  },
];

export function targetOf(name: string): Target {
  const found = targets.find((each) => each.name === name);
  if (found === undefined)
    throw new Error(`${name} is none of ${targets.map((each) => each.name).join(', ')}`);
  return found;
}
