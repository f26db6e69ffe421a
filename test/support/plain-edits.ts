/** Random edits of traces, each one done on a view and, by plain means, on the plain objects that must then be equal. */
import fc from 'fast-check';
import { AsciiText } from '../../src/model/ascii-text.ts';
import type { Attributes } from '../../src/model/attributes.ts';
import { KeyEdits } from '../../src/model/key-edits.ts';
import { keyOf as keyNamed } from '../../src/model/keys.ts';
import { PreparedAttribute, type Scalar } from '../../src/model/prepared-attribute.ts';
import type { Link, Span, SpanEvent } from '../../src/model/traces.ts';
import type { ExactValue, Value } from '../../src/model/value.ts';
import { attributeKeys } from './arbitrary-otlp.ts';
import type { Plain, PlainAttribute, PlainValue } from './plain-otlp.ts';

/** A span among plain objects, with the groups that it is in. */
export interface PlainPlace {
  data: Plain;
  group: Plain;
  scope: Plain;
  span: Plain;
}

export interface Edit {
  name: string;
  /** What is read is answered, and must be equal. */
  view: (span: Span) => unknown;
  plain: (place: PlainPlace) => unknown;
}

const list = <T extends Plain>(of: Plain, field: string): T[] => (of[field] ??= []) as T[];
const part = (of: Plain, field: string): Plain => (of[field] ??= {}) as Plain;

/** Sets a scalar; a default is an absent field. */
function put(of: Plain, field: string, value: unknown): void {
  if (value === '' || value === 0 || value === 0n) delete of[field];
  else of[field] = value;
}

export function exactOf(value: PlainValue | undefined): ExactValue {
  if (value === undefined) return null;
  const [entry] = Object.entries(value).filter(([field]) => field !== '?');
  if (entry === undefined) return null;
  const [field, inner] = entry;
  if (field === 'bytesValue') return new Uint8Array(Buffer.from(inner as string, 'hex'));
  if (field === 'arrayValue')
    return ((inner as Plain)['values'] as PlainValue[] | undefined)?.map(exactOf) ?? [];
  if (field === 'kvlistValue') {
    const entries = ((inner as Plain)['values'] as PlainAttribute[] | undefined) ?? [];
    return new Map(entries.map((item) => [item.key ?? '', exactOf(item.value)]));
  }
  return inner as ExactValue;
}

export function plainOf(value: ExactValue): PlainValue {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: value };
  if (typeof value === 'number') return { doubleValue: value };
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return { arrayValue: value.length === 0 ? {} : { values: value.map(plainOf) } };
  const values = Array.from(value, ([key, item]) => ({
    ...(key === '' ? {} : { key }),
    value: plainOf(item),
  }));
  return { kvlistValue: values.length === 0 ? {} : { values } };
}

/** What `set` makes of a number. */
function plainRelaxed(value: Value): PlainValue {
  return plainOf(
    typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value,
  );
}

function relaxed(value: ExactValue): Value {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(relaxed);
  if (value instanceof Map) return new Map(Array.from(value, ([key, item]) => [key, relaxed(item)]));
  return value;
}

interface AttributeEdit {
  name: string;
  view: (attributes: Attributes) => unknown;
  plain: (attributes: PlainAttribute[]) => unknown;
}

const keyOf = (attribute: PlainAttribute): string => attribute.key ?? '';
const indexOf = (attributes: PlainAttribute[], key: string): number =>
  attributes.findIndex((attribute) => keyOf(attribute) === key);
const named = (key: string, rest: Plain): PlainAttribute => ({ ...(key === '' ? {} : { key }), ...rest });

function setPlain(attributes: PlainAttribute[], key: string, value: PlainValue): void {
  const index = indexOf(attributes, key);
  if (index < 0) attributes.push(named(key, { value }));
  else attributes[index] = named(key, { value });
}

function copyPlain(attributes: PlainAttribute[], from: string, to: string): boolean {
  const source = attributes[indexOf(attributes, from)];
  if (source === undefined || from === to) return source !== undefined;
  const { key: _, ...rest } = source;
  const target = indexOf(attributes, to);
  if (target < 0) attributes.push(named(to, rest));
  else attributes[target] = named(to, rest);
  return true;
}

function renamePlain(attributes: PlainAttribute[], from: string, to: string): boolean {
  const index = indexOf(attributes, from);
  if (index < 0 || from === to) return index >= 0;
  const hadTarget = indexOf(attributes, to) >= 0;
  copyPlain(attributes, from, to);
  const renamed = attributes[indexOf(attributes, to)];
  if (hadTarget || renamed === undefined) attributes.splice(index, 1);
  else {
    attributes.pop();
    attributes[index] = renamed;
  }
  return true;
}

