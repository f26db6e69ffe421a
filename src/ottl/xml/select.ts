import { createRequire } from 'node:module';

import type * as XPath from 'xpath';

import { OttlFailure } from '../errors.ts';
import type { XmlNode } from './node.ts';

/** Its types leave out what is used here. */
type Engine = typeof XPath & {
  parse(expression: string): {
    select(options: { node: XmlNode; namespaces: (prefix: string) => string }): XmlNode[];
  };
};

/** Loaded when the first expression needs it: most runs do without. */
let engine: Engine | undefined;

/**
 * An XPath 1.0 expression: gives the nodes that it selects, in the order of the document. A prefix in it means the
 * prefix in the text. Throws `OttlFailure` for what is no expression; what it selects can fail too.
 */
export function compileXPath(expression: string): (document: XmlNode) => XmlNode[] {
  engine ??= createRequire(import.meta.url)('xpath') as Engine;
  const { parse } = engine;
  const parsed = attempt(() => parse(expression), expression);
  return (node) => attempt(() => parsed.select({ node, namespaces: (prefix) => prefix }), expression);
}

function attempt<T>(run: () => T, expression: string): T {
  try {
    return run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OttlFailure(`${JSON.stringify(expression)} selects nothing in XPath 1.0: ${reason}`, [
      expression,
    ]);
  }
}
