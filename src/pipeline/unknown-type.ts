/** What to say of a component whose type is not known: what it is in the Collector, or what was probably meant. */
import type { Problem } from '../config/problem.ts';
import { didYouMean } from '../config/suggest.ts';
import type { ConfigTree } from '../config/tree.ts';
import type { Path } from '../config/place.ts';
import { collectorComponents } from './collector-components-table.ts';
import type { ComponentKind, Components } from './component.ts';
import { problemAt } from './problem-at.ts';

/** A component as the config defines it. */
export interface UnknownComponent {
  readonly id: string;
  readonly kind: ComponentKind;
  readonly path: Path;
}

/** `known` are the types of its kind; `aliases`, their other spellings, are only suggested. */
export function unknownType(
  { tree, components }: { readonly tree: ConfigTree; readonly components: Components },
  component: UnknownComponent,
  known: readonly string[],
  aliases: readonly string[] = [],
): Problem {
  const { id, kind, path } = component;
  const type = id.split('/', 1)[0] ?? id;
  const table = collectorComponents[kind];
  const instead = Object.hasOwn(table, type) ? table[type] : undefined;
  if (instead !== undefined) return problemAt(tree, path, notBuiltIn(tree, component, type, instead), 'key');
  const own = kind === 'processor' ? '; or your own, with `module: ./file.ts`' : '';
  const list = `known: ${known.join(', ')}${own}`;
  const hint = elsewhere(components, kind, type) ?? didYouMean(type, [...known, ...aliases]);
  const message = `there is no ${kind} ${JSON.stringify(type)}`;
  return problemAt(tree, path, { message, remedy: hint === undefined ? list : `${hint}\n${list}` }, 'key');
}

function notBuiltIn(
  tree: ConfigTree,
  { id, kind, path }: UnknownComponent,
  type: string,
  instead: string,
): { message: string; remedy: string } {
  if (kind !== 'exporter' || !(type === 'otlp' || type === 'otlp_grpc'))
    return { message: `the Collector's ${kind} ${type} is not built in`, remedy: instead };
  const endpoint = httpEndpoint(tree.get([...path, 'endpoint']));
  const renamed = `otlp_http${id.slice(type.length)}`;
  return {
    message: `the Collector's exporter ${type} speaks gRPC, and gRPC is not built in`,
    remedy: `write \`${renamed}: {endpoint: "${endpoint}"}\`, and ${renamed} in the pipelines; OTLP over HTTP is usually at port 4318`,
  };
}

/** The address of OTLP over HTTP at the host of a gRPC endpoint: `tempo:4317` gives `http://tempo:4318`. */
function httpEndpoint(endpoint: unknown): string {
  const pattern = /^(?:(?<scheme>https?|dns):\/{2,3})?(?<host>[\w.-]+|\[[\da-f:]+\])(?::(?<port>\d+))?\/?$/i;
  const { scheme, host, port } = pattern.exec(String(endpoint))?.groups ?? {};
  if (host === undefined) return 'http://HOST:4318';
  if (port === '443') return `https://${host}`;
  return `${scheme === 'https' ? 'https' : 'http'}://${host}:${port === '4317' || port === undefined ? '4318' : port}`;
}

/** Where a type belongs that stands in the wrong section. */
function elsewhere(components: Components, kind: ComponentKind, type: string): string | undefined {
  const own: Partial<Record<ComponentKind, readonly { type: string; aliases?: readonly string[] }[]>> = {
    receiver: components.receivers,
    processor: components.processors,
    exporter: components.exporters,
    connector: [{ type: 'forward' }],
  };
  const kinds = Object.entries(own)
    .filter(([, factories]) =>
      factories.some((factory) => factory.type === type || factory.aliases?.includes(type) === true),
    )
    .map(([other]) => other);
  if (kinds.length > 0) {
    const sections = kinds.map((other) => `\`${other}s\``).join(' or ');
    return `${type} is ${kinds.map(withArticle).join(' and ')}: it belongs under ${sections}`;
  }
  const other = Object.entries(collectorComponents).find(
    ([name, types]) => name !== kind && Object.hasOwn(types, type),
  );
  if (other === undefined) return undefined;
  const [name, types] = other;
  return `${type} is ${withArticle(name)} of the Collector and not built in; ${types[type] ?? ''}`;
}

function withArticle(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
