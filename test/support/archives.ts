/** Writes archives for tests, also such as no program writes. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface TarMember {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** `0` unless given. */
  readonly type?: string;
  readonly linkName?: string;
  /** What the header says, where that is not true. */
  readonly size?: number;
}

/** A ustar archive with its end mark. */
export function tarOf(members: readonly TarMember[], { hasEnd = true } = {}): Buffer {
  const parts = members.map(tarMember);
  return Buffer.concat([...parts, Buffer.alloc(hasEnd ? 1024 : 0)]);
}

function tarMember({ name, content = '', type = '0', linkName = '', size }: TarMember): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100, 'utf8');
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${(size ?? body.length).toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(linkName, 157, 100, 'utf8');
  header.write('ustar\0', 257);
  header.write('00', 263);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

/** The members that say a pax record of the next one. */
export function paxMember(records: Readonly<Record<string, string>>): TarMember {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    const bytes = Buffer.byteLength(rest);
    let length = bytes + 1;
    while (String(length).length + bytes !== length) length++;
    return `${length}${rest}`;
  });
  return { name: 'pax', type: 'x', content: lines.join('') };
}

export interface ZipMemberOf {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** 8, deflate, unless given. */
  readonly method?: number;
  readonly flags?: number;
  /** The upper half of the external attributes: a mode of Unix. */
  readonly mode?: number;
  /** What the list says, where that is not true. */
  readonly size?: number;
  readonly checksum?: number;
  /** Where the list says that it stands. */
  readonly offset?: number;
}

/** A zip archive; with `isLong` all sizes and places stand in zip64 fields. */
export function zipOf(members: readonly ZipMemberOf[], { isLong = false, comment = '' } = {}): Buffer {
  const parts: Buffer[] = [];
  const list: Buffer[] = [];
  let at = 0;
  for (const member of members) {
    const body = Buffer.from(member.content ?? '');
    const packed = (member.method ?? 8) === 8 ? deflateRawSync(body) : body;
    const facts = { member, body, packed, at: member.offset ?? at, isLong };
    const local = localHeader(facts);
    parts.push(local, packed);
    list.push(listEntry(facts));
    at += local.length + packed.length;
  }
  const directory = Buffer.concat(list);
  return Buffer.concat([
    ...parts,
    directory,
    ends(members.length, directory.length, at, { isLong, comment }),
  ]);
}

interface ZipFacts {
  readonly member: ZipMemberOf;
  readonly body: Buffer;
  readonly packed: Buffer;
  readonly at: number;
  readonly isLong: boolean;
}

function localHeader({ member, body, packed }: ZipFacts): Buffer {
  const name = Buffer.from(member.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(member.flags ?? 0, 6);
  header.writeUInt16LE(member.method ?? 8, 8);
  header.writeUInt32LE(crc32(body), 14);
  header.writeUInt32LE(packed.length, 18);
  header.writeUInt32LE(body.length, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function listEntry({ member, body, packed, at, isLong }: ZipFacts): Buffer {
  const name = Buffer.from(member.name);
  const entry = Buffer.alloc(46);
  const size = member.size ?? body.length;
  const extra = Buffer.alloc(isLong ? 28 : 0);
  if (isLong) {
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    for (const [place, value] of [size, packed.length, at].entries())
      extra.writeBigUInt64LE(BigInt(value), 4 + 8 * place);
  }
  const short = (value: number) => (isLong ? 0xffffffff : value);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(member.mode === undefined ? 20 : 0x0314, 4);
  entry.writeUInt16LE(member.flags ?? 0, 8);
  entry.writeUInt16LE(member.method ?? 8, 10);
  entry.writeUInt32LE(member.checksum ?? crc32(body), 16);
  entry.writeUInt32LE(short(packed.length), 20);
  entry.writeUInt32LE(short(size), 24);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt16LE(extra.length, 30);
  entry.writeUInt32LE(((member.mode ?? 0) << 16) >>> 0, 38);
  entry.writeUInt32LE(short(at), 42);
  return Buffer.concat([entry, name, extra]);
}

function ends(
  count: number,
  bytes: number,
  at: number,
  { isLong, comment }: { isLong: boolean; comment: string },
): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(isLong ? 0xffff : count, 8);
  end.writeUInt16LE(isLong ? 0xffff : count, 10);
  end.writeUInt32LE(isLong ? 0xffffffff : bytes, 12);
  end.writeUInt32LE(isLong ? 0xffffffff : at, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  const tail = Buffer.concat([end, Buffer.from(comment)]);
  if (!isLong) return tail;
  const long = Buffer.alloc(76);
  long.writeUInt32LE(0x06064b50, 0);
  long.writeBigUInt64LE(44n, 4);
  long.writeBigUInt64LE(BigInt(count), 24);
  long.writeBigUInt64LE(BigInt(count), 32);
  long.writeBigUInt64LE(BigInt(bytes), 40);
  long.writeBigUInt64LE(BigInt(at), 48);
  long.writeUInt32LE(0x07064b50, 56);
  long.writeBigUInt64LE(BigInt(at + bytes), 64);
  long.writeUInt32LE(1, 72);
  return Buffer.concat([long, tail]);
}
