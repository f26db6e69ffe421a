/** Reads the sections `receivers`, `processors`, `exporters`, `connectors` and `extensions` of a config. */
import { z } from 'zod';
import type { Path } from '../config/place.ts';
import type { Problem } from '../config/problem.ts';
import { didYouMean } from '../config/suggest.ts';
import type { ConfigTree } from '../config/tree.ts';
import { validate } from '../config/validate.ts';
import { collectorComponents, mootExtensions } from './collector-components-table.ts';
import type {
  CheckedProblem,
  CheckFacts,
  ComponentKind,
  Components,
  AnyExporterFactory,
  AnyProcessorFactory,
  AnyReceiverFactory,
} from './component.ts';

/** A component as the config defines it; `factory` and `config` are there when they are valid. */
export interface Defined<F> {
  readonly id: string;
  readonly kind: ComponentKind;
  readonly path: Path;
  readonly writtenType: string;
  readonly factory?: F;
  readonly config?: unknown;
}

export interface Sections {
  readonly receivers: ReadonlyMap<string, Defined<AnyReceiverFactory>>;
  readonly processors: ReadonlyMap<string, Defined<AnyProcessorFactory>>;
  readonly exporters: ReadonlyMap<string, Defined<AnyExporterFactory>>;
  readonly connectors: ReadonlyMap<string, Defined<never>>;
  readonly extensions: ReadonlyMap<string, Defined<never>>;
}

/** Makes a factory of a user's own processor, `definedIn` being the file that names it. Throws with `message` and `remedy`. */
export type LoadModule = (module: string, definedIn: string | undefined) => Promise<AnyProcessorFactory>;

export interface SectionReader {
  readonly tree: ConfigTree;
  readonly components: Components;
  readonly loadModule: LoadModule;
  readonly problems: Problem[];
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
  return {
    receivers: await readSection(reader, 'receivers', components.receivers),
    processors: await readSection(reader, 'processors', components.processors),
    exporters: await readSection(reader, 'exporters', components.exporters),
    connectors: await readSection(reader, 'connectors', []),
    extensions: await readSection(reader, 'extensions', []),
  };
}

type AnyOf<F> = F & {
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly schema: z.ZodType;
};

async function readSection<F extends object>(
  reader: SectionReader,
  name: SectionName,
  factories: readonly F[],
): Promise<Map<string, Defined<F>>> {
  const defined = new Map<string, Defined<F>>();
  const section = reader.tree.get([name]);
  if (section === undefined || section === null) return defined;
  if (!isMap(section)) {
    reader.problems.push(
      problemAt(reader.tree, [name], {
        message: `must map component ids to their configuration, as in \`${name}: {file: {include: [traces]}}\``,
      }),
    );
    return defined;
  }
  for (const id of Object.keys(section)) {
    const entry = await readEntry(reader, { id, name, path: [name, id] }, factories as readonly AnyOf<F>[]);
    defined.set(id, entry as Defined<F>);
  }
  return defined;
}

interface Entry {
  readonly id: string;
  readonly name: SectionName;
  readonly path: Path;
}

async function readEntry<F extends object>(
  reader: SectionReader,
  entry: Entry,
  factories: readonly AnyOf<F>[],
): Promise<Defined<unknown>> {
  const { tree, problems } = reader;
  const { id, name, path } = entry;
  const writtenType = id.split('/', 1)[0] ?? id;
  const base = { id, kind: sectionKinds[name], path, writtenType };
  const idProblem = problemOfId(id);
  if (idProblem !== undefined) {
    problems.push(problemAt(tree, path, { message: idProblem }, 'key'));
    return base;
  }
  if (name === 'connectors' || name === 'extensions') {
    problems.push(...builtInProblems(tree, entry, writtenType));
    return base;
  }
  const factory =
    (await moduleFactory(reader, entry)) ??
    factories.find(({ type, aliases }) => type === writtenType || aliases?.includes(writtenType) === true);
  if (factory === undefined) {
    if (!isModule(reader, entry)) problems.push(unknownType(tree, entry, factories));
    return base;
  }
  const { value, problems: found } = validate(tree, path, factory.schema);
  problems.push(...found);
  return value === undefined ? { ...base, factory } : { ...base, factory, config: value };
}

function isModule(reader: SectionReader, { name, path }: Entry): boolean {
  return name === 'processors' && reader.tree.get([...path, 'module']) !== undefined;
}

