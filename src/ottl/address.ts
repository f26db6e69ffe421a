/** The 4 or 16 bytes of an IP address (an IPv4 address inside IPv6 is 4); undefined for what is none, zones included. */
export function parseAddress(text: string): Buffer | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  const bytes = parseIpv6(text);
  return bytes !== undefined && isMapped(bytes) ? bytes.subarray(12) : bytes;
}

/** An IPv4 address inside IPv6. */
function isMapped(bytes: Buffer): boolean {
  return bytes.length === 16 && bytes.readBigUInt64BE(0) === 0n && bytes.readUInt32BE(8) === 0xffff;
}

/** Four decimal numbers without leading zeros. */
function parseIpv4(text: string): Buffer | undefined {
  const parts = text.split('.');
  const valid = parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part));
  const numbers = parts.map(Number);
  return valid && numbers.every((number) => number < 256) ? Buffer.from(numbers) : undefined;
}

function parseIpv6(text: string): Buffer | undefined {
  const [left = '', right, more] = withHexTail(text).split('::');
  if (more !== undefined) return undefined;
  const before = groupsOf(left);
  const after = right === undefined ? [] : groupsOf(right);
  const missing = 8 - before.length - after.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function groupsOf(side: string): string[] {
  return side === '' ? [] : side.split(':');
}

/** An IPv4 address at the end as two groups of hex; what is no address stays, and is no group either. */
function withHexTail(text: string): string {
  const start = text.lastIndexOf(':') + 1;
  const embedded = parseIpv4(text.slice(start));
  if (embedded === undefined) return text;
  return `${text.slice(0, start)}${embedded.toString('hex', 0, 2)}:${embedded.toString('hex', 2)}`;
}

export interface Network {
  contains(address: Buffer): boolean;
}

/** `address/bits`; bits beyond the prefix are ignored. Undefined for what is no network. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? undefined : networkAddress(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (address === undefined || !/^[0-9]{1,7}$/.test(digits)) return undefined;
  const bits = Number(digits);
  if (bits > address.length * 8) return undefined;
  if (bits >= 96 && isMapped(address)) return network(address.subarray(12), bits - 96);
  return network(address, bits);
}

function network(address: Buffer, bits: number): Network {
  const wanted = prefixOf(address, bits);
  return {
    contains: (other) => other.length === address.length && prefixOf(other, bits).equals(wanted),
  };
}

function networkAddress(text: string): Buffer | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function prefixOf(address: Buffer, bits: number): Buffer {
  const prefix = Buffer.from(address);
  for (const [index, byte] of prefix.entries()) {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    prefix[index] = byte & (0xff00 >> kept);
  }
  return prefix;
}
