/** The parts of several JSON Schemas in one document: their `$defs` get names of their own there. */

export type JsonSchema = Record<string, unknown>;

export class Definitions {
  private readonly parts = new Map<string, unknown>();

  /** The schema without its `$defs`, which are kept here from now on. */
  take(prefix: string, schema: JsonSchema): JsonSchema {
    const { $defs, $schema: _, ...rest } = schema;
    for (const [name, part] of Object.entries(($defs ?? {}) as JsonSchema))
      this.parts.set(`${prefix}-${name}`, renamed(part, prefix));
    return renamed(rest, prefix) as JsonSchema;
  }

  /** Keeps a schema; the answer refers to it. */
  add(name: string, schema: JsonSchema): JsonSchema {
    this.parts.set(name, schema);
    return { $ref: `#/$defs/${name}` };
  }

  all(): JsonSchema {
    return Object.fromEntries(this.parts);
  }
}

const ownPart = '#/$defs/';

function renamed(value: unknown, prefix: string): unknown {
  if (Array.isArray(value)) return value.map((each) => renamed(each, prefix));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const isOwn = key === '$ref' && typeof each === 'string' && each.startsWith(ownPart);
      return [key, isOwn ? `${ownPart}${prefix}-${each.slice(ownPart.length)}` : renamed(each, prefix)];
    }),
  );
}