const nth = <T>(items: readonly T[], index: number): T => items.slice(index % items.length)[0] as T;

const values = fc.constantFrom<Value>(
  '',
  'short',
  'ü'.repeat(30),
  'y'.repeat(50),
  'z'.repeat(3000),
  0,
  200,
  -5,
  1.5,
  -0,
  NaN,
  2n ** 63n - 1n,
  -(2n ** 63n),
  true,
  null,
  new Uint8Array([1, 2]),
  ['a', 1n, ['b']],
  new Map<string, Value>([
    ['k', 'v'],
    ['__proto__', new Map()],
  ]),
);
const texts = fc.constantFrom('', 'n', 'name', 'ö'.repeat(100), 'x'.repeat(20));

const edited = (value: ExactValue): ExactValue =>
  typeof value === 'bigint'
    ? value ^ 1n
    : typeof value === 'number'
      ? -value
      : value === 'short'
        ? ['long']
        : value;

const scalarOf = (value: Value): Scalar => (value === null || typeof value === 'object' ? 'none' : value);

const attributeEdits: fc.Arbitrary<AttributeEdit> = fc
  .tuple(attributeKeys, attributeKeys, values, fc.nat(99))
  .map(([key, other, value, which]): AttributeEdit => {
    const edits: AttributeEdit[] = [
      {
        name: `get ${key}`,
        view: (a) => a.get(key),
        plain: (a) => {
          const i = indexOf(a, key);
          return i < 0 ? undefined : relaxed(exactOf(a[i]?.value));
        },
      },
      {
        name: `getExact ${key}`,
        view: (a) => a.getExact(key),
        plain: (a) => {
          const i = indexOf(a, key);
          return i < 0 ? undefined : exactOf(a[i]?.value);
        },
      },
      {
        name: `has ${key}`,
        view: (a) => [a.has(key), a.size],
        plain: (a) => [indexOf(a, key) >= 0, a.length],
      },
      {
        name: `set ${key} ${typeof value}`,
        view: (a) => a.set(key, value),
        plain: (a) => setPlain(a, key, plainRelaxed(value)),
      },
      {
        name: `setExact ${key} ${typeof value}`,
        view: (a) => a.setExact(key, value),
        plain: (a) => setPlain(a, key, plainOf(value)),
      },
      {
        name: `set ${other}`,
        view: (a) => a.set(other, value),
        plain: (a) => setPlain(a, other, plainRelaxed(value)),
      },
      {
        name: `isNil ${key}`,
        view: (a) => a.isNil(keyNamed(key)),
        plain: (a) => {
          const found = exactOf(a[indexOf(a, key)]?.value);
          return found === null || (found instanceof Uint8Array && found.length === 0);
        },
      },
      {
        name: `setPrepared ${key}`,
        view: (a) => a.setPrepared(new PreparedAttribute(keyNamed(key), scalarOf(value))),
        plain: (a) => setPlain(a, key, plainOf(scalarOf(value))),
      },
      {
        name: `copyText ${key} ${other}`,
        view: (a) => {
          const text = new AsciiText();
          const isCopied = text.add('<') && a.copyText(keyNamed(key), text) && text.add('>');
          if (isCopied) a.setText(keyNamed(other), text);
          return isCopied;
        },
        plain: (a) => {
          const text = exactOf(a[indexOf(a, key)]?.value);
          if (typeof text !== 'string' || !/^[\0-\x7f]{0,1022}$/.test(text)) return false;
          setPlain(a, other, plainOf(`<${text}>`));
          return true;
        },
      },
      {
        name: `delete ${key}`,
        view: (a) => a.delete(key),
        plain: (a) => {
          const i = indexOf(a, key);
          if (i >= 0) a.splice(i, 1);
          return i >= 0;
        },
      },
      {
        name: `rename ${key} ${other}`,
        view: (a) => a.rename(key, other),
        plain: (a) => renamePlain(a, key, other),
      },
      {
        name: `copy ${key} ${other}`,
        view: (a) => a.copy(key, other),
        plain: (a) => copyPlain(a, key, other),
      },
      {
        name: `deleteKeys ${key}`,
        view: (a) => a.deleteKeys((k) => k === key || k.includes('.')),
        plain: (a) => {
          a.splice(0, a.length, ...a.filter((x) => keyOf(x) !== key && !keyOf(x).includes('.')));
        },
      },
      {
        name: `update ${key}`,
        view: (a) => a.update((v, k) => (k === key ? undefined : edited(v))),
        plain: (a) => {
          const kept = a
            .filter((x) => keyOf(x) !== key)
            .map((x) => {
              const old = exactOf(x.value);
              const now = edited(old);
              return Object.is(old, now) ? x : named(keyOf(x), { value: plainOf(now) });
            });
          a.splice(0, a.length, ...kept);
        },
      },
      {
        name: `editKeys ${key} ${other}`,
        view: (a) =>
          a.editKeys(
            new KeyEdits([
              { key, present: edited },
              { key: `${other}!`, present: 'keep', adds: true, value },
              ...(key === other
                ? []
                : [{ key: other, present: 'set', adds: value !== null, value } as const]),
              { key: 'gone', present: 'delete' },
            ]),
          ),
        plain: (a) => {
          const i = indexOf(a, key);
          const old = exactOf(a[i]?.value);
          if (i >= 0 && !Object.is(old, edited(old))) setPlain(a, key, plainOf(edited(old)));
          if (indexOf(a, `${other}!`) < 0) setPlain(a, `${other}!`, plainOf(value));
          if (key !== other && (value !== null || indexOf(a, other) >= 0)) setPlain(a, other, plainOf(value));
          a.splice(0, a.length, ...a.filter((x) => keyOf(x) !== 'gone'));
        },
      },
      {
        name: `editKeys without ${key}`,
        view: (a) => a.editKeys(new KeyEdits([{ key, present: 'delete' }])),
        plain: (a) => {
          a.splice(0, a.length, ...a.filter((x) => keyOf(x) !== key));
        },
      },
      ...(['mapStrings', 'editTexts'] as const).map((name) => ({
        name,
        view: (a: Attributes) => a[name]((text) => Array.from(text).slice(0, 9).join(''), 10),
        plain: (a: PlainAttribute[]) => {
          for (const x of a) {
            const text = x.value?.['stringValue'];
            if (typeof text === 'string' && Buffer.byteLength(text) >= 10)
              x.value = { stringValue: Array.from(text).slice(0, 9).join('') };
          }
        },
      })),
      {
        name: 'entries',
        view: (a) => [a.keys(), a.entries(), a.exactEntries()],
        plain: (a) => [
          a.map(keyOf),
          a.map((x) => [keyOf(x), relaxed(exactOf(x.value))]),
          a.map((x) => [keyOf(x), exactOf(x.value)]),
        ],
      },
      {
        name: 'clear',
        view: (a) => a.clear(),
        plain: (a) => {
          a.length = 0;
        },
      },
    ];
    return nth(edits, which);
  });

