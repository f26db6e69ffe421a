/** Reads the sections `receivers`, `processors`, `exporters`, `connectors` and `extensions` of a config. */
import { z } from 'zod';
import type { Path } from '../config/place.ts';
import type { Problem } from '../config/problem.ts';
import { didYouMean } from '../config/suggest.ts';
import type { ConfigTree } from '../config/tree.ts';
import { validate } from '../config/validate.ts';
import { mootExtensions } from './collector-components-table.ts';
import type {
  CheckedProblem,
  CheckFacts,
  ComponentKind,
  Components,
  AnyExporterFactory,
  AnyProcessorFactory,
  AnyReceiverFactory,
  ListedComponent,
} from './component.ts';
import type { ExtensionFactory, Extensions, NamedEncoding, NamedFunction } from './extensions.ts';
import { problemAt } from './problem-at.ts';
import { unknownType } from './unknown-type.ts';

/** A component as the config defines it; `factory` and `config` are there when they are valid. */
export interface Defined<F> {
  readonly id: string;
  readonly kind: ComponentKind;
  readonly path: Path;
  readonly writtenType: string;
  readonly factory?: F;
  readonly config?: unknown;
  /** Of a config that is not valid, what is by itself: for the checks of its texts. */
  readonly remainder?: unknown;
}

type AnyFactory = AnyReceiverFactory | AnyProcessorFactory | AnyExporterFactory | ExtensionFactory;

export interface Sections {
  readonly receivers: ReadonlyMap<string, Defined<AnyReceiverFactory>>;
  readonly processors: ReadonlyMap<string, Defined<AnyProcessorFactory>>;
  readonly exporters: ReadonlyMap<string, Defined<AnyExporterFactory>>;
  readonly connectors: ReadonlyMap<string, Defined<never>>;
  readonly extensions: ReadonlyMap<string, Defined<ExtensionFactory>>;
  /** What the extensions add. */
  readonly added: Extensions;
}

/** What a user's own module becomes, by where the config names it. */
export interface ModuleFactories {
  readonly receiver: AnyReceiverFactory;
  readonly processor: AnyProcessorFactory;
  readonly exporter: AnyExporterFactory;
  readonly extension: ExtensionFactory;
}

/** Makes a factory of a user's own module, `definedIn` being the file that names it. Throws with `message` and `remedy`. */
export type LoadModule = <Kind extends keyof ModuleFactories>(
  module: string,
  definedIn: string | undefined,
  kind: Kind,
) => Promise<ModuleFactories[Kind]>;

export interface SectionReader {
  readonly tree: ConfigTree;
  readonly components: Components;
  readonly loadModule: LoadModule;
  readonly problems: Problem[];
  /** Sections that are there and could not be read, which was reported: what they define is not known. */
  readonly unread: Set<string>;
}

const sectionKinds = {
  receivers: 'receiver',
  processors: 'processor',
  exporters: 'exporter',
  connectors: 'connector',
  extensions: 'extension',
} as const satisfies Record<string, ComponentKind>;

type SectionName = keyof typeof sectionKinds;

export const sectionNames = Object.keys(sectionKinds) as SectionName[];

export async function readSections(reader: SectionReader): Promise<Sections> {
  const { components } = reader;
  const extensions = await readSection<ExtensionFactory>(reader, 'extensions', []);
  return {
    receivers: await readSection(reader, 'receivers', components.receivers),
    processors: await readSection(reader, 'processors', components.processors),
    exporters: await readSection(reader, 'exporters', components.exporters),
    connectors: await readSection(reader, 'connectors', []),
    extensions,
    added: addedBy(reader, [...extensions.values()]),
  };
}

/** Of two extensions that add the same name, the second is a problem. */
function addedBy(reader: SectionReader, extensions: readonly Defined<ExtensionFactory>[]): Extensions {
  const encodings = new Map<string, NamedEncoding>();
  const functions = new Map<string, NamedFunction>();
  for (const { path, factory, config } of extensions) {
    if (factory === undefined || config === undefined) continue;
    try {
      const added = factory.create(config);
      for (const one of added.encodings ?? []) addOnce(encodings, one);
      for (const one of added.functions ?? []) addOnce(functions, one);
    } catch (error) {
      reader.problems.push(moduleProblem(reader, path, error));
    }
  }
  return { encodings: [...encodings.values()], functions };
}

