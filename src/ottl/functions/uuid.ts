import { randomUUID } from 'node:crypto';

import { converter } from '../function.ts';

/** A new random UUID (version 4) for each record. */
export const uuid = converter('UUID', {}, () => () => randomUUID());
