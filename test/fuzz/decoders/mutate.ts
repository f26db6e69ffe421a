/** Changes to bytes: some that know nothing of them, some that know what JSON and protobuf are made of. */
import { Writer } from '../../../src/wire/writer.ts';
import type { Random } from '../ottl/random.ts';
import type { Target } from './target.ts';

/** Larger inputs tell nothing that smaller ones do not. */
const longest = 1 << 18;

export function mutated(target: Target, seeds: readonly Buffer[], random: Random): Buffer {
  let bytes: Buffer = Buffer.from(random.pick(seeds));
  const rounds = random.pick([0, 1, 1, 2, 3, 5, 12]);
  for (let i = 0; i < rounds && bytes.length < longest; i++) {
    const knows = target.mutate !== undefined && random.chance(0.6);
    bytes = knows ? Buffer.from(target.mutate(bytes, random)) : blind(bytes, target, { random, seeds });
  }
  return bytes.subarray(0, longest);
}

interface Choices {
  readonly random: Random;
  readonly seeds: readonly Buffer[];
}

const oddBytes = [0, 1, 9, 10, 13, 31, 32, 34, 44, 91, 92, 93, 123, 125, 127, 128, 0x80, 0xc0, 0xef, 0xff];

function blind(bytes: Buffer, target: Target, { random, seeds }: Choices): Buffer {
  const at = random.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + random.below(random.pick([4, 64, 5000])));
  const put = (middle: string | Buffer): Buffer =>
    Buffer.concat([bytes.subarray(0, at), Buffer.from(middle as string), bytes.subarray(to)]);
  switch (random.below(9)) {
    case 0: {
      const copy = Buffer.from(bytes);
      for (let i = random.below(4); i >= 0 && copy.length > 0; i--)
        copy[random.below(copy.length)] = random.chance(0.5) ? random.below(256) : random.pick(oddBytes);
      return copy;
    }
    case 1:
      return put('');
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return put(Buffer.concat([bytes.subarray(at, to), bytes.subarray(at, to)]));
    case 4: {
      const other = random.pick(seeds);
      return put(other.subarray(random.below(other.length + 1)));
    }
    case 5: {
      const from = random.below(bytes.length + 1);
      return put(bytes.subarray(from, from + random.below(2000)));
    }
    case 6:
      return put(Buffer.from(random.pick(target.words) as string));
    case 7: {
      const word = Buffer.from(random.pick(target.words) as string);
      return put(
        Buffer.concat(Array.from({ length: 1 + random.below(random.pick([3, 70, 3000])) }, () => word)),
      );
    }
    default:
      return Buffer.concat([bytes, random.pick(seeds)]);
  }
}

const token = /"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;
const oddValues = [
  '0',
  '-0',
  '1e400',
  '-1e-400',
  '1e999999999',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '18446744073709551616',
  '1'.repeat(400),
  `0.${'1'.repeat(400)}`,
  '1.0',
  '5e0',
  '007',
  '-',
  'NaN',
  '-Infinity',
  'null',
  'true',
  '"NaN"',
  '"-Infinity"',
  '"18446744073709551615"',
  '"1e3"',
  '""',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '"\u0000"',
  '"\\uD83D\\uDE00"',
  '"\\u12"',
  '"\\x"',
  '"__proto__"',
  '"\uFFFD"',
  '{}',
  '[]',
  '[null]',
  '[[]]',
  '{"":{}}',
  '"00"',
  '"AAAA"',
  '"====',
];

