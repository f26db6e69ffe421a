import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from 'vitest';
import { batchOf, emptyBatch } from '../../src/model/batches.ts';
import type { Span, TracesBatch } from '../../src/model/traces.ts';
import { Losses } from '../../src/sdk/losses.ts';
import { readableSpans } from '../../src/sdk/readable-span.ts';
import { RawTraceState } from '../../src/sdk/sdk-values.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const parentId = '00f067aa0ba902b7';
/** Sampled, parent known to be local: what the SDK writes itself. */
const plainFlags = 0x101;

function oneSpan(build: (span: Span, batch: TracesBatch) => void): {
  span: ReadableSpan;
  losses: Record<string, number>;
} {
  const batch = emptyBatch('traces');
  const span = batch.addResource().addScope().addSpan();
  span.traceId = traceId;
  span.spanId = spanId;
  span.flags = plainFlags;
  build(span, batch);
  const losses = new Losses();
  const [readable] = readableSpans(batch, resourceFromAttributes, losses);
  if (readable === undefined) throw new Error('no span');
  return { span: readable, losses: Object.fromEntries(losses.counts) };
}

describe('a span', () => {
  it('keeps ids, kind, status, counts and both its names of old', () => {
    const { span, losses } = oneSpan((one) => {
      one.name = 'GET /';
      one.kind = 2;
      one.parentSpanId = parentId;
      one.status.code = 2;
      one.status.message = 'broken';
      one.droppedAttributesCount = 1;
      one.droppedEventsCount = 2;
      one.droppedLinksCount = 3;
      one.flags = 0x301;
    });
    expect(span.spanContext()).toEqual({ traceId, spanId, traceFlags: 1 });
    expect(span.parentSpanContext).toEqual({ traceId, spanId: parentId, traceFlags: 1, isRemote: true });
    expect(span).toMatchObject({
      name: 'GET /',
      kind: 1,
      status: { code: 2, message: 'broken' },
      ended: true,
      droppedAttributesCount: 1,
      droppedEventsCount: 2,
      droppedLinksCount: 3,
      parentSpanId: parentId,
    });
    expect(losses).toEqual({});
  });

  it('without a kind is one less than internal, and a root has no parent', () => {
    const { span } = oneSpan(() => {});
    expect(span.kind).toBe(-1);
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.status).toEqual({ code: 0 });
  });

  it('keeps times to the nanosecond, up to the last of uint64', () => {
    const { span } = oneSpan((one) => {
      one.startTimeUnixNano = 1_700_000_000_123_456_789n;
      one.endTimeUnixNano = 18_446_744_073_709_551_615n;
      one.addEvent().timeUnixNano = 1n;
    });
    expect(span.startTime).toEqual([1_700_000_000, 123_456_789]);
    expect(span.endTime).toEqual([18_446_744_073, 709_551_615]);
    expect(span.duration).toEqual([16_746_744_073, 586_094_826]);
    expect(span.events[0]?.time).toEqual([0, 1]);
  });

  it('that ends before it starts has no duration', () => {
    const { span } = oneSpan((one) => (one.startTimeUnixNano = 5n));
    expect(span.duration).toEqual([0, 0]);
  });

  it('keeps events and links', () => {
    const { span, losses } = oneSpan((one) => {
      const event = one.addEvent();
      event.name = 'exception';
      event.attributes.set('n', 1);
      event.droppedAttributesCount = 4;
      const link = one.addLink();
      link.traceId = traceId;
      link.spanId = parentId;
      link.traceState = 'a=1';
      link.flags = 0x301;
      link.attributes.set('k', 'v');
    });
    expect(span.events).toEqual([
      { name: 'exception', time: [0, 0], attributes: { n: 1 }, droppedAttributesCount: 4 },
    ]);
    const [link] = span.links;
    expect(link).toMatchObject({
      context: { traceId, spanId: parentId, traceFlags: 1, isRemote: true },
      attributes: { k: 'v' },
    });
    expect(link?.context.traceState?.serialize()).toBe('a=1');
    expect(losses).toEqual({});
  });

  it('survives the release of its batch', () => {
    const batch = emptyBatch('traces');
    const one = batch.addResource().addScope().addSpan();
    one.name = 'kept';
    one.attributes.set('bytes', new Uint8Array([1, 2]));
    const [span] = readableSpans(batch, resourceFromAttributes, new Losses());
    batch.release();
    expect(span).toMatchObject({ name: 'kept', attributes: { bytes: new Uint8Array([1, 2]) } });
  });
});