function addOnce<Named extends { readonly name: string }>(all: Map<string, Named>, one: Named): void {
  if (all.has(one.name)) throw new Error(`adds ${one.name}, which another extension adds`);
  all.set(one.name, one);
}

async function readSection<F extends AnyFactory>(
  reader: SectionReader,
  name: SectionName,
  listed: readonly ListedComponent<F>[],
): Promise<Map<string, Defined<F>>> {
  const defined = new Map<string, Defined<F>>();
  const section = reader.tree.get([name]);
  if (section === undefined || section === null) return defined;
  if (!isMap(section)) {
    reader.unread.add(name);
    if (!reader.tree.isBroken([name])) reader.problems.push(noMap(reader.tree, name, section));
    return defined;
  }
  for (const id of Object.keys(section)) {
    const entry = await readEntry(reader, { id, name, path: [name, id] }, listed);
    defined.set(id, entry as Defined<F>);
  }
  return defined;
}

const sectionExamples: Readonly<Record<SectionName, string>> = {
  receivers: 'receivers: {file: {include: [traces]}}',
  processors: 'processors: {batch: {}}',
  exporters: 'exporters: {debug: {verbosity: basic}}',
  connectors: 'connectors: {forward: {}}',
  extensions: 'extensions: {}',
};

function noMap(tree: ConfigTree, name: SectionName, section: unknown): Problem {
  const found = Array.isArray(section) ? 'a list' : 'a single value';
  return problemAt(tree, [name], {
    message: `must be a map of ids, each with its configuration, found ${found}`,
    remedy: `as in \`${sectionExamples[name]}\``,
  });
}

interface Entry {
  readonly id: string;
  readonly name: SectionName;
  readonly path: Path;
}

async function readEntry(
  reader: SectionReader,
  entry: Entry,
  listed: readonly ListedComponent<AnyFactory>[],
): Promise<Defined<unknown>> {
  const { tree, problems } = reader;
  const { id, name, path } = entry;
  const writtenType = id.split('/', 1)[0] ?? id;
  const base = { id, kind: sectionKinds[name], path, writtenType };
  const idProblem = problemOfId(id, listed);
  if (idProblem !== undefined) {
    problems.push(problemAt(tree, path, idProblem, 'key'));
    return base;
  }
  if (name === 'connectors' || (name === 'extensions' && !isModule(reader, entry))) {
    problems.push(...builtInProblems(reader, base));
    return base;
  }
  const factory = isModule(reader, entry)
    ? await moduleFactory(reader, entry)
    : await listed
        .find(({ type, aliases }) => type === writtenType || aliases?.includes(writtenType) === true)
        ?.load();
  if (factory === undefined) {
    if (!isModule(reader, entry)) {
      const known = listed.map(({ type }) => type);
      const aliases = listed.flatMap((other) => other.aliases ?? []);
      problems.push(unknownType(reader, base, known, aliases));
    }
    return base;
  }
  const { value, remainder, problems: found } = validate(tree, path, factory.schema);
  problems.push(...found);
  if (value !== undefined) return { ...base, factory, config: value };
  return remainder === undefined ? { ...base, factory } : { ...base, factory, remainder };
}

/** A component of the user's own has the key `module`; exporter `sdk` has one of another meaning. */
function isModule(reader: SectionReader, { id, name, path }: Entry): boolean {
  if (name === 'connectors' || reader.tree.get([...path, 'module']) === undefined) return false;
  return !(name === 'exporters' && id.split('/', 1)[0] === 'sdk');
}

