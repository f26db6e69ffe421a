import { randomBytes, randomUUID } from 'node:crypto';

import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';

/** A new random UUID (version 4) for each record. */
export const uuid = converter('UUID', {}, () => () => randomUUID());

/** A new UUID of version 7 for each record: the time in milliseconds, then random bits (RFC 9562). */
export const uuidV7 = converter('UUIDv7', {}, () => ({ clock }) => {
  if (clock === undefined) throw new OttlFailure('there is no clock here');
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Number(clock.nowUnixNano() / 1_000_000n), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
});