describe('values', () => {
  it('of every kind arrive, with nothing lost', () => {
    const { span, losses } = oneSpan((one) => {
      one.attributes.set('text', 'a');
      one.attributes.set('int', 42);
      one.attributes.set('double', 1.5);
      one.attributes.set('flag', true);
      one.attributes.set('none', null);
      one.attributes.set('list', ['a', 1, null]);
      one.attributes.set('map', new Map([['inner', new Map([['deep', false]])]]));
      one.attributes.setExact('nan', NaN);
      one.attributes.set('__proto__', 'own');
    });
    expect(Object.entries(span.attributes)).toEqual([
      ['text', 'a'],
      ['int', 42],
      ['double', 1.5],
      ['flag', true],
      ['none', null],
      ['list', ['a', 1, null]],
      ['map', { inner: { deep: false } }],
      ['nan', NaN],
      ['__proto__', 'own'],
    ]);
    expect(losses).toEqual({});
  });

  it('that the SDK cannot carry are counted', () => {
    const { span, losses } = oneSpan((one) => {
      one.attributes.setExact('large', 9_007_199_254_740_993n);
      one.attributes.setExact('largest', [9_223_372_036_854_775_807n]);
      one.attributes.setExact('whole', 1);
      one.attributes.setExact('minus', -0);
      one.addEvent().attributes.setExact('whole', 2);
    });
    expect(span.attributes['large']).toBe(9_007_199_254_740_992);
    expect(losses).toEqual({ int64: 2, integral_double: 3 });
  });

  it('of a key that comes twice are the first ones', () => {
    // key a = 'x', key a = 'y'
    const attribute = (value: string) =>
      Buffer.from([0x4a, 0x08, 0x0a, 0x01, 0x61, 0x12, 0x03, 0x0a, 0x01, value.charCodeAt(0)]);
    const span = Buffer.concat([attribute('x'), attribute('y'), Buffer.from([0x85, 0x01, 0x01, 0x01, 0, 0])]);
    const wrap = (tag: number, inner: Buffer) => Buffer.concat([Buffer.from([tag, inner.length]), inner]);
    const losses = new Losses();
    const [readable] = readableSpans(
      batchOf('traces', wrap(0x0a, wrap(0x12, wrap(0x12, span)))),
      resourceFromAttributes,
      losses,
    );
    expect(readable?.attributes).toEqual({ a: 'x' });
    expect(Object.fromEntries(losses.counts)).toEqual({ duplicate_key: 1 });
  });
});

describe('flags', () => {
  const lossesOf = (flags: number, parent = '') =>
    oneSpan((one) => {
      one.flags = flags;
      one.parentSpanId = parent;
    }).losses;

  it('that the SDK writes itself lose nothing', () => {
    expect(lossesOf(0x101)).toEqual({});
    expect(lossesOf(0x1ff, parentId)).toEqual({});
    expect(lossesOf(0x301, parentId)).toEqual({});
  });

  it('that it cannot write are counted', () => {
    expect(lossesOf(0)).toEqual({ parent_unknown: 1 });
    expect(lossesOf(1)).toEqual({ parent_unknown: 1 });
    expect(lossesOf(0x301)).toEqual({ flags: 1 });
    expect(lossesOf(0x80000103)).toEqual({ flags: 1 });
    expect(lossesOf(0x201, parentId)).toEqual({ parent_unknown: 1, flags: 1 });
  });
});