/** Changes to a JSON text at its tokens: another value, a member twice, something around a value, a token gone. */
export function mutateJson(bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString('latin1');
  const tokens = [...text.matchAll(token)];
  if (tokens.length === 0) return bytes;
  const chosen = random.pick(tokens);
  const [found] = chosen;
  const before = text.slice(0, chosen.index);
  const after = text.slice(chosen.index + found.length);
  const odd = Buffer.from(random.pick(oddValues)).toString('latin1');
  const made = (middle: string): Buffer => Buffer.from(before + middle + after, 'latin1');
  switch (random.below(7)) {
    case 0:
      return made(odd);
    case 1:
      return made(random.pick(tokens)[0]);
    case 2: {
      const depth = random.pick([1, 5, 40, 70, 400]);
      const [open, close] = random.pick([
        ['[', ']'],
        ['{"a":', '}'],
        ['{"arrayValue":{"values":[', ']}}'],
        ['{"kvlistValue":{"values":[{"key":"k","value":', '}]}}'],
      ] as const);
      return made(open.repeat(depth) + found + close.repeat(random.chance(0.8) ? depth : depth - 1));
    }
    case 3:
      return made('');
    case 4: {
      const other = random.pick(tokens);
      const from = Math.min(chosen.index, other.index);
      const part = text.slice(from, Math.max(chosen.index, other.index)).slice(0, 5000);
      return made(`${found},${part}`);
    }
    case 5:
      return made(`${found}:${odd},${found}`);
    default:
      return made(found + random.pick(['\n', ' ', ',', '\t', '\u0000', '\u00EF\u00BB\u00BF', '}', ']']));
  }
}

interface Field {
  readonly begin: number;
  readonly body: number;
  readonly end: number;
}

/** Changes to protobuf at its fields: another length, number or wire type; a field twice, gone, or put into another. */
export function mutateProtobuf(bytes: Buffer, random: Random): Buffer {
  const fields = fieldsOf(bytes, random);
  if (fields.length === 0) return bytes;
  const { begin, body, end } = random.pick(fields);
  const put = (from: number, to: number, middle: Buffer): Buffer =>
    Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(to)]);
  const other = random.pick(fields);
  switch (random.below(8)) {
    case 0:
      return put(begin, body, varint(oddNumber(random)));
    case 1:
      return put(begin, begin + 1, Buffer.from([random.below(256)]));
    case 2:
      return put(end, end, bytes.subarray(begin, end));
    case 3:
      return put(begin, end, Buffer.alloc(0));
    case 4:
      return put(body, end, bytes.subarray(other.begin, other.end));
    case 5:
      return put(begin, end, bytes.subarray(other.begin, other.end));
    case 6: {
      let inner = Buffer.from(bytes.subarray(body, end).subarray(0, 200));
      const tag = random.pick([0x0a, 0x12, 0x2a, 0x32]);
      for (let i = random.pick([1, 5, 70, 300]); i > 0; i--)
        inner = Buffer.concat([Buffer.from([tag]), varint(inner.length), inner]);
      return put(begin, end, inner);
    }
    default:
      return put(begin + 1, body, varint(Math.max(0, end - body + random.below(5) - 2)));
  }
}

function oddNumber(random: Random): number {
  return random.pick([
    0,
    1,
    127,
    128,
    255,
    2 ** 28,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 35,
    2 ** 52,
    random.below(300),
  ]);
}

export function varint(value: number): Buffer {
  const to = new Writer(16);
  to.varint(value);
  return Buffer.from(to.bytes());
}

/** Some of what may be a field, at any depth. */
function fieldsOf(bytes: Buffer, random: Random): Field[] {
  const fields: Field[] = [];
  let within = { begin: 0, body: 0, end: bytes.length };
  for (let depth = 0; depth < 9 && within.end > within.body; depth++) {
    const level: Field[] = [];
    let field = fieldAt(bytes, within.body, within.end);
    for (; field !== undefined && level.length < 200; field = fieldAt(bytes, field.end, within.end))
      level.push(field);
    if (level.length === 0) break;
    fields.push(...level);
    within = random.pick(level);
  }
  return fields;
}

function fieldAt(bytes: Buffer, begin: number, limit: number): Field | undefined {
  if (begin >= limit) return undefined;
  const wireType = (bytes[begin] ?? 0) & 7;
  let at = begin + 1;
  if (wireType === 1 || wireType === 5) at += wireType === 1 ? 8 : 4;
  else if (wireType !== 2 && wireType !== 0) return undefined;
  let length = 0;
  let scale = 1;
  for (let byte = 128; (wireType === 0 || wireType === 2) && byte > 127 && at < limit; scale *= 128) {
    byte = bytes[at++] ?? 0;
    length += (byte & 127) * scale;
  }
  const end = wireType === 2 ? at + length : at;
  return end > limit ? undefined : { begin, body: wireType === 2 ? at : end, end };
}
