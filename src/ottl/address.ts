/** The 4 or 16 bytes of an IP address (an IPv4 address inside IPv6 is 4); undefined for what is none, zones included. */
export function parseAddress(text: string): Buffer | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  const bytes = parseIpv6(text);
  return bytes !== undefined && isMapped(bytes) ? bytes.subarray(12) : bytes;
}

function isMapped(bytes: Buffer): boolean {
  return bytes.readBigUInt64BE(0) === 0n && bytes.readUInt32BE(8) === 0xffff;
}

/** Four decimal numbers without leading zeros. */
function parseIpv4(text: string): Buffer | undefined {
  const parts = text.split('.');
  const valid = parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part));
  const numbers = parts.map(Number);
  return valid && numbers.every((number) => number < 256) ? Buffer.from(numbers) : undefined;
}

function parseIpv6(text: string): Buffer | undefined {
  const sides = text.split('::');
  if (sides.length > 2) return undefined;
  const [left = [], right] = sides.map((side) => (side === '' ? [] : side.split(':')));
  const tail = (right ?? left).at(-1);
  const embedded = tail?.includes('.') ? parseIpv4(tail) : undefined;
  if (tail?.includes('.') && embedded === undefined) return undefined;
  if (embedded !== undefined) {
    const last = right ?? left;
    last.splice(-1, 1, embedded.subarray(0, 2).toString('hex'), embedded.subarray(2).toString('hex'));
  }
  const missing = 8 - left.length - (right?.length ?? 0);
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...(right ?? [])];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

export interface Network {
  contains(address: Buffer): boolean;
}

/** `address/bits`; bits beyond the prefix are ignored. Undefined for what is no network. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? undefined : networkAddress(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (address === undefined || !/^(?:0|[1-9][0-9]{0,2})$/.test(digits)) return undefined;
  const bits = Number(digits);
  if (bits > address.length * 8) return undefined;
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