interface Target {
  name: string;
  view: (span: Span) => Attributes | undefined;
  plain: (place: PlainPlace) => Plain | undefined;
}

const targets = fc.constantFrom<Target>(
  { name: 'span', view: (span) => span.attributes, plain: ({ span }) => span },
  { name: 'span', view: (span) => span.attributes, plain: ({ span }) => span },
  {
    name: 'first event',
    view: (span) => span.events[0]?.attributes,
    plain: ({ span }) => list(span, 'events')[0],
  },
  {
    name: 'last event',
    view: (span) => span.events.at(-1)?.attributes,
    plain: ({ span }) => list(span, 'events').at(-1),
  },
  { name: 'link', view: (span) => span.links[0]?.attributes, plain: ({ span }) => list(span, 'links')[0] },
  {
    name: 'resource',
    view: (span) => span.resource.attributes,
    plain: ({ group }) => part(group, 'resource'),
  },
  { name: 'scope', view: (span) => span.scope.attributes, plain: ({ scope }) => part(scope, 'scope') },
);

export const onAttributes: fc.Arbitrary<Edit> = fc.tuple(targets, attributeEdits).map(([target, edit]) => ({
  name: `${target.name}: ${edit.name}`,
  view: (span) => {
    const attributes = target.view(span);
    return attributes === undefined ? undefined : edit.view(attributes);
  },
  plain: (place) => {
    const of = target.plain(place);
    return of === undefined ? undefined : edit.plain(list(of, 'attributes'));
  },
}));

const traceId = '0123456789abcdef0123456789abcdef';
const spanId = 'fedcba9876543210';