/** The factory of a user's own processor: any processor whose config has the key `module`. */
async function moduleFactory(
  reader: SectionReader,
  entry: Entry,
): Promise<AnyOf<AnyProcessorFactory> | undefined> {
  if (!isModule(reader, entry)) return undefined;
  const path = [...entry.path, 'module'];
  const module = reader.tree.get(path);
  if (typeof module !== 'string') {
    reader.problems.push(
      problemAt(reader.tree, path, { message: 'must be the path of a TypeScript or JavaScript file' }),
    );
    return undefined;
  }
  try {
    return await reader.loadModule(module, reader.tree.placeOf(path)?.file);
  } catch (error) {
    const remedy =
      error instanceof Error && 'remedy' in error && typeof error.remedy === 'string'
        ? { remedy: error.remedy }
        : {};
    reader.problems.push(
      problemAt(reader.tree, path, {
        message: error instanceof Error ? error.message : String(error),
        ...remedy,
      }),
    );
    return undefined;
  }
}

/** @see https://github.com/open-telemetry/opentelemetry-collector/blob/main/component/identifiable.go */
function problemOfId(id: string): string | undefined {
  const [type = '', ...rest] = id.split('/');
  if (!/^[a-zA-Z][0-9a-zA-Z_]{0,62}$/.test(type))
    return `the id ${JSON.stringify(id)} must begin with a type of letters, digits and _, as in \`file/name\``;
  if (id.includes('/') && rest.join('/').trim() === '')
    return `the id ${JSON.stringify(id)} must have a name after the /`;
  if (rest.join('/').length > 1024 || /[\s\p{Cc}\p{S}]/u.test(rest.join('/')))
    return `the name in the id ${JSON.stringify(id)} must have no white space and no symbols`;
  return undefined;
}

const forwardSchema = z.strictObject({});

function builtInProblems(tree: ConfigTree, entry: Entry, type: string): Problem[] {
  if (entry.name === 'connectors' && type === 'forward')
    return validate(tree, entry.path, forwardSchema).problems;
  if (entry.name === 'extensions' && mootExtensions.has(type)) {
    return [
      problemAt(
        tree,
        entry.path,
        {
          severity: 'notice',
          message: 'has no effect here: a job that ends is watched by its progress and its exit code',
        },
        'key',
      ),
    ];
  }
  return [
    unknownType(
      tree,
      entry,
      entry.name === 'connectors'
        ? [{ type: 'forward' }]
        : [...mootExtensions].map((known) => ({ type: known })),
    ),
  ];
}

function unknownType(
  tree: ConfigTree,
  { id, name, path }: Entry,
  factories: readonly { type: string; aliases?: readonly string[] }[],
): Problem {
  const type = id.split('/', 1)[0] ?? id;
  const kind = sectionKinds[name];
  const nearest = collectorComponents[kind][type];
  if (nearest !== undefined) {
    return problemAt(
      tree,
      path,
      { message: `the Collector's ${kind} ${type} is not built in`, remedy: `nearest: ${nearest}` },
      'key',
    );
  }
  const known = factories.map((factory) => factory.type);
  const elsewhere = Object.entries(collectorComponents).find(
    ([other, types]) => other !== kind && type in types,
  )?.[0];
  const hint =
    elsewhere === undefined
      ? didYouMean(type, [...known, ...factories.flatMap((factory) => factory.aliases ?? [])])
      : `${type} is a ${elsewhere} of the Collector`;
  const list = `known: ${known.join(', ')}${name === 'processors' ? '; or your own, with `module: ./file.ts`' : ''}`;
  return problemAt(
    tree,
    path,
    {
      message: `there is no ${kind} ${JSON.stringify(type)}`,
      remedy: hint === undefined ? list : `${hint}\n${list}`,
    },
    'key',
  );
}

/** Runs the check of a component that goes beyond its schema. */
export function checkComponent(
  reader: SectionReader,
  defined: Defined<{ check?(config: never, facts: CheckFacts): readonly CheckedProblem[] }>,
  facts: Omit<CheckFacts, 'has' | 'writtenType'>,
): void {
  const { tree, problems } = reader;
  if (defined.factory?.check === undefined || defined.config === undefined) return;
  const has = (...path: (string | number)[]): boolean => tree.get([...defined.path, ...path]) !== undefined;
  const checked = defined.factory.check(defined.config as never, {
    ...facts,
    writtenType: defined.writtenType,
    has,
  });
  for (const { path, offset, length, ...rest } of checked) {
    const full = [...defined.path, ...path];
    const place = offset === undefined ? undefined : tree.placeInScalar(full, offset, length);
    problems.push(place === undefined ? problemAt(tree, full, rest) : { ...rest, path: full, place });
  }
}

export function problemAt(
  tree: ConfigTree,
  path: Path,
  problem: { severity?: Problem['severity']; message: string; remedy?: string },
  part: 'key' | 'value' = 'value',
): Problem {
  const place = tree.placeOf(path, part) ?? tree.nearestPlace(path);
  return { severity: 'error', ...problem, path, ...(place === undefined ? {} : { place }) };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
