/** Random records as plain OTLP, of every type of value and with odd ones among them. */
import { encodePlain } from '../../support/plain-otlp.ts';
import type { Plain, PlainAttribute } from '../../support/plain-otlp.ts';
import { signalOf } from './contexts.ts';
import type { FuzzContext } from './contexts.ts';
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
export function recordFor(context: FuzzContext, mentioned: string, random: Random): Plain {
  const attributes = attributesOf(random);
  for (const flavour of carried) {
    const key = `t.${flavour}`;
    if (mentioned.includes(`"${key}"`) && random.chance(0.92))
      attributes.push({ key, value: { stringValue: textOf(flavour, random) } });
  }
  const owner = { attributes, droppedAttributesCount: random.pick(counts) };
  const isIn = (wanted: FuzzContext): Plain =>
    context === wanted ? owner : { attributes: random.chance(0.6) ? attributesOf(random) : [] };
  const resource = isIn('resource');
  const scope = { name: textOf('plain', random), version: textOf('plain', random), ...isIn('scope') };
  const schemaUrl = random.pick(['', 'https://opentelemetry.io/schemas/1.2.0']);
  if (context === 'log') {
    const scopeLogs = [{ scope, logRecords: [logRecord(owner, random)], schemaUrl }];
    return { resourceLogs: [{ resource, scopeLogs, schemaUrl }] };
  }
  if (signalOf(context) === 'metrics') {
    const metadata = context === 'metric' ? attributes : attributesOf(random);
    const point = context === 'datapoint' ? attributes : attributesOf(random);
    const scopeMetrics = [{ scope, metrics: [{ ...metric(point, random), metadata }], schemaUrl }];
    return { resourceMetrics: [{ resource, scopeMetrics, schemaUrl }] };
  }
  const event = { timeUnixNano: random.pick(nanos), name: textOf('plain', random), ...isIn('spanevent') };
  const scopeSpans = [{ scope, spans: [{ ...span(random), ...isIn('span'), events: [event] }], schemaUrl }];
  return { resourceSpans: [{ resource, scopeSpans, schemaUrl }] };
}

export function encodeRecord(record: Plain): Buffer {
  if ('resourceMetrics' in record) return encodePlain('MetricsData', record);
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

function metric(attributes: readonly PlainAttribute[], random: Random): Plain {
  const common = (): Plain => ({
    startTimeUnixNano: random.pick(nanos),
    timeUnixNano: random.pick(nanos),
    attributes,
    flags: random.below(2),
  });
  const dataPoints = (make: () => Plain): Plain => ({
    dataPoints: [make(), ...random.some(2, make)].map((point) => ({ ...common(), ...point })),
  });
  const temporality = { aggregationTemporality: random.below(3) };
  const data = random.pick<() => Plain>([
    () => ({ gauge: dataPoints(() => number(random)) }),
    () => ({
      sum: { ...dataPoints(() => number(random)), ...temporality, isMonotonic: random.chance(0.5) },
    }),
    () => ({ histogram: { ...dataPoints(() => histogram(random)), ...temporality } }),
    () => ({ exponentialHistogram: { ...dataPoints(() => exponential(random)), ...temporality } }),
    () => ({ summary: dataPoints(() => summary(random)) }),
  ]);
  return {
    name: textOf('plain', random),
    description: textOf('plain', random),
    unit: textOf('plain', random),
    ...data(),
  };
}

function number(random: Random): Plain {
  if (random.chance(0.05)) return {};
  return random.chance(0.5)
    ? { asInt: BigInt.asUintN(64, random.pick(ints)) }
    : { asDouble: random.pick(doubles) };
}

const sizes = [0n, 1n, 2n, 7n, 1000n, 2n ** 63n];

function counted(random: Random): Plain {
  return { count: random.pick(sizes), ...(random.chance(0.7) ? { sum: random.pick(doubles) } : {}) };
}

function histogram(random: Random): Plain {
  const explicitBounds = [0, 1.5, 10, 1e6].slice(0, random.below(5));
  const bucketCounts = explicitBounds.map(() => random.pick(sizes));
  return {
    ...counted(random),
    ...(bucketCounts.length > 0 ? { bucketCounts: [...bucketCounts, 1n], explicitBounds } : {}),
    ...(random.chance(0.5) ? { min: random.pick(doubles), max: random.pick(doubles) } : {}),
  };
}

function exponential(random: Random): Plain {
  const buckets = (): Plain => ({
    offset: random.pick([0, 1, -3, 20]),
    bucketCounts: random.some(4, () => random.pick(sizes)),
  });
  return {
    ...counted(random),
    scale: random.pick([0, 1, -2, 20]),
    zeroCount: random.pick(sizes),
    positive: buckets(),
    negative: buckets(),
  };
}

function summary(random: Random): Plain {
  return {
    count: random.pick(sizes),
    sum: random.pick(doubles),
    quantileValues: random.some(3, () => ({
      quantile: random.pick([0, 0.5, 0.99, 1]),
      value: random.pick(doubles),
    })),
  };
}
