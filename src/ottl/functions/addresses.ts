import { createHash } from 'node:crypto';

import { parseAddress, parseNetwork } from '../address.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { RefusedArgument, int, listOf, optional, string } from '../parameters.ts';

/** Whether an IP address lies in one of the networks (`10.0.0.0/8`); false for what is no address. */
export const isInCidr = converter(
  'IsInCIDR',
  { target: string(), networks: listOf(string()) },
  ({ target, networks }) => {
    // As in the reference, what stands behind one that is known only later is looked at only then.
    for (const network of networks) {
      if (network.constant === undefined) break;
      if (parseNetwork(network.constant.value) === undefined)
        throw new RefusedArgument(`${network.constant.value} is no network such as 10.0.0.0/8`, network);
    }
    return (record) => {
      const address = parseAddress(target.read(record));
      if (address === undefined) return false;
      return networks.some((one) => {
        const text = one.read(record);
        const network = parseNetwork(text);
        if (network === undefined) throw new OttlFailure(`${text} is no network such as 10.0.0.0/8`, [text]);
        return network.contains(address);
      });
    };
  },
);

const protocols: ReadonlyMap<string, number> = new Map([
  ['ICMP', 1],
  ['TCP', 6],
  ['UDP', 17],
  ['RSVP', 46],
  ['ICMP6', 58],
  ['SCTP', 132],
]);

const flow = {
  sourceIP: string(),
  sourcePort: int(),
  destinationIP: string(),
  destinationPort: int(),
  protocol: optional(string()),
  seed: optional(int()),
};

/** The Community ID (version 1) of a network flow: https://github.com/corelight/community-id-spec, ICMP types as ports. */
export const communityId = converter('CommunityID', flow, (args) => {
  return (record) => {
    const source = endpoint('source', args.sourceIP.read(record), args.sourcePort.read(record));
    const destination = endpoint(
      'destination',
      args.destinationIP.read(record),
      args.destinationPort.read(record),
    );
    const name = args.protocol?.read(record) ?? 'TCP';
    const protocol = protocols.get(name);
    if (protocol === undefined)
      throw new OttlFailure(`${name} is no protocol that is known (${[...protocols.keys()].join(', ')})`, [
        name,
      ]);
    const seed = uint16('the seed', args.seed?.read(record) ?? 0n);
    const ends = [source, destination].toSorted(compareEnds);
    const hash = createHash('sha1').update(twoBytes(seed));
    for (const { address } of ends) hash.update(address);
    hash.update(Buffer.of(protocol, 0));
    for (const { port } of ends) hash.update(twoBytes(port));
    return `1:${hash.digest('base64')}`;
  };
});

interface End {
  readonly address: Buffer;
  readonly port: number;
}

function endpoint(role: string, ip: string, port: bigint): End {
  const address = parseAddress(ip);
  if (address === undefined)
    throw new OttlFailure(`the ${role} ${JSON.stringify(ip)} is no IP address`, [ip]);
  return { address, port: uint16(`the port of the ${role}`, port) };
}

function uint16(what: string, value: bigint): number {
  if (value < 0n || value > 65_535n)
    throw new OttlFailure(`${what} must be from 0 to 65535, found ${value}`, [value]);
  return Number(value);
}

function compareEnds(a: End, b: End): number {
  return a.address.length - b.address.length || Buffer.compare(a.address, b.address) || a.port - b.port;
}

function twoBytes(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}
