/**
 * The items of a simulation. They are written and read here by hand, so that what is compared at the backend does not
 * pass through the code under test twice.
 */

/** An item at some place: processors that mark leave their letters in `way`, which tells copies apart. */
export interface Ref {
  readonly name: string;
  readonly way: string;
}

export function keyOf({ name, way }: Ref): string {
  return `${name}|${way}`;
}

/** The same for the same name, and spread like a random one. */
export function hashOf(text: string): number {
  let hash = 2166136261;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

const wayKey = 'way';

/** Those that were asked for, by payload and name: the same again and again. */
const known = new Map<string, Buffer>();
const mostKnown = 5000;

/** The Span message of an item as it was read. Not to be written to. */
export function spanOf(name: string, payload: number): Buffer {
  const key = `${payload} ${name}`;
  let span = known.get(key);
  if (span === undefined) {
    if (known.size >= mostKnown) known.clear();
    known.set(key, (span = makeSpan(name, payload)));
  }
  return span;
}

function makeSpan(name: string, payload: number): Buffer {
  const hash = hashOf(name);
  const filler = String.fromCharCode(97 + (hash % 26)).repeat(1 + (hash % 23) + payload);
  const id = Buffer.alloc(16, hash & 0xff);
  return Buffer.concat([field(1, id), field(5, name), field(9, attribute('payload', filler))]);
}

/** What a backend has to store of an item: nothing but the way is added. */
export function spanOnWay(span: Buffer, way: string): Buffer {
  return way === '' ? span : Buffer.concat([span, field(9, attribute(wayKey, way))]);
}

/** A TracesData with these spans. */
export function bodyOf(spans: readonly Buffer[]): Buffer {
  const resource = field(1, attribute('service.name', 'simulated'));
  const scope = field(1, 'sim');
  return field(
    1,
    Buffer.concat([
      field(1, resource),
      field(2, Buffer.concat([field(1, scope), ...spans.map((span) => field(2, span))])),
    ]),
  );
}

export interface FoundItem extends Ref {
  /** A copy of the Span message. */
  readonly span: Buffer;
}

const orderKeys = 3;

/** What `order` is made of: items with the same key stay in order. */
export function orderOf({ name, way }: FoundItem): string {
  return `${name.split('.', 1)[0]} ${way} ${hashOf(`order ${name}`) % orderKeys}`;
}

/** The items of a TracesData, in their order. Throws when it is none. */
export function itemsOf(body: Uint8Array): FoundItem[] {
  const found: FoundItem[] = [];
  for (const resource of fieldsOf(Buffer.from(body), 1))
    for (const scope of fieldsOf(resource, 2))
      for (const span of fieldsOf(scope, 2)) found.push({ span, ...refOf(span) });
  return found;
}

function refOf(span: Buffer): Ref {
  const [name] = fieldsOf(span, 5);
  if (name === undefined) throw new Error(`a span without a name: ${span.toString('hex')}`);
  let way = '';
  for (const entry of fieldsOf(span, 9)) {
    const [key] = fieldsOf(entry, 1);
    const [value] = fieldsOf(entry, 2);
    if (key?.toString() === wayKey && value !== undefined) way = String(fieldsOf(value, 1)[0]);
  }
  return { name: name.toString(), way };
}

function attribute(key: string, value: string): Buffer {
  return Buffer.concat([field(1, key), field(2, field(1, value))]);
}

/** A length-delimited field. */
function field(number: number, value: Buffer | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const head = [(number << 3) | 2];
  let length = bytes.length;
  for (; length > 127; length >>>= 7) head.push((length & 127) | 128);
  return Buffer.concat([Buffer.from([...head, length]), bytes]);
}

/** The values of the length-delimited field `wanted`; every other field has to be well-formed too. */
function fieldsOf(message: Buffer, wanted: number): Buffer[] {
  const values: Buffer[] = [];
  let at = 0;
  const varint = (): number => {
    for (let value = 0, shift = 1; ; shift *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new Error(`ill-formed at ${at}: ${message.toString('hex')}`);
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const type = tag & 7;
    if (type === 0) varint();
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === 2) {
      const length = varint();
      if (tag >> 3 === wanted) values.push(message.subarray(at, at + length));
      at += length;
    } else throw new Error(`wire type ${type} at ${at}: ${message.toString('hex')}`);
    if (at > message.length) throw new Error(`ill-formed: ${message.toString('hex')}`);
  }
  return values;
}