async function moduleFactory(reader: SectionReader, entry: Entry): Promise<AnyFactory | undefined> {
  const path = [...entry.path, 'module'];
  const module = reader.tree.get(path);
  if (typeof module !== 'string') {
    reader.problems.push(
      problemAt(reader.tree, path, { message: 'must be the path of a TypeScript or JavaScript file' }),
    );
    return undefined;
  }
  try {
    const place = reader.tree.placeOf(path);
    // A place without a line is that of a `--set`, which is no file.
    const file = place === undefined || place.line === 0 ? undefined : place.file;
    const kind = sectionKinds[entry.name];
    return await reader.loadModule(module, file, kind === 'connector' ? 'processor' : kind);
  } catch (error) {
    reader.problems.push(moduleProblem(reader, path, error));
    return undefined;
  }
}

function moduleProblem({ tree }: SectionReader, path: Path, error: unknown): Problem {
  const remedy = error instanceof Error && 'remedy' in error ? error.remedy : undefined;
  return problemAt(tree, path, {
    message: error instanceof Error ? error.message : String(error),
    ...(typeof remedy === 'string' ? { remedy } : {}),
  });
}

/** @see https://github.com/open-telemetry/opentelemetry-collector/blob/main/component/identifiable.go */
function problemOfId(
  id: string,
  listed: readonly { type: string }[],
): { message: string; remedy?: string } | undefined {
  const [type = '', ...rest] = id.split('/');
  const name = rest.join('/');
  if (!/^[a-zA-Z][0-9a-zA-Z_]{0,62}$/.test(type)) {
    const known = listed.map((component) => component.type);
    return {
      message: 'the type of a component is made of letters, digits and _, and begins with a letter',
      remedy: didYouMean(type, known) ?? 'an id is `type` or `type/name`, as in `otlp_http/tempo`',
    };
  }
  if (id.includes('/') && name.trim() === '')
    return { message: 'an id must have a name after the /', remedy: `write ${type}, or ${type}/name` };
  if (name.length > 1024 || (name !== '' && /[\s\p{Cc}\p{S}]/u.test(name)))
    return {
      message: 'the name in an id must have no white space and no symbols',
      remedy: `write ${type}/${name.slice(0, 100).replaceAll(/[\s\p{Cc}\p{S}]+/gu, '_')}`,
    };
  return undefined;
}

const forwardSchema = z.strictObject({});

/** Connectors and extensions have no factories: there is one connector, and extensions do nothing here. */
function builtInProblems(
  reader: SectionReader,
  { id, kind, path, writtenType }: Defined<unknown>,
): Problem[] {
  const { tree } = reader;
  if (kind === 'connector' && writtenType === 'forward') return validate(tree, path, forwardSchema).problems;
  if (kind === 'connector') return [unknownType(reader, { id, kind, path }, ['forward'])];
  if (!mootExtensions.has(writtenType)) return [unknownType(reader, { id, kind, path }, [...mootExtensions])];
  const message = 'has no effect here: a job that ends is watched by its progress and its exit code';
  return [problemAt(tree, path, { severity: 'notice', message }, 'key')];
}

/**
 * Runs the check of a component that goes beyond its schema. Where the config has errors, only what is wrong inside a text is
 * told: that does not depend on the keys that are wrong.
 */
export function checkComponent(
  reader: SectionReader,
  defined: Defined<{ check?(config: never, facts: CheckFacts): readonly CheckedProblem[] }>,
  facts: Omit<CheckFacts, 'has' | 'writtenType'>,
): void {
  const { tree, problems } = reader;
  const config = defined.config ?? defined.remainder;
  if (defined.factory?.check === undefined || config === undefined) return;
  const has = (...path: (string | number)[]): boolean => tree.get([...defined.path, ...path]) !== undefined;
  const checked = defined.factory.check(config as never, {
    ...facts,
    writtenType: defined.writtenType,
    has,
  });
  for (const { path, offset, length, ...rest } of checked) {
    if (defined.config === undefined && (offset === undefined || rest.severity !== 'error')) continue;
    const full = [...defined.path, ...path];
    const place = offset === undefined ? undefined : tree.placeInScalar(full, offset, length);
    problems.push(place === undefined ? problemAt(tree, full, rest) : { ...rest, path: full, place });
  }
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
