/** Why the work of a config cannot be shared among threads, where it cannot. */
import type { AnyExporterFactory, AnyProcessorFactory } from './component.ts';
import type { Defined, Sections } from './sections.ts';
import type { Service } from './service.ts';

/** In words that follow `because`; undefined where nothing in the config is against it. */
export function whyAlone(
  { processors, exporters }: Sections,
  { pipelines }: Service,
  follow: boolean,
): string | undefined {
  if (follow) return 'files are followed in the order in which they grow';
  const usedIn = (list: 'processors' | 'exporters') => (id: string) =>
    pipelines.some((pipeline) => pipeline[list].includes(id));
  const processor = [...processors.values()].find(
    ({ id, factory }) => usedIn('processors')(id) && hasState(factory),
  );
  if (processor !== undefined) return ofProcessor(processor);
  const exporter = [...exporters.values()].find(
    ({ id, ...defined }) => usedIn('exporters')(id) && !isParallel(defined),
  );
  return exporter && `the exporter ${exporter.id} keeps order, or a count of what its backend has`;
}

function hasState(factory: AnyProcessorFactory | undefined): boolean {
  return factory?.stateless !== true;
}

function isParallel({ factory, config }: Omit<Defined<AnyExporterFactory>, 'id'>): boolean {
  return config !== undefined && factory?.parallel?.(config as never) === true;
}

function ofProcessor({ id, writtenType, factory }: Defined<AnyProcessorFactory>): string {
  return factory?.type === writtenType || factory?.aliases?.includes(writtenType) === true
    ? `the processor ${id} has to see all items`
    : `the processor ${id} does not say that it is \`stateless: true\``;
}
