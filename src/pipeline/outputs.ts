/** The files that a run writes: no receiver may read them, and no two exporters may write the same one. */
import { resolve } from 'node:path';
import type { Problem } from '../config/problem.ts';
import type { AnyExporterFactory } from './component.ts';
import { problemAt } from './problem-at.ts';
import type { Defined, SectionReader } from './sections.ts';

type DefinedExporter = Defined<AnyExporterFactory>;

/** Absolute paths, of exporters that are valid. */
export function outputsOf(exporters: readonly DefinedExporter[], directory: string): string[] {
  return exporters.flatMap(({ factory, config }) =>
    config === undefined
      ? []
      : (factory?.writes?.(config as never) ?? []).map((path) => resolve(directory, path)),
  );
}

export function sharedOutputs(
  { tree }: SectionReader,
  exporters: readonly DefinedExporter[],
  directory: string,
): Problem[] {
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const exporter of exporters) {
    for (const path of outputsOf([exporter], directory)) {
      const owner = owners.get(path);
      owners.set(path, owner ?? exporter.id);
      if (owner === undefined) continue;
      const message = `writes the same file as the exporter ${owner}: ${path}`;
      const remedy = 'give each its own `path`, or let the pipelines share one exporter';
      problems.push(problemAt(tree, exporter.path, { message, remedy }, 'key'));
    }
  }
  return problems;
}
