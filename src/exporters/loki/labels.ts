/** The labels of a log stream: which there are, where their values come from, and how they are written. */
import type { LogRecord } from '../../model/logs.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import { valueText } from '../../model/value.ts';
import { isLabelName } from './names.ts';
import { cutToBytes } from './text.ts';

/** Loki's `max_label_value_length`. */
const longestValue = 2048;
/** Loki's `max_label_names_per_series`; `service_name` does not count there. */
export const mostLabels = 15;

export const defaultLabels = ['service_name', 'service_namespace', 'deployment_environment'] as const;
export type DefaultLabel = (typeof defaultLabels)[number];

/** Where a label's value comes from. */
export interface LabelSource {
  readonly from: 'resource' | 'attributes' | 'scope' | 'field';
  /** The first of these attributes that is there and not empty; for `scope` and `field` the one name. */
  readonly keys: readonly string[];
}

const fields: ReadonlyMap<string, (record: LogRecord) => string> = new Map([
  ['severity_text', (record: LogRecord) => record.severityText],
  [
    'severity_number',
    (record: LogRecord) => (record.severityNumber === 0 ? '' : String(record.severityNumber)),
  ],
  ['event_name', (record: LogRecord) => record.eventName],
]);

const sourceForms =
  'use resource.KEY, attributes.KEY, scope.name, scope.version, severity_text, severity_number or event_name';

/**
 * The source that a text like `resource.k8s.cluster.name` names: what follows the first dot is the key as it is.
 * @throws Error that says what may stand there
 */
