/** What the extensions of a config add to its components: shapes of recordings that may be read, and functions of OTTL. */
import type { z } from 'zod';

/** An encoding by its name; the rest is known to the receivers that read with it. */
export interface NamedEncoding {
  readonly name: string;
}

/** A function of OTTL by its name; the rest is known to the processors that compile with it. */
export interface NamedFunction {
  readonly name: string;
}

export interface Extensions {
  readonly encodings: readonly NamedEncoding[];
  readonly functions: ReadonlyMap<string, NamedFunction>;
}

export const noExtensions: Extensions = { encodings: [], functions: new Map() };

/** An extension that a user wrote: each of them is loaded that the config defines. */
export interface ExtensionFactory {
  readonly kind: 'extension';
  readonly type: string;
  readonly schema: z.ZodType;
  /** Throws with `message` and `remedy`. */
  create(config: unknown): {
    readonly encodings?: readonly NamedEncoding[];
    readonly functions?: readonly NamedFunction[];
  };
}
