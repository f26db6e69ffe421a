import type { z } from 'zod';
import { anyCase } from './any-case.ts';

/** What a failure on a record does: counted and told once, only counted, or the end of the run. */
export const errorMode = anyCase(['ignore', 'silent', 'propagate']);

export type ErrorMode = z.output<typeof errorMode>;
