/** One span of Zipkin. */
import { spanIdDigits, traceIdDigits } from '../../model/ids.ts';
import type { EventParts, ScopeParts, SpanIds, SpanRest } from '../../model/item-writer.ts';
import { SpanKind, StatusCode } from '../../model/traces.ts';
import type { ExactValue } from '../../model/value.ts';
import { JsonNumber, JsonObject, parseJson, textOfJson, valueOfJson, type Json } from '../shared/json.ts';
import { KnownMembers } from '../shared/known-members.ts';
import {
  asObject,
  durationMember,
  endOf,
  fail,
  idMember,
  listMember,
  objectMember,
  textMember,
  timeMember,
} from '../shared/members.ts';
import { ShapeError } from '../shared/shape-error.ts';

export interface ZipkinSpan {
  readonly ids: SpanIds;
  readonly span: SpanRest & { readonly kind: number };
  readonly service: string;
  readonly scope: ScopeParts | undefined;
  readonly isShared: boolean;
}

const known = new KnownMembers(
  'traceId id parentId kind name timestamp duration localEndpoint remoteEndpoint annotations tags debug shared',
  'members of spans that Zipkin does not know',
);
const versionOne =
  'a span of version 1 of the format, with binaryAnnotations, which is not read: ask /api/v2 of the same Zipkin';
const kinds: Readonly<Record<string, number>> = SpanKind;

/** Throws a ShapeError. `notice` hears of members that are not carried over. */
export function readZipkinSpan(json: Json, notice: (text: string) => void): ZipkinSpan {
  const object = asObject('a span', json);
  const traceId = idMember(object, 'traceId', traceIdDigits);
  const spanId = idMember(object, 'id', spanIdDigits);
  if (traceId === '') fail('traceId', 'up to 32 hex digits', object.get('traceId'));
  if (spanId === '') fail('id', 'up to 16 hex digits', object.get('id'));
  if (object.get('binaryAnnotations') !== undefined) throw new ShapeError(versionOne);
  const tags = new Tags(objectMember(object, 'tags'));
  const events = listMember(object, 'annotations').map(readAnnotation);
  const start = timeMember(object, 'timestamp', 'us') ?? firstOf(events);
  const local = objectMember(object, 'localEndpoint');
  const status = tags.status();
  const scope = tags.scope();
  const { traceState } = tags;
  tags.addEndpoints(local, objectMember(object, 'remoteEndpoint'));
  known.check(object.names, notice);
  return {
    ids: { traceId, spanId, parentSpanId: parentOf(object, spanId) },
    service: local === undefined ? '' : textMember(local, 'serviceName'),
    scope,
    isShared: object.get('shared') === true,
    span: {
      ...status,
      ...(traceState !== undefined && { traceState }),
      name: textMember(object, 'name'),
      kind: kindOf(object),
      startTimeUnixNano: start,
      endTimeUnixNano: endOf(start, durationMember(object, 'duration', 'us')),
      attributes: tags.rest,
      events,
      // What is marked so is kept by every sampler.
      ...(object.get('debug') === true && { flags: 1 }),
    },
  };
}

/** A root may be written as its own parent. */
function parentOf(object: JsonObject, spanId: string): string {
  const id = idMember(object, 'parentId', spanIdDigits);
  return id === spanId || /^0*$/.test(id) ? '' : id;
}

function kindOf(object: JsonObject): number {
  const text = textMember(object, 'kind');
  if (text === '') return SpanKind.INTERNAL;
  const name = text.toUpperCase();
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  return kind ?? fail('kind', 'CLIENT, SERVER, PRODUCER or CONSUMER', text);
}

function firstOf(events: readonly EventParts[]): bigint {
  let first = 0n;
  for (const { timeUnixNano: time } of events) if (first === 0n || time < first) first = time;
  return first;
}

function readAnnotation(json: Json): EventParts {
  const annotation = asObject('an annotation', json);
  const timeUnixNano = timeMember(annotation, 'timestamp', 'us') ?? 0n;
  return { timeUnixNano, ...eventOf(textMember(annotation, 'value')) };
}

