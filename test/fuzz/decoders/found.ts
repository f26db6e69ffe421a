/** Inputs that the fuzzer found, made small: each was wrong before it was mended. */

export interface Found {
  readonly target: string;
  readonly what: string;
  readonly input: Buffer;
}

const base64 = (text: string): Buffer => Buffer.from(text, 'base64');
/** A `LogsData` with one record whose trace id is these bytes. */
const recordWithTraceId = (id: Buffer): Buffer =>
  [0x4a, 0x12, 0x12, 0x0a].reduce(
    (inner, tag) => Buffer.concat([Buffer.from([tag, inner.length]), inner]),
    id,
  );

export const found: readonly Found[] = [
  {
    target: 'codemachine',
    what: 'a scalar beyond the limit was taken for an object once its beginning was let go',
    input: base64(
      'eyIiOiwiIjp1Olt7ImFycmF5VmFsdWUiOnsidmFsdWVzIjpbeyJhcnJheVZhbHVlIjp7InZhbHVlcyI6W3siYXJyYXlWYWx1ZSI6eyJ2YWx1ZXMiOlt7ImFycmF5VmFsdWUiOnsidmFsdWVzIjo=',
    ),
  },
  {
    target: 'codemachine',
    what: 'an element behind a broken scalar was found only if its beginning was in the same chunk',
    input: base64('eyIiOiwiIjo0ICJsb2dzIjpbewogICAgICAidGltZXN0YW1wIjpbfXt9fbN7CiAgICAgICJ0aW1lc3RhbXAiOg=='),
  },
  {
    target: 'codemachine',
    what: 'an element behind a broken member was found only if its beginning was in the same chunk',
    input: Buffer.from('{"spans":[{\n"a":1}],"b":"x{\n"a":1}]}'),
  },
  {
    target: 'codemachine',
    what: 'elements that begin within each other took the square of their number in time',
    input: Buffer.from(`{"spans":[${'{"a":'.repeat(40_000)}`),
  },
  {
    target: 'jaeger_ui',
    what: 'what breaks on each line took the square of the lines of a chunk in time',
    input: Buffer.from(`{"data":[{"traceID":"1","spans":[{"b":1},${'{"a":"b\n'.repeat(50_000)}`),
  },
  {
    target: 'protobuf',
    what: 'an id of another size was read, and the JSON made of it could not be read again',
    input: recordWithTraceId(Buffer.from('424ede0bab9c1810091a044948464f2a2a0a2867', 'hex')),
  },
  {
    target: 'yaml',
    what: 'brackets nested deeply took the third power of their number in time and memory',
    input: Buffer.from(`a: [b${'{'.repeat(3000)}`),
  },
  {
    target: 'yaml',
    what: 'a component of the name of a method had a function for a remedy',
    input: Buffer.from('exporters:\n  constructor:\n'),
  },
  {
    target: 'yaml',
    what: 'control characters of a key reached the terminal',
    input: Buffer.from('\u0018:\n'),
  },
  {
    target: 'yaml',
    what: 'a value took the square of its length in time where many of its references were wrong',
    input: Buffer.from(`a: ${'${A:-x}\t'.repeat(4000)}`),
  },
  {
    target: 'yaml',
    what: 'a long word took its square in time where secrets are looked for, and where names are compared',
    input: Buffer.from(
      `receivers:\n  file:\n    include: [x]\n    ${'a'.repeat(30_000)}: b ${'c'.repeat(30_000)}\n`,
    ),
  },
];
