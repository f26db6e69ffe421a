/** The JSON Schema of a whole config, made of the schemas of all components: what an editor completes and checks. */
import { loadComponents } from '../../components.ts';
import { jsonSchema } from '../../config/options.ts';
import { sectionNames } from '../../pipeline/sections.ts';
import { serviceSchema } from '../../pipeline/service.ts';
import { suiteSchema } from '../test/schema.ts';
import { Definitions, type JsonSchema } from './definitions.ts';
import { lenient } from './lenient.ts';

/** As much of a factory as an editor needs. */
interface Described {
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly schema: Parameters<typeof jsonSchema>[0];
}

export async function configSchema(): Promise<JsonSchema> {
  const all = await loadComponents();
  const definitions = new Definitions();
  definitions.add('module', ownComponent);
  const suite = definitions.take('test', lenient(jsonSchema(suiteSchema, { reused: 'ref' })));
  const properties: Record<string, JsonSchema> = {
    receivers: section(definitions, 'receivers', all.receivers),
    processors: section(definitions, 'processors', all.processors),
    exporters: section(definitions, 'exporters', all.exporters),
    connectors: {
      description: sectionMeanings.connectors,
      type: ['object', 'null'],
      patternProperties: {
        [idPattern(['forward'])]: { type: ['object', 'null'], additionalProperties: false },
      },
      additionalProperties: false,
    },
    extensions: { description: sectionMeanings.extensions, type: ['object', 'null'] },
    service: definitions.take('service', lenient(jsonSchema(serviceSchema))),
    ...(suite['properties'] as Record<string, JsonSchema>),
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A config of Respool',
    description:
      'Receivers read recordings, processors change them, exporters send them; `service` joins them.',
    type: 'object',
    properties: Object.fromEntries(keyOrder.map((key) => [key, properties[key] ?? {}])),
    patternProperties: { '::': {} },
    additionalProperties: false,
    anyOf: [{ required: ['tests'] }, { required: ['receivers', 'exporters', 'service'] }],
    $defs: definitions.all(),
  };
}

const keyOrder = [...sectionNames, 'service', 'tests', 'config', 'env'];

const sectionMeanings = {
  receivers: 'What reads recordings: an id, `type` or `type/name`, and its configuration.',
  processors: 'What changes telemetry on its way: an id, `type` or `type/name`, and its configuration.',
  exporters: 'Where telemetry goes: an id, `type` or `type/name`, and its configuration.',
  connectors: 'What joins pipelines: an exporter of one, a receiver of another.',
  extensions: 'Accepted for the configs of the Collector, and without effect here.',
} as const;

function section(
  definitions: Definitions,
  name: 'receivers' | 'processors' | 'exporters',
  factories: readonly Described[],
): JsonSchema {
  const patterns = factories.map(({ type, aliases = [], summary, schema }): [string, JsonSchema] => {
    const of = definitions.take(`${name}-${type}`, lenient(jsonSchema(schema)));
    const reference = definitions.add(`${name}-${type}`, { ...orNothing(of), description: summary });
    return [idPattern([type, ...aliases]), { if: isModule, else: reference }];
  });
  return {
    description: sectionMeanings[name],
    type: ['object', 'null'],
    patternProperties: Object.fromEntries(patterns),
    additionalProperties: ownReference,
  };
}

/** `debug:` and nothing behind it means all of its defaults. */
function orNothing(component: JsonSchema): JsonSchema {
  const isFree = component['type'] === 'object' && component['required'] === undefined;
  return isFree ? { ...component, type: ['object', 'null'] } : component;
}

function idPattern(types: readonly string[]): string {
  return `^(?:${types.join('|')})(?:/.+)?$`;
}

const isModule: JsonSchema = { type: 'object', required: ['module'] };

const ownReference: JsonSchema = { $ref: '#/$defs/module' };

const ownComponent: JsonSchema = {
  type: 'object',
  description: 'A component of your own: one TypeScript file, or an npm package.',
  required: ['module'],
  properties: {
    module: {
      type: 'string',
      description: 'The file, relative to the folder of this config; or the name of an npm package.',
    },
    config: { description: 'What its own schema describes.' },
  },
};
