/** Random records as plain OTLP, of every type of value and with odd ones among them. */
import type { RecordContext } from '../../conformance/records.ts';
import { encodePlain } from '../../support/plain-otlp.ts';
import type { Plain, PlainAttribute } from '../../support/plain-otlp.ts';
import { typedKeys } from './grammar.ts';
import { carried, textOf, texts } from './pools.ts';
import type { Random } from './random.ts';

const ints = [
  0n,
  1n,
  -1n,
  7n,
  42n,
  200n,
  65536n,
  2n ** 32n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const doubles = [0, -0, 1, 1.5, -2.25, 3, 1e21, 1e-7, 1e300, 5e-324, 0.1, NaN, Infinity, -Infinity, 2 ** 53];
const byteTexts = [
  '',
  '00',
  'ff',
  '68c3a9',
  '0102030405060708',
  '0102030405060708090a0b0c0d0e0f10',
  '616263',
];
const nanos = [
  0n,
  1n,
  1_709_210_096_789_000_000n,
  1_700_000_000_000_000_000n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const counts = [0, 1, 7, 4294967295];

/** Texts that are no UTF-8: whole AnyValues, as JavaScript text cannot hold them. */
const brokenTexts = ['0a02ff61', '0a036162c3', '0a03eda080', '0a04f0908061'];

/** A record for the texts: those of its attributes that they name under `t.` are there. */
export function recordFor(context: RecordContext, mentioned: string, random: Random): Plain {
  const attributes = attributesOf(random);
  for (const flavour of carried) {
    const key = `t.${flavour}`;
    if (mentioned.includes(`"${key}"`) && random.chance(0.92))
      attributes.push({ key, value: { stringValue: textOf(flavour, random) } });
  }
  const owner = { attributes, droppedAttributesCount: random.pick(counts) };
  const isIn = (wanted: RecordContext): Plain =>
    context === wanted ? owner : { attributes: random.chance(0.6) ? attributesOf(random) : [] };
  const resource = isIn('resource');
  const scope = { name: textOf('plain', random), version: textOf('plain', random), ...isIn('scope') };
  const schemaUrl = random.pick(['', 'https://opentelemetry.io/schemas/1.2.0']);
  if (context === 'log') {
    const scopeLogs = [{ scope, logRecords: [logRecord(owner, random)], schemaUrl }];
    return { resourceLogs: [{ resource, scopeLogs, schemaUrl }] };
  }
  const event = { timeUnixNano: random.pick(nanos), name: textOf('plain', random), ...isIn('spanevent') };
  const scopeSpans = [{ scope, spans: [{ ...span(random), ...isIn('span'), events: [event] }], schemaUrl }];
  return { resourceSpans: [{ resource, scopeSpans, schemaUrl }] };
}

export function encodeRecord(record: Plain): Buffer {
  return encodePlain('resourceLogs' in record ? 'LogsData' : 'TracesData', record);
}

function attributesOf(random: Random): PlainAttribute[] {
  const entries = Object.entries(typedKeys).flatMap(([type, keys]) =>
    type === 'any' ? [] : keys.map((key): [string, string] => [key, type]),
  );
  const odd: [string, string][] = ['e1', 'é', '', 'k1'].map((key) => [key, 'any']);
  const attributes = [...entries, ...odd].flatMap(([key, type]): PlainAttribute[] =>
    random.chance(0.6)
      ? [{ ...(key === '' ? {} : { key }), value: valueOf(random.chance(0.9) ? type : 'any', random, 0) }]
      : [],
  );
  const [first] = attributes;
  if (first !== undefined && random.chance(0.02))
    attributes.push({ ...first, value: valueOf('any', random, 0) });
  return attributes;
}

const types = ['text', 'int', 'double', 'bool', 'bytes', 'map', 'list', 'empty'];

function valueOf(wanted: string, random: Random, depth: number): Plain {
  const type = wanted === 'any' ? random.pick(types.slice(0, depth > 2 ? 5 : 8)) : wanted;
  switch (type) {
    case 'text':
      if (random.chance(0.01)) return { '?': [random.pick(brokenTexts)] };
      return { stringValue: textOf(random.chance(0.7) ? 'plain' : random.pick(carried), random) };
    case 'int':
      return { intValue: random.pick(ints) };
    case 'double':
      return { doubleValue: random.pick(doubles) };
    case 'bool':
      return { boolValue: random.chance(0.5) };
    case 'bytes':
      return { bytesValue: random.pick(byteTexts) };
    case 'map':
      return { kvlistValue: { values: entriesOf(random, depth) } };
    case 'list': {
      const ofOne = random.pick([...types, 'any', 'any']);
      return { arrayValue: { values: random.some(4, () => valueOf(ofOne, random, depth + 1)) } };
    }
    default:
      return {};
  }
}

function entriesOf(random: Random, depth: number): Plain[] {
  const keys = new Set(random.some(4, () => random.pick<string>(texts.key)));
  return [...keys].map((key) => ({
    ...(key === '' ? {} : { key }),
    value: valueOf('any', random, depth + 1),
  }));
}

const traceIds = ['', '0102030405060708090a0b0c0d0e0f10', 'ffffffffffffffffffffffffffffffff'];
const spanIds = ['', '0102030405060708', 'ffffffffffffffff'];

function span(random: Random): Plain {
  return {
    traceId: random.pick(traceIds),
    spanId: random.pick(spanIds),
    traceState: random.pick(texts.traceState),
    parentSpanId: random.pick(spanIds),
    name: textOf('plain', random),
    kind: random.below(7),
    startTimeUnixNano: random.pick(nanos),
    endTimeUnixNano: random.pick(nanos),
    droppedEventsCount: random.pick(counts),
    droppedLinksCount: random.pick(counts),
    links: random.some(2, () => ({ spanId: random.pick(spanIds) })),
    status: { message: textOf('plain', random), code: random.below(3) },
    flags: random.pick(counts),
  };
}

function logRecord(owner: Plain, random: Random): Plain {
  return {
    ...owner,
    timeUnixNano: random.pick(nanos),
    severityNumber: random.below(25),
    severityText: textOf('plain', random),
    body: valueOf('any', random, 0),
    flags: random.pick(counts),
    traceId: random.pick(traceIds),
    spanId: random.pick(spanIds),
    observedTimeUnixNano: random.pick(nanos),
    eventName: textOf('plain', random),
  };
}
