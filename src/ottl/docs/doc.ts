/** What the documentation says of a function; its signature comes from the table of functions. */
export interface FunctionDoc {
  /** One sentence. */
  readonly summary: string;
  /** What is written, and what comes of it in the notation of docs/ottl.md. All are run by the tests. */
  readonly examples: readonly (readonly [text: string, result: string])[];
}

export type FunctionDocs = Readonly<Record<string, FunctionDoc>>;
