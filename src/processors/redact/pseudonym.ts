/** What stands in the place of what was found. */
import { createHmac } from 'node:crypto';
import type { Found } from './found.ts';

export type Replace = (found: Pick<Found, 'kind' | 'normal'>) => string;

/** The prefix of a pseudonym, so that a reader knows what was there. */
const nouns: Readonly<Record<string, string>> = {
  auth: 'secret',
  cookies: 'cookie',
  jwt: 'jwt',
  emails: 'email',
  cards: 'card',
  cloud_keys: 'key',
};

/** 64 bits: no two of a thousand million share one, and it is short enough to be read. */
const digits = 16;

const mostKnown = 10_000;

/** Every time the same. */
export function masking(mask: string): Replace {
  return () => mask;
}

/**
 * The same for the same, under the same key, in every run: what belonged together still does, and without the key nobody
 * can try out what it was.
 */
export function pseudonyms(key: string): Replace {
  const known = new Map<string, string>();
  return ({ kind, normal }) => {
    const before = known.get(normal);
    const digest = before ?? createHmac('sha256', key).update(normal).digest('hex').slice(0, digits);
    if (before === undefined) {
      if (known.size >= mostKnown) known.clear();
      known.set(normal, digest);
    }
    return `${nouns[kind] ?? 'value'}_${digest}`;
  };
}