const onFields: fc.Arbitrary<Edit> = fc
  .tuple(texts, fc.constantFrom(0, 1, 200, 70000), fc.nat(18))
  .map(([text, number, which]): Edit => {
    const edits: Edit[] = [
      {
        name: 'name',
        view: (s) => {
          s.name = text;
          return s.name;
        },
        plain: ({ span }) => {
          put(span, 'name', text);
          return text;
        },
      },
      {
        name: 'traceState',
        view: (s) => {
          s.traceState = text;
        },
        plain: ({ span }) => put(span, 'traceState', text),
      },
      {
        name: 'kind',
        view: (s) => {
          s.kind = number;
          return s.kind;
        },
        plain: ({ span }) => {
          put(span, 'kind', number);
          return number;
        },
      },
      {
        name: 'start',
        view: (s) => {
          s.startTimeUnixNano = BigInt(number);
          return s.startTimeUnixNano;
        },
        plain: ({ span }) => {
          put(span, 'startTimeUnixNano', BigInt(number));
          return BigInt(number);
        },
      },
      {
        name: 'end',
        view: (s) => {
          s.endTimeUnixNano = BigInt(number);
        },
        plain: ({ span }) => put(span, 'endTimeUnixNano', BigInt(number)),
      },
      {
        name: 'flags',
        view: (s) => {
          s.flags = number;
          return s.flags;
        },
        plain: ({ span }) => {
          put(span, 'flags', number);
          return number;
        },
      },
      {
        name: 'ids',
        view: (s) => {
          s.traceId = number === 0 ? '' : traceId.toUpperCase();
          s.spanId = spanId;
          s.parentSpanId = number === 1 ? '' : spanId;
          return s.traceId;
        },
        plain: ({ span }) => {
          put(span, 'traceId', number === 0 ? '' : traceId);
          put(span, 'spanId', spanId);
          put(span, 'parentSpanId', number === 1 ? '' : spanId);
          return number === 0 ? '' : traceId;
        },
      },
      {
        name: 'counts',
        view: (s) => {
          s.droppedAttributesCount = number;
          s.droppedEventsCount = 1;
          s.droppedLinksCount = number;
        },
        plain: ({ span }) => {
          put(span, 'droppedAttributesCount', number);
          put(span, 'droppedEventsCount', 1);
          put(span, 'droppedLinksCount', number);
        },
      },
      {
        name: 'event times',
        view: (s) => {
          for (const event of s.events) event.timeUnixNano = 5n;
        },
        plain: ({ span }) => {
          for (const event of list(span, 'events')) put(event, 'timeUnixNano', 5n);
        },
      },
      {
        name: 'event name',
        view: (s) => {
          if (s.events[0]) s.events[0].name = text;
        },
        plain: ({ span }) => {
          const [event] = list(span, 'events');
          if (event) put(event, 'name', text);
        },
      },
      {
        name: 'status message',
        view: (s) => {
          s.status.message = text;
          return s.status.message;
        },
        plain: ({ span }) => {
          put(part(span, 'status'), 'message', text);
          return text;
        },
      },
      {
        name: 'status code',
        view: (s) => {
          s.status.code = number;
          return s.status.code;
        },
        plain: ({ span }) => {
          put(part(span, 'status'), 'code', number);
          return number;
        },
      },
      {
        name: 'add event',
        view: (s) => {
          const event: SpanEvent = s.addEvent();
          event.name = text;
          event.timeUnixNano = 7n;
          event.attributes.set('n', number);
          event.droppedAttributesCount = number;
          return s.events.length;
        },
        plain: ({ span }) => {
          const event: Plain = { attributes: [{ key: 'n', value: { intValue: BigInt(number) } }] };
          put(event, 'name', text);
          put(event, 'timeUnixNano', 7n);
          put(event, 'droppedAttributesCount', number);
          return list(span, 'events').push(event);
        },
      },
      {
        name: 'add link',
        view: (s) => {
          const link: Link = s.addLink();
          link.traceId = traceId;
          link.traceState = text;
          link.flags = number;
          return s.links.length;
        },
        plain: ({ span }) => {
          const link: Plain = { traceId };
          put(link, 'traceState', text);
          put(link, 'flags', number);
          return list(span, 'links').push(link);
        },
      },
      {
        name: 'drop event',
        view: (s) => {
          s.events[0]?.drop();
          return s.events.length;
        },
        plain: ({ span }) => {
          list(span, 'events').shift();
          return list(span, 'events').length;
        },
      },
      {
        name: 'drop link',
        view: (s) => {
          s.links.at(-1)?.drop();
          return s.links.length;
        },
        plain: ({ span }) => {
          list(span, 'links').pop();
          return list(span, 'links').length;
        },
      },
      {
        name: 'scope',
        view: (s) => {
          s.scope.name = text;
          s.scope.version = text;
          return s.scope.name;
        },
        plain: ({ scope }) => {
          put(part(scope, 'scope'), 'name', text);
          put(part(scope, 'scope'), 'version', text);
          return text;
        },
      },
      {
        name: 'schema URLs',
        view: (s) => {
          s.scopeSpans.schemaUrl = text;
          s.resource.schemaUrl = 'u';
          return s.scope.schemaUrl;
        },
        plain: ({ scope, group }) => {
          put(scope, 'schemaUrl', text);
          put(group, 'schemaUrl', 'u');
          return text;
        },
      },
      {
        name: 'resource',
        view: (s) => {
          s.resource.droppedAttributesCount = number;
        },
        plain: ({ group }) => put(part(group, 'resource'), 'droppedAttributesCount', number),
      },
    ];
    return nth(edits, which);
  });

