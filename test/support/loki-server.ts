/** A Loki that answers by script and remembers what was pushed, decoded here by hand: no code of src reads it. */
import { gunzipSync } from 'node:zlib';
import { startOtlpServer, type Received, type Script } from './otlp-server.ts';

export interface PushedEntry {
  readonly time: bigint;
  readonly line: string;
  readonly metadata: [name: string, value: string][];
}

export interface PushedStream {
  /** As LogQL for protobuf, as JSON of the object for JSON. */
  readonly labels: string;
  readonly entries: PushedEntry[];
}

export interface Push {
  readonly path: string;
  readonly headers: Received['headers'];
  readonly streams: PushedStream[];
}

type Answer = Script | ((push: Push) => Script);

export interface LokiServer {
  readonly url: string;
  readonly pushes: Push[];
  /** What to answer next, one per request; after the last, 204. A function is asked each time. */
  answer(...scripts: Answer[]): void;
  close(): Promise<void>;
}

export async function startLokiServer(): Promise<LokiServer> {
  const pushes: Push[] = [];
  const server = await startOtlpServer();
  let scripts: Answer[] = [];
  const next = (push: Push): Script => {
    const [script] = scripts;
    if (typeof script === 'function') return script(push);
    scripts.shift();
    return script ?? { status: 204 };
  };
  server.answer((request) => {
    const push = { path: request.path, headers: request.headers, streams: decodePush(request) };
    pushes.push(push);
    return { headers: { 'content-type': 'text/plain; charset=utf-8' }, ...next(push) };
  });
  return {
    url: server.url,
    pushes,
    answer(...next) {
      scripts = next;
    },
    close: () => server.close(),
  };
}

function decodePush(request: Received): PushedStream[] {
  if (request.headers['content-type'] === 'application/json') {
    const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(request.body) : request.body;
    return fromJson(JSON.parse(plain.toString()));
  }
  return fieldsOf(unsnappy(request.body), 1).map((stream) => ({
    labels: textOf(stream, 1),
    entries: fieldsOf(stream, 2).map(entryOf),
  }));
}

interface PushJson {
  streams: { stream: Record<string, string>; values: [string, string, Record<string, string>?][] }[];
}

function fromJson(push: PushJson): PushedStream[] {
  return push.streams.map(({ stream, values }) => ({
    labels: JSON.stringify(stream),
    entries: values.map(([time, line, metadata = {}]) => {
      if (typeof time !== 'string' || typeof line !== 'string') throw new TypeError('Loki wants texts');
      return { time: BigInt(time), line, metadata: Object.entries(metadata) };
    }),
  }));
}

function entryOf(entry: Buffer): PushedEntry {
  const [timestamp = Buffer.alloc(0)] = fieldsOf(entry, 1);
  return {
    time: numberOf(timestamp, 1) * 1_000_000_000n + numberOf(timestamp, 2),
    line: textOf(entry, 2),
    metadata: fieldsOf(entry, 3).map((pair) => [textOf(pair, 1), textOf(pair, 2)]),
  };
}

/** The length-delimited fields of this number; varint fields are skipped, others do not occur here. */
function fieldsOf(message: Buffer, number: number): Buffer[] {
  return [...walk(message)].flatMap((field) =>
    field.number === number && typeof field.value === 'object' ? [field.value] : [],
  );
}

function textOf(message: Buffer, number: number): string {
  return fieldsOf(message, number)[0]?.toString() ?? '';
}

function numberOf(message: Buffer, number: number): bigint {
  for (const field of walk(message))
    if (field.number === number && typeof field.value === 'bigint') return field.value;
  return 0n;
}

function* walk(message: Buffer): Generator<{ number: number; value: bigint | Buffer }> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new Error('cut varint');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(varint());
    if ((tag & 7) === 0) {
      yield { number: tag >> 3, value: varint() };
      continue;
    }
    if ((tag & 7) !== 2) throw new Error(`wire type ${tag & 7}`);
    const length = Number(varint());
    if (at + length > message.length) throw new Error('cut message');
    yield { number: tag >> 3, value: message.subarray(at, at + length) };
    at += length;
  }
}

/** @see https://github.com/google/snappy/blob/main/format_description.txt */
export function unsnappy(body: Buffer): Buffer {
  let at = 0;
  const little = (bytes: number): number => {
    const value = body.readUIntLE(at, bytes);
    at += bytes;
    return value;
  };
  let length = 0;
  for (let scale = 1, byte = 128; byte > 127; scale *= 128) {
    byte = little(1);
    length += (byte & 127) * scale;
  }
  const plain: number[] = [];
  const literal = (tag: number): void => {
    const size = (tag >> 2 < 60 ? tag >> 2 : little((tag >> 2) - 59)) + 1;
    plain.push(...body.subarray(at, at + size));
    at += size;
  };
  const copy = (size: number, offset: number): void => {
    if (offset === 0 || offset > plain.length) throw new Error('bad snappy offset');
    for (let i = 0; i < size; i++) plain.push(plain[plain.length - offset] ?? 0);
  };
  while (at < body.length) {
    const tag = little(1);
    if ((tag & 3) === 0) literal(tag);
    else if ((tag & 3) === 1) copy(((tag >> 2) & 7) + 4, ((tag >> 5) << 8) + little(1));
    else copy((tag >> 2) + 1, little((tag & 3) === 2 ? 2 : 4));
  }
  if (plain.length !== length) throw new Error('bad snappy length');
  return Buffer.from(plain);
}
