import { z } from 'zod';

/** One of these lower-case words, in whatever case it is written: the Collector's enums are so. */
export function anyCase<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.preprocess((value) => (typeof value === 'string' ? value.toLowerCase() : value), z.enum(words));
}
