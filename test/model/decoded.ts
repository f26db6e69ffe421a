/** Protobuf to plain objects, as slowly and plainly as can be: what the fast readers are compared with. */
import type { Field, Kind, MessageType } from '../../src/model/schema.ts';

export type Plain = string | number | bigint | boolean | Plain[] | { [name: string]: Plain };

export function decoded(bytes: Buffer, type: MessageType): { [name: string]: Plain } {
  const message: { [name: string]: Plain } = {};
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = type.byNumber[tag >>> 3];
    const wireType = tag & 7;
    let raw: bigint | Buffer;
    if (wireType === 0) raw = varint();
    else if (wireType === 1) raw = bytes.subarray(at, (at += 8));
    else if (wireType === 5) raw = bytes.subarray(at, (at += 4));
    else {
      const length = Number(varint());
      raw = bytes.subarray(at, (at += length));
    }
    if (field === undefined) continue;
    if (!field.repeated) {
      if (field.name in message) throw new Error(`${field.name} twice`);
      message[field.name] = plain(field, raw);
      continue;
    }
    const list = (message[field.name] ??= []) as Plain[];
    if (field.kind === 'message' || field.kind === 'strings') list.push(plain(field, raw));
    else list.push(...numbers(field, raw));
  }
  return message;
}

function plain(field: Field, raw: bigint | Buffer): Plain {
  if (typeof raw === 'bigint') return integer(field, raw);
  if (field.type !== null) return decoded(raw, field.type);
  const reader = readers[field.kind];
  if (reader === undefined) throw new Error(`${field.name} has the wrong wire type`);
  return reader(raw);
}

const readers: Partial<Record<Kind, (raw: Buffer) => Plain>> = {
  string: (raw) => raw.toString('utf8'),
  strings: (raw) => raw.toString('utf8'),
  id: (raw) => raw.toString('hex'),
  bytes: (raw) => raw.toString('base64'),
  double: (raw) => raw.readDoubleLE(),
  doubles: (raw) => raw.readDoubleLE(),
  fixed32: (raw) => raw.readUInt32LE(),
  sfixed64: (raw) => raw.readBigInt64LE(),
  fixed64: (raw) => raw.readBigUInt64LE(),
  fixed64s: (raw) => raw.readBigUInt64LE(),
};

function integer(field: Field, raw: bigint): Plain {
  if (field.kind === 'bool') return raw !== 0n;
  if (field.kind === 'sint32') return Number((raw >> 1n) ^ -(raw & 1n));
  if (field.kind === 'int64') return BigInt.asIntN(64, raw);
  if (field.kind === 'enum') return Number(BigInt.asIntN(32, raw));
  return Number(raw);
}

function numbers(field: Field, raw: bigint | Buffer): Plain[] {
  if (typeof raw === 'bigint') return [raw];
  const list: Plain[] = [];
  if (field.kind !== 'uint64s') {
    for (let at = 0; at < raw.length; at += 8) list.push(plain(field, raw.subarray(at, at + 8)));
    return list;
  }
  let value = 0n;
  let shift = 0n;
  for (const byte of raw) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte > 127) continue;
    list.push(value);
    value = shift = 0n;
  }
  return list;
}