describe('resource and scope', () => {
  it('are one object for all spans below them', () => {
    const batch = emptyBatch('traces');
    const group = batch.addResource();
    group.resource.attributes.set('service.name', 'shop');
    group.schemaUrl = 'https://schema/1';
    const scope = group.addScope();
    scope.scope.name = 'lib';
    scope.scope.version = '1';
    scope.scope.attributes.set('k', 'v');
    scope.scope.droppedAttributesCount = 2;
    scope.schemaUrl = 'https://schema/2';
    for (const name of ['a', 'b']) {
      const span = scope.addSpan();
      span.name = name;
      span.flags = plainFlags;
    }
    const losses = new Losses();
    const [a, b] = readableSpans(batch, resourceFromAttributes, losses);
    expect(a?.resource).toBe(b?.resource);
    expect(a?.instrumentationScope).toBe(b?.instrumentationScope);
    expect(a?.resource.attributes).toEqual({ 'service.name': 'shop' });
    expect(a?.resource.schemaUrl).toBe('https://schema/1');
    expect(a?.instrumentationScope).toEqual({
      name: 'lib',
      version: '1',
      schemaUrl: 'https://schema/2',
      attributes: { k: 'v' },
      droppedAttributesCount: 2,
    });
    expect(a).toHaveProperty('instrumentationLibrary', a?.instrumentationScope);
    expect(losses.total).toBe(0);
  });

  it('lose counts, entities, empty values and scopes that differ in attributes only', () => {
    const batch = emptyBatch('traces');
    const group = batch.addResource();
    group.resource.droppedAttributesCount = 7;
    group.resource.attributes.set('none', null);
    for (const value of ['x', 'y']) {
      const scope = group.addScope();
      scope.scope.name = 'lib';
      scope.scope.attributes.set('k', value);
      scope.addSpan().flags = plainFlags;
    }
    const bare = group.addScope();
    bare.scope.droppedAttributesCount = 1;
    bare.addSpan().flags = plainFlags;
    const losses = new Losses();
    readableSpans(batch, resourceFromAttributes, losses);
    expect(Object.fromEntries(losses.counts)).toEqual({
      resource_dropped_attributes: 1,
      empty_value: 1,
      scope_attributes: 1,
      scope_dropped_attributes: 1,
    });
    expect(losses.describe()).toContain('empty_value 1 (empty values of a resource, left out)');

    // A resource with an entity reference, which has no accessor.
    const entity = Buffer.from([0x0a, 0x0a, 0x0a, 0x04, 0x1a, 0x02, 0x12, 0x00, 0x12, 0x02, 0x12, 0x00]);
    const more = new Losses();
    readableSpans(batchOf('traces', entity), resourceFromAttributes, more);
    expect(more.counts.get('entity_refs')).toBe(1);
  });
});

describe('a trace state', () => {
  it('is the text as it came', () => {
    const text = 'z=1, a=2 ,not a member,a=3';
    const state = new RawTraceState(text);
    expect(state.serialize()).toBe(text);
    expect(state.get('a')).toBe('2');
    expect(state.get('q')).toBeUndefined();
    expect(state.set('a', '9').serialize()).toBe('a=9,z=1');
    expect(state.unset('z').serialize()).toBe('a=2,a=3');
  });
});

describe('an integer beyond 2^53', () => {
  it.each([2n ** 63n - 1n, -(2n ** 63n)])(
    '%d stays within int64 when it is rounded, as backends read it',
    (value) => {
      const { span, losses } = oneSpan((one) => one.attributes.setExact('n', value));
      expect(losses).toEqual({ int64: 1 });
      const written = BigInt(JSON.stringify(span.attributes['n']));
      expect(BigInt.asIntN(64, written)).toBe(written);
      expect(Number(written)).toBeCloseTo(Number(value), -4);
    },
  );
});
