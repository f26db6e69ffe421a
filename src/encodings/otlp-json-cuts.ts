import type { Bytes } from '../wire/bytes.ts';
import type { Cuts } from './encoding.ts';

/**
 * Between two documents of which each ends its line: `}`, a line feed and `{`. Nothing of the kind is in a document: text has
 * no line feed that is not escaped, and where one object follows another there is a comma between them. Indented documents
 * are cut between each other, and those in an array, which a comma divides, nowhere.
 */
export const otlpJsonCuts: Cuts = {
  lookBehind: 3,

  find(bytes: Bytes, from: number): number {
    for (let at = bytes.indexOf(10, Math.max(from - 1, 0)); at >= 0; at = bytes.indexOf(10, at + 1)) {
      const before = bytes[at - 1] === 13 ? bytes[at - 2] : bytes[at - 1];
      if (bytes[at + 1] === 123 && before === 125) return at + 1;
    }
    return -1;
  },

  linesBefore(state: string): number {
    return state === '' ? 0 : (JSON.parse(state) as { readonly line: number }).line - 1;
  },

  stateBehind(lines: number): string {
    return JSON.stringify({ line: lines + 1, inArray: 'no' });
  },
};
