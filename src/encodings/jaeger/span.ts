/** One span of Jaeger's JSON. */
import { spanIdDigits, traceIdDigits } from '../../model/ids.ts';
import type {
  AttributeList,
  EventParts,
  LinkParts,
  ScopeParts,
  SpanIds,
  SpanRest,
} from '../../model/item-writer.ts';
import { SpanKind, StatusCode } from '../../model/traces.ts';
import type { ExactValue } from '../../model/value.ts';
import { JsonNumber, type Json, type JsonObject } from '../shared/json.ts';
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
import { readTags } from './tags.ts';

export interface JaegerSpan {
  readonly ids: SpanIds;
  readonly span: SpanRest;
  readonly scope: ScopeParts | undefined;
  /** Which of the trace's processes it ran in, or that process. */
  readonly process: string | JsonObject;
}

const known = new KnownMembers(
  'traceID spanID parentSpanID flags operationName references startTime startTimeMillis duration tags tag logs ' +
    'processID process warnings',
  'members of spans that Jaeger does not know',
);
const kinds: Readonly<Record<string, number>> = SpanKind;

/** Throws a ShapeError. `notice` hears of members that are not carried over. */
export function readJaegerSpan(json: Json, notice: (text: string) => void): JaegerSpan {
  const object = asObject('a span', json);
  const traceId = idMember(object, 'traceID', traceIdDigits);
  const spanId = idMember(object, 'spanID', spanIdDigits);
  if (traceId === '') fail('traceID', 'up to 32 hex digits', object.get('traceID'));
  if (spanId === '') fail('spanID', 'up to 16 hex digits', object.get('spanID'));
  const start = timeMember(object, 'startTime', 'us');
  if (start === undefined) fail('startTime', 'a number of microseconds', undefined);
  const tags = new Meanings(readTags(listMember(object, 'tags'), 'tags'));
  const { parentSpanId, links } = relationsOf(object, traceId);
  const rest = {
    ...tags.status(),
    name: textMember(object, 'operationName'),
    kind: tags.kind(),
    startTimeUnixNano: start,
    endTimeUnixNano: endOf(start, durationMember(object, 'duration', 'us')),
    events: listMember(object, 'logs').map(readLog),
    links,
    ...flagsOf(object),
  };
  const traceState = tags.takeText('w3c.tracestate');
  const scope = tags.scope();
  known.check(object.names, notice);
  if (listMember(object, 'warnings').length > 0) notice('warnings of Jaeger about spans, not carried over');
  return {
    ids: { traceId, spanId, parentSpanId },
    span: { ...rest, ...(traceState !== undefined && { traceState }), attributes: tags.rest },
    scope,
    process: objectMember(object, 'process') ?? textMember(object, 'processID'),
  };
}

/** Jaeger's debug and firehose bits mean nothing to OTLP. */
function flagsOf(object: JsonObject): { flags?: number } {
  const flags = object.get('flags');
  const isSampled = flags instanceof JsonNumber && Number(flags.text) % 2 === 1;
  return isSampled ? { flags: 1 } : {};
}

/** A very old span has its parent in a member of its own. */
function relationsOf(object: JsonObject, traceId: string): { parentSpanId: string; links: LinkParts[] } {
  const links: LinkParts[] = [];
  let parentSpanId = '';
  for (const each of listMember(object, 'references')) {
    const reference = asObject('a reference', each);
    const spanId = idMember(reference, 'spanID', spanIdDigits);
    const linked = idMember(reference, 'traceID', traceIdDigits) || traceId;
    const type = textMember(reference, 'refType');
    if (parentSpanId === '' && type === 'CHILD_OF' && linked === traceId) parentSpanId = spanId;
    else links.push({ traceId: linked, spanId, attributes: linkAttributes(type) });
  }
  if (parentSpanId === '') parentSpanId = idMember(object, 'parentSpanID', spanIdDigits);
  return { parentSpanId: /[^0]/.test(parentSpanId) ? parentSpanId : '', links };
}

/** What a link of OTLP does not say; FOLLOWS_FROM is what Jaeger makes of any link. */
function linkAttributes(type: string): AttributeList {
  return type === 'CHILD_OF' ? [['opentracing.ref_type', 'child_of']] : [];
}

/** The name of an event is a field of it. */
function readLog(json: Json): EventParts {
  const log = asObject('a log', json);
  const fields = readTags(listMember(log, 'fields'), 'fields');
  const named = ['event', 'message'].find((key) =>
    fields.some(([name, value]) => name === key && value !== ''),
  );
  const index = fields.findIndex(([name, value]) => name === named && typeof value === 'string');
  const [, name] = fields[index] ?? [];
  return {
    timeUnixNano: timeMember(log, 'timestamp', 'us') ?? 0n,
    name: typeof name === 'string' ? name : '',
    attributes: fields.filter((_, at) => at !== index),
  };
}

/** Tags that may stand for a field of OTLP. */
const meaningful: ReadonlySet<string> = new Set(
  (
    'span.kind error otel.status_code otel.status_description otel.scope.name otel.scope.version ' +
    'otel.library.name otel.library.version w3c.tracestate'
  ).split(' '),
);

/** Tags, apart from those that stand for a field of OTLP. */
class Meanings {
  readonly rest: [string, ExactValue][] = [];
  private readonly meant = new Map<string, ExactValue>();

  constructor(tags: readonly [string, ExactValue][]) {
    for (const tag of tags) {
      if (meaningful.has(tag[0]) && !this.meant.has(tag[0])) this.meant.set(tag[0], tag[1]);
      else this.rest.push(tag);
    }
  }

  /** What is no text, and means nothing then, stays a tag. */
  takeText(key: string): string | undefined {
    const value = this.meant.get(key);
    if (typeof value === 'string') return value;
    if (value !== undefined) this.rest.push([key, value]);
    return undefined;
  }

  kind(): number {
    const text = this.meant.get('span.kind');
    const name = typeof text === 'string' ? text.toUpperCase() : '';
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined && text !== undefined) this.rest.push(['span.kind', text]);
    return kind ?? SpanKind.UNSPECIFIED;
  }

  status(): Pick<SpanRest, 'statusCode' | 'statusMessage'> {
    const stated = this.takeText('otel.status_code')?.toUpperCase();
    const statusMessage = this.takeText('otel.status_description');
    const error = this.meant.get('error');
    const isSaid = error === true || error === 'true';
    const isError = stated === 'ERROR' || (stated === undefined && isSaid);
    const isRepeated = isSaid ? isError : error === false && stated !== undefined;
    if (error !== undefined && !isRepeated) this.rest.push(['error', error]);
    const statusCode = isError ? StatusCode.ERROR : stated === 'OK' ? StatusCode.OK : StatusCode.UNSET;
    return { statusCode, ...(statusMessage !== undefined && { statusMessage }) };
  }

  scope(): ScopeParts | undefined {
    const olderName = this.takeText('otel.library.name');
    const olderVersion = this.takeText('otel.library.version');
    const name = this.takeText('otel.scope.name') ?? olderName;
    const version = this.takeText('otel.scope.version') ?? olderVersion;
    return name === undefined && version === undefined
      ? undefined
      : { name: name ?? '', version: version ?? '' };
  }
}
