/** One entry of a stream as a log record: what Loki keeps as labels and metadata goes back to where OTLP has it. */
import { isSpanId, isTraceId } from '../../model/ids.ts';
import type { LogRecordParts, ResourceParts, ScopeParts } from '../../model/item-writer.ts';
import type { TelemetryOutput } from '../shared/telemetry-output.ts';
import { resourceNames } from './names-table.ts';

export type Pairs = readonly (readonly [name: string, value: string])[];

/** What all entries of a stream have in common. */
export class LokiStream {
  private readonly parts: Parts;
  /** The resource of the last entry; that of the next is the same, mostly. */
  private last: { readonly resource: Pairs; readonly key: string };

  /**
   * `isMixed` says that metadata of the entries may stand among the labels, as in answers that are not categorised: then
   * only what is known for a label of a resource is taken for one.
   */
  constructor(labels: Pairs, isMixed: boolean) {
    const mayBeMetadata = isMixed && labels.some(([name]) => metadataNames.has(name));
    this.parts = partsOf(labels, (name) => !mayBeMetadata && !levelNames.has(name));
    const { resource } = this.parts;
    this.last = { resource, key: keyOf(resource) };
  }

  /** Adds an entry. Throws a ShapeError for too many attributes. */
  add(output: TelemetryOutput, entry: LokiEntry): void {
    const own = entry.metadata.length === 0 ? undefined : partsOf(entry.metadata, () => false);
    const { resource, attributes, fields } = own === undefined ? this.parts : joined(this.parts, own);
    const { scope } = fields;
    const group = output.group(
      'logs',
      { key: this.keyOf(resource), make: (): ResourceParts => ({ attributes: resource }) },
      scope === undefined ? undefined : { key: `${scope.name} ${scope.version ?? ''}`, make: () => scope },
    );
    const { timeUnixNano, line: body } = entry;
    output.addLogRecord(group, { ...fields.log, timeUnixNano, body, attributes });
  }

  private keyOf(resource: Pairs): string {
    if (!samePairs(resource, this.last.resource)) this.last = { resource, key: keyOf(resource) };
    return this.last.key;
  }
}

export interface LokiEntry {
  readonly timeUnixNano: bigint;
  readonly line: string;
  readonly metadata: Pairs;
}

type LogFields = Partial<Omit<LogRecordParts, 'body' | 'attributes' | 'timeUnixNano'>>;

interface Parts {
  readonly resource: Pairs;
  readonly attributes: Pairs;
  readonly fields: { readonly log: LogFields; readonly scope: ScopeParts | undefined };
}

/** Names that Loki gives to the fields of a record of OTLP. */
const metadataNames = new Set(
  'severity_number severity_text observed_timestamp trace_id span_id flags scope_name scope_version detected_level event_name dropped_attributes_count'.split(
    ' ',
  ),
);
/** They differ from record to record, also where they are labels. */
const levelNames = new Set(['level', 'detected_level', 'severity', 'lvl', 'loglevel']);
/** What a query adds: why it could not parse a line. */
const ofTheQuery = new Set(['__error__', '__error_details__']);

/** `isOfResource` is asked about names that no convention knows. */
function partsOf(pairs: Pairs, isOfResource: (name: string) => boolean): Parts {
  const resource: [string, string][] = [];
  const attributes: [string, string][] = [];
  const log: Record<string, unknown> = {};
  let name = '';
  let version = '';
  for (const [label, value] of pairs) {
    const known = resourceNames.get(label);
    const field = known === undefined ? fieldReaders.get(label)?.(value) : undefined;
    if (label === 'scope_name') name = value;
    else if (label === 'scope_version') version = value;
    else if (field !== undefined) Object.assign(log, field);
    else if (known !== undefined) resource.push([known, value]);
    else if (!ofTheQuery.has(label)) (isOfResource(label) ? resource : attributes).push([label, value]);
  }
  const scope = name === '' && version === '' ? undefined : { name, version };
  return { resource, attributes, fields: { log, scope } };
}

function both(one: Pairs, other: Pairs): Pairs {
  if (other.length === 0) return one;
  return one.length === 0 ? other : [...one, ...other];
}

function joined(one: Parts, other: Parts): Parts {
  return {
    resource: both(one.resource, other.resource),
    attributes: both(one.attributes, other.attributes),
    fields: {
      log: { ...one.fields.log, ...other.fields.log },
      scope: other.fields.scope ?? one.fields.scope,
    },
  };
}

/** What a name and value say of the record; undefined for a value that cannot be meant so. */
const fieldReaders = new Map(
  Object.entries<(value: string) => LogFields | undefined>({
    severity_number: (value) => wholeUpTo(value, 24, (severityNumber) => ({ severityNumber })),
    severity_text: (severityText) => ({ severityText }),
    observed_timestamp: (value) =>
      /^\d{1,19}$/.test(value) ? { observedTimeUnixNano: BigInt(value) } : undefined,
    trace_id: (value) => (isTraceId(value) ? { traceId: value.toLowerCase() } : undefined),
    span_id: (value) => (isSpanId(value) ? { spanId: value.toLowerCase() } : undefined),
    flags: (value) => wholeUpTo(value, 0xffff_ffff, (flags) => ({ flags })),
    dropped_attributes_count: (value) =>
      wholeUpTo(value, 0xffff_ffff, (droppedAttributesCount) => ({ droppedAttributesCount })),
    event_name: (eventName) => ({ eventName }),
  }),
);

function wholeUpTo<T>(value: string, most: number, make: (number: number) => T): T | undefined {
  return /^\d{1,10}$/.test(value) && Number(value) <= most ? make(Number(value)) : undefined;
}

function samePairs(one: Pairs, other: Pairs): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++)
    if (one[i]?.[0] !== other[i]?.[0] || one[i]?.[1] !== other[i]?.[1]) return false;
  return true;
}

/** The order of labels means nothing. */
function keyOf(resource: Pairs): string {
  return JSON.stringify([...resource].sort(([one], [other]) => (one < other ? -1 : 1)));
}
