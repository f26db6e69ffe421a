/** What is written in place of what must not be seen. */
import { createHmac, hash } from 'node:crypto';
import type { Secret } from '../../config/secret.ts';
import { compileRegex } from '../../model/regex.ts';

export const hashFunctions = ['none', 'md5', 'sha1', 'sha3', 'hmac-sha256', 'hmac-sha512'] as const;
export type HashFunction = (typeof hashFunctions)[number];

export type Mask = (text: string) => string;

export function maskWith(name: HashFunction, key: Secret | undefined): Mask {
  switch (name) {
    case 'none':
      return () => '****';
    case 'md5':
    case 'sha1':
      return (text) => hash(name, text);
    case 'sha3':
      return (text) => hash('sha3-256', text);
    case 'hmac-sha256':
    case 'hmac-sha512': {
      const digest = name.slice('hmac-'.length);
      return (text) =>
        createHmac(digest, key?.reveal() ?? '')
          .update(text)
          .digest('hex');
    }
  }
}

const line = compileRegex('.*');

/** All of a text, line by line as the Collector does it. Empty text is masked too. */
export function maskWhole(text: string, mask: Mask): string {
  return line.replaceAll(text, ({ groups: [whole = ''] }) => mask(whole));
}