/** The SDK for Python writes `{"name": {attributes}}`, the Collector `name|{attributes}|dropped`. */
function eventOf(text: string): Omit<EventParts, 'timeUnixNano'> {
  const collector = /^([^|]*)\|(\{.*\})\|(\d{1,9})$/s.exec(text);
  if (collector !== null) {
    const attributes = objectIn(collector[2] ?? '');
    const droppedAttributesCount = Number(collector[3]);
    if (attributes !== undefined)
      return { name: collector[1] ?? '', attributes: membersOf(attributes), droppedAttributesCount };
  }
  const python = text.startsWith('{"') ? objectIn(text) : undefined;
  const [attributes] = python?.values ?? [];
  if (python?.names.length === 1 && attributes instanceof JsonObject)
    return { name: python.names[0] ?? '', attributes: membersOf(attributes) };
  return { name: text, attributes: [] };
}

/** Deeper than this nothing is written there. */
const deepestEvent = 16;

function objectIn(text: string): JsonObject | undefined {
  try {
    const json = parseJson(text, deepestEvent);
    return json instanceof JsonObject ? json : undefined;
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
}

function membersOf(object: JsonObject): [string, ExactValue][] {
  return object.names.map((name, index) => [name, valueOfJson(object.values[index] ?? null)]);
}

/** Tags that stand for a field of OTLP. */
const meanings: ReadonlySet<string> = new Set(
  (
    'otel.status_code otel.status_description otel.scope.name otel.scope.version otel.library.name ' +
    'otel.library.version w3c.tracestate error'
  ).split(' '),
);

/** Tags, apart from those with a meaning of their own. */
class Tags {
  readonly rest: [string, ExactValue][] = [];
  private readonly meant = new Map<string, string>();

  constructor(tags: JsonObject | undefined) {
    if (tags === undefined) return;
    const { names, values } = tags;
    for (let i = 0; i < names.length; i++) {
      const name = names[i] ?? '';
      const value = textOf(values[i] ?? null);
      const isMeant = meanings.has(name) && !(name === 'error' && value === 'false');
      if (isMeant) this.meant.set(name, value);
      else this.rest.push([name, value]);
    }
  }

  get traceState(): string | undefined {
    return this.meant.get('w3c.tracestate');
  }

  /** `error` is a sentence, or says only that there was one; beside a status of OK it stays an attribute. */
  status(): Pick<SpanRest, 'statusCode' | 'statusMessage'> {
    const { meant } = this;
    if (meant.size === 0) return {};
    const stated = meant.get('otel.status_code')?.toUpperCase();
    const error = meant.get('error');
    const isError = stated === 'ERROR' || (stated === undefined && error !== undefined);
    if (!isError && error !== undefined) this.rest.push(['error', error]);
    const statusMessage = meant.get('otel.status_description') ?? (isError ? sentenceOf(error) : undefined);
    const statusCode = isError ? StatusCode.ERROR : stated === 'OK' ? StatusCode.OK : StatusCode.UNSET;
    return { statusCode, ...(statusMessage !== undefined && { statusMessage }) };
  }

  /** The SDK for Python writes it twice. */
  scope(): ScopeParts | undefined {
    const { meant } = this;
    if (meant.size === 0) return undefined;
    const name = meant.get('otel.scope.name') ?? meant.get('otel.library.name');
    const version = meant.get('otel.scope.version') ?? meant.get('otel.library.version');
    return name === undefined && version === undefined
      ? undefined
      : { name: name ?? '', version: version ?? '' };
  }

  /** Addresses, as attributes are called for them today; a tag of that name counts more. */
  addEndpoints(local: JsonObject | undefined, remote: JsonObject | undefined): void {
    if (remote !== undefined) this.add('peer.service', textMember(remote, 'serviceName'));
    if (local !== undefined) this.addEndpoint('network.local', local);
    if (remote !== undefined) this.addEndpoint('network.peer', remote);
  }

  private addEndpoint(prefix: string, endpoint: JsonObject): void {
    this.add(`${prefix}.address`, textMember(endpoint, 'ipv4') || textMember(endpoint, 'ipv6'));
    const port = endpoint.get('port');
    if (port instanceof JsonNumber && port.text !== '0') this.add(`${prefix}.port`, valueOfJson(port));
  }

  private add(key: string, value: ExactValue): void {
    if (value !== '' && !this.rest.some(([name]) => name === key)) this.rest.push([key, value]);
  }
}

function sentenceOf(error: string | undefined): string | undefined {
  return error === 'true' ? undefined : error;
}

/** Tags are text; what some producers write instead is its JSON. */
function textOf(value: Json): string {
  return typeof value === 'string' ? value : value === null ? '' : textOfJson(value);
}
