import { OttlFailure } from '../errors.ts';
import { trimSpace } from '../space.ts';
import { loadEngine } from './engine.ts';
import type { Engine } from './engine.ts';
import { nodeTypes } from './node.ts';
import type { XmlNode } from './node.ts';

/** Loaded when the first expression needs it: most runs do without. */
let engine: Engine | undefined;

/**
 * An XPath 1.0 expression: gives the nodes that it selects, in the order of the document. A prefix in it means the
 * prefix in the text. Throws `OttlFailure` for what is no expression; what it selects can fail too.
 */
export function compileXPath(expression: string): (document: XmlNode) => XmlNode[] {
  engine ??= loadEngine();
  const { parse } = engine;
  const parsed = attempt(() => {
    checkNames(expression);
    return parse(expression);
  }, expression);
  return (node) => {
    const selected = attempt(() => parsed.select({ node, namespaces: (prefix) => prefix }), expression);
    return selected.filter((found) => !isHidden(found));
  };
}

/** What may stand before a parenthesis: the functions of XPath 1.0 and the kinds of nodes. */
const callable = new Set(
  (
    'boolean ceiling concat contains count false floor id lang last local-name name namespace-uri normalize-space ' +
    'not number position round starts-with string string-length substring substring-after substring-before sum ' +
    'translate true and or div mod comment node processing-instruction text'
  ).split(' '),
);

const axes = new Set(
  (
    'ancestor ancestor-or-self attribute child descendant descendant-or-self following following-sibling ' +
    'namespace parent preceding preceding-sibling self'
  ).split(' '),
);

/** A function that wants something in its parentheses, with nothing in them. */
const lacking =
  /(?<![\w.-])(?:boolean|ceiling|concat|contains|count|floor|id|lang|not|round|starts-with|substring(?:-after|-before)?|sum|translate)\s*\(\s*\)/;

/** The engine would look for a function or an axis only where it is used. */
function checkNames(expression: string): void {
  const bare = expression.replaceAll(/"[^"]*"|'[^']*'/g, '""');
  if (lacking.test(bare)) throw new Error('a function lacks its argument');
  for (const [, name] of bare.matchAll(/([\w.-]+)\s*\(/g))
    if (name !== undefined && !callable.has(name)) throw new Error(`there is no function ${name}`);
  for (const [, name] of bare.matchAll(/([\w.-]+)\s*::/g))
    if (name !== undefined && !axes.has(name)) throw new Error(`there is no axis ${name}`);
}

/** As in the reference, no expression finds a text of nothing but space that follows something. */
function isHidden(node: XmlNode): boolean {
  return (
    node.nodeType === nodeTypes.text && node.previousSibling !== null && trimSpace(node.nodeValue) === ''
  );
}

function attempt<T>(run: () => T, expression: string): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof OttlFailure) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new OttlFailure(`${JSON.stringify(expression)} selects nothing in XPath 1.0: ${reason}`, [
      expression,
    ]);
  }
}
