/** `docs/components.md` as the schemas of the components say it. */
import { readFileSync } from 'node:fs';
import { loadComponents } from '../../src/components.ts';
import { optionTable } from '../../src/config/options.ts';
import type {
  AnyExporterFactory,
  AnyProcessorFactory,
  AnyReceiverFactory,
} from '../../src/pipeline/component.ts';

type AnyFactory = AnyReceiverFactory | AnyProcessorFactory | AnyExporterFactory;

const components = await loadComponents();

export const kinds = ['receivers', 'processors', 'exporters'] as const;

export function componentsMarkdown(): string {
  const sections = kinds.map((kind) => [
    `## ${kind[0]?.toUpperCase()}${kind.slice(1)}`,
    ...components[kind].map((factory) => componentMarkdown(kind, factory)),
  ]);
  return [
    '# Components',
    'Written by `npm run docs` from the schemas of the components. Durations are written as `200ms`, sizes as `4MiB`.',
    ...sections.flat(),
    '## Connectors',
    '### forward',
    'Joins pipelines: an exporter of one, a receiver of another. It has no options.',
    '',
  ].join('\n\n');
}

function componentMarkdown(kind: string, factory: AnyFactory): string {
  const aliases = factory.aliases ?? [];
  const rows = optionTable(factory.schema).map(({ key, type, default: value, required, meaning, status }) => {
    const shown = status ?? (value === undefined ? (required ? 'required' : '') : `\`${value}\``);
    return `| \`${cell(key)}\` | ${cell(status === undefined ? type : '')} | ${cell(shown)} | ${cell(meaning)} |`;
  });
  return [
    `### ${factory.type}`,
    `${aliases.length === 0 ? '' : `Also written ${aliases.map((alias) => `\`${alias}\``).join(', ')}. `}For ${factory.signals.join(', ')}.`,
    ...headerOf(kind, factory.type),
    ...(rows.length === 0
      ? []
      : [['| key | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n')]),
  ].join('\n\n');
}

/** The header comment of the component's file, which is written for its users. */
function headerOf(kind: string, type: string): string[] {
  const source = readFileSync(
    new URL(`../../src/${kind}/${type.replaceAll('_', '-')}.ts`, import.meta.url),
    'utf8',
  );
  const [, comment = ''] = /^\/\*\*([\s\S]*?)\*\//.exec(source) ?? [];
  const text = comment
    .split('\n')
    .map((line) => line.replace(/^ \* ?/, ''))
    .join('\n')
    .trim();
  return text === '' ? [] : [text];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
