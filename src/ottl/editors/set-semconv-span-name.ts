import type { Attributes } from '../../model/attributes.ts';
import type { Span } from '../../model/traces.ts';
import { SpanKind } from '../../model/traces.ts';
import { valueText } from '../../model/value.ts';
import { OttlFailure } from '../errors.ts';
import { editor } from '../function.ts';
import { RefusedArgument, literalString, optional } from '../parameters.ts';

const parameters = { semconvVersion: literalString(), originalSpanNameAttribute: optional(literalString()) };

const leastMinor = 37;
const mostMinor = 43;

/**
 * Names a span by the semantic conventions, which keep names few; the older name can be kept as an attribute. Spans
 * for which there is no convention keep their name. Known in the span context only.
 */
export const setSemconvSpanName = editor(
  'set_semconv_span_name',
  parameters,
  ({ semconvVersion, originalSpanNameAttribute: kept }) => {
    if (!isKnownVersion(semconvVersion))
      throw new RefusedArgument(
        `the version is from 1.${leastMinor}.0 to 1.${mostMinor}.0, found ${semconvVersion}`,
        'semconvVersion',
      );
    if (kept === '')
      throw new RefusedArgument(
        'the attribute for the original name must not be empty',
        'originalSpanNameAttribute',
      );
    return ({ span }) => {
      if (span === undefined) throw new OttlFailure('there is no span here');
      const original = span.name;
      const name = conventionalName(span) || original;
      if (name === original) return;
      span.name = name;
      if (kept !== undefined) span.attributes.setExact(kept, original);
    };
  },
);

const dotted = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const version = new RegExp(
  `^v?([0-9]{1,18})(?:\\.([0-9]{1,18}))?(?:\\.([0-9]{1,18}))?(-${dotted})?(?:\\+${dotted})?$`,
);

/** Parts of a version may be missing, and have zeros before them; a pre-release comes before its release. */
function isKnownVersion(text: string): boolean {
  const match = version.exec(text);
  if (match === null) return false;
  const [, major, minor = 0, patch = 0, preRelease] = match;
  if (Number(major) !== 1 || Number(minor) < leastMinor || Number(minor) > mostMinor) return false;
  const isRelease = Number(patch) === 0;
  if (Number(minor) === mostMinor) return isRelease;
  return Number(minor) > leastMinor || !isRelease || preRelease === undefined;
}

function conventionalName({ kind, attributes }: Span): string {
  switch (kind) {
    case SpanKind.SERVER:
      return httpName(attributes, 'http.route') || rpcName(attributes) || messagingName(attributes);
    case SpanKind.CLIENT:
      return (
        httpName(attributes, 'url.template') ||
        rpcName(attributes) ||
        databaseName(attributes) ||
        messagingName(attributes)
      );
    case SpanKind.PRODUCER:
    case SpanKind.CONSUMER:
      return messagingName(attributes);
    default:
      return '';
  }
}

/** The text of the first of these attributes that is there. */
function textOf(attributes: Attributes, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = attributes.getExact(name);
    if (value !== undefined) return valueText(value);
  }
  return undefined;
}

function httpName(attributes: Attributes, subject: string): string {
  const method = textOf(attributes, 'http.request.method', 'http.method');
  if (method === undefined) return '';
  const path = textOf(attributes, subject);
  return path === undefined ? method : `${method} ${path}`;
}

function rpcName(attributes: Attributes): string {
  const system = textOf(attributes, 'rpc.system.name', 'rpc.system');
  if (system === undefined) return '';
  const method = textOf(attributes, 'rpc.method', 'rpc.grpc.method');
  const service = textOf(attributes, 'rpc.service', 'rpc.grpc.service');
  if (service === undefined) return method ?? system;
  return `${service}/${method ?? '*'}`;
}

function databaseName(attributes: Attributes): string {
  const system = textOf(attributes, 'db.system.name', 'db.system');
  if (system === undefined) return '';
  const summary = textOf(attributes, 'db.query.summary');
  if (summary !== undefined) return summary;
  const operation = textOf(attributes, 'db.operation.name', 'db.operation') ?? '';
  const target = databaseTarget(attributes);
  return [operation, target].filter((part) => part !== '').join(' ') || system;
}

function databaseTarget(attributes: Attributes): string {
  const namespace = textOf(attributes, 'db.namespace', 'db.name') ?? '';
  const inside = textOf(attributes, 'db.collection.name', 'db.stored_procedure.name');
  if (inside !== undefined) return namespace === '' ? inside : `${namespace}.${inside}`;
  return namespace || serverOf(attributes);
}

function serverOf(attributes: Attributes): string {
  const address = textOf(attributes, 'server.address');
  if (address === undefined) return '';
  const port = textOf(attributes, 'server.port');
  return port === undefined ? address : `${address}:${port}`;
}

function messagingName(attributes: Attributes): string {
  const system = textOf(attributes, 'messaging.system');
  if (system === undefined) return '';
  const operation = textOf(attributes, 'messaging.operation.name', 'messaging.operation') ?? '';
  const destination = messagingDestination(attributes);
  return [operation, destination].filter((part) => part !== '').join(' ') || system;
}

function messagingDestination(attributes: Attributes): string {
  if (attributes.getExact('messaging.destination.temporary') === true) return '(temporary)';
  if (attributes.getExact('messaging.destination.anonymous') === true) return '(anonymous)';
  const name = textOf(
    attributes,
    'messaging.destination.template',
    'messaging.destination.name',
    'messaging.destination',
  );
  return name ?? serverOf(attributes);
}