export function parseLabelSource(text: string): LabelSource {
  if (fields.has(text)) return { from: 'field', keys: [text] };
  if (/^(\w+\.)?\w+\[/.test(text)) {
    throw new Error(
      `this is not OTTL; write the key behind a dot, as in resource.k8s.cluster.name; ${sourceForms}`,
    );
  }
  const [, root, key = ''] = /^(resource|attributes|scope)\.(.+)$/s.exec(text) ?? [];
  if (root === 'resource' || root === 'attributes') return { from: root, keys: [key] };
  if (root === 'scope' && (key === 'name' || key === 'version')) return { from: root, keys: [key] };
  throw new Error(
    `"${text}" names no source of a label; ${sourceForms} (a constant goes under external_labels)`,
  );
}

const defaultSources: Record<DefaultLabel, LabelSource> = {
  service_name: { from: 'resource', keys: ['service.name'] },
  service_namespace: { from: 'resource', keys: ['service.namespace'] },
  deployment_environment: {
    from: 'resource',
    keys: ['deployment.environment.name', 'deployment.environment'],
  },
};

export interface LabelConfig {
  readonly default_labels: readonly DefaultLabel[];
  readonly labels: Readonly<Record<string, string>>;
  readonly external_labels: Readonly<Record<string, string>>;
}

/** What a config may not say about labels: path and reason. */
export function labelProblems(config: LabelConfig): { path: string[]; message: string }[] {
  const problems: { path: string[]; message: string }[] = [];
  for (const part of ['labels', 'external_labels'] as const) {
    for (const name of Object.keys(config[part])) {
      if (!isLabelName(name)) {
        problems.push({
          path: [part, name],
          message: 'a label name is made of letters, digits and _, and does not begin with a digit or __',
        });
      } else if (part === 'external_labels' && name in config.labels) {
        problems.push({ path: [part, name], message: 'this label also stands under labels' });
      }
    }
  }
  const names = new Set([
    ...config.default_labels,
    ...Object.keys(config.labels),
    ...Object.keys(config.external_labels),
  ]);
  names.delete('service_name');
  if (names.size > mostLabels) {
    problems.push({
      path: ['labels'],
      message: `${names.size} labels, but Loki takes ${mostLabels} beside service_name`,
    });
  }
  return problems;
}

/** The labels of one stream. Its text is its identity. */
export interface Stream {
  /** A LogQL selector: `{env="dev", service_name="checkout"}`. */
  readonly text: string;
  readonly labels: ReadonlyMap<string, string>;
}

interface LabelRule {
  readonly name: string;
  readonly perRecord: boolean;
  readonly value: (resource: Resource, scope: Scope, record: LogRecord) => string;
}

/** Finds the stream of a record; makes each stream once for as long as it lives. */
export class StreamFinder {
  private readonly rules: readonly LabelRule[];
  /** Those whose value differs from record to record. */
  private readonly recordRules: readonly LabelRule[];
  private readonly streams = new Map<string, Stream>();
  private readonly cuts: () => void;

  /** @param cuts called for every label value that is longer than Loki takes */
  constructor(config: LabelConfig, cuts: () => void) {
    const sources = new Map<string, LabelSource>([['service_name', defaultSources.service_name]]);
    for (const name of config.default_labels) sources.set(name, defaultSources[name]);
    for (const [name, text] of Object.entries(config.labels)) sources.set(name, parseLabelSource(text));
    this.cuts = cuts;
    const rules = Array.from(sources, ([name, source]): LabelRule => {
      return {
        name,
        perRecord: source.from === 'attributes' || source.from === 'field',
        value: reader(source),
      };
    });
    for (const [name, text] of Object.entries(config.external_labels))
      rules.push({ name, perRecord: false, value: () => text });
    this.rules = rules.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.recordRules = this.rules.filter(({ perRecord }) => perRecord);
  }

  /** Finds the streams of the records of one scope. */
  of(resource: Resource, scope: Scope): (record: LogRecord) => Stream {
    const known = new Map<string, Stream>();
    return (record) => {
      const key = this.recordKey(resource, scope, record);
      let stream = known.get(key);
      if (stream === undefined) known.set(key, (stream = this.stream(resource, scope, record)));
      return stream;
    };
  }

  /** What of the labels differs from record to record, as one text. */
  private recordKey(resource: Resource, scope: Scope, record: LogRecord): string {
    let key = '';
    for (const { value } of this.recordRules) {
      const text = value(resource, scope, record);
      key += `${text.length}:${text}`;
    }
    return key;
  }

  private stream(resource: Resource, scope: Scope, record: LogRecord): Stream {
    const labels = new Map<string, string>();
    for (const { name, value } of this.rules) {
      const text = this.clean(value(resource, scope, record));
      if (text !== '') labels.set(name, text);
      else if (name === 'service_name') labels.set(name, 'unknown_service');
    }
    const text = selector(labels);
    const known = this.streams.get(text);
    if (known !== undefined) return known;
    if (this.streams.size >= mostStreamsKept) this.streams.clear();
    const made = { text, labels };
    this.streams.set(text, made);
    return made;
  }

  /** Loki writes labels out and parses them again, where U+FFFD counts as broken text and fails the push. */
  private clean(value: string): string {
    const text = value.toWellFormed().replaceAll('\ufffd', '?');
    const cut = cutToBytes(text, longestValue);
    if (cut.length < text.length) this.cuts();
    return cut;
  }
}

const mostStreamsKept = 10_000;

function reader({ from, keys }: LabelSource): LabelRule['value'] {
  const [key = ''] = keys;
  if (from === 'field') {
    const read = fields.get(key);
    return (_resource, _scope, record) => read?.(record) ?? '';
  }
  if (from === 'scope') return (_resource, scope) => (key === 'name' ? scope.name : scope.version);
  return (resource, _scope, record) => {
    const attributes = from === 'resource' ? resource.attributes : record.attributes;
    for (const name of keys) {
      const value = attributes.getExact(name);
      const text = value === undefined ? '' : valueText(value);
      if (text !== '') return text;
    }
    return '';
  };
}

/** Labels as LogQL: sorted by name, values quoted as Go quotes them. */
export function selector(labels: ReadonlyMap<string, string>): string {
  return `{${Array.from(labels, ([name, value]) => `${name}="${escaped(value)}"`).join(', ')}}`;
}

const plain = /^[^\\"\u0000-\u001f\u007f-\u009f]*$/;

function escaped(value: string): string {
  if (plain.test(value)) return value;
  return value.replace(/[\\"\u0000-\u001f\u007f-\u009f]/g, (character) => {
    if (character === '\\' || character === '"') return `\\${character}`;
    if (character === '\n') return '\\n';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