const without = (items: Plain[], item: Plain): Plain[] => items.filter((other) => other !== item);

/** Takes a span out, and the groups that are empty then. */
export function dropPlain({ data, group, scope, span }: PlainPlace): void {
  scope['spans'] = without(list(scope, 'spans'), span);
  if (list(scope, 'spans').length > 0) return;
  group['scopeSpans'] = without(list(group, 'scopeSpans'), scope);
  if (list(group, 'scopeSpans').length === 0)
    data['resourceSpans'] = without(list(data, 'resourceSpans'), group);
}

const onStructure: fc.Arbitrary<Edit> = fc.tuple(texts, fc.nat(5)).map(([text, which]): Edit => {
  const edits: Edit[] = [
    {
      name: 'drop',
      view: (s) => {
        s.drop('test');
        return s.dropped;
      },
      plain: (place) => {
        dropPlain(place);
        return true;
      },
    },
    {
      name: 'drop scope',
      view: (s) => {
        s.scopeSpans.drop('test');
        return s.dropped;
      },
      plain: (place) => {
        for (const span of list(place.scope, 'spans').slice()) dropPlain({ ...place, span });
        return true;
      },
    },
    {
      name: 'drop resource',
      view: (s) => {
        s.scopeSpans.resourceSpans.drop('test');
        return s.dropped;
      },
      plain: ({ data, group }) => {
        data['resourceSpans'] = without(list(data, 'resourceSpans'), group);
        return true;
      },
    },
    {
      name: 'add span',
      view: (s) => {
        const span = s.scopeSpans.addSpan();
        span.name = text;
        span.attributes.set('added', true);
        return s.scopeSpans.spans().length;
      },
      plain: ({ scope }) => {
        const span: Plain = {};
        put(span, 'name', text);
        span['attributes'] = [{ key: 'added', value: { boolValue: true } }];
        return list(scope, 'spans').push(span);
      },
    },
    {
      name: 'add scope',
      view: (s) => {
        const scope = s.scopeSpans.resourceSpans.addScope();
        scope.schemaUrl = text;
        scope.addSpan().startTimeUnixNano = 9n;
      },
      plain: ({ group }) => {
        const scope: Plain = { spans: [{ startTimeUnixNano: 9n }] };
        put(scope, 'schemaUrl', text);
        list(group, 'scopeSpans').push(scope);
      },
    },
    {
      name: 'drop all but one, then add',
      view: (s) => {
        const scope = s.scopeSpans;
        scope.drop('test');
        scope.addSpan().name = 'again';
        return scope.spans().length;
      },
      plain: ({ data, group, scope }) => {
        scope['spans'] = [{ name: 'again' }];
        // Both were left out and came back: their places are the old ones.
        return data === group ? 0 : 1;
      },
    },
  ];
  return nth(edits, which);
});

export const edits: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 6, arbitrary: onAttributes },
  { weight: 5, arbitrary: onFields },
  { weight: 1, arbitrary: onStructure },
);

/** The spans of plain traces in their order. */
export function plainPlaces(data: Plain): PlainPlace[] {
  const places: PlainPlace[] = [];
  for (const group of list(data, 'resourceSpans')) {
    for (const scope of list(group, 'scopeSpans')) {
      for (const span of list(scope, 'spans')) places.push({ data, group, scope, span });
    }
  }
  return places;
}

const mayBeEmpty = new Set(['resource', 'scope', 'status']);

/** The same data without what says nothing: empty lists, and an empty resource, scope or status. */
export function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const tidied: Plain = {};
  for (const [name, inner] of Object.entries(value)) {
    const clean = tidy(inner);
    const isEmptyList = Array.isArray(clean) && clean.length === 0;
    const isEmptyPart = mayBeEmpty.has(name) && Object.keys(clean as Plain).length === 0;
    if (!isEmptyList && !isEmptyPart) tidied[name] = clean;
  }
  return tidied;
}
